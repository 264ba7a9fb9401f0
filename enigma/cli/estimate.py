"""`enigma calibrate` and `enigma estimate`: accuracy without labels."""

import math
from pathlib import Path
from typing import Any

import click

from enigma.api.writing import make_place
from enigma.cli.options import JSON, SETTINGS, SPEC_FILE, WORKERS, named, spec_options
from enigma.cli.output import print_json
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.spec.shares import percent
from enigma.store.home import Home

TEMPERATURE_SCALING = click.option(
    "--temperature-scaling", is_flag=True, help="Divide all logits by the temperature that suits the clean images."
)


@click.command()
@SPEC_FILE
@SETTINGS
@click.option("--corruptions", metavar="NAMES", help="Shifts to fit on, with commas; default: ImageNet-C's held-out.")
@click.option("--severities", default="1,3,5", show_default=True, help="Severities of each.")
@click.option("--free", is_flag=True, help="Let a fitted polynomial turn round; default: monotone.")
@TEMPERATURE_SCALING
@click.option("--second-model", metavar="NAME", help="A model trained apart, for the agreement of the two.")
@click.option("--second-weights", metavar="FILE", help="Its weights, where they are your own.")
@WORKERS
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File to write, .safetensors.")
@spec_options
@JSON
@click.pass_obj
def calibrate(
    home: Home, spec_file: Path | None, settings: tuple[str, ...], corruptions: str | None, severities: str,
    free: bool, temperature_scaling: bool, second_model: str | None, second_weights: str | None, workers: int | None,
    out: Path, as_json: bool, **fields: str | None,
) -> None:  # fmt: skip
    """Fit the accuracy estimators of a model on labelled images.

    \b
    enigma calibrate --out resnet.safetensors
    enigma calibrate --model torchvision:resnet50 --dataset val/ --out rn50.safetensors
    enigma calibrate --corruptions speckle_noise,spatter --severities 1,3,5 --out small.safetensors
    enigma calibrate --second-model vit-ln --out two.safetensors

    Records a run on the clean images and one for each corruption and severity; what is recorded is skipped.
    """
    from tqdm import tqdm

    from enigma.jobs import sweep
    from enigma.jobs.calibrating import DEFAULTS, HELD_OUT, calibrated, splits

    base = RunSpec.read(spec_file) if spec_file else RunSpec().override(**DEFAULTS)
    spec = base.override(**named(fields, settings), frames=2)
    names = tuple(corruptions.split(",")) if corruptions else HELD_OUT
    specs = splits(spec, names, _numbers(severities))
    if second_weights and not second_model:
        raise InputError("Expected --second-weights with --second-model, the architecture they belong to.")
    second = {"model": second_model, "weights": second_weights} if second_model else None
    # Before the progress bar, so that a name or a place that cannot be used is the one sentence that is.
    if second:
        spec.override(**second)
    make_place(out)
    total = len(specs) * (2 if second else 1)
    with sweep.processes(workers, jobs=total) as executor, tqdm(total=total, unit="run") as bar:
        found = calibrated(
            specs, home, executor, lambda outcome: bar.update() and None, monotone=not free, scaled=temperature_scaling,
            second=second,
        )  # fmt: skip
    found.save(out)
    errors = {target: {name: fit.leave_one_out for name, fit in fits.items()} for target, fits in found.fits.items()}
    if as_json:
        print_json({"file": str(out), "provenance": found.provenance, "errors": errors})
        return
    click.echo(f"Wrote {out}, fitted on {len(specs)} splits of {spec.probes:,} images each.")
    for target, each in errors.items():
        name = min(each, key=lambda one: each[one])
        click.echo(f"{target:<8}  least calibration error: {name}, {100 * each[name]:.1f} points")


@click.command()
@click.argument("run_id", metavar="[RUN]", required=False)
@TEMPERATURE_SCALING
@click.option("--calibration", type=click.Path(path_type=Path), help="What `enigma calibrate` wrote.")
@spec_options
@JSON
@click.pass_obj
def estimate(
    home: Home, run_id: str | None, calibration: Path | None, temperature_scaling: bool, as_json: bool,
    **fields: str | None,
) -> None:  # fmt: skip
    """Estimate accuracy on images without labels.

    \b
    enigma estimate --corruption fog --severity 3
    enigma estimate --calibration rn50.safetensors --dataset photos/
    enigma estimate RUN --calibration rn50.safetensors --json

    Three accuracies are estimated: the source model's, frame 0's, and the adapted model's at the last frame. A second
    model of the calibration is recorded on the same images.
    """
    from enigma.analysis.estimators.gain import gain
    from enigma.analysis.estimators.report import extrapolating, intervals
    from enigma.jobs.calibrating import estimated

    known = home.find(run_id) if run_id else None
    run, found, rows = estimated(home, known, named(fields), calibration, scaled=temperature_scaling)
    change = gain(run, found, rows)
    if as_json:
        estimates = [row.to_dict() for row in rows]
        print_json({"run": run.id, "provenance": found.provenance, "estimates": estimates, "change": change.to_dict()})
        return
    click.echo(_table(run.id, rows, found.provenance))
    click.echo(f"\n{_in_words(change)}\n{intervals(found, run.spec.probes)}")
    if beyond := extrapolating(rows):
        click.echo(f"Warning: {beyond}", err=True)


def _table(run_id: str, rows: list[Any], provenance: dict[str, Any]) -> str:
    from enigma.analysis.estimators.fit import COVERAGE
    from enigma.analysis.estimators.measured import TARGETS

    spec = provenance["spec"]
    lines = [
        f"Run {run_id}. Calibrated on {len(provenance['splits'])} splits of {provenance['images']:,} images "
        f"({', '.join(provenance['splits'])}) with {spec['model']}, {spec['method']}, {spec['steps']} steps.",
    ]
    for target, meaning in TARGETS.items():
        lines += ["", f"Accuracy of {meaning}", f"  {'estimator':<28}{'accuracy':>9}  {'90 % interval':>15}  error"]
        for row in (row for row in rows if row.target == target):
            interval = f"{100 * row.low:.1f} to {percent(row.high)}" if math.isfinite(row.low) else "none"
            mark = f"  at {percent(row.level, 0)}" if row.level != COVERAGE and math.isfinite(row.low) else ""
            mark += "  extrapolated" if row.warning else ""
            lines.append(
                f"  {row.estimator:<28}{percent(row.accuracy):>9}  {interval:>15}  {100 * row.error:.1f}{mark}"
            )
    return "\n".join([*lines, "", "error: mean absolute error in points on the calibration splits."])


def _in_words(change: Any) -> str:
    """Whether adaptation helped, beyond what is not known."""
    said = {"gained": "helped", "lost": "harmed", "cannot tell": "cannot tell"}[change.direction]
    within = f"{100 * change.low:+.1f} to {100 * change.high:+.1f}" if math.isfinite(change.low) else "no interval"
    because = f", because {change.reason}" if change.reason else ""
    return (
        f"What adaptation changed: {said}{because}. Estimated {100 * change.change:+.1f} points ({within}), adapted "
        "model less frame 0."
    )


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"Expected --severities such as 1,3,5, but got {text!r}.") from None
