"""A file that was emptied, or is none, is never silently taken for a new one."""

import contextlib
import os
from pathlib import Path

import pytest

from support.sample_values import DESK, files_in, make_reply, ticket_key
from supporttui.store.database import StoreProblem
from supporttui.store.outbox import Outbox
from supporttui.store.outbox_salvage import damaged_copies
from supporttui.store.sla_record_file import SlaRecordFile


def test_an_emptied_outbox_is_kept_aside_and_said(tmp_path: Path) -> None:
    path = Path(files_in(tmp_path).outbox)
    with contextlib.closing(Outbox(str(path), DESK)) as outbox:
        outbox.add(make_reply(ticket_key(1), "written"))
    path.write_bytes(b"")
    with contextlib.closing(Outbox(str(path), DESK)) as outbox:
        (notice,) = outbox.load_notices()
    (kept,) = damaged_copies(path)
    assert "The outbox was damaged: 0 changes and 0 drafts" in notice
    assert kept.name in notice
    assert kept.stat().st_size == 0


def test_an_emptied_record_of_finished_clocks_is_kept_aside(tmp_path: Path) -> None:
    path = Path(files_in(tmp_path).sla_records)
    path.touch(0o600)
    with contextlib.closing(SlaRecordFile(str(path), DESK, is_checked=True)):
        pass
    assert list(path.parent.glob(f"{path.name}.damaged-*"))


def test_a_new_outbox_is_new_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = Path(files_in(tmp_path).outbox)
    with contextlib.closing(Outbox(str(path), DESK)) as outbox:
        assert outbox.load_notices() == []
        assert path.stat().st_size > 0
    assert [each.name for each in path.parent.iterdir() if path.name in each.name] == [path.name]


@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
def test_what_is_no_file_is_refused_at_once(kind: str, tmp_path: Path) -> None:
    path = Path(files_in(tmp_path).outbox)
    if kind == "pipe":
        os.mkfifo(path, 0o600)
    elif kind == "folder":
        path.mkdir(0o700)
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(StoreProblem, match="no ordinary file"):
        Outbox(str(path), DESK)
