"""Shows two lines before an app is there and goes on as it is told: python early_program.py wait|fail|leave."""

import sys
import time

from supporttui.ui.terminal.cells import row_of
from supporttui.ui.terminal.early import EarlyScreen
from supporttui.ui.terminal.pens import PLAIN


def main() -> None:
    size = (40, 10)
    rows = [row_of([(text, PLAIN)], size[0], PLAIN) for text in ("early", "picture", *[""] * (size[1] - 2))]
    with EarlyScreen(rows, has_bce=True):
        if sys.argv[1] == "wait":
            time.sleep(60)
        if sys.argv[1] == "fail":
            raise SystemExit(3)


if __name__ == "__main__":
    main()
