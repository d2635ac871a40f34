"""Text about the planner's order, shared by the board and the command line."""

from datetime import timedelta

from supporttui.domain.agenda import Agenda
from supporttui.domain.policy import HandlingTimes


def order_title(agenda: Agenda, handling: HandlingTimes) -> str:
    """Return what the order is based on and how many tickets breach in it."""
    first, answer = (span // timedelta(minutes=1) for span in (handling.first_response, handling.answer))
    late = len(agenda.too_late)
    outcome = "nothing more breaches" if not late else f"{late} more {'breaches' if late == 1 else 'breach'}"
    return f"In this order, {first} min a first response and {answer} any other answer, {outcome}"
