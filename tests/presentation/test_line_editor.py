"""A line of text is edited as in a shell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supporttui.presentation.line_editor import EDIT_COMMANDS, LineEditor


@pytest.mark.parametrize(
    ("command", "left"),
    [
        ("left", "sev:1 due<|2h"),
        ("word-left", "sev:1 |due<2h"),
        ("start", "|sev:1 due<2h"),
        ("rub-out", "sev:1 due<|h"),
        ("rub-out-word", "sev:1 |h"),
        ("rub-out-line", "|h"),
        ("delete", "sev:1 due<2|"),
        ("delete-rest", "sev:1 due<2|"),
        ("right", "sev:1 due<2h|"),
        ("word-right", "sev:1 due<2h|"),
        ("end", "sev:1 due<2h|"),
    ],
)
def test_a_command_does_what_its_name_says(command: str, left: str) -> None:
    editor = LineEditor("sev:1 due<2h")
    editor.edit("left")

    was_changed = editor.edit(command)

    assert editor.text[: editor.cursor] + "|" + editor.text[editor.cursor :] == left
    assert was_changed is (editor.text != "sev:1 due<2h")


@given(
    st.lists(st.one_of(st.sampled_from([*EDIT_COMMANDS]), st.text(max_size=4).map(lambda each: f"type {each}"))),
    st.text(max_size=20),
)
def test_the_cursor_stays_within_the_text(commands: list[str], text: str) -> None:
    editor = LineEditor(text, longest=30)
    for command in commands:
        if command in EDIT_COMMANDS:
            editor.edit(command)
        else:
            editor.insert(command.removeprefix("type "))
        assert 0 <= editor.cursor <= len(editor.text) <= 30
