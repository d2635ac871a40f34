"""A socket proxy before a real desk that breaks connections at a chosen byte."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.faults.fault_network import ConnectionCut

_LINGER_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with no time left: closing sends a reset."""


class FaultProxy:
    """Passes bytes on between clients and a desk's Unix socket; each armed cut happens once."""

    def __init__(self, desk: Path) -> None:
        self._desk = desk
        self.url = ""
        self.cuts: list[ConnectionCut] = []
        self.is_down = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None

    def drop(self) -> None:
        """Break every connection; from any thread."""
        self._loop.call_soon_threadsafe(self._break_all)

    def _break_all(self) -> None:
        for writer in list(self._writers):
            _close_connection(writer, is_reset=True)

    def run(self, started: threading.Event) -> None:
        """Serve in this thread until `halt`."""
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        started.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._close())
        self._loop.close()

    def halt(self) -> None:
        """Stop; from another thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_down:
            _close_connection(writer, is_reset=True)
            return
        desk_reader, desk_writer = await asyncio.open_unix_connection(self._desk)
        both = _ProxiedConnection(self, writer, desk_writer)
        self._writers |= {writer, desk_writer}
        try:
            up = asyncio.create_task(both.carry(reader, desk_writer, is_request=True))
            down = asyncio.create_task(both.carry(desk_reader, writer, is_request=False))
            await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
            for task in (up, down):
                task.cancel()
            await asyncio.gather(up, down, return_exceptions=True)
        finally:
            self._writers -= {writer, desk_writer}
            both.close()


class _ProxiedConnection:
    """The two halves of one client's connection."""

    def __init__(self, proxy: FaultProxy, client: asyncio.StreamWriter, desk: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._client = client
        self._desk = desk
        self._cut: ConnectionCut | None = None
        self._carried = {True: 0, False: 0}

    def close(self) -> None:
        for writer in (self._client, self._desk):
            writer.close()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_request: bool) -> None:
        with contextlib.suppress(ConnectionError):
            while chunk := await reader.read(65536):
                if is_request:
                    self._begin(chunk)
                cut = self._cut
                if cut is not None and cut.of_answer is not is_request:
                    room = cut.at_byte - self._carried[is_request]
                    if len(chunk) > room:
                        writer.write(chunk[:room])
                        await writer.drain()
                        cut.has_happened = True
                        _close_connection(self._client, is_reset=cut.is_reset)
                        _close_connection(self._desk, is_reset=cut.is_reset)
                        return
                self._carried[is_request] += len(chunk)
                writer.write(chunk)
                await writer.drain()

    def _begin(self, chunk: bytes) -> None:
        """A chunk that begins a request: the client sends none before it has the answer to the last."""
        line = chunk.split(b"\r\n", 1)[0]
        if line.endswith(b" HTTP/1.1"):
            self._cut = next((each for each in self._proxy.cuts if each.is_meant(line)), None)
            self._carried = {True: 0, False: 0}


def _close_connection(writer: asyncio.StreamWriter, *, is_reset: bool) -> None:
    """Close a connection, with a reset or in order."""
    peer = writer.get_extra_info("socket")
    if is_reset and peer is not None and peer.family == socket.AF_INET:
        with contextlib.suppress(OSError):
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_RESET)
    writer.close()


@contextmanager
def fault_proxy(desk: Path) -> Iterator[FaultProxy]:
    """A proxy in a thread of its own, for as long as the context lasts."""
    proxy = FaultProxy(desk)
    started = threading.Event()
    thread = threading.Thread(target=proxy.run, args=(started,), name="proxy", daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield proxy
    finally:
        proxy.halt()
        thread.join(10)
