"""Where the program begins: private files first, then the shortest way to the board, or the commands."""

import sys

from supporttui import stopwatch


def main() -> None:
    """Run what the command line asks for and leave with its exit code."""
    from supporttui.cli.hardening import harden

    harden()
    if stopwatch.OPTION in sys.argv:
        from supporttui.import_times import TimingFinder

        sys.meta_path.insert(0, TimingFinder(stopwatch.WATCH))
    from supporttui.cli.edge import run

    run(sys.argv[1:])


if __name__ == "__main__":
    main()
