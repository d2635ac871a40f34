"""The embedded desk's process: `python -m supporttui.server.child`, started by a window, shared by all."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from supporttui.server.desk_paths import DemoChoice, DeskPaths, UnsafeFolder, check_desk_paths, make_private
from supporttui.server.listening import AlreadyServing, CannotListen, locked

LOG_KEPT_BYTES: Final = 256 * 1024


class CannotServe(Exception):
    """The desk cannot be served. `str()` is one sentence with the remedy."""


def main(arguments: Sequence[str]) -> int:
    """Serve until there are no subscribers; return the exit status, 0 also if another process serves already."""
    os.umask(0o077)
    paths, is_fresh = _parse(arguments)
    try:
        check_desk_paths(paths)
        with locked(paths.lock):
            _shorten_log(paths)
            _serve(paths, is_fresh=is_fresh)
    except AlreadyServing:
        return 0
    except (CannotListen, CannotServe, UnsafeFolder, OSError) as problem:
        return _fail(problem)
    return 0


def _parse(arguments: Sequence[str]) -> tuple[DeskPaths, bool]:
    """Return the desk's paths, and whether to start a new demonstration."""
    parser = argparse.ArgumentParser(prog="supporttui.server.child", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--idle-exit", type=float, default=10.0)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--demo-seed", type=int)
    parser.add_argument("--still", action="store_true")
    parser.add_argument("--fresh", action="store_true")
    given = parser.parse_args(arguments)
    paths = DeskPaths(
        folder=given.folder,
        socket=given.socket,
        config=given.config,
        idle_exit_s=given.idle_exit,
        demo=None if given.demo_seed is None else DemoChoice(given.demo_seed, given.still),
    )
    return paths, given.fresh


def _fail(problem: Exception) -> int:
    print(problem, file=sys.stderr)
    return 1


def _shorten_log(paths: DeskPaths) -> None:
    """Truncate the log if it is long. Writers append, so truncating is safe."""
    with suppress(FileNotFoundError):
        if paths.log.stat().st_size > LOG_KEPT_BYTES:
            os.truncate(paths.log, 0)


def _serve(paths: DeskPaths, *, is_fresh: bool) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    make_private(paths.folder)
    from supporttui.config import ConfigProblem  # slow to import: only once the lock is held
    from supporttui.server.database import DatabaseUnusable

    try:
        _serve_kind(paths, is_fresh=is_fresh)
    except (ConfigProblem, DatabaseUnusable) as problem:
        raise CannotServe(str(problem)) from problem


def _serve_kind(paths: DeskPaths, *, is_fresh: bool) -> None:
    if paths.demo is None:
        from supporttui.server.serving import serve_own

        serve_own(paths)
    else:
        from supporttui.server.demo.serving import serve_demo

        serve_demo(paths, paths.demo, is_fresh=is_fresh)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
