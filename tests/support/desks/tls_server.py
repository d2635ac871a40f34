"""An HTTPS server with a self-signed certificate."""

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

OPENSSL = shutil.which("openssl")


@dataclass
class TlsServer:
    """Where it listens, who vouches for it, and what it was asked."""

    port: int
    authority: Path
    heard: list[dict[str, str]] = field(default_factory=list)
    """The headers of each request."""


@contextmanager
def serve_tls(folder: Path, names: str) -> Iterator[TlsServer]:
    """Answer everything with two bytes, under a certificate for these names, such as `IP:127.0.0.1`."""
    assert OPENSSL is not None, "there is no openssl; install it"
    certificate, key = folder / "cert.pem", folder / "key.pem"
    request = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=desk -keyout {key} -out {certificate}"
    more = ["-addext", f"subjectAltName={names}"]
    subprocess.run([OPENSSL, *request.split(), *more], check=True, capture_output=True)
    heard: list[dict[str, str]] = []

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is said on stderr."""

    server = HTTPServer(("127.0.0.1", 0), Answering)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield TlsServer(server.server_port, certificate, heard)
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
