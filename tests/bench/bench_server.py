"""Requests per second of the embedded server over a real socket, in turns against a second checkout.

`python tests/bench/bench_server.py --against ../other-checkout` prints one row for each request: the requests per
second of both, the ratio of this checkout to the other, and the ratio of the CPU time that a request takes. A ratio is
the median over the rounds, of which each measures both checkouts one right after the other.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parents[2]
TICKETS: Final = 120
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")

SERVE: Final = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from supporttui.server.database import open_database, write
from supporttui.server.people import add_user, issue_token
from supporttui.server.serving import ServeOptions, serve

folder = Path(sys.argv[1])
url = f"sqlite:///{folder}/desk.db"
engine = open_database(url)
with write(engine) as connection:
    now = datetime.now(UTC)
    add_user(connection, email="ada@desk.example", name="Ada", role="admin", at=now)
    token = issue_token(connection, email="ada@desk.example", at=now)
engine.dispose()
serve(
    ServeOptions(
        database=url,
        uploads=folder / "uploads",
        port=0,
        requests_per_minute=10**9,
        ready=lambda address: print(token, address, flush=True),
    )
)
"""

REQUESTS: Final[Mapping[str, tuple[str, str, bytes | None]]] = {
    "show one ticket": ("GET", "/api/v2/tickets/7.json", None),
    "list of 100": ("GET", "/api/v2/tickets.json?page[size]=100", None),
    "update": ("PUT", "/api/v2/tickets/7.json", b'{"ticket": {"priority": "high"}}'),
}


@dataclass(frozen=True, slots=True)
class Speed:
    """What one turn measured."""

    per_s: float
    cpu_ms: float
    """The server's CPU time for one request."""


class RunningServer:
    """The server of one checkout, with a connection that is kept open."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        token, address = process.stdout.readline().split()
        self._pid = process.pid
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection(address.removeprefix("http://"))

    def send(self, method: str, path: str, body: bytes | None) -> None:
        """Send one request, and read its response."""
        self._connection.request(method, path, body, self._headers)
        response = self._connection.getresponse()
        content = response.read()
        if response.status not in (200, 201):
            raise SystemExit(f"{method} {path}: {response.status} {content[:200]!r}")

    def measure(self, request: tuple[str, str, bytes | None], seconds: float) -> Speed:
        """Send one request over and over for a time."""
        count, began, cpu_s = 0, time.perf_counter(), self._cpu_s()
        while time.perf_counter() - began < seconds:
            self.send(*request)
            count += 1
        return Speed(count / (time.perf_counter() - began), (self._cpu_s() - cpu_s) * 1000 / count)

    def _cpu_s(self) -> float:
        fields = Path(f"/proc/{self._pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


@contextmanager
def running(checkout: Path) -> Iterator[RunningServer]:
    """Serve a desk with tickets from a checkout's sources."""
    environment = {**os.environ, "PYTHONPATH": str(checkout / "src")}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", SERVE, folder]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
            try:
                server = RunningServer(process)
                for number in range(TICKETS):
                    ticket = {"subject": f"Ticket {number}", "comment": {"body": "It stays empty. " * 20}}
                    server.send("POST", "/api/v2/tickets.json", json.dumps({"ticket": ticket}).encode())
                yield server
            finally:
                process.terminate()


def compare(name: str, one: RunningServer, other: RunningServer, rounds: int, seconds: float) -> None:
    """Measure both in turns, and print a row."""
    speeds = []
    for number in range(rounds):
        pair = (one, other) if number % 2 else (other, one)
        found = {server: server.measure(REQUESTS[name], seconds) for server in pair}
        speeds.append((found[one], found[other]))
    ratio = statistics.median(mine.per_s / theirs.per_s for mine, theirs in speeds)
    cpu = statistics.median(mine.cpu_ms / theirs.cpu_ms for mine, theirs in speeds)
    mine_per_s, theirs_per_s = (statistics.median(pair[side].per_s for pair in speeds) for side in (0, 1))
    print(f"{name:<18} {mine_per_s:>10,.0f} {theirs_per_s:>10,.0f} {ratio:>9.2f} {cpu:>9.2f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, default=HERE, help="the other checkout; this one where not given")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0, help="how long one turn takes")
    given = parser.parse_args()
    print(f"{'request':<18} {'this /s':>10} {'other /s':>10} {'ratio':>9} {'CPU':>9}")
    with running(HERE) as one, running(given.against.resolve()) as other:
        for name in REQUESTS:
            compare(name, one, other, given.rounds, given.seconds)


if __name__ == "__main__":
    main()
