"""Other programs of the terminal, as far as they are there or can be fetched into a scratch place."""

import mailbox
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.product import home_in
from bench.pty_session import PtySession, Watched, percentile

MAILS: Final = 10_000
COMMITS: Final = 10_000
DEBIAN: Final = ("htop", "btop", "tig", "aerc", "neomutt")
PYTHON: Final = ("jiratui", "posting", "harlequin")
DOWN_UP: Final = (b"\x1b[B", b"\x1b[A")
J_K: Final = (b"j", b"k")
"""Down and up again, as in the product: a list that has to be scrolled is another question."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A program, what its first complete screen shows, and keys that in turns move something in it."""

    name: str
    watched: Watched
    marker: str
    keys: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class PeerFigures:
    """What was measured of it."""

    first_screen_ms: float
    idle_bytes_s: float
    idle_cpu: float
    key_p95_ms: float | None
    resident_mib: float


def available_peers(folder: Path, say: Callable[[str], None]) -> Iterator[Peer]:
    """Those that are there, each with data of its own; of the others a line says why they are left out."""
    folder.mkdir(parents=True, exist_ok=True)
    _fetch_debian(say)
    makers: dict[str, Callable[[Path], Peer]] = {
        "htop": lambda place: Peer("htop", _at(place, "htop"), "Load average", DOWN_UP),
        "btop": lambda place: Peer("btop", _at(place, "btop"), "proc", DOWN_UP),
        "tig": _tig,
        "aerc": _aerc,
        "neomutt": _neomutt,
        "jiratui": _jiratui,
        "posting": lambda place: _python_peer(place, "posting", (), "Collection", "tree-sitter<0.25"),
        "harlequin": lambda place: _python_peer(place, "harlequin", (":memory:",), "Catalog"),
    }
    for name, make in makers.items():
        place = folder / name
        place.mkdir(exist_ok=True)
        try:
            yield make(place)
        except (OSError, subprocess.CalledProcessError) as problem:
            say(f"{name}: left out, it is not here and cannot be installed ({_reason(problem)})")


def measure_peer(peer: Peer, idle_s: float, keys: int) -> PeerFigures:
    """Start, leave alone, type. Raises TimeoutError where it does not show what it should."""
    with PtySession(peer.watched) as session:
        first_ms = session.first_screen_ms(peer.marker, 30)
        session.quiet(1.0, 8)
        sent, cpu = session.idle(idle_s)
        answered = _answers_ms(session, peer, keys)
        return PeerFigures(first_ms, sent, cpu, percentile(answered, 95) if answered else None, session.resident_mib())


def peer_answers_ms(peer: Peer, keys: int) -> list[float]:
    """How long it takes over each key. Raises TimeoutError where it does not show what it should, or answer."""
    with PtySession(peer.watched) as session:
        session.first_screen_ms(peer.marker, 30)
        session.quiet(1.0, 8)
        answered = _answers_ms(session, peer, keys)
    if not answered:
        raise TimeoutError(f"it answers fewer than half of {keys} keys")
    return answered


def _answers_ms(session: PtySession, peer: Peer, count: int) -> list[float]:
    """Nothing where it answers fewer than half of the keys: they do something else there."""
    found = [session.key(peer.keys[n % len(peer.keys)], timeout_s=1.0) for n in range(count)]
    answered = [each.settled_ms for each in found if each is not None]
    return answered if len(answered) > count / 2 else []


def _at(place: Path, *command: str) -> Watched:
    if shutil.which(command[0]) is None:
        raise FileNotFoundError(f"no {command[0]}")
    return Watched(command, home_in(place))


def _fetch_debian(say: Callable[[str], None]) -> None:
    missing = [name for name in DEBIAN if shutil.which(name) is None]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        done = subprocess.run(["apt-get", "install", "-y", "-qq", *missing], capture_output=True, check=False)
        if done.returncode:
            say(f"apt-get cannot install {', '.join(missing)}")


def _tig(place: Path) -> Peer:
    """A history of its own."""
    watched = _at(place, "tig", "-C", str(place / "history"))
    if not (place / "history").exists():
        subprocess.run(["git", "init", "-q", str(place / "history")], check=True)
        commits = "".join(
            f"commit refs/heads/main\ncommitter A <a@b.c> {1_700_000_000 + n} +0000\ndata 9\nchange {n % 10}\n"
            for n in range(COMMITS)
        )
        fed = ["git", "-C", str(place / "history"), "fast-import", "--quiet"]
        subprocess.run(fed, input=commits.encode(), check=True)
        subprocess.run(["git", "-C", str(place / "history"), "symbolic-ref", "HEAD", "refs/heads/main"], check=True)
    return Peer("tig", watched, "change 9", J_K)


def _aerc(place: Path) -> Peer:
    watched = _at(place, "aerc")
    settings = place / "config" / "aerc"
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "accounts.conf").write_text(f"[desk]\nsource = maildir://{_mails(place).parent}\nfrom = a@b.c\n")
    (settings / "accounts.conf").chmod(0o600)
    return Peer("aerc", watched, "Change number", J_K)


def _neomutt(place: Path) -> Peer:
    watched = _at(place, "neomutt", "-n", "-f", str(_mails(place)))
    (place / "Mail").mkdir(exist_ok=True)  # it asks for it otherwise
    return Peer("neomutt", watched, "Change number", J_K)


def _jiratui(place: Path) -> Peer:
    """With a desk that is not there: what it shows without one."""
    settings = place / "home" / "config" / "jiratui"
    settings.mkdir(parents=True, exist_ok=True)
    lines = ("jira_api_username: kim@desk.example", "jira_api_token: none", "jira_api_base_url: http://127.0.0.1:9")
    (settings / "config.yaml").write_text("\n".join(lines) + "\n")
    return _python_peer(place, "jiratui", ("ui",), "Work Item Key", "textual[syntax]<8")


def _mails(place: Path) -> Path:
    """A folder of mails."""
    box = place / "mail" / "INBOX"
    if not box.exists():
        box.parent.mkdir(parents=True)
        mails = mailbox.Maildir(box, create=True)
        for number in range(MAILS):
            head = f"From: p{number % 500}@customer.example\nTo: a@b.c\nSubject: Change number {number}\n"
            mails.add(f"{head}Date: Mon, 23 Nov 2026 10:{number % 60:02}:00 +0000\n\nIt stays empty.\n".encode())
    return box


def _python_peer(place: Path, name: str, arguments: Iterable[str], marker: str, *beside: str) -> Peer:
    """A program made with Textual, in an environment of its own; key tab moves the focus in each of them.

    `beside` names older releases of what it rests on: with the newest, jiratui ends on a name that Textual has
    changed, and posting on a segmentation fault of its parser.
    """
    program = place / "venv" / "bin" / name
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", str(place / "venv")], check=True, capture_output=True)
        fetched = [str(place / "venv" / "bin" / "pip"), "install", "-q", name, *beside]
        subprocess.run(fetched, check=True, capture_output=True)
    return Peer(name, Watched((str(program), *arguments), home_in(place / "home")), marker, (b"\t",))


def _reason(problem: Exception) -> str:
    if isinstance(problem, subprocess.CalledProcessError):
        lines = (problem.stderr or b"").decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:100] if lines else f"exit code {problem.returncode}"
    return str(problem)
