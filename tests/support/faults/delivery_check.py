"""Compares decided operations with what the desk and the outbox hold: nothing lost, nothing twice."""

import contextlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from support.sample_values import DESK
from supporttui.store.operations import FINAL_STATES, OperationState
from supporttui.store.outbox import Outbox

OPERATION_KEY = "supporttui_operation"


@dataclass(frozen=True)
class DeliveryVerdict:
    """How many of the decided operations are where they have to be."""

    decided: int
    applied: int
    """Stand in the desk, once."""
    kept: int
    """Do not stand in the desk, and wait in the outbox for the sender or for a person."""
    withdrawn: int
    lost: tuple[str, ...]
    duplicated: tuple[str, ...]
    misplaced: tuple[str, ...] = ()
    """Withdrawn, and applied all the same."""

    def __str__(self) -> str:
        return (
            f"{self.decided} decided, {self.applied} applied, {self.kept} kept, {self.withdrawn} withdrawn, "
            f"{len(self.lost)} lost, {len(self.duplicated)} duplicated"
        )


@dataclass
class DeliveryTally:
    """The sum over many histories."""

    decided: int = 0
    applied: int = 0
    kept: int = 0
    lost: int = 0
    duplicated: int = 0
    notes: list[str] = field(default_factory=list)

    def take(self, verdict: DeliveryVerdict, note: str = "") -> None:
        """Add one; what is wrong with it is kept with the note."""
        self.decided += verdict.decided
        self.applied += verdict.applied
        self.kept += verdict.kept
        self.lost += len(verdict.lost)
        self.duplicated += len(verdict.duplicated)
        if verdict.lost or verdict.duplicated or verdict.misplaced:
            self.notes.append(f"{note}: {verdict} {verdict.lost} {verdict.duplicated} {verdict.misplaced}")


def count_desk_comments(desk_database: Path | str) -> Counter[str]:
    """How often each text stands in the desk, over all tickets."""
    with contextlib.closing(sqlite3.connect(desk_database)) as database:
        return Counter(str(body) for (body,) in database.execute("SELECT body FROM comments"))


def count_desk_operations(desk_database: Path | str) -> Counter[str]:
    """How many audits carry each operation's id."""
    with contextlib.closing(sqlite3.connect(desk_database)) as database:
        found = (json.loads(custom) for (custom,) in database.execute("SELECT custom FROM audits"))
        return Counter(str(custom[OPERATION_KEY]) for custom in found if custom.get(OPERATION_KEY))


def check_delivery(bodies: Iterable[str], desk_database: Path | str, outbox: Path | str) -> DeliveryVerdict:
    """Hold the texts that were decided, each of its own, against the desk's comments and what the outbox keeps.

    A draft keeps a text as well; one that is left of a text that was sent invites to send it again, and counts so.
    """
    return check_delivery_counts(count_desk_comments(desk_database), bodies, outbox)


def check_delivery_counts(there: Counter[str], bodies: Iterable[str], outbox: Path | str) -> DeliveryVerdict:
    """The same where it is known how often each text stands in the desk."""
    decided = list(bodies)
    assert len(set(decided)) == len(decided), "texts must differ for their copies to be counted"
    with contextlib.closing(Outbox(outbox, DESK)) as box:
        states = {each.patch.body: each.state for each in box.load_all()}
        drafts = {each.body for each in box.load_drafts()}
    withdrawn = {body for body in decided if states.get(body) is OperationState.WITHDRAWN}
    kept = {body for body in decided if body in drafts or (body in states and states[body] not in FINAL_STATES)}
    return DeliveryVerdict(
        decided=len(decided),
        applied=sum(1 for body in decided if there[body] == 1),
        kept=sum(1 for body in kept if not there[body]),
        withdrawn=len(withdrawn),
        lost=tuple(body for body in decided if not there[body] and body not in kept | withdrawn),
        duplicated=tuple(body for body in decided if there[body] > 1 or (there[body] and body in drafts)),
        misplaced=tuple(body for body in withdrawn if there[body]),
    )
