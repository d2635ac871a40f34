"""An HTTP or HTTPS server on loopback whose every response a test writes itself."""

import asyncio
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

HEARTBEAT_S = 5.0
OPENSSL = shutil.which("openssl")


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate, which is its own authority, and its key."""

    path: Path
    key: Path


def make_certificate(folder: Path, names: str) -> Certificate:
    """A certificate for these names, such as `IP:127.0.0.1`."""
    assert OPENSSL is not None, "there is no openssl; install it"
    made = Certificate(folder / "cert.pem", folder / "key.pem")
    request = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=desk -keyout {made.key} -out {made.path}"
    more = ["-addext", f"subjectAltName={names}"]
    subprocess.run([OPENSSL, *request.split(), *more], check=True, capture_output=True)
    return made


@dataclass(frozen=True)
class ReceivedRequest:
    """What arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class ScriptedResponse:
    """What is sent back."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    sent_bytes: int | None = None
    """Close the connection after so many bytes of the whole answer; None sends all of it."""
    reason: str = "X"
    is_endless: bool = False
    """Without a length, and left open when it was sent."""
    heartbeat: bytes = b""
    """What is sent again and again while it is open."""


Script = Callable[[ReceivedRequest], ScriptedResponse]


class ScriptedServer:
    """Answers every request by the script, and remembers what arrived."""

    def __init__(self, script: Script, certificate: Certificate | None = None) -> None:
        self.script = script
        self._tls: ssl.SSLContext | None = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate.path, certificate.key)
        self.requests: list[ReceivedRequest] = []
        self.url = ""
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Future[None]] = set()

    async def listen(self, port: int = 0) -> None:
        """Begin to serve."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self.port}"

    def asked(self, path: str) -> list[ReceivedRequest]:
        """The requests for a path."""
        return [request for request in self.requests if request.path == path]

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self._tasks.add(asyncio.ensure_future(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._serve_one(reader, writer):
                pass
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, target, _ = head[0].split(" ")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:] if line)}
        body = await self._body(reader, headers)
        parts = urlsplit(target)
        request = ReceivedRequest(
            method, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers, body
        )
        self.requests.append(request)
        reply = self.script(request)
        fields = dict(reply.headers)
        if not reply.is_endless:
            fields["Content-Length"] = str(len(reply.body))
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        whole = f"HTTP/1.1 {reply.status} {reply.reason}\r\n{lines}\r\n".encode("latin-1") + reply.body
        writer.write(whole if reply.sent_bytes is None else whole[: reply.sent_bytes])
        await writer.drain()
        if reply.is_endless:
            await self._keep_open(reader, writer, reply.heartbeat)
        return reply.sent_bytes is None

    async def _keep_open(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heartbeat: bytes) -> None:
        """Until the other side leaves; with a heartbeat now and then, where there is one."""
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_S if heartbeat else None):
                    await reader.read()
                    return
            except TimeoutError:
                writer.write(heartbeat)
                await writer.drain()

    async def _body(self, reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return await reader.readexactly(int(headers.get("content-length", "0")))
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size + 2)
        await reader.readline()
        return body

    def run(self, started: threading.Event) -> None:
        """Serve in this thread until `halt`."""
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self.listen())
        started.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._close())
        self._loop.close()

    def halt(self) -> None:
        """Stop serving; from another thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)


@contextmanager
def serve_script(script: Script, certificate: Certificate | None = None) -> Iterator[ScriptedServer]:
    """A server in a thread of its own, for as long as the context lasts; over TLS with a certificate."""
    server = ScriptedServer(script, certificate)
    started = threading.Event()
    thread = threading.Thread(target=server.run, args=(started,), daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield server
    finally:
        server.halt()
        thread.join(10)


def fail_first_writes(server: ScriptedServer, faults: list[Script]) -> None:
    """Let the first writes go wrong, one fault each; what follows is passed on."""
    passed_on = server.script

    def script(request: ReceivedRequest) -> ScriptedResponse:
        if request.method in ("PUT", "POST") and faults:
            return faults.pop(0)(request)
        return passed_on(request)

    server.script = script
