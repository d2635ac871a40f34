"""A fork server for embedded desks that are killed: it has everything imported, and each desk is a fork of it.

Run as a program it reads a line of JSON for each desk and answers with a line. A desk can kill itself at a point of the
write that has a certain idempotency key: before each of its statements, before its commit, after it.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx


class DeskForkServer:
    """The forking process, from a test's side."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, *, key: str | None = None, dies_at: int | None = None) -> int:
        """Serve the folder's desk; its process id, once it answers."""
        options = {"folder": str(self.folder), "key": key, "dies_at": dies_at}
        return int(self._ask({"start": options}))

    def reap(self, desk: int) -> int:
        """Wait for a desk's end; the signal that ended it, 0 where it left by itself."""
        return int(self._ask({"reap": desk}))

    def kill(self, desk: int) -> None:
        """Kill a desk, at whatever it is."""
        os.kill(desk, signal.SIGKILL)
        assert self.reap(desk) == signal.SIGKILL

    def points(self) -> list[str]:
        """The points that the last write with the given key has passed."""
        path = self.folder / "points"
        return path.read_text().splitlines() if path.exists() else []

    def close(self) -> None:
        """End the process, and with it nothing else: desks have been reaped by then."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()

    def _ask(self, question: dict[str, Any]) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()


def desk_client(folder: Path, token: str) -> httpx.Client:
    """Asks the folder's desk."""
    transport = httpx.HTTPTransport(uds=str(folder / "s"))
    proof = {"Authorization": f"Bearer {token}"}
    return httpx.Client(transport=transport, base_url="http://desk", headers=proof, timeout=20)


def main() -> None:
    """Fork desks until the input ends."""
    import supporttui.server.serving  # noqa: F401 - imported once, before the forks

    for line in sys.stdin:
        request = json.loads(line)
        if "reap" in request:
            _, status = os.waitpid(request["reap"], 0)
            print(os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, flush=True)
        elif os.fork() == 0:
            sys.stdin.close()
            _serve(Path(request["start"]["folder"]), request["start"]["key"], request["start"]["dies_at"])
            os._exit(0)


def _serve(folder: Path, key: str | None, dies_at: int | None) -> None:
    from supporttui.server.serving import ServeOptions, serve

    if key is not None:
        _count_points(folder / "points", key, dies_at)
    options = ServeOptions(
        database=f"sqlite:///{folder}/desk.db",
        uploads=folder / "uploads",
        uds=folder / "s",
        requests_per_minute=10**7,
        ready=lambda _address: print(os.getpid(), flush=True),
    )
    serve(options)


def _count_points(record: Path, key: str, dies_at: int | None) -> None:
    """Count the points of the write with this key, and kill the process at one of them."""
    from sqlalchemy import Engine, event
    from sqlalchemy.pool import Pool

    names: list[str] = []

    def reached(name: str) -> None:
        names.append(name)
        record.write_text("\n".join(names))
        if len(names) == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def before_statement(connection: Any, _cursor: Any, statement: str, given: Any, *_more: Any) -> None:
        words = statement.split()
        if not names and words[0] == "SELECT" and "idempotency" in statement and key in given:
            connection.info["is_watched"] = True
        if connection.info.get("is_watched"):
            reached(f"before {words[0]} {words[2] if words[0] == 'INSERT' else words[1]}")

    def before_commit(connection: Any) -> None:
        if connection.info.get("is_watched"):
            reached("before COMMIT")

    def after_commit(_raw: Any, kept: Any) -> None:
        if kept.info.pop("is_watched", False):
            reached("after COMMIT")

    event.listen(Engine, "before_cursor_execute", before_statement)
    event.listen(Engine, "commit", before_commit)
    event.listen(Pool, "checkin", after_commit)


if __name__ == "__main__":
    main()
