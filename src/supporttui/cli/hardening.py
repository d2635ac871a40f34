"""What the process does to itself before it knows a secret: private files, no core, no reader of its memory."""

import ctypes
import os
import resource
import sys
from typing import Final

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
