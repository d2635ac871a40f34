"""`[views]`: filters with a name, and the one in which the board begins."""

from pathlib import Path

import pytest

from supporttui.config import ConfigProblem, load_settings
from supporttui.config.views import DEFAULT_VIEWS, ViewSettings
from supporttui.domain.query.selection import GroupBy, SortBy


def views_of(folder: Path, *lines: str) -> ViewSettings | None:
    file = folder / "config.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    return load_settings(file, {}).views


def test_without_a_table_there_are_the_packaged_views(tmp_path: Path) -> None:
    assert views_of(tmp_path) is None
    assert DEFAULT_VIEWS[0].query.text == "assignee:me sev:1,2 due<2h"


def test_views_keep_their_order_and_may_sort_and_group(tmp_path: Path) -> None:
    views = views_of(
        tmp_path,
        "[views]",
        'start = "Who waits"',
        "[views.VIP]",
        'filter = "tag:vip"',
        'group = "organization"',
        '[views."Who waits"]',
        'filter = "waiting>1d"',
        'sort = "waiting"',
    )
    assert views is not None
    assert [(each.name, each.query.text, each.sort_by, each.group_by) for each in views.views] == [
        ("VIP", "tag:vip", None, GroupBy.ORGANIZATION),
        ("Who waits", "waiting>1d", SortBy.WAITING, None),
    ]
    assert views.start == "Who waits"


def test_the_board_may_begin_in_a_view_of_the_desk(tmp_path: Path) -> None:
    views = views_of(tmp_path, "[views]", 'start = "desk:Your unsolved tickets"')
    assert views is not None
    assert views.start == "desk:Your unsolved tickets"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["[views.VIP]"], "line 1: views.VIP.filter: a view needs a filter"),
        (["[views.VIP]", 'filter = "tga:vip"'], 'line 2: views.VIP.filter: at character 1, "tga": `tga` is no term'),
        (["[views.VIP]", 'filter = "tag:vip"', 'sort = "size"'], 'line 3: views.VIP.sort: "size" is not known here'),
        (["[views.VIP]", 'filter = "tag:vip"', 'group = "tag"'], "write one of"),
        (["[views.VIP]", 'filter = "tag:vip"', 'colour = "red"'], "line 3: views.VIP.colour: there is no such key"),
        (["[views]", 'start = "Mine"'], 'line 2: views.start: there is no view "Mine"'),
        (['[views."desk:Mine"]', 'filter = "tag:vip"'], "views of the help desk are called so"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(tmp_path: Path, lines: list[str], said: str) -> None:
    with pytest.raises(ConfigProblem) as problem:
        views_of(tmp_path, *lines)
    assert said in str(problem.value)
