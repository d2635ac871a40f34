"""Saves a screenshot in the folder for downloads."""

import os
import re
from datetime import datetime
from pathlib import Path
from typing import Final

from supporttui.config import ConfigProblem
from supporttui.config.folders import make_private_folder
from supporttui.domain.safe_text import OutsideText, SafeText, safe_line

_EMBEDDED_FONTS: Final = re.compile(r"@font-face\s*\{[^}]*\}\s*")
"""Removed so that viewers of the file do not fetch fonts from a server."""

_CREATE_ONLY: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def save_screenshot(svg: str, folder: Path, now: datetime) -> SafeText:
    """Save a picture with mode 0600, never overwriting a file; return a sentence with the path or the error."""
    path = folder / f"screen-{now.astimezone():%Y%m%d-%H%M%S-%f}.svg"
    try:
        make_private_folder(folder)
        with os.fdopen(os.open(path, _CREATE_ONLY, 0o600), "w", encoding="utf-8", errors="replace") as file:
            file.write(_EMBEDDED_FONTS.sub("", svg))
    except ConfigProblem as problem:
        return safe_line(OutsideText(str(problem)))
    except OSError as problem:
        return safe_line(OutsideText(f"{path} cannot be written: {problem.strerror}. Free some space and try again."))
    return safe_line(OutsideText(f"Saved the screen as {path}"))
