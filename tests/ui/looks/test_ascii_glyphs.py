"""Every mark, border and block of ours has a form in ASCII."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import supporttui
from supporttui.presentation.ascii_glyphs import ASCII_FORMS, ascii_only, with_ascii_glyphs
from supporttui.presentation.cell_text import cell_len

ROOT = Path(supporttui.__file__).parent
DRAWN = ("presentation", "ui", "cli", "domain", "config")
CHARACTER_TABLES = {
    *("domain/safe_text.py", "domain/links.py", "presentation/cell_text.py", "ui/terminal/cells.py"),
    *("ui/typing_area.py", "presentation/ascii_glyphs.py"),
}
"""What these name is looked for in texts of others, and not drawn."""


def written_characters(file: Path) -> Iterator[str]:
    """The characters beyond ASCII in a module's texts, its documentation aside."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield from (character for character in node.value if ord(character) > 0x7E)


@pytest.mark.parametrize("room", DRAWN)
def test_every_glyph_that_we_write_has_a_form_in_ascii(room: str) -> None:
    files = [file for file in (ROOT / room).rglob("*.py") if str(file.relative_to(ROOT)) not in CHARACTER_TABLES]
    missing = {(character, str(file.relative_to(ROOT))) for file in files for character in written_characters(file)} - {
        (character, str(file.relative_to(ROOT))) for file in files for character in ASCII_FORMS
    }
    assert missing == set()


def test_a_form_takes_the_room_of_its_glyph() -> None:
    for glyph, form in ASCII_FORMS.items():
        assert len(form) == 1
        assert " " <= form <= "~"
        assert cell_len(glyph) == 1, glyph


def test_what_others_wrote_stays_unless_the_terminal_cannot_take_it() -> None:
    assert with_ascii_glyphs("│ 日本語 ✓ é") == "| 日本語 v é"
    assert ascii_only("│ 日本語 ✓ e\u0301 é") == "| ?????? v e ?"
    assert ascii_only("\x1b[1mplain\x1b[m") == "\x1b[1mplain\x1b[m"
