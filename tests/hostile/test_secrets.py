"""A token is kept where it belongs, is found by every way that is documented, and is seen nowhere else."""

import base64
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from support.canary import secret
from support.command_line import PROGRAM, run_command, single_error_line
from support.desks.hostile_desk import ME, HostileDesk
from support.desks.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer, serve_script
from support.file_keyring import keyring_file
from support.terminals.terminal import Terminal
from supporttui.config import Folders
from supporttui.config.desk import Secret
from supporttui.config.redaction import redacted

CANARY = secret("store")
FORMS = {
    "raw": CANARY,
    "base64": base64.b64encode(CANARY.encode()).decode().rstrip("="),
    "basic": base64.b64encode(f"{ME}/token:{CANARY}".encode()).decode().rstrip("="),
    "url": quote(CANARY, safe=""),
    "path": quote(CANARY),
}
KEYRING = {"PYTHON_KEYRING_BACKEND": "support.file_keyring.FileKeyring"}
NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
FILES = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _keyrings_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(FILES), os.environ.get("PYTHONPATH", "")]))
    for name, value in NO_KEYRING.items():
        monkeypatch.setenv(name, value)


def answers(request: ReceivedRequest) -> ScriptedResponse:
    """A desk that knows one token, and sends back what it was sent."""
    if request.headers["authorization"].removeprefix("Basic ").rstrip("=") != FORMS["basic"]:
        return ScriptedResponse(401, f'{{"error": "not {request.headers["authorization"]}"}}'.encode())
    return _ORDINARY(request)


_ORDINARY = HostileDesk(["plain", "text"] * 5)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with serve_script(answers) as server:
        monkeypatch.setenv("SUPPORTTUI_URL", server.url)
        monkeypatch.setenv("SUPPORTTUI_EMAIL", ME)
        yield server


def found_in(content: bytes) -> list[str]:
    """In which forms the canary stands there."""
    return [name for name, form in FORMS.items() if form.encode() in content]


def logins() -> list[Path]:
    return [*(Folders.of_user().data / "logins").glob("*")]


def test_login_keeps_the_token_in_the_keyring_and_logout_takes_it_away(desk: ScriptedServer) -> None:
    ended = run_command("login", stdin=f"{CANARY}\n", environment=KEYRING)
    assert (ended.code, ended.err) == (0, "")
    assert "the token is in the keyring" in ended.out
    assert CANARY in keyring_file().read_text()
    assert [found_in(path.read_bytes()) for path in logins()] == [[]]
    assert run_command("status", environment=KEYRING).code == 0
    assert run_command("logout", environment=KEYRING).code == 0
    assert CANARY not in keyring_file().read_text()
    assert single_error_line(run_command("status", environment=KEYRING)).endswith("SUPPORTTUI_TOKEN in the environment")


def test_without_a_keyring_a_file_is_made_only_when_it_is_asked_for(desk: ScriptedServer) -> None:
    refused = run_command("login", stdin=f"{CANARY}\n")
    assert refused.code == 3
    assert "supporttui login --file" in single_error_line(refused)
    assert logins() == []
    assert run_command("login", "--file", stdin=f"{CANARY}\n").code == 0
    (kept,) = logins()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert run_command("status").code == 0
    assert run_command("logout").code == 0
    assert logins() == []


def test_a_person_at_a_terminal_is_asked_for_consent(desk: ScriptedServer) -> None:
    with Terminal([*PROGRAM, "login"], environment=dict(os.environ)) as seen:
        seen.wait_text("API token:")
        seen.type(f"{CANARY}\n")
        seen.wait_text("Keep the token in a file that only you can read?")
        seen.type("y\n")
        assert seen.wait_exit() == 0
        assert found_in(bytes(seen.received)) == []
    assert len(logins()) == 1


def test_a_token_that_the_desk_does_not_accept_is_not_kept(desk: ScriptedServer) -> None:
    ended = run_command("login", "--file", stdin=secret("wrong") + "\n")
    assert ended.code == 5
    assert found_in(ended.err.encode()) == []
    assert logins() == []


def test_a_login_that_others_can_read_is_refused_with_the_command_that_mends_it(desk: ScriptedServer) -> None:
    run_command("login", "--file", stdin=f"{CANARY}\n")
    (kept,) = logins()
    kept.chmod(0o644)
    ended = run_command("status")
    assert ended.code == 5
    assert f"chmod 600 {kept}" in ended.out
    subprocess.run(["chmod", "600", str(kept)], check=True)
    assert run_command("status").code == 0


def test_a_command_prints_the_token_where_nobody_can_be_asked(desk: ScriptedServer, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{CANARY}\nsecond line\n")
    config = Folders.of_user().config_file
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f"[desk]\ntoken_command = \"cat '{secret}'\"\n")
    assert run_command("status").code == 0
    config.write_text('[desk]\ntoken_command = ["false"]\n')
    ended = run_command("status")
    assert (ended.code, "false ended with code 1" in ended.out) == (5, True)
    config.write_text('[desk]\ntoken_command = "cat; $(touch no)"\n')
    assert "could not be started" in run_command("status").out
    config.write_text('[desk]\ntoken_command = "cat \'"\n')
    assert run_command("status").code == 3


def test_the_canary_is_nowhere_but_in_its_own_store(desk: ScriptedServer, tmp_path: Path) -> None:
    seen = [run_command("login", "--file", stdin=f"{CANARY}\n")]
    with Terminal([*PROGRAM], rows=40, columns=160) as board:
        board.wait_text("Q0", within_s=30)
        command = Path(f"/proc/{board.pid}/cmdline").read_bytes()
        assert b"0 " in Path(f"/proc/{board.pid}/limits").read_bytes().partition(b"Max core file size")[2][:30]
        board.type("\r")
        board.wait_text("B0")
        board.type("r")
        board.wait_text("Public reply")
        board.type("On it.")
        board.wait_text("On it.")
        board.type("\x13")
        board.wait_text("sends in a moment")
        desk.script = lambda request: ScriptedResponse(401, request.headers["authorization"].encode())
        board.type("\x1b")
        board.wait_text("1 New")
        board.type("R")
        board.type("j")
        board.wait_text("does not accept")
        board.kill(signal.SIGTERM)
        board.wait_exit()
        received = bytes(board.received)
    commands = (["status"], ["outbox", "list"], ["outbox", "export"], ["due", "--today"], ["doctor"], ["reply", "1"])
    seen += [run_command(*each) for each in commands]
    outputs = [command, received, *(f"{ended.out}{ended.err}".encode() for ended in seen)]
    assert [found_in(output) for output in outputs] == [[]] * len(outputs)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name == "supporttui.log" and path.stat().st_size for path in files)
    assert [path for path in files if found_in(path.read_bytes())] == logins()


def test_a_report_and_a_log_line_are_without_secrets() -> None:
    code = (
        "import sys, logging; from supporttui.cli.log_file import log_path, start_logging\n"
        "from supporttui.config.desk import Secret; from supporttui.cli import main\n"
        "token = Secret(sys.stdin.read()); start_logging(); log = logging.getLogger('x')\n"
        "log.error('sent %s', {'Authorization': 'Basic ' + token.reveal()})\n"
        "try:\n    raise RuntimeError(f'with {token.reveal()} in it')\n"
        "except RuntimeError as error:\n    log.exception('failed'); print(main._report(error))\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], input=CANARY, capture_output=True, text=True, check=True)
    state = Folders.of_user().state
    written = [path for path in state.rglob("*") if path.is_file()]
    assert {path.parent.name for path in written} == {"supporttui", "reports"}
    assert [found_in(path.read_bytes()) for path in written] == [[], []]
    assert all("RuntimeError" in path.read_text() for path in written)
    assert found_in(f"{ended.stdout}{ended.stderr}".encode()) == []


@pytest.mark.parametrize("form", ["raw", "base64", "url"])
def test_every_form_of_a_known_secret_is_taken_out(form: str) -> None:
    assert Secret(CANARY)
    assert FORMS[form] not in redacted(f"GET /x?key={FORMS[form]}&y=1 HTTP/1.1")


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: Basic c2VjcmV0LXNlY3JldA==",
        "'authorization': 'Bearer abcdefghijkl'",
        "https://ann:hunter22@desk.example/x",
        "token=abcdefgh1234&page=2",
        "GET /attachments/token/abcdefgh1234?name=x",
        "Set-Cookie: session=abcdefgh1234; Path=/",
    ],
)
def test_what_looks_like_a_secret_is_taken_out(line: str) -> None:
    shown = redacted(line)
    assert "[redacted]" in shown
    assert not any(word in shown for word in ("c2VjcmV0", "abcdefgh", "hunter22"))


def test_the_process_leaves_no_core_and_cannot_be_read() -> None:
    code = (
        "import ctypes, os, resource; from supporttui.__main__ import harden; harden()\n"
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE)[0], os.umask(0))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["0", "0", str(0o077)]
