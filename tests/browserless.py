"""A browser tab without a browser: Streamlit's own protocol over its websocket, to this machine only.

    async with Tab.open("localhost", 8501, "mix=0.4") as tab:
        await tab.run()
        await tab.move("lever.variable_share", 0.35)
        tab.data("figures")

It keeps of the page what tests ask for: the texts, and the data of components by their key.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

RAN = {
    ForwardMsg.FINISHED_SUCCESSFULLY,
    ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
}
PATIENCE = 120.0
"""Seconds that a tab waits for an answer."""


@dataclass
class Tab:
    """components: id, fragment and data of each by its key. texts: what each place of the page says, by its path.

    cached: messages that the server may refer to by their hash, as the browser keeps them.
    """

    socket: ClientConnection
    query: str
    page: str = ""
    components: dict[str, tuple[str, str, Any]] = field(default_factory=dict)
    texts: dict[tuple[int, ...], str] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    received: int = 0
    _states: dict[str, str] = field(default_factory=dict)
    _trigger: tuple[str, str] | None = None
    _cached: dict[str, ForwardMsg] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=lambda: count(1))

    @classmethod
    async def connect(cls, host: str, port: int, query: str = "") -> Tab:
        """A tab that nothing was asked of yet; whoever opens it so closes its socket."""
        uri = f"ws://{host}:{port}/_stcore/stream"
        return cls(await connect(uri, subprotocols=[Subprotocol("streamlit")], max_size=None, compression=None), query)

    @classmethod
    @asynccontextmanager
    async def open(cls, host: str, port: int, query: str = "") -> AsyncIterator[Tab]:
        """A tab, closed in the end."""
        tab = await cls.connect(host, port, query)
        async with tab.socket:
            yield tab

    async def run(self, fragment: str = "", answered: tuple[str, float] | None = None) -> None:
        """Ask for a run of the script, or of one fragment of it, and wait until one has ended.

        answered: key and number of a move that the run must have seen; others are waited out.
        """
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name, state.fragment_id = self.query, self.page, fragment
        state.cached_message_hashes.extend(self._cached)
        for name, value in self._states.items():
            state.widget_states.widgets.add(id=name, json_value=value)
        if self._trigger is not None:
            name, value = self._trigger
            state.widget_states.widgets.add(id=name, json_trigger_value=value)
            self._trigger = None
        await self.socket.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while True:
                if not await self._one():
                    continue
                if answered is None or self.data(answered[0])["answered"] == answered[1]:
                    return

    async def move(self, key: str, value: float) -> None:
        """Move a lever (`pages/parts/lever.py`) and wait for the picture that answers it."""
        name, fragment, _ = self.components[key]
        number = float(next(self._numbers))
        self._states[name] = json.dumps({"move": {"value": value, "n": number}})
        await self.run(fragment, (key, number))

    async def rests(self) -> None:
        """What the browser says when a move has come to rest (`pages/parts/address.js`): the address follows."""
        name, fragment, data = self.components["address_watch"]
        if data["due"]:
            self._trigger = (f"$$STREAMLIT_INTERNAL_KEY_{name}__events", '[{"event": "rest", "value": true}]')
            await self.run(fragment)

    def data(self, key: str) -> Any:
        """What a component shows."""
        return self.components[key][2]

    def says(self, text: str) -> bool:
        """Whether the text stands somewhere on the page."""
        return any(text in said for said in self.texts.values())

    async def _one(self) -> bool:
        """Take one message; whether it ends a run."""
        raw = await self.socket.recv()
        assert isinstance(raw, bytes)
        self.received += len(raw)
        message = ForwardMsg.FromString(raw)
        if message.WhichOneof("type") == "ref_hash":
            path = list(message.metadata.delta_path)
            message = ForwardMsg.FromString(self._cached[message.ref_hash].SerializeToString())
            message.metadata.delta_path[:] = path
        elif message.metadata.cacheable:
            self._cached[message.hash] = message
        kind = message.WhichOneof("type")
        if kind == "delta":
            self._drawn(message)
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        return kind == "script_finished" and message.script_finished in RAN

    def _drawn(self, message: ForwardMsg) -> None:
        path = tuple(message.metadata.delta_path)
        self.texts.pop(path, None)
        if (fragment := message.delta.fragment_id) and fragment not in self.fragments:
            self.fragments.append(fragment)
        if message.delta.WhichOneof("type") != "new_element":
            return
        element = message.delta.new_element
        match element.WhichOneof("type"):
            case "bidi_component":
                shown = element.bidi_component
                key = shown.id.rsplit("-", 1)[1]
                self.components[key] = (shown.id, message.delta.fragment_id, json.loads(shown.json or "null"))
            case "markdown":
                self.texts[path] = element.markdown.body
            case "alert":
                self.texts[path] = element.alert.body
            case "exception":
                self.texts[path] = f"{element.exception.type}: {element.exception.message}"
