"""`[files]`: where files of conversations are saved, and what opens them."""

from pathlib import Path

import pytest

from supporttui.config import ConfigProblem, load_settings
from supporttui.config.settings import FileSettings


def files_of(folder: Path, *lines: str) -> FileSettings:
    file = folder / "config.toml"
    file.write_text("\n".join(["[files]", *lines]), encoding="utf-8")
    return load_settings(file, {}).files


def test_a_folder_of_the_home_and_a_program_are_read(tmp_path: Path) -> None:
    assert files_of(tmp_path) == FileSettings()
    written = ['downloads = "~/Downloads"', 'open = ["less", "-R", "{file}"]', "in_terminal = true"]
    found = files_of(tmp_path, *written)
    assert found == FileSettings(
        downloads=str(Path("~/Downloads").expanduser()), open_with=("less", "-R", "{file}"), in_terminal=True
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('downloads = "Downloads"', "no whole path"),
        ('downloads = "~nobody-of-that-name/x"', "not known"),
        ('open = ["less"]', "as an argument of its own"),
        ('open = ["{file}"]', "as an argument of its own"),
        ('open = ["less", "--file={file}"]', "as an argument of its own"),
        ('open = "less {file}"', "not a list of texts"),
        ('open = ["less", "{file}", "\\u0000"]', "NUL"),
        ("in_terminal = 1", "neither true nor false"),
        ("programs = 1", "no such key"),
    ],
)
def test_what_cannot_work_is_refused_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(ConfigProblem, match=said) as found:
        files_of(tmp_path, line)
    assert found.value.line == 2
