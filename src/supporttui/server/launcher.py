"""Finds the running embedded desk, or starts its process."""

import os
import socket
import subprocess
import sys
import threading
import time
from typing import Final

from supporttui.helpdesks.base import Unreachable
from supporttui.server.desk_paths import (
    DeskAccess,
    DeskPaths,
    UnsafeFolder,
    check_desk_paths,
    load_desk_access,
    make_private,
)
from supporttui.zendesk_api.extensions import HEALTH_PATH

START_WITHIN_S: Final = 10.0
"""Seconds to wait for a desk that is starting."""

_POLL_S: Final = 0.03
_LOCK_RETRY_S: Final = 0.2
_HEALTH_TIMEOUT_S: Final = 2.0
_SECRET_ENV_NAMES: Final = ("SUPPORTTUI_TOKEN", "SUPPORTTUI_EMAIL", "SUPPORTTUI_URL")


def is_running(paths: DeskPaths) -> bool:
    """Whether the desk answers on its socket."""
    access = load_desk_access(paths)
    path = access.socket if access is not None else str(paths.socket)
    request = f"GET {HEALTH_PATH} HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n".encode()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_HEALTH_TIMEOUT_S)
            connection.connect(path)
            connection.sendall(request)
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def ensure_running(paths: DeskPaths, *, fresh: bool = False, within_s: float = START_WITHIN_S) -> DeskAccess:
    """Return the access of the running desk, starting it if necessary.

    If no desk runs, `fresh` discards a demonstration's earlier content. Raises Unreachable if it does not start.
    """
    try:
        check_desk_paths(paths)
        return _ensure_running(paths, fresh=fresh, within_s=within_s)
    except UnsafeFolder as problem:
        raise Unreachable(f"{problem}.") from problem


def _ensure_running(paths: DeskPaths, *, fresh: bool, within_s: float) -> DeskAccess:
    deadline = time.monotonic() + within_s
    process: subprocess.Popen[bytes] | None = None
    while not is_running(paths):
        if process is None:
            process = _spawn(paths, fresh=fresh)
        elif process.poll() is not None:
            if process.returncode != 0:
                raise Unreachable(_start_failure(paths, "its process has ended"))
            process = None  # another process has the lock, and is about to serve or to exit
            time.sleep(_LOCK_RETRY_S)
        if time.monotonic() > deadline:
            raise Unreachable(_start_failure(paths, f"it did not answer within {within_s:g} seconds"))
        time.sleep(_POLL_S)
    access = load_desk_access(paths)
    if access is None:
        raise Unreachable(_start_failure(paths, f"there is no {paths.access_file.name} in {paths.folder}"))
    return access


def _spawn(paths: DeskPaths, *, fresh: bool) -> subprocess.Popen[bytes]:
    """Start the desk in a new session, so that it survives the window."""
    make_private(paths.folder.parent)
    environment = {name: value for name, value in os.environ.items() if name not in _SECRET_ENV_NAMES}
    descriptor = os.open(paths.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", "supporttui.server.child", *_arguments(paths, fresh=fresh)],
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            cwd="/",
            env=environment,
            start_new_session=True,
        )
    finally:
        os.close(descriptor)
    threading.Thread(target=process.wait, name="desk-reaper", daemon=True).start()
    return process


def _arguments(paths: DeskPaths, *, fresh: bool) -> list[str]:
    arguments = ["--folder", str(paths.folder), "--socket", str(paths.socket), "--idle-exit", str(paths.idle_exit_s)]
    if paths.config is not None:
        arguments += ["--config", str(paths.config)]
    if paths.demo is not None:
        arguments += ["--demo-seed", str(paths.demo.seed)]
        arguments += ["--still"] if paths.demo.is_still else []
        arguments += ["--fresh"] if fresh else []
    return arguments


def _start_failure(paths: DeskPaths, what: str) -> str:
    """Return a sentence for a desk that does not run, with the last line of its log."""
    said = _last_line(paths)
    quoted = f' and says "{said}"' if said else ""
    return f"The embedded desk could not be started: {what}{quoted}. Its log is {paths.log}."


def _last_line(paths: DeskPaths) -> str:
    try:
        with paths.log.open("rb") as file:
            file.seek(max(0, paths.log.stat().st_size - 4096))
            lines = file.read().decode("utf-8", "replace").strip().splitlines()
    except OSError:
        return ""
    return "".join(character for character in lines[-1] if character.isprintable())[:200] if lines else ""
