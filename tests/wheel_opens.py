"""Open the demonstration board of an installed supporttui in a pty and wait for its panes; for the gate.

python tests/wheel_opens.py PATH/TO/supporttui
"""

import sys
import tempfile

from terminal import Terminal

TITLES = ("New", "Open", "Awaiting your reply", "On-Hold", "Closed")


def main(program: str) -> int:
    """Exit code 0 where five titled panes and a counted ticket appear within the time."""
    with tempfile.TemporaryDirectory() as home, Terminal([program, "demo"], rows=50, columns=200, home=home) as seen:
        seen.wait_for(lambda: all(t in seen.text() for t in TITLES) and "#" in seen.text(), within_s=60)
        print(seen.text())
        seen.type("q")
        code = seen.wait_exit(within_s=15)
    print(f"opened and left with exit code {code}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
