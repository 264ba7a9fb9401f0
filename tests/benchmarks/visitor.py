"""A browser session as the server sees it: Streamlit's messages over a WebSocket, without the cost of a browser.

It keeps large messages as a browser does and names them in its requests, asks again for parts that draw themselves
again, and leaves with its socket. What a browser does between two messages is not part of it.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

_LARGEST = 512 * 1024 * 1024
# Streamlit drops a request for a part that has gone from the page meanwhile, and says nothing.
_PATIENCE_SECONDS = 120.0
_DROPPED_SECONDS = 10.0


@dataclass
class Visitor:
    """One session.

    Attributes:
        page: name in the address of the page it is at.
        elements: what is drawn, each with the fragment it belongs to, by its place on the page.
        values: what was set, by the id of the widget.
        exceptions: tracebacks that the page showed instead of its content.
        received: bytes.
    """

    socket: ClientConnection
    page: str = ""
    query: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    elements: dict[tuple[int, ...], tuple[Element, str]] = field(default_factory=dict)
    values: dict[str, WidgetState] = field(default_factory=dict)
    kept: dict[str, ForwardMsg] = field(default_factory=dict)
    again: dict[str, tuple[float, float]] = field(default_factory=dict)
    exceptions: list[str] = field(default_factory=list)
    received: int = 0

    @classmethod
    async def of(cls, url: str) -> "Visitor":
        """Comes to the first page of a server."""
        address = f"ws{url.removeprefix('http')}/_stcore/stream"
        socket = await connect(address, subprotocols=["streamlit"], origin=url, max_size=_LARGEST, ping_interval=None)  # type: ignore[list-item,arg-type]
        visitor = cls(socket)
        await visitor._ask()
        return visitor

    async def go(self, page: str) -> float:
        """Goes to another page; seconds until all of it is drawn."""
        self.page, self.query = page, ""
        self.elements, self.values, self.again = {}, {}, {}
        return await self._ask()

    async def report(self, component: str, **state: Any) -> float | None:
        """What a component of this name reports; seconds until it is answered, None where the page has none."""
        for element, fragment in self.elements.values():
            if element.WhichOneof("type") == "bidi_component" and component in element.bidi_component.component_name:
                name = element.bidi_component.id
                self.values[name] = WidgetState(id=name, json_value=json.dumps(state))
                return await self._ask(fragment)
        return None

    async def press(self, label: str) -> float | None:
        """A button; seconds until it is answered, None where the page has no such button."""
        for button, fragment in self._widgets("button", label):
            return await self._ask(fragment, WidgetState(id=button.id, trigger_value=True))
        return None

    async def fill(self, label: str, value: int) -> float | None:
        """A field for a number; seconds until it is answered, None where the page has no such field."""
        for number, fragment in self._widgets("number_input", label):
            self.values[number.id] = WidgetState(id=number.id, double_value=value)
            return await self._ask(fragment)
        return None

    async def rest(self, seconds: float) -> None:
        """Looks at the page, whose parts draw themselves again meanwhile."""
        until = time.monotonic() + seconds
        while (now := time.monotonic()) < until:
            for fragment, (interval, last) in list(self.again.items()):
                if now - last >= interval and fragment in self.again:
                    self.again[fragment] = interval, now
                    await self._ask(fragment, by_itself=True)
            await asyncio.sleep(min(0.25, max(0.0, until - time.monotonic())))

    async def leave(self) -> None:
        await self.socket.close()

    def _widgets(self, kind: str, label: str) -> Iterator[tuple[Any, str]]:
        for element, fragment in self.elements.values():
            if element.WhichOneof("type") == kind and getattr(element, kind).label == label:
                yield getattr(element, kind), fragment

    async def _ask(self, fragment: str = "", pressed: WidgetState | None = None, *, by_itself: bool = False) -> float:
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.fragment_id, asked.is_auto_rerun = self.query, fragment, by_itself
        asked.page_script_hash = self.pages.get(self.page, "")
        asked.cached_message_hashes.extend(self.kept)
        asked.widget_states.widgets.extend([*self.values.values(), *([pressed] if pressed else [])])
        began = time.monotonic()
        await self.socket.send(message.SerializeToString())
        try:
            async with asyncio.timeout(_DROPPED_SECONDS if by_itself else _PATIENCE_SECONDS):
                while not await self._is_over():
                    pass
        except TimeoutError:
            if not by_itself:
                raise
        return time.monotonic() - began

    async def _is_over(self) -> bool:
        """Reads one message; whether it ends the drawing."""
        data = await self.socket.recv()
        assert isinstance(data, bytes)
        self.received += len(data)
        return self._takes(ForwardMsg.FromString(data))

    def _takes(self, message: ForwardMsg) -> bool:
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            known = ForwardMsg()
            known.CopyFrom(self.kept[message.ref_hash])
            known.metadata.CopyFrom(message.metadata)
            message, kind = known, known.WhichOneof("type")
        elif message.metadata.cacheable:
            self.kept[message.hash] = message
        if kind == "navigation":
            self.pages = {each.url_pathname: each.page_script_hash for each in message.navigation.app_pages}
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            self.again[message.auto_rerun.fragment_id] = message.auto_rerun.interval, time.monotonic()
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids or list(self.again):
                self.again.pop(fragment, None)
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._draws(message)
        return kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN

    def _draws(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        self.elements[tuple(message.metadata.delta_path)] = element, message.delta.fragment_id
        if element.WhichOneof("type") == "exception":
            self.exceptions.append(f"{self.page}: {element.exception.type}: {element.exception.message}")
