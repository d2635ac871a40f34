"""Takes the lock and the address before serving starts."""

import errno
import fcntl
import ipaddress
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_BACKLOG: Final = 256


class AlreadyServing(Exception):
    """Another process serves this desk. `str()` is one sentence."""


class CannotListen(Exception):
    """The address cannot be bound. `str()` is one sentence with the remedy."""


class PlainHttpRefused(CannotListen):
    """Plain HTTP would leave this machine, and was not allowed explicitly."""


@contextmanager
def locked(path: Path | None) -> Iterator[None]:
    """Hold a lock file for as long as the context lasts; the file is kept. Raises AlreadyServing."""
    if path is None:
        yield
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as problem:
        os.close(descriptor)
        raise AlreadyServing(f"another process serves this desk already: it holds {path}") from problem
    try:
        yield
    finally:
        os.close(descriptor)


@contextmanager
def unix_socket(path: Path) -> Iterator[socket.socket]:
    """Listen on a Unix socket that only its owner can reach, and remove it at the end.

    Raises AlreadyServing if somebody answers there, CannotListen if it cannot be created.
    """
    listener: socket.socket | None = None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_stale(path)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            listener.bind(os.fspath(path))
        finally:
            os.umask(before)
        listener.listen(_BACKLOG)
    except OSError as problem:
        if listener is not None:
            listener.close()
        raise CannotListen(f"cannot listen on {path}: {_reason(problem)}; choose another path with --uds") from problem
    try:
        yield listener
    finally:
        listener.close()
        path.unlink(missing_ok=True)


@contextmanager
def tcp_socket(host: str, port: int, *, has_tls: bool, allow_plain_http: bool) -> Iterator[socket.socket]:
    """Listen on an address. Raises CannotListen, or PlainHttpRefused for other machines without TLS."""
    family, address = _resolve(host, port)
    if not has_tls and not allow_plain_http and not ipaddress.ip_address(address[0].partition("%")[0]).is_loopback:
        raise PlainHttpRefused(
            f"{host} can be reached from other machines, and without TLS all on the way read tokens and tickets: "
            "give --tls-cert and --tls-key, or say --allow-plain-http if something else encrypts"
        )
    # With the protocol named, asyncio turns Nagle's algorithm off: without it each answer waits 40 ms for an ACK.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as problem:
        listener.close()
        remedy = "choose another port with --port" if problem.errno == errno.EADDRINUSE else "choose another address"
        raise CannotListen(f"cannot listen on {host} port {port}: {_reason(problem)}; {remedy}") from problem
    with listener:
        yield listener


def address_of(listener: socket.socket, *, has_tls: bool) -> str:
    """Return the listening address in the form that clients are given."""
    if listener.family == socket.AF_UNIX:
        return f"unix:{listener.getsockname()}"
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if has_tls else 'http'}://{shown}:{port}"


def _resolve(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    """Return the first address of a host. Raises CannotListen."""
    if not 0 <= port <= 65_535:
        raise CannotListen(f"{port} is not a port; choose one from 1 to 65535 with --port")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (OSError, UnicodeError) as problem:
        raise CannotListen(f"{host} is not an address of this machine; try --host 127.0.0.1") from problem
    return family, (str(address[0]), int(address[1]))


def _remove_stale(path: Path) -> None:
    """Remove the socket of a dead process. Raises AlreadyServing if one answers, OSError for any other file."""
    if not path.exists() and not path.is_symlink():
        return
    if not path.is_socket():
        raise FileExistsError(errno.EEXIST, "something that is not a socket lies there")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2.0)
        try:
            probe.connect(os.fspath(path))
        except (ConnectionRefusedError, FileNotFoundError):
            path.unlink(missing_ok=True)
            return
    raise AlreadyServing(f"another process serves a desk on {path}")


def _reason(problem: OSError) -> str:
    if problem.errno == errno.EADDRINUSE:
        return "it is in use already"
    return problem.strerror or str(problem)
