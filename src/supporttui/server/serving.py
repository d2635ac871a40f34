"""Serves a desk in this process until it is told to stop or has no subscribers; includes the user's own desk."""

import asyncio
import logging
import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import uvicorn
from sqlalchemy import Engine

from supporttui.config import default_policy, load_settings
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.ticket import Role
from supporttui.server.api.app import build_app
from supporttui.server.api.http_middleware import HEAD_MAX_BYTES, allowed_hostnames
from supporttui.server.connection_limits import ConnectionLimits, connection_class
from supporttui.server.database import open_database, write
from supporttui.server.desk import Desk
from supporttui.server.desk_paths import (
    DeskAccess,
    DeskPaths,
    check_folders_of,
    check_private_to_us,
    load_desk_access,
    own_account,
    save_desk_access,
)
from supporttui.server.file_storage import run_upload_cleanup
from supporttui.server.listening import (
    AlreadyServing,
    CannotListen,
    PlainHttpRefused,
    address_of,
    locked,
    tcp_socket,
    unix_socket,
)
from supporttui.server.people import add_user, authenticate, find_by_email, issue_token
from supporttui.server.schema import clock

__all__ = ["AlreadyServing", "CannotListen", "PlainHttpRefused", "ServeOptions", "serve"]

DRAIN_S: Final = 3
"""Seconds for requests to finish after streams have been ended."""

_KEEP_ALIVE_S: Final = 75
_IDLE_CHECK_S: Final = 0.1
_log = logging.getLogger("supporttui.server")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """What is served, where, and for how long."""

    database: str
    """A URL such as `sqlite:////path/to/desk.db`."""
    uploads: Path
    host: str = "127.0.0.1"
    port: int = 8080
    """0 takes any free port."""
    uds: Path | None = None
    """A Unix socket instead of host and port."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    allow_plain_http: bool = False
    """Whether to serve other machines without TLS."""
    name: str = "supporttui"
    is_demo: bool = False
    clock_ahead_s: float = 0.0
    """Seconds by which the desk's clock is ahead of the machine's."""
    idle_exit_s: float | None = None
    """Seconds after the last event subscriber until the server exits; None for never."""
    start_grace_s: float = 30.0
    """Seconds to wait for the first subscriber."""
    lock_path: Path | None = None
    policy: ServicePolicy = field(default_factory=default_policy)
    requests_per_minute: int = 6000
    hostnames: tuple[str, ...] = ()
    """Hostnames accepted in addition to its address and the machine's own."""
    limits: ConnectionLimits = field(default_factory=ConnectionLimits)
    ready: Callable[[str], None] | None = None
    """Called with the address once the server answers: `http://127.0.0.1:8080` or `unix:/path`."""
    background: Callable[[Desk], Awaitable[None]] | None = None
    """Runs beside the server on its event loop, and is cancelled when the server exits."""
    stop: threading.Event | None = None
    """Setting it stops the server; for serving from a thread."""


class _Server(uvicorn.Server):
    """Ends the event streams before it waits for connections, and exits with 0 on a signal."""

    def __init__(self, config: uvicorn.Config, desk: Desk, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._desk = desk
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._desk.notifier.close()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT stop the server; unlike with uvicorn's own handlers, the process then exits with 0."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, self._leave)
        try:
            yield
        finally:
            for each in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(each)

    def _leave(self) -> None:
        self.should_exit = True


def serve(options: ServeOptions) -> None:
    """Serve a desk until it is told to stop.

    Raises AlreadyServing, CannotListen, DatabaseUnusable or UnsafeFolder before anything is served.
    """
    check_private_to_us(options.uploads)
    check_folders_of(options.uploads, *([options.uds] if options.uds is not None else []))
    allow_open_files(options.limits.connections + _OTHER_FILES)
    with locked(options.lock_path), _listener(options) as listener:
        engine = open_database(options.database)
        try:
            asyncio.run(_serve(options, _open_desk(options, engine), listener))
        finally:
            engine.dispose()


_OTHER_FILES: Final = 200
"""Open files in addition to connections: the database's, uploads and downloads."""


def allow_open_files(number: int) -> None:
    """Raise this process's limit of open files to `number`, as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= number:
        return
    wanted = number if hard == resource.RLIM_INFINITY else min(number, hard)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _open_desk(options: ServeOptions, engine: Engine) -> Desk:
    return Desk(
        engine=engine,
        uploads=options.uploads,
        name=options.name,
        is_demo=options.is_demo,
        now=clock(options.clock_ahead_s),
        policy=options.policy,
        requests_per_minute=options.requests_per_minute,
        hostnames=None if options.uds is not None else allowed_hostnames(options.host, options.hostnames),
    )


@contextmanager
def _listener(options: ServeOptions) -> Iterator[socket.socket]:
    """Yield the socket that the options ask for."""
    if options.uds is not None:
        with unix_socket(options.uds) as listener:
            yield listener
        return
    has_tls = _has_tls(options)
    with tcp_socket(options.host, options.port, has_tls=has_tls, allow_plain_http=options.allow_plain_http) as listener:
        yield listener


def _has_tls(options: ServeOptions) -> bool:
    """Whether TLS is configured. Raises CannotListen if half of it is missing."""
    if (options.tls_cert is None) != (options.tls_key is None):
        raise CannotListen("TLS needs both a certificate and its key; give --tls-cert and --tls-key")
    for path in (options.tls_cert, options.tls_key):
        if path is not None and not path.is_file():
            raise CannotListen(f"{path} cannot be read; give --tls-cert and --tls-key the paths of PEM files")
    return options.tls_cert is not None


async def _serve(options: ServeOptions, desk: Desk, listener: socket.socket) -> None:
    has_tls = options.uds is None and _has_tls(options)
    address = address_of(listener, has_tls=has_tls)
    server = _Server(_config(options, desk, has_tls=has_tls), desk, lambda: options.ready and options.ready(address))
    beside = [
        asyncio.create_task(_stop_when_idle(options, desk, server)),
        asyncio.create_task(run_upload_cleanup(desk)),
    ]
    if options.background is not None:
        beside.append(asyncio.ensure_future(options.background(desk)))
        beside[-1].add_done_callback(_log_background_failure)
    try:
        await server.serve(sockets=[listener])
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


def _config(options: ServeOptions, desk: Desk, *, has_tls: bool) -> uvicorn.Config:
    return uvicorn.Config(
        build_app(desk),
        loop="asyncio",
        http=connection_class(options.limits),
        h11_max_incomplete_event_size=HEAD_MAX_BYTES,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",  # invalid HTTP from strangers must not fill the log
        access_log=False,
        date_header=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=DRAIN_S,
        ssl_certfile=options.tls_cert if has_tls else None,
        ssl_keyfile=options.tls_key if has_tls else None,
    )


async def _stop_when_idle(options: ServeOptions, desk: Desk, server: uvicorn.Server) -> None:
    """Stop the server when `stop` is set, or after the idle time without subscribers."""
    began_at = time.monotonic()
    while not server.should_exit:
        await asyncio.sleep(_IDLE_CHECK_S)
        left_at = desk.notifier.left_at
        is_left_alone = options.idle_exit_s is not None and not desk.notifier.subscribers
        if left_at is None:
            is_left_alone = is_left_alone and time.monotonic() - began_at >= options.start_grace_s
        else:
            is_left_alone = is_left_alone and time.monotonic() - left_at >= (options.idle_exit_s or 0.0)
        if is_left_alone or (options.stop is not None and options.stop.is_set()):
            server.should_exit = True


def _log_background_failure(task: "asyncio.Future[None]") -> None:
    """Log the failure of the background task; the desk continues."""
    if not task.cancelled() and (problem := task.exception()) is not None:
        _log.error("what runs beside the desk has failed", exc_info=problem)


FIRST_SUBSCRIBER_TIMEOUT_S: Final = 10.0
"""Seconds after which a desk without a first subscriber exits."""


def serve_own(paths: DeskPaths) -> None:
    """Serve until there are no subscribers. The caller holds the lock.

    Raises ConfigProblem, DatabaseUnusable, CannotListen.
    """
    policy = load_settings(paths.config, os.environ).policy
    engine = open_database(paths.database_url)
    try:
        _ensure_owner(paths, engine)
    finally:
        engine.dispose()
    _, name = own_account()
    serve(
        ServeOptions(
            database=paths.database_url,
            uploads=paths.uploads,
            uds=paths.socket,
            name=f"{name}'s desk",
            idle_exit_s=paths.idle_exit_s,
            start_grace_s=max(paths.idle_exit_s, FIRST_SUBSCRIBER_TIMEOUT_S),
            policy=policy,
        )
    )


def _ensure_owner(paths: DeskPaths, engine: Engine) -> None:
    """Add the user to the desk if missing, and write an access file with a valid token."""
    email, name = own_account()
    at = datetime.now(UTC)
    access = load_desk_access(paths)
    with write(engine) as connection:
        if find_by_email(connection, email) is None:
            add_user(connection, email=email, name=name, role=Role.ADMIN, at=at)
        is_known = access is not None and authenticate(connection, access.token, email, at) is not None
        token = access.token if access is not None and is_known else issue_token(connection, email=email, at=at)
    save_desk_access(paths, DeskAccess(socket=str(paths.socket), email=email, token=token))
