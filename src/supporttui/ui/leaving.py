"""What is said before the app is left with something unsent, and what the last run left."""

from supporttui.store.operations import OperationState
from supporttui.ui.board_model import PROBLEM_STATES, BoardModel


def unsent_on_leaving(model: BoardModel) -> str:
    """What leaving does to what is not sent, and that the key has to be pressed again; empty where nothing is."""
    waiting = model.decisions.all()
    if not waiting:
        return ""
    undecided = sum(each.state in PROBLEM_STATES for each in waiting)
    going = len(waiting) - undecided
    parts = []
    unsaved = model.decisions.unsaved() if model.status.unsaved else []
    if unsaved:
        parts.append(f"{_counted(len(unsaved), 'text')} could not be written to disk and would be lost")
    if going:
        held = any(each.state is OperationState.HELD for each in waiting)
        takes_back = ", u takes it back" if held else ""
        parts.append(f"{_counted(going, 'change')} not sent yet; leaving sends at once what it can{takes_back}")
    if undecided:
        parts.append(f"{_counted(undecided, 'change')} waiting for your decision; kept")
    return f"{'; '.join(parts)}. q once more leaves."


def left_from_last_time(model: BoardModel) -> str:
    """What an earlier run left unsent; empty where nothing."""
    waiting, drafts = model.decisions.all(), model.decisions.drafts()
    parts = [_counted(len(waiting), "change") + " not sent"] if waiting else []
    parts += [_counted(len(drafts), "draft")] if drafts else []
    return f"From last time: {' and '.join(parts)}; O lists them." if parts else ""


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
