"""Answers that are too large, too packed or too slow, against a whole board in a process of its own."""

import asyncio
import json
import os
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.canary import secret
from support.clock.waiting import wait_until
from support.command_line import PROGRAM
from support.terminals.terminal import Terminal
from supporttui.config.desk import Secret
from supporttui.helpdesks.base import DeskError
from supporttui.helpdesks.http_transport import HttpTransport

SIZE = 1 << (30 if os.environ.get("SUPPORTTUI_PROOF") == "full" else 26)
"""Bytes of the large answer: 64 MB, or 1 GB as a proof."""

TOKEN = secret("bodies")
GROWTH_BYTES = 64 * 1024 * 1024
DEADLINE_S = 2.0

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def large(client: socket.socket) -> None:
    """JSON that has no end."""
    client.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % SIZE + b'{"tickets": [{"subject": "')
    piece = b"a" * 65536
    for _ in range(SIZE // len(piece)):
        client.sendall(piece)


def unsized(client: socket.socket) -> None:
    """The same without a length."""
    client.sendall(HEAD + b"Connection: close\r\n\r\n" + b'{"tickets": [{"subject": "')
    piece = b"a" * 65536
    for _ in range(SIZE // len(piece)):
        client.sendall(piece)


def bomb(client: socket.socket) -> None:
    """A thousand times as much as is sent."""
    machine = zlib.compressobj(9, wbits=31)
    client.sendall(HEAD + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n")
    for _ in range(SIZE // (1 << 20)):
        client.sendall(machine.compress(bytes(1 << 20)))
    client.sendall(machine.flush())


def parts(client: socket.socket) -> None:
    """Few bytes that are many objects."""
    body = b'{"tickets": [' + b"{}," * 4_000_000 + b"{}]}"
    client.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def nested(client: socket.socket) -> None:
    """A list in a list in a list."""
    body = b'{"tickets": ' + b"[" * 3_000_000
    client.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def drip(client: socket.socket) -> None:
    """A byte now and then, for ever."""
    client.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n{")
    while True:
        time.sleep(0.1)
        client.sendall(b" ")


HOSTILE = {each.__name__: each for each in (large, unsized, bomb, parts, nested, drip)}


class HostileServer:
    """Answers what a board asks at its start, and then whatever it was told to."""

    def __init__(self) -> None:
        self.answer: Callable[[socket.socket], None] | None = None
        self.asked = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Accept nobody any more."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as reader:
            try:
                while line := reader.readline():
                    while reader.readline().strip():
                        pass
                    path = line.split(b" ")[1].split(b"?")[0].decode()
                    self._answer(client, path)
            except OSError:
                return

    def _answer(self, client: socket.socket, path: str) -> None:
        if self.answer is not None and "incremental" in path:
            self.asked += 1
            self.answer(client)
            return
        content = _ORDINARY.get(path)
        body = json.dumps(content).encode() if content is not None else b""
        if path.endswith("/events"):
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n")
            threading.Event().wait(60)
        status = b"200 OK" if content is not None else b"404 Not Found"
        client.sendall(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body)


_TICKET = {"id": 1, "subject": "Here from the start", "status": "open", "requester_id": 7}
_STAMPS = {"created_at": "2026-11-23T14:00:00Z", "updated_at": "2026-11-23T14:00:00Z"}
_ORDINARY = {
    "/api/v2/users/me.json": {"user": {"id": 9, "name": "Kim", "email": "kim@desk.example", "role": "agent"}},
    "/api/v2/users.json": {"users": []},
    "/supporttui/v1/desk": {"name": "desk"},
    "/api/v2/incremental/tickets/cursor.json": {
        "tickets": [_TICKET | _STAMPS], "users": [], "after_cursor": "c", "end_of_stream": True,
    },
    "/api/v2/tickets/1.json": {"ticket": _TICKET | _STAMPS, "users": []},
    "/api/v2/tickets/1/comments.json": {"comments": [], "users": []},
    "/api/v2/tickets/1/audits.json": {"audits": [], "users": []},
}  # fmt: skip


@contextmanager
def hostile_server() -> Iterator[HostileServer]:
    server = HostileServer()
    try:
        yield server
    finally:
        server.close()


def resident_bytes(pid: int) -> int:
    """The most memory that a process has had at any time."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no such figure")


def test_a_board_survives_every_hostile_body(tmp_path: Path) -> None:
    with hostile_server() as server:
        environment = {"SUPPORTTUI_URL": server.url, "SUPPORTTUI_EMAIL": "kim@desk.example", "SUPPORTTUI_TOKEN": TOKEN}
        with Terminal([*PROGRAM], rows=30, columns=170, home=tmp_path, environment=environment) as board:
            board.wait_text("Here from", within_s=30)
            board.wait_text("live")
            before = resident_bytes(board.pid)
            for name, answer in HOSTILE.items():
                server.answer, asked = answer, server.asked
                board.type("R")
                wait_until(lambda asked=asked: server.asked > asked, within_s=20)  # type: ignore[misc] # this many
                slowest = slowest_key_s(board, 3)
                grown = resident_bytes(board.pid) - before
                print(f"{name}: a key took at most {slowest:.2f} s, grown by {grown / 2**20:.1f} MB")
                assert slowest < 1.5, f"{name}: a key took {slowest:.1f} s"
            server.answer = None
            grown = resident_bytes(board.pid) - before
            print(f"{SIZE >> 20} MB sent six ways: grew by {grown / 2**20:.1f} MB")
            assert grown < GROWTH_BYTES
            assert "Here from" in board.text()
            board.type("q")
            assert board.wait_exit() == 0


def slowest_key_s(board: Terminal, times: int) -> float:
    """How long the board took at most to answer a key, tried for a few seconds."""
    slowest = 0.0
    for _ in range(times):
        for key, is_open in (("?", True), ("\x1b", False)):
            began = time.monotonic()
            board.type(key)
            board.wait_for(lambda is_open=is_open: ("Keys" in board.text()) is is_open)  # type: ignore[misc]
            slowest = max(slowest, time.monotonic() - began)
        threading.Event().wait(0.2)
    return slowest


@pytest.mark.parametrize("name", [*HOSTILE])
def test_a_deadline_is_kept_within_a_second(name: str) -> None:
    async def ask(url: str) -> float:
        transport = HttpTransport(url, Secret("Basic x"), deadline_s=DEADLINE_S)
        began = time.monotonic()
        try:
            with pytest.raises(DeskError) if name in ("large", "unsized", "bomb", "drip") else _anything():
                await transport.request("GET", "/api/v2/incremental/tickets/cursor.json")
        finally:
            await transport.close()
        return time.monotonic() - began

    with hostile_server() as server:
        server.answer = HOSTILE[name]
        assert asyncio.run(ask(server.url)) < DEADLINE_S + 1.0


@contextmanager
def _anything() -> Iterator[None]:
    yield
