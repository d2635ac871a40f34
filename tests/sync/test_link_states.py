"""The link's states: every event in every state, as one table says."""

import pytest

from supporttui.sync.status import LinkEvent, LinkState, LinkTransitionRefused, next_link_state

STOPPED, RUNNING = LinkState.STOPPED, [state for state in LinkState if state is not LinkState.STOPPED]
FOLLOWS = {
    LinkEvent.PULLED_FROM_PUSHING_DESK: LinkState.LIVE,
    LinkEvent.PULLED_FROM_POLLED_DESK: LinkState.POLLING,
    LinkEvent.PUSHING_DESK_REFUSED_PULL: LinkState.LIVE,
    LinkEvent.POLLED_DESK_REFUSED_PULL: LinkState.POLLING,
    LinkEvent.CONNECTION_LOST: LinkState.CONNECTING,
    LinkEvent.CONNECTION_FAILED: LinkState.OFFLINE,
    LinkEvent.TOKEN_REFUSED: LinkState.UNAUTHORISED,
    LinkEvent.STORE_UNUSABLE: LinkState.OFFLINE,
    LinkEvent.ENGINE_ENDED: LinkState.STOPPED,
}
"""What follows in any state of a running engine."""


@pytest.mark.parametrize("state", RUNNING)
@pytest.mark.parametrize("event", LinkEvent)
def test_every_event_has_its_state(event: LinkEvent, state: LinkState) -> None:
    assert next_link_state(state, event) is FOLLOWS[event]


@pytest.mark.parametrize("event", LinkEvent)
def test_nothing_follows_the_end(event: LinkEvent) -> None:
    if event is LinkEvent.ENGINE_ENDED:
        assert next_link_state(STOPPED, event) is STOPPED
        return
    with pytest.raises(LinkTransitionRefused, match="cannot happen to a link that is stopped"):
        next_link_state(STOPPED, event)


def test_only_an_answer_of_the_desk_leads_to_a_link_that_stands() -> None:
    """What is refused has a sentence beside it: the age of the copy is that of the last whole pull."""
    current = {LinkState.LIVE, LinkState.POLLING}
    others = [state for state in RUNNING if state not in current]
    begins = {event for event in LinkEvent for state in others if next_link_state(state, event) in current}
    assert {event.name.split("_DESK")[0] for event in begins} == {
        *("PULLED_FROM_PUSHING", "PULLED_FROM_POLLED", "PUSHING", "POLLED"),
    }
