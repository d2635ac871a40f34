"""No more is on its way than the terminal draws in a moment."""

from supporttui.ui.terminal.frame_sender import MAX_LOST_ANSWERS, QUERY_EVERY_BYTES, FlowControl


def begun(delay_s: float = 0.01) -> FlowControl:
    pace = FlowControl()
    pace.ask(0.0)
    pace.answered(delay_s)
    return pace


def drained(pace: FlowControl, rate: float, seconds: float, *, frame: int = 1500, delay_s: float = 0.01) -> float:
    """Frames as fast as they may go, to a terminal that draws at a fixed rate; how far it was behind at worst."""
    drawn_at, behind_s, now = 1.0, 0.0, 1.0
    answers: list[float] = []
    while now < 1.0 + seconds:
        while answers and answers[0] <= now:
            pace.answered(answers.pop(0))
        if pace.may_send():
            drawn_at = max(now, drawn_at) + frame / rate
            if pace.send(frame, now):
                answers.append(drawn_at + delay_s)
            if now > 1.0 + seconds / 4:  # it has learnt by then
                behind_s = max(behind_s, drawn_at - now)
        now += 0.01
    return behind_s


def test_a_slow_terminal_is_never_a_second_behind() -> None:
    assert drained(begun(), rate=4000, seconds=60) < 1.0


def test_a_slow_terminal_with_a_picture_before_the_first_question_is_not_either() -> None:
    pace = FlowControl(20_000, since=0.0)
    pace.ask(0.35)
    pace.answered(5.0)
    behind_s = drained(pace, rate=4000, seconds=60)
    assert behind_s < 1.0


def test_what_was_sent_before_the_first_question_is_no_question() -> None:
    pace = FlowControl(20_000, since=0.0)
    pace.ask(0.35)
    pace.answered(0.36)
    assert pace.may_send()
    assert pace.send(5_000, 1.0)
    pace.answered(1.01)
    assert pace.send(5_000, 1.1)
    assert pace.may_send(), "the terminal has shown that it is fast"


def test_a_far_terminal_is_not_taken_for_a_slow_one() -> None:
    pace = begun(delay_s=0.6)
    drained(pace, rate=200_000, seconds=30, delay_s=0.6)
    assert pace.sent / 30 > 50_000


def test_little_is_sent_without_a_question() -> None:
    pace = begun()
    assert not pace.send(QUERY_EVERY_BYTES - 1, 1.0)
    assert pace.send(1, 1.1)


def test_frames_wait_for_the_answer() -> None:
    pace = begun()
    assert pace.send(50_000, 1.0)
    assert not pace.may_send()
    pace.answered(2.0)
    assert pace.may_send()


def test_a_lost_answer_is_asked_for_again() -> None:
    pace = begun()
    pace.send(50_000, 1.0)
    assert not pace.ask_again(2.0)
    assert pace.ask_again(30.0)
    assert not pace.may_send()
    pace.answered(31.0)
    assert pace.may_send()


def test_a_terminal_that_never_answers_is_not_waited_for() -> None:
    pace = FlowControl()
    pace.ask(0.0)
    pace.send(50_000, 0.0)
    for attempt in range(MAX_LOST_ANSWERS):
        assert not pace.may_send()
        pace.ask_again(100.0 * (attempt + 1))
    assert pace.may_send()
    assert not pace.send(5_000, 1000.0)
