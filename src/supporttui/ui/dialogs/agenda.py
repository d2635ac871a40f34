"""The planner: what breaches before closing time and after the next opening, and in which order to answer."""

from datetime import datetime
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from supporttui.domain.agenda import Agenda, AgendaItem, make_agenda
from supporttui.domain.clock_text import clock_phrase
from supporttui.domain.metrics import METRIC_TITLES
from supporttui.domain.policy import HandlingTimes
from supporttui.domain.safe_text import safe_line
from supporttui.domain.support_calendar import BeyondHorizon
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.agenda_text import order_title
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.cell_text import cut, strip_joiners
from supporttui.ui.dialog_screen import DialogScreen, binding_key, choice_hints

NOTHING_FETCHED: Final = "Nothing has been fetched from the desk yet."
SUBJECT_CELLS: Final = 60


class AgendaScreen(DialogScreen[TicketId | None]):
    """Lists the waiting tickets in the order of answering; returns the chosen one, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "step(1)", "down", id="agenda-down", priority=True),
        Binding("up,k", "step(-1)", "up", id="agenda-up", priority=True),
        Binding("enter", "open", "open the ticket", id="agenda-open", priority=True),
        Binding("escape,t,q", "leave", "close", id="agenda-leave", priority=True),
    ]

    def __init__(self, model: BoardModel) -> None:
        super().__init__()
        self._model = model
        self._zone = model.app_context.calendar.zone
        self._agenda = _agenda(model)
        self._tasks = waiting_tasks(self._agenda)
        self._cursor = 0
        self._list = Static("", markup=False, id="agenda-list")
        self._body = VerticalScroll(self._list, id="agenda-body", can_focus=False)

    def compose(self) -> ComposeResult:
        """Yield the counts, the list and the keys."""
        with Vertical(id="agenda-box"):
            yield Static(Content("What to do first"), markup=False, id="agenda-title")
            yield Static(
                Content(self._counts()),
                markup=False,
                id="agenda-counts",
            )
            yield self._body
            yield Static(Content(self._keys()), markup=False, id="agenda-keys")

    def _keys(self) -> str:
        keys = " ".join(binding_key(self.app, id_) for id_ in ("agenda-down", "agenda-up"))
        return f"{keys} choose · {choice_hints(self, ('agenda-open', 'open'), ('agenda-leave', 'close'))}"

    def _counts(self) -> str:
        if not self._tasks and not self._model.status.loaded:
            return ""
        return counts_text(self._agenda, self._zone, self._model.app_context.policy.handling)

    def on_mount(self) -> None:
        """List the tickets."""
        self._draw()

    def action_step(self, step: int) -> None:
        """Move the cursor by `step`, stopping at the ends."""
        self._cursor = max(0, min(self._cursor + step, len(self._tasks) - 1))
        self._draw()
        self._body.scroll_to(y=max(0, self._cursor - self._body.size.height // 2), animate=False)

    def on_click(self, event: events.Click) -> None:
        """Open the ticket that was clicked."""
        if event.widget is self._list and event.y < len(self._tasks):
            self._cursor = event.y
            self.action_open()

    def action_open(self) -> None:
        """Return the ticket."""
        self.dismiss(self._tasks[self._cursor].ticket.id if self._tasks else None)

    def action_leave(self) -> None:
        """Close without a result."""
        self.dismiss(None)

    def _draw(self) -> None:
        if self._agenda is None or not self._tasks:
            self._list.update(Content("nothing waits" if self._model.status.loaded else NOTHING_FETCHED))
            return
        late = {task.ticket.id for task in self._agenda.too_late}
        lines = []
        for number, task in enumerate(self._tasks):
            line = task_line(number + 1, task, self._zone, is_lost=task.ticket.id in late)
            lines.append(Content.styled(f"▌{line}", "bold") if number == self._cursor else Content(f" {line}"))
        self._list.update(Content("\n").join(lines))


def waiting_tasks(agenda: Agenda | None) -> list[AgendaItem]:
    """Return all waiting tickets in the order in which to take them."""
    return [] if agenda is None else [*agenda.order]


def counts_text(agenda: Agenda | None, zone: ZoneInfo, handling: HandlingTimes) -> str:
    """Return what breaches when, in two lines."""
    if agenda is None:
        return "Support does not open again within the compiled years."
    closes = f"{_clock(agenda.closes_at, zone)} {agenda.closes_at.astimezone(zone):%Z}"
    opening = f" · {len(agenda.after_opening)} within the hour after {_clock(agenda.opens_at, zone)}"
    return (
        f"{len(agenda.breached)} breached · {len(agenda.before_close)} before close at {closes}"
        f"{opening if agenda.opens_at is not None else ''}\n"
        f"{order_title(agenda, handling)}"
    )


def task_line(number: int, task: AgendaItem, zone: ZoneInfo, *, is_lost: bool) -> str:
    """Return one task in aligned columns."""
    ticket = task.ticket
    severity = "·" if ticket.severity is None else str(ticket.severity)
    metric = METRIC_TITLES[task.clock.terms.metric].lower()
    text = clock_phrase(task.reading)
    text = f"{text.removesuffix(' left')} too late" if is_lost else text
    subject = cut(strip_joiners(safe_line(ticket.subject)), SUBJECT_CELLS)
    where = f"{_clock(task.breaches_at, zone)}  {severity} {ticket.id.label:<7}"
    return f"{number:>3}  {where} {metric:<14} {text:<16}  {subject}"


def _agenda(model: BoardModel) -> Agenda | None:
    rows = (row for row in map(model.row, model.board.ids_with_open_clock()) if row is not None)
    try:
        return make_agenda(
            [(row.ticket, row.clocks) for row in rows],
            model.app_context.calendar,
            model.now(),
            model.app_context.policy,
        )
    except BeyondHorizon:
        return None


def _clock(at: datetime | None, zone: ZoneInfo) -> str:
    return "" if at is None else f"{at.astimezone(zone):%a %d %H:%M}"
