"""A script that draws the early screen and then waits, fails or leaves."""

import sys
import time

from supporttui.ui.startup.early_screen import EarlyScreen
from supporttui.ui.terminal.cells import build_row
from supporttui.ui.terminal.escape_codes import PLAIN


def main() -> None:
    size = (40, 10)
    rows = [build_row([(text, PLAIN)], size[0], PLAIN) for text in ("early", "picture", *[""] * (size[1] - 2))]
    with EarlyScreen(rows, has_bce=True):
        if sys.argv[1] == "wait":
            time.sleep(60)
        if sys.argv[1] == "fail":
            raise SystemExit(3)


if __name__ == "__main__":
    main()
