"""What the planner says of its order, for the board and the command alike."""

from datetime import timedelta

from supporttui.domain.agenda import Agenda
from supporttui.domain.policy import HandlingTimes


def order_title(agenda: Agenda, handling: HandlingTimes) -> str:
    """By what the order is made, and what breaches in it."""
    first, answer = (span // timedelta(minutes=1) for span in (handling.first_response, handling.answer))
    late = len(agenda.too_late)
    outcome = "nothing more breaches" if not late else f"{late} more {'breaches' if late == 1 else 'breach'}"
    return f"In this order, {first} min a first response and {answer} any other answer, {outcome}"
