"""No bare string from outside reaches a widget or a print; the check itself is tried on what it must refuse."""

from pathlib import Path

import pytest

from support.unsafe_text_check import findings

SOURCE = Path(__file__).parents[2] / "src" / "supporttui"


def test_the_product_shows_no_bare_string_from_outside() -> None:
    assert findings(SOURCE) == []


@pytest.mark.parametrize(
    "line",
    [
        "Static(ticket.subject.raw, markup=False)",
        "Static(title)",
        "Label(title)",
        "app.notify(sentence)",
        "pane.border_title = title",
        "pane.border_title = f'{count} tickets'",
        "Option(name)",
        "Content.from_markup(line)",
        "SafeText(body)",
        "subprocess.run(line, shell=True)",
        "print(message.body.raw)",
        "os.system(line)",
        "asyncio.create_subprocess_shell(line)",
        "app.open_url(address)",
        "webbrowser.open_new_tab(address)",
        "app.copy_to_clipboard(body)",
        "app.copy_to_clipboard(f'{ticket_id} {subject}')",
        "httpx.Client(verify=False)",
        "context.verify_mode = ssl.CERT_NONE",
    ],
)
def test_a_way_around_is_refused(line: str, tmp_path: Path) -> None:
    (tmp_path / "ui").mkdir()
    (tmp_path / "ui" / "screen.py").write_text(line)
    assert findings(tmp_path) != []


def test_catching_everything_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sync.py").write_text("try:\n    pull()\nexcept Exception:\n    pass\n")
    assert findings(tmp_path) != []


@pytest.mark.parametrize(
    "line",
    [
        "Static(safe(ticket.subject), markup=False)",
        "pane.border_title = Content(safe_line(name))",
        "pane.border_title = 'New'",
        "Option(Content(name))",
        "Content(line)",
        "app.copy_to_clipboard(f'#{ticket_id} {safe_line(subject)}')",
    ],
)
def test_a_right_way_passes(line: str, tmp_path: Path) -> None:
    (tmp_path / "ui").mkdir()
    (tmp_path / "ui" / "screen.py").write_text(line)
    assert findings(tmp_path) == []
