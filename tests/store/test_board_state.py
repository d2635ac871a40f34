"""How the board was left is there again, and nothing in its file can end a start."""

import stat
from pathlib import Path

import pytest

from supporttui.store.board_state import MAX_HISTORY, BoardState, BoardStateFile


def test_the_last_state_is_there_again_and_is_ours_alone(tmp_path: Path) -> None:
    file = BoardStateFile(tmp_path / "board.json")
    for number in range(20):
        file.save(BoardState(view=f"view {number}", lines_per_row={"new": 1}))
    file.wait()

    assert BoardStateFile(tmp_path / "board.json").load() == BoardState(view="view 19", lines_per_row={"new": 1})
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"view": 3}', b"\xff", b'{"history": [1]}'])
def test_what_cannot_be_read_is_as_if_nothing_had_been_kept(tmp_path: Path, content: bytes) -> None:
    file = BoardStateFile(tmp_path / "board.json")
    file.path.write_bytes(content)

    assert file.load() == BoardState()


def test_a_folder_that_cannot_be_written_ends_nothing(tmp_path: Path) -> None:
    file = BoardStateFile(tmp_path / "missing" / "board.json")
    file.save(BoardState(view="VIP"))
    file.wait()

    assert file.load() == BoardState()


def test_a_filter_is_in_the_history_once_and_the_oldest_goes() -> None:
    state = BoardState()
    for number in range(MAX_HISTORY + 5):
        state.remember_filter(f"sev:{number}")
    state.remember_filter("sev:7")

    assert len(state.history) == MAX_HISTORY
    assert state.history[-1] == "sev:7"
    assert state.history.count("sev:7") == 1
