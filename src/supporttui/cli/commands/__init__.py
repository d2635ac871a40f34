"""The command line as people type it; each command's work is in a module that is imported when it runs."""

from supporttui.cli.commands import screens, tickets, changes, account, clocks, settings, outbox, desk  # noqa: I001 - as --help lists them
from supporttui.cli.commands.root import run_command

__all__ = ["account", "changes", "clocks", "desk", "outbox", "run_command", "screens", "settings", "tickets"]
