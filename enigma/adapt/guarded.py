"""Any method, stopped or reset by what its stream tells."""

import math
from dataclasses import fields
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from enigma.adapt.adapter import Adapter, GradientAdapter, Predictor, State, StepReport, under
from enigma.adapt.monitor import Monitor, Signals
from enigma.functionals.entropy import softmax_entropy
from enigma.functionals.stopping import Watch
from enigma.spec.own_code import explained

SUGGESTED, ON_ALARM = "suggested", "on-alarm"


class Guarded:
    """An adapter that follows its stream and acts on it (final).

    Args:
        adapter: the method.
        stop: 'suggested' goes back to the last step at which the predictions were unmoved and stays there; a number
            stays after so many updates; None never stops.
        reset: 'on-alarm' goes back to the source when classes vanish; a number does after every so many updates.

    Attributes:
        signals: of the last step.
        event: what happened at the last step: '', 'alarm', 'stop' or 'reset'.
    """

    signals: Signals

    def __init__(self, adapter: Adapter, *, stop: str | int | None = None, reset: str | int | None = None):
        self._adapter = adapter
        self._stop, self._reset = stop, reset
        self._monitor = Monitor(adapter.model)
        self._watch: Watch | None = None
        self._kept: State = self._snapshot()
        self._since_reset = 0
        self.is_stopped = False
        self.event = ""
        self.report = adapter.report

    @property
    def model(self) -> torch.nn.Module:
        return self._adapter.model

    def step(
        self, batch: Float[Tensor, "batch ..."], used: Bool[Tensor, " batch"] | None = None
    ) -> Float[Tensor, "batch classes"]:
        """A step of the method, then of its guards; images that are not `used` are kept out of the loss."""
        with explained("a step of the method"):
            logits = self._predicted(batch) if self.is_stopped else self._stepped(batch, used)
        self.report = StepReport() if self.is_stopped else self._adapter.report
        self.signals = self._monitor(batch, logits)
        if self._watch is None:
            self._watch = Watch(logits.shape[1], len(logits))
        self.event = self._act(self._watch, softmax_entropy(logits.float()).mean().item())
        return logits

    def _stepped(self, batch: Tensor, used: Tensor | None) -> Tensor:
        if used is None:
            return self._adapter.step(batch)
        assert isinstance(self._adapter, GradientAdapter)
        return self._adapter.step_on(batch, used)

    def _act(self, watch: Watch, entropy: float) -> str:
        """Updates the watch and does what was asked for."""
        had_alarm, quiet, signals = watch.alarm_at, watch.kept, self.signals
        watch.update(signals.histogram_shift, signals.diversity, signals.initial_diversity, entropy)
        self._since_reset += 1
        if self._stop == SUGGESTED and not self.is_stopped:
            if watch.stop_at:
                if watch.kept:
                    # An optimizer takes over the tensors that it is given; what is kept stays apart from them.
                    self._adapter.load_state(_copied(self._kept))
                else:
                    self._adapter.reset()
                self.is_stopped = True
                return "stop"
            if watch.kept != quiet:
                self._kept = self._snapshot()
        elif isinstance(self._stop, int) and not self.is_stopped and watch.step >= self._stop:
            self.is_stopped = True
            return "stop"
        alarm = watch.alarm_at != had_alarm
        due = self._since_reset == self._reset or (self._reset == ON_ALARM and alarm)
        if due and not self.is_stopped:
            self._adapter.reset()
            self._forget()
            return "reset"
        return "alarm" if alarm else ""

    def _forget(self) -> None:
        assert self._watch is not None
        self._monitor.load_state({})
        self._watch = Watch(self._watch.classes, self._watch.batch_size)
        self._since_reset = 0

    @torch.no_grad()
    def _predicted(self, batch: Tensor) -> Tensor:
        return self._adapter.predict(batch)[1] if isinstance(self._adapter, Predictor) else self._adapter.model(batch)

    def reset(self) -> None:
        """Back to the state right after building."""
        self._adapter.reset()
        self._monitor.load_state({})
        self._watch, self.is_stopped, self._since_reset = None, False, 0
        self._kept = self._snapshot()

    def _snapshot(self) -> State:
        """What to go back to, where that is asked for."""
        return _copied(self._adapter.state()) if self._stop == SUGGESTED else {}

    def state(self) -> State:
        watch = self._watch.state() if self._watch else {}
        told = {"stopped": self.is_stopped, "since_reset": self._since_reset} | watch
        return (
            self._adapter.state()
            | {f"monitor/{name}": value for name, value in self._monitor.state().items()}
            | {f"kept/{name}": value for name, value in self._kept.items()}
            | {f"watch/{name}": torch.tensor(value, dtype=torch.float64) for name, value in told.items()}
        )

    def load_state(self, state: State) -> None:
        own = ("monitor/", "kept/", "watch/")
        self._adapter.load_state({name: value for name, value in state.items() if not name.startswith(own)})
        device = next(self.model.parameters()).device
        self._monitor.load_state({name: value.to(device) for name, value in under("monitor/", state).items()})
        self._kept = under("kept/", state)
        told = {name: value.item() for name, value in under("watch/", state).items()}
        self.is_stopped = bool(told.pop("stopped", 0))
        self._since_reset = int(told.pop("since_reset", 0))
        self._watch = _watch(told) if told else None


def _copied(state: State) -> State:
    return {name: value.clone() for name, value in state.items()}


def _watch(told: dict[str, float]) -> Watch:
    values: dict[str, Any] = {
        field.name: told[field.name] if field.type is float else math.floor(told[field.name]) for field in fields(Watch)
    }
    return Watch(**values)
