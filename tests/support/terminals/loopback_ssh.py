"""A real OpenSSH server on loopback with its own keys and configuration."""

import contextlib
import getpass
import os
import shlex
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.clock.waiting import wait_until

TOKEN = "SUPPORTTUI_TOKEN"
SSHD = shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


@dataclass(frozen=True)
class LoopbackSsh:
    """Where the server listens, and the key that it accepts."""

    port: int
    folder: Path
    pid: int

    def sessions(self) -> list[int]:
        """The processes that the server has begun for its clients, and what those have begun."""
        parents = dict(_parents())
        return [pid for pid in parents if self.pid in _ancestors(pid, parents)]

    def command(self, remote: Sequence[str], environment: Mapping[str, str]) -> list[str]:
        """The client that runs a program there on a terminal."""
        seen = [f"{name}={value}" for name, value in environment.items() if name != TOKEN]
        kept = self.folder / "secret"  # everybody on the machine can read arguments
        kept.touch(0o600)
        kept.write_text(f"export {TOKEN}={shlex.quote(environment.get(TOKEN, ''))}\n")
        command = f". {shlex.quote(str(kept))}; exec {shlex.join(['env', *seen, *remote])}"
        options = {
            "IdentityFile": self.folder / "user",
            "IdentitiesOnly": "yes",
            "UserKnownHostsFile": self.folder / "known",
            "StrictHostKeyChecking": "no",
            "LogLevel": "ERROR",
        }
        given = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        return ["ssh", "-tt", "-F", "none", "-p", str(self.port), *given, f"{getpass.getuser()}@127.0.0.1", command]


def _parents() -> Iterator[tuple[int, int]]:
    """Every live process and its parent."""
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            if stat[0] != "Z":
                yield int(folder.name), int(stat[1])


def _ancestors(pid: int, parents: Mapping[int, int]) -> Iterator[int]:
    while pid := parents.get(pid, 0):
        yield pid


@contextmanager
def loopback_ssh(folder: Path) -> Iterator[LoopbackSsh]:
    """Serve until the context ends."""
    assert SSHD is not None, "there is no sshd; install openssh-server"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # the server separates its privileges there
    port = _free_port()
    config = folder / "sshd_config"
    config.write_text(_config(folder, port))
    with (folder / "sshd.log").open("wb") as log:
        server = subprocess.Popen([SSHD, "-D", "-e", "-f", str(config)], stderr=log, stdin=subprocess.DEVNULL)
    try:
        wait_until(lambda: _answers(port) or server.poll() is not None)
        assert server.poll() is None, (folder / "sshd.log").read_text()
        yield LoopbackSsh(port, folder, server.pid)
    finally:
        server.terminate()
        server.wait(10)


def _config(folder: Path, port: int) -> str:
    (folder / "authorized").write_bytes((folder / "user.pub").read_bytes())
    lines = {
        "ListenAddress": "127.0.0.1",
        "Port": port,
        "HostKey": folder / "host",
        "AuthorizedKeysFile": folder / "authorized",
        "PidFile": "none",
        "UsePAM": "no",
        "PasswordAuthentication": "no",
        "KbdInteractiveAuthentication": "no",
        "PermitRootLogin": "prohibit-password",
        "StrictModes": "no",  # the folder of a test lies below one that others may write
        "PrintMotd": "no",
        "PrintLastLog": "no",
    }
    return "".join(f"{name} {value}\n" for name, value in lines.items())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as connection:
        return connection.recv(4) == b"SSH-"
    return False
