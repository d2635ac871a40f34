"""Entry point: hardens the process, then opens the board the fast way or runs a command."""

import ctypes
import os
import resource
import sys
from typing import Final

from supporttui.ui.startup import stopwatch

_PR_SET_DUMPABLE: Final = 4


def harden() -> None:
    """Let nobody else read the files that will be made, nor what this process remembers. Never fails."""
    os.umask(0o077)
    try:
        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0 if most == resource.RLIM_INFINITY else min(most, 0)))
    except (OSError, ValueError):
        pass  # a jail that forbids it writes no core either
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def main() -> None:
    """Run what the command line asks for and leave with its exit code."""

    harden()
    if stopwatch.PROFILE_OPTION in sys.argv:
        from supporttui.ui.startup.import_timing import TimingFinder

        sys.meta_path.insert(0, TimingFinder(stopwatch.START_STOPWATCH))
    from supporttui.cli.main import run

    run(sys.argv[1:])


if __name__ == "__main__":
    main()
