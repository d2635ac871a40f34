"""The environment of programs that are started from the board."""

from collections.abc import Mapping
from typing import Final

from supporttui.config.redaction import holds_secret

_KEPT: Final = frozenset({"SUPPORTTUI_CONFIG", "SUPPORTTUI_URL", "SUPPORTTUI_EMAIL"})
"""Variables of ours that a script needs which calls `supporttui` itself; none of them is a secret."""


def child_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for a program of the user's: without the token, and without what holds a secret that we know."""
    return {
        name: value
        for name, value in environ.items()
        if (not name.startswith("SUPPORTTUI_") or name in _KEPT) and not holds_secret(value)
    }
