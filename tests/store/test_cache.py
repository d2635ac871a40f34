"""The disposable copy."""

import sqlite3
import stat
import threading
from pathlib import Path

import pytest
from msgspec.structs import replace

from support.sample_values import DESK, at, make_conversation, make_person, make_ticket, ticket_key, ticket_keys
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.store.blobs import encode_instant
from supporttui.store.cache import Cache
from supporttui.store.database import prepare_store_files


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "private" / "cache.db"


def test_a_ticket_comes_back_as_it_went_in(path: Path) -> None:
    ticket = make_ticket(subject=OutsideText("NUL \0, half a pair \ud83d, [b]é"), tags=(OutsideText("x" * 40),))
    ticket = make_ticket(2, group=OutsideText("Second line of support, Leipzig"), closed_at=at(3))
    with Cache(path, DESK) as cache:
        cache.apply([ticket], [make_person(name="\udc00Ada")], cursor="c1")
    with Cache(path, DESK) as cache:
        assert cache.load_tickets() == [ticket]
        assert cache.people.load_all()[7].name == OutsideText("\udc00Ada")
        assert cache.load_cursor() == "c1"


def test_a_cursor_is_kept_only_by_the_one_who_went_on_from_where_the_copy_stands(path: Path) -> None:
    with Cache(path, DESK) as cache:
        cache.apply([], [], after=None, cursor="c1")
        cache.apply([make_ticket(1)], [], after="c0", cursor="c9")
        assert cache.load_cursor() == "c1"
        assert cache.load_tickets() == [make_ticket(1)]
        cache.apply([], [], after="c1", cursor="c2")
        assert cache.load_cursor() == "c2"


def test_text_that_no_encoding_takes_loses_no_ticket(path: Path) -> None:
    ticket = make_ticket(subject=OutsideText("NUL \0, half a pair \ud83d, [b]é"))
    with Cache(path, DESK) as cache:
        cache.apply([ticket], [])
        assert cache.load_ticket(ticket_key(1)) == ticket


def test_only_what_changed_has_a_new_revision(path: Path) -> None:
    with Cache(path, DESK) as cache:
        cache.apply([make_ticket(1), make_ticket(2)], [])
        before = cache.revision()
        assert cache.apply([make_ticket(1), make_ticket(2)], []) == 0
        assert cache.revision() == before
        cache.apply([make_ticket(2, updated=1)], [])
        assert cache.load_since(before) == (before + 1, [make_ticket(2, updated=1)])


def test_a_record_under_a_former_name_of_the_desk_is_the_same_ticket(path: Path) -> None:
    with Cache(path, DESK) as cache:
        cache.apply([make_ticket(7)], ())
        renamed = replace(make_ticket(7), id=TicketId("elsewhere", "7"), subject=OutsideText("Renamed"))
        assert cache.apply([renamed], ()) == 1
        assert cache.count_tickets() == 1


def test_two_windows_see_each_others_changes(path: Path) -> None:
    with Cache(path, DESK) as one, Cache(path, DESK) as other:
        one.apply([make_ticket(1)], [])
        assert other.load_tickets() == [make_ticket(1)]
        other.mark_read(ticket_key(1), at(5))
        assert one.load_read_marks() == {ticket_key(1): at(5)}


def test_what_is_named_is_read_at_once_and_what_is_not_there_is_left_out(path: Path) -> None:
    with Cache(path, DESK) as cache:
        cache.apply([make_ticket(number) for number in (1, 2, 3)], [make_person(7), make_person(8)])
        assert sorted(each.id for each in cache.load_tickets_by_id(ticket_keys(3, 1, 99))) == ticket_keys(1, 3)
        assert cache.load_tickets_by_id([]) == []
        assert cache.people.load_by_id([8, 99]) == {8: make_person(8)}


def test_a_read_mark_never_goes_back(path: Path) -> None:
    with Cache(path, DESK) as cache:
        cache.mark_read(ticket_key(1), at(5))
        cache.mark_read(ticket_key(1), at(4))
        assert cache.load_read_marks() == {ticket_key(1): at(5)}


def test_a_conversation_is_kept_with_its_version(path: Path) -> None:
    ticket = make_ticket(1)
    with Cache(path, DESK) as cache:
        cache.save_conversation(make_conversation(ticket, "a", "b"), ticket, [make_person()])
        assert cache.load_conversation(ticket_key(1)) == make_conversation(ticket, "a", "b")
        assert cache.load_conversation_version(ticket_key(1)) == ticket.version
        assert cache.load_conversation(ticket_key(2)) is None


def test_files_are_readable_by_their_owner_only(path: Path) -> None:
    with Cache(path, DESK) as cache:
        cache.apply([make_ticket(1)], [])
        for file in path.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("garbage", [b"not a database" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_set_aside_and_begun_anew(path: Path, garbage: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(garbage)
    with Cache(path, DESK) as cache:
        assert cache.load_cursor() is None
        cache.apply([make_ticket(1)], [], cursor="c")
        assert cache.load_tickets() == [make_ticket(1)]
    assert Path(f"{path}.damaged").read_bytes() == garbage


def test_a_record_that_we_never_wrote_means_damage_not_a_crash(path: Path) -> None:
    with Cache(path, DESK) as cache:
        cache.apply([make_ticket(1)], [], cursor="c")
        with sqlite3.connect(path) as other:
            other.execute("UPDATE ticket SET record = x'c1'")
        other.close()
        assert cache.load_tickets() == []
        assert cache.load_cursor() is None


def test_a_newer_layout_is_set_aside(path: Path) -> None:
    with Cache(path, DESK) as cache:
        cache.apply([make_ticket(1)], [], cursor="c")
    other = sqlite3.connect(path)
    other.execute("PRAGMA user_version = 99")
    other.close()
    with Cache(path, DESK) as cache:
        assert cache.load_tickets() == []


@pytest.mark.parametrize("layout", [1, 2, 3])
def test_read_marks_outlive_an_earlier_layout(path: Path, layout: int) -> None:
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE ticket (id INTEGER PRIMARY KEY, record BLOB)")
    other.execute("CREATE TABLE state (key TEXT PRIMARY KEY, value BLOB NOT NULL)")
    other.execute("INSERT INTO state VALUES ('cursor', x'63')")
    other.execute("CREATE TABLE read_mark (ticket_id INTEGER PRIMARY KEY, at BLOB NOT NULL)")
    marks = [(7, encode_instant(at(5))), (1042, encode_instant(at(6)))]
    other.executemany("INSERT INTO read_mark VALUES (?, ?)", marks)
    other.execute(f"PRAGMA user_version = {layout}")
    other.commit()
    other.close()
    with Cache(path, DESK) as cache:
        assert cache.load_read_marks() == {ticket_key(7): at(5), ticket_key(1042): at(6)}
        assert cache.load_cursor() is None
        assert cache.load_tickets() == []


def test_read_marks_outlive_the_layout_that_had_keys_of_desks(path: Path) -> None:
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE read_mark (ticket_id TEXT PRIMARY KEY, at BLOB NOT NULL) WITHOUT ROWID")
    other.execute("INSERT INTO read_mark VALUES ('6SUP-12', ?)", (encode_instant(at(5)),))
    other.execute("PRAGMA user_version = 4")
    other.commit()
    other.close()
    with Cache(path, DESK) as cache:
        assert cache.load_read_marks() == {TicketId(DESK, "SUP-12"): at(5)}


def test_a_file_of_a_desk_with_another_name_is_begun_anew_and_keeps_the_read_marks(path: Path) -> None:
    with Cache(path, "former.example") as cache:
        cache.apply([make_ticket(1)], [], cursor="c")
        cache.mark_read(TicketId("former.example", "SUP-12"), at(5))
    with Cache(path, DESK) as cache:
        assert (cache.load_tickets(), cache.load_cursor()) == ([], None)
        assert cache.load_read_marks() == {TicketId(DESK, "SUP-12"): at(5)}


def test_tickets_are_listed_as_their_desk_counts(path: Path) -> None:
    keys = [ticket_key(text) for text in ("9", "10", "1042", "SUP-9", "SUP-12")]
    with Cache(path, DESK) as cache:
        cache.apply([make_ticket(key) for key in reversed(keys)], [])
        assert [each.id for each in cache.load_tickets()] == keys == sorted(keys)


def test_a_window_follows_when_another_one_begins_the_file_anew(path: Path) -> None:
    with Cache(path, DESK) as one, Cache(path, DESK) as other:
        one.apply([make_ticket(1)], [], cursor="c")
        one.apply([make_ticket(2)], [])
        seen = other.revision()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        assert one.load_tickets() == []
        one.apply([make_ticket(3)], [])
        assert other.load_since(seen)[1] == [make_ticket(3)]


def test_many_windows_may_start_at_once(path: Path) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            with Cache(path, DESK) as cache:
                for ticket_id in range(20):
                    cache.apply([make_ticket(number * 100 + ticket_id)], [])
        except BaseException as problem:
            failures.append(problem)
            raise

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with Cache(path, DESK) as cache:
        assert len(cache.load_tickets()) == 120


def test_each_desk_and_account_has_files_of_its_own(tmp_path: Path) -> None:
    one = prepare_store_files(tmp_path / "data", tmp_path / "cache", "https://a.example ada@example.com", DESK)
    other = prepare_store_files(tmp_path / "data", tmp_path / "cache", "https://a.example bob@example.com", DESK)
    assert {one.cache, one.outbox, one.downloads}.isdisjoint({other.cache, other.outbox, other.downloads})
    assert stat.S_IMODE(Path(one.downloads).stat().st_mode) == 0o700


def test_a_status_of_the_desk_is_kept_in_its_own_words(path: Path) -> None:
    ticket = make_ticket(status=Status.AWAITING_REPLY, desk_status=OutsideText("waiting for vendor"))
    with Cache(path, DESK) as cache:
        cache.apply([ticket], [])
        assert cache.load_tickets() == [ticket]
