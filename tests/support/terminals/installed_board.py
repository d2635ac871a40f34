"""Open the demonstration board of an installed supporttui in a pty and wait for its panes; for the gate.

python tests/support/terminals/installed_board.py PATH/TO/supporttui
"""

import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from support.terminals.terminal import Terminal

TITLES = ("New", "Open", "Awaiting your reply", "On-Hold", "Closed")


def second_countdowns(screen: str) -> list[str]:
    """The countdowns of their last hour, which show seconds."""
    return re.findall(r"\b0:\d\d:\d\d\b", screen)


def main(program: str) -> int:
    """Exit code 0 where five titled panes appear with a countdown that ticks, and `q` leaves."""
    with tempfile.TemporaryDirectory() as home, Terminal([program, "demo"], rows=50, columns=200, home=home) as seen:
        seen.wait_for(
            lambda: all(title in seen.text() for title in TITLES) and second_countdowns(seen.text()), within_s=60
        )
        first = second_countdowns(seen.text())
        seen.wait_for(lambda: second_countdowns(seen.text()) not in ([], first), within_s=10)
        seen.type("q")
        code = seen.wait_exit(within_s=15)
    print(f"opened and left with exit code {code}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
