"""Serves a desk as a process of its own: what tests kill and signal. Its arguments are ServeOptions as JSON."""

import json
import sys
from pathlib import Path
from typing import Any

from supporttui.server.serving import ServeOptions, serve


def main() -> None:
    given: dict[str, Any] = json.loads(sys.argv[1])
    for name in ("uploads", "uds", "lock_path"):
        if given.get(name) is not None:
            given[name] = Path(given[name])
    serve(ServeOptions(**given, ready=lambda address: print(address, flush=True)))


if __name__ == "__main__":
    main()
