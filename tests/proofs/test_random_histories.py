"""Proof 3: random histories of typing, sending, undoing and everything that goes wrong, held against a model."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from support.faults.reply_state_machine import ReplyStateMachine

STEPS = 50


@pytest.mark.timeout(3600)
def test_no_history_loses_or_doubles_a_reply(full: bool, figures: Callable[[str], None]) -> None:
    histories = 200 if full else 40
    ReplyStateMachine.figures.clear()
    try:
        run_state_machine_as_test(
            ReplyStateMachine,
            settings=settings(
                max_examples=histories,
                stateful_step_count=STEPS + 1,  # how it begins is a step to Hypothesis
                deadline=None,
                derandomize=True,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
            _min_steps=STEPS,  # without it most histories that Hypothesis thinks of are short
        )
    finally:
        counted = ReplyStateMachine.figures
        figures(
            f"{counted['histories']} histories of {STEPS} steps ({counted['steps']} in all), "
            f"{counted['hours']} hours of their time: "
            f"{counted['replies']} replies, {counted['applied']} applied once, {counted['withdrawn']} withdrawn, "
            f"{counted['decided by a person']} decisions asked of a person"
        )
    assert counted["histories"] >= histories
    assert counted["steps"] >= histories * STEPS
