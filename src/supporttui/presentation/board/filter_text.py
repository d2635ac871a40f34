"""Text of the filter line: the typed filter, the position of a mistake, and the possible completions."""

from typing import TypeVar

import msgspec

from supporttui.domain.query.completion import Completion, FindValues, complete
from supporttui.domain.query.parser import parse_query
from supporttui.domain.query.query import EVERYTHING, Query, QueryProblem
from supporttui.presentation.board.row_layout import StyleByPart
from supporttui.presentation.cell_text import StyledText, cell_len, cut, fit_left
from supporttui.presentation.line_editor import LineEditor

S = TypeVar("S")

PROMPT = "/ "


class FilterReading(msgspec.Struct, frozen=True):
    """The result of parsing a typed filter."""

    query: Query | None
    """None if it does not parse."""
    start: int = 0
    """The position of the mistake."""
    end: int = 0
    problem: str = ""

    @classmethod
    def of(cls, text: str) -> "FilterReading":
        """Parse what was typed."""
        if not text.strip():
            return cls(EVERYTHING)
        try:
            return cls(parse_query(text))
        except QueryProblem as problem:
            return cls(None, max(0, problem.start), max(problem.start + 1, problem.end), problem.sentence)

    def is_unfinished(self, cursor: int) -> bool:
        """Whether the mistake is at the cursor, so that the rest may still be typed."""
        return self.query is None and self.start <= cursor <= self.end


class FilterCompletion:
    """The completions of the word at the cursor, and the one that is inserted."""

    def __init__(self, find_values: FindValues) -> None:
        self._find_values = find_values
        self.offered: list[Completion] = []
        self.chosen: int | None = None
        """The index of the inserted completion; None if none is."""
        self._typed = ("", 0)

    def look(self, editor: LineEditor) -> None:
        """Update the completions for the typed text."""
        self._typed = (editor.text, editor.cursor)
        self.offered = complete(editor.text, editor.cursor, self._find_values)
        self.chosen = None

    def step(self, editor: LineEditor, step: int) -> bool:
        """Insert the next or the previous completion; return False if there is none."""
        if not self.offered:
            return False
        last = len(self.offered) - 1
        if self.chosen is None:
            self.chosen = 0 if step > 0 else last
        else:
            self.chosen = (self.chosen + step) % (last + 1)
        completion = self.offered[self.chosen]
        editor.text, editor.cursor = self._typed
        is_whole = completion.text[-1:] not in (":", "<", ">", "=")
        editor.replace(completion.start, completion.end, completion.text)
        if last == 0:
            if is_whole and editor.cursor == len(editor.text):
                editor.insert(" ")
            self.look(editor)
        return True

    def lines(self, width: int, room: int, styles: StyleByPart[S]) -> list[list[StyledText[S]]]:
        """Return the completions with their meanings, as many as fit, always including the inserted one."""
        first = max(0, min((self.chosen or 0) - room + 2, len(self.offered) - room))
        shown = self.offered[first : first + room]
        word_cells = max((cell_len(each.text) for each in shown), default=0)
        word_cells = min(max(14, word_cells), width // 2)
        lines: list[list[StyledText[S]]] = []
        for number, each in enumerate(shown, first):
            style = styles["chosen" if number == self.chosen else "word"]
            meaning = cut(each.meaning, width - word_cells - 5)
            lines.append([(f"  {fit_left(each.text, word_cells)}  ", style), (meaning, styles["meaning"])])
        return lines


def typed_line(editor: LineEditor, reading: FilterReading, width: int, styles: StyleByPart[S]) -> list[StyledText[S]]:
    """Return the prompt and the typed text, scrolled to the cursor, with the mistake marked."""
    room = max(4, width - len(PROMPT) - 1)
    start = _first_shown(editor.text, editor.cursor, room)
    pieces: list[StyledText[S]] = [(PROMPT, styles["prompt"])]
    used = 0
    for index, character in enumerate(editor.text[start:] + " ", start):
        used += cell_len(character)
        if used > room + 1:
            break
        is_wrong = reading.query is None and reading.start <= index < reading.end
        part = "wrong" if is_wrong and not reading.is_unfinished(editor.cursor) else "typed"
        if index == editor.cursor:
            part = "cursor"
        elif index == len(editor.text):
            break
        pieces.append((character, styles[part]))
    return pieces


def _first_shown(text: str, cursor: int, room: int) -> int:
    """Return the index of the first character to show so that the cursor is in view."""
    start = 0
    while cell_len(text[start:cursor]) >= room:
        start += 1
    return start


def explained_line(
    editor: LineEditor, reading: FilterReading, width: int, styles: StyleByPart[S], *, is_refused: bool
) -> list[StyledText[S]]:
    """Return the line below a mistake: a pointer to its position, and the correction."""
    room = max(4, width - len(PROMPT) - 1)
    first = _first_shown(editor.text, editor.cursor, room)
    at = len(PROMPT) + cell_len(editor.text[first : max(first, reading.start)])
    marks = "^" * max(1, cell_len(editor.text[max(first, reading.start) : reading.end]))
    part = "meaning" if reading.is_unfinished(editor.cursor) and not is_refused else "explanation"
    if at + len(marks) + 1 + cell_len(reading.problem) <= width:
        return [(" " * at, styles["meaning"]), (f"{marks} {reading.problem}", styles[part])]
    return [(cut(reading.problem, width), styles[part])]
