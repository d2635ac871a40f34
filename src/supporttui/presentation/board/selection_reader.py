"""Reads selections of tickets on a thread of its own, so that the interface stays responsive."""

import threading
from collections.abc import Callable
from pathlib import Path

from supporttui.store.cache_file import CacheFile
from supporttui.store.database import StoreProblem
from supporttui.store.selected_tickets import Question, SelectedTickets
from supporttui.store.selection_queries import SelectionInterrupted, SelectionQueries


class SelectionReader:
    """Answers the latest question. A new question interrupts the previous one, which then gets no answer."""

    def __init__(self, path: Path, desk: str, on_answer: Callable[[], None]) -> None:
        """`on_answer` is called on the reader's thread once `take` has an answer."""
        self._path = path
        self._desk = desk
        self._on_answer = on_answer
        self._change = threading.Condition()
        self._question: Question | None = None
        """The question that has no answer yet."""
        self._answer: SelectedTickets | StoreProblem | None = None
        self._running: SelectionQueries | None = None
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="selection", daemon=True)
        self._thread.start()

    def ask(self, question: Question | None) -> None:
        """Replace the current question; None cancels it."""
        with self._change:
            self._question, self._answer = question, None
            if self._running is not None:
                self._running.interrupt()
            self._change.notify_all()

    @property
    def is_busy(self) -> bool:
        """Whether an answer is pending."""
        with self._change:
            return self._question is not None

    def take(self) -> SelectedTickets | None:
        """Return the answer to the latest question, once; None if there is none yet. Raises StoreProblem."""
        with self._change:
            answer, self._answer = self._answer, None
        if isinstance(answer, StoreProblem):
            raise answer
        return answer

    def close(self) -> None:
        """Stop the thread."""
        with self._change:
            self._is_closed = True
            self.ask(None)
        self._thread.join()

    def _run(self) -> None:
        file: CacheFile | None = None
        while True:
            with self._change:
                self._change.wait_for(lambda: self._question is not None or self._is_closed)
                question = self._question
                if self._is_closed or question is None:
                    break
            try:
                file = file or CacheFile(self._path, self._desk)
                self._answer_one(SelectionQueries(file), question)
            except StoreProblem as problem:
                self._give(question, problem)
        if file is not None:
            file.close()

    def _answer_one(self, queries: SelectionQueries, question: Question) -> None:
        with self._change:
            self._running = queries
        try:
            self._give(question, queries.select(question))
        except SelectionInterrupted:
            return  # another question was asked
        finally:
            with self._change:
                self._running = None

    def _give(self, question: Question, answer: SelectedTickets | StoreProblem) -> None:
        with self._change:
            if self._question is not question:
                return
            self._question, self._answer = None, answer
        self._on_answer()
