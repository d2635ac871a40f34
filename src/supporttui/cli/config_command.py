"""`supporttui config`: writes a commented configuration file, checks one, and says what is in force and from where."""

import os
from pathlib import Path

from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.launch import GlobalOptions
from supporttui.cli.selected_desk import settings_of
from supporttui.cli.standard_streams import report_done
from supporttui.config import Folders, load_settings
from supporttui.config.folders import make_private_folder
from supporttui.config.settings import THEMES_FOLDER, config_file
from supporttui.config.template import commented_file, settings_in_force
from supporttui.config.theme_files import load_user_theme, user_themes
from supporttui.domain.safe_text import OutsideText, safe_line


def write_commented_file(scope: GlobalOptions) -> int:
    """Write every setting with its default, where no file is yet. Raises CommandError where one is."""
    file, _ = config_file(scope.config, os.environ)
    shown = safe_line(OutsideText(str(file)))
    if file == Folders.of_user().config_file:
        make_private_folder(file.parent)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        remedy = "it is left as it is; `supporttui config show` says what is in force"
        raise CommandError(f"{shown} is there already; {remedy}", Exit.CONFIGURATION) from None
    except FileNotFoundError:
        raise CommandError(f"there is no folder for {shown}; make it first", Exit.CONFIGURATION) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as written:
        written.write(commented_file())
    report_done(f"Wrote {shown}, with every setting and its default as a comment.")
    return Exit.OK


def check_file(scope: GlobalOptions, file: Path | None) -> int:
    """Say whether a file is right, and the user's own themes beside it. Raises ConfigProblem at the first mistake."""
    named, must_exist = config_file(file or scope.config, os.environ)
    shown = safe_line(OutsideText(str(named)))
    if not named.exists() and not must_exist:
        report_done(f"There is no {shown}: the defaults are in force. `supporttui config init` writes one.")
        return Exit.OK
    load_settings(named, {})
    folder = named.absolute().parent / THEMES_FOLDER
    themes = user_themes(folder)
    for theme in themes:
        load_user_theme(folder, theme)
    beside = f", and so are the themes {', '.join(themes)}" if themes else ""
    report_done(f"{shown} is right{beside}.")
    return Exit.OK


def show_settings(scope: GlobalOptions, *, only_changed: bool) -> int:
    """Print each setting and where it comes from. Raises ConfigProblem where one is wrong."""
    settings_of(scope)
    found = list(settings_in_force(scope.config, os.environ, scope.theme))
    shown = [each for each in found if not (only_changed and each.is_default)]
    written = [(f"{each.key} = {each.value}", each.source) for each in shown]
    width = min(60, max([len(setting) for setting, _ in written], default=0))
    lines = [
        f"{safe_line(OutsideText(setting)):<{width}}  # {safe_line(OutsideText(source))}" for setting, source in written
    ]
    file, _ = config_file(scope.config, os.environ)
    state = "" if file.exists() else " (not there)"
    print("\n".join([f"# file: {safe_line(OutsideText(str(file)))}{state}", *lines]))
    return Exit.OK
