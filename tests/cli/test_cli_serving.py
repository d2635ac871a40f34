"""A desk for a team: it says where it listens, lets in whom it knows, and says no in one sentence."""

import os
import queue
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from support.canary import secret
from support.command_line import PROGRAM, home_environment, run_command, single_error_line
from support.terminals.terminal import Terminal
from supporttui.config import load_settings

AGENT = "ann@team.example"
CUSTOMER = "cora@shop.example"


class Served:
    """`supporttui serve` in a process of its own."""

    def __init__(self, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [*PROGRAM, "serve", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | (environment or {}),
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.said = [self._lines.get(timeout=30) for _ in range(5)]

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))

    @property
    def address(self) -> str:
        return self.said[0].removeprefix("listening on ")

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=15)
        assert err == ""
        return self.process.returncode


@dataclass(frozen=True)
class Team:
    """A desk that is served for all tests of this file."""

    served: Served
    database: str
    tokens: dict[str, str]


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    folder = tmp_path_factory.mktemp("team")
    home, database = home_environment(folder), f"sqlite:///{folder / 'desk.db'}"
    served = Served("--port", "0", "--database", database, environment=home)
    tokens = {}
    for email, role in ((AGENT, "agent"), (CUSTOMER, "end-user")):
        who = ("--email", email, "--database", database)
        assert run_command("desk", "add-user", *who, "--name", "N", "--role", role, environment=home).code == 0
        tokens[email] = run_command("desk", "token", *who, environment=home).last_line
    yield Team(served, database, tokens)
    assert served.end() == 0


@pytest.fixture
def served(team: Team, monkeypatch: pytest.MonkeyPatch) -> Served:
    """The team's desk, configured for its agent."""
    monkeypatch.setenv("SUPPORTTUI_URL", team.served.address)
    monkeypatch.setenv("SUPPORTTUI_EMAIL", AGENT)
    monkeypatch.setenv("SUPPORTTUI_TOKEN", team.tokens[AGENT])
    return team.served


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'own' / 'desk.db'}"


def submit(subject: str = "Slow since noon") -> str:
    ended = run_command(
        "submit", "--requester", CUSTOMER, "--subject", subject, "--severity", "3", "--description", "It is."
    )
    assert ended.code == 0, ended.err
    return ended.last_line.split()[0].lstrip("#")


def test_it_says_where_it_listens_and_how_to_get_a_token(team: Team) -> None:
    assert team.served.address.startswith("http://127.0.0.1:")
    assert any("supporttui desk token" in line and team.database in line for line in team.served.said)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_leaves_quietly_when_told_to(database: str, number: int) -> None:
    assert Served("--port", "0", "--database", database).end(number) == 0


def test_it_answers_to_the_names_that_it_was_given(database: str) -> None:
    desk = Served("--port", "0", "--database", database, "--hostname", "desk.acme.example")
    health = f"{desk.address}/supporttui/v1/health"
    found = [httpx.get(health, headers={"Host": name}).status_code for name in ("desk.acme.example", "acme.example")]
    assert (found, desk.end()) == ([200, 421], 0)


def test_a_known_agent_sees_the_desk(served: Served) -> None:
    ended = run_command("status")
    assert ended.code == 0
    assert served.address in ended.out
    assert AGENT in ended.out


def test_a_wrong_token_is_refused_with_exit_code_5(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORTTUI_TOKEN", secret("wrong"))
    typed = ["--subject", "Kept", "--severity", "4", "--description", "Typed anyway."]
    ended = run_command("submit", "--requester", CUSTOMER, *typed)
    assert ended.code == 5
    assert "token" in ended.err
    assert "wrong" not in ended.err
    assert "Typed anyway." in run_command("status").out


def test_tokens_are_listed_by_number_and_revoked_while_the_desk_runs(team: Team) -> None:
    who = ("--email", AGENT, "--database", team.database)
    made = run_command("desk", "token", *who, "--days", "30")
    assert "good for 30 days" in made.out
    assert _is_let_in(team, made.last_line)
    listed = run_command("desk", "tokens", *who)
    assert made.last_line not in listed.out
    number, _, standing = listed.last_line.partition("  ")
    assert "valid until 20" in standing
    said = f"1 token of {AGENT} revoked; the desk refuses them from now on\n"
    assert run_command("desk", "revoke", *who, "--number", number).out == said
    assert not _is_let_in(team, made.last_line)
    assert "revoked 20" in run_command("desk", "tokens", *who).last_line
    again = run_command("desk", "revoke", *who, "--number", number)
    assert (again.code, "desk tokens" in single_error_line(again)) == (2, True)
    assert _is_let_in(team, team.tokens[AGENT])


def _is_let_in(team: Team, token: str) -> bool:
    proof = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{team.served.address}/api/v2/users/me", headers=proof).status_code == 200


def test_a_full_port_is_named_with_exit_code_7(served: Served, database: str) -> None:
    port = served.address.rpartition(":")[2]
    ended = run_command("serve", "--port", port, "--database", database)
    assert ended.code == 7
    assert port in single_error_line(ended)


def test_an_address_beyond_this_machine_needs_tls_or_plain_words(database: str) -> None:
    ended = run_command("serve", "--host", "0.0.0.0", "--port", "0", "--database", database)
    assert ended.code == 7
    assert "--allow-plain-http" in single_error_line(ended)


def test_half_of_tls_and_a_database_that_is_none_are_named(database: str) -> None:
    assert "--tls-key" in single_error_line(
        run_command("serve", "--port", "0", "--database", database, "--tls-cert", "a.pem")
    )
    ended = run_command("serve", "--port", "0", "--database", "nonsense")
    assert "nonsense" in single_error_line(ended)
    assert ended.code == 8


def test_a_unix_socket_serves_as_well(database: str, tmp_path: Path) -> None:
    served = Served("--uds", str(tmp_path / "d.sock"), "--database", database)
    assert served.address == f"unix:{tmp_path / 'd.sock'}"
    assert ((tmp_path / "d.sock").stat().st_mode & 0o777) == 0o600
    assert served.end() == 0


def test_a_reply_and_a_move_are_confirmed(served: Served) -> None:
    ticket = submit()
    assert run_command("reply", ticket, "--body", "-", "--status", "awaiting", stdin="Which one?").out == (
        f"#{ticket} replied to, now Awaiting your reply\n"
    )
    assert run_command("reply", ticket, "--status", "closed").out == f"#{ticket} moved, now Closed\n"


def test_a_vanished_ticket_is_named_with_exit_code_6(served: Served) -> None:
    ended = run_command("reply", "424242", "--body", "Hello?")
    assert ended.code == 6
    assert "424242" in single_error_line(ended)
    assert "Hello?" in run_command("status").out


def test_a_move_that_is_not_allowed_says_what_is_with_exit_code_6(served: Served) -> None:
    ticket = submit()
    run_command("reply", ticket, "--status", "closed")
    ended = run_command("reply", ticket, "--status", "hold")
    assert ended.code == 6
    assert "allowed" in single_error_line(ended)


def test_a_subject_with_escape_codes_and_markup_arrives_as_it_is_and_is_shown_harmless(served: Served) -> None:
    subject = "\x1b[31mred\x1b[0m [/markup] \x07"
    ticket = submit(subject)
    shown = run_command("reply", ticket, "--status", "awaiting")
    assert shown.code == 0
    assert "\x1b" not in shown.out + shown.err


def test_an_end_user_can_submit_but_not_move(served: Served, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORTTUI_EMAIL", CUSTOMER)
    monkeypatch.setenv("SUPPORTTUI_TOKEN", team.tokens[CUSTOMER])
    typed = ["--subject", "Mine", "--severity", "3", "--description", "It is mine."]
    created = run_command("submit", *typed)
    assert created.code == 0, created.err
    ended = run_command("reply", created.last_line.split()[0].lstrip("#"), "--status", "hold")
    assert ended.code == 6
    assert single_error_line(ended)


@pytest.fixture
def customer(served: Served, team: Team, monkeypatch: pytest.MonkeyPatch) -> str:
    """The same desk, configured for its customer."""
    monkeypatch.setenv("SUPPORTTUI_EMAIL", CUSTOMER)
    monkeypatch.setenv("SUPPORTTUI_TOKEN", team.tokens[CUSTOMER])
    return CUSTOMER


def kept_paths(told: str) -> set[str]:
    """The local copy and the outbox that `status` names."""
    return {word for word in told.split() if word.endswith(("cache.db", "outbox.db"))}


def test_a_customers_files_are_apart_from_those_of_an_agents_board(customer: str) -> None:
    plain, mine = run_command("status"), run_command("--mine", "status")
    assert (plain.code, mine.code) == (0, 0), mine.err
    assert customer in mine.out
    assert "end-user" in mine.out
    assert len(kept_paths(mine.out)) == 2
    assert not kept_paths(mine.out) & kept_paths(plain.out)


def test_a_customer_submits_and_answers_with_mine_and_writes_no_notes(customer: str, tmp_path: Path) -> None:
    picture = tmp_path / "screen.png"
    picture.write_bytes(b"picture")
    typed = ["--subject", "Mine too", "--severity", "2", "--description", "It is.", "--attach", str(picture)]
    created = run_command("--mine", "submit", *typed)
    assert created.code == 0, created.err
    ticket = created.last_line.split()[0].lstrip("#")
    assert run_command("--mine", "reply", ticket, "--status", "closed").out == f"#{ticket} moved, now Closed\n"
    reopened = run_command("--mine", "reply", ticket, "--body", "It is back.")
    assert reopened.out == f"#{ticket} replied to, now With support\n"
    refused = run_command("--mine", "reply", ticket, "--body", "between us", "--note")
    assert (refused.code, "public messages only" in single_error_line(refused)) == (6, True)
    assert "between us" in run_command("--mine", "outbox", "list").out
    named = run_command("--mine", "submit", *typed, "--requester", AGENT)
    assert (named.code, "own name only" in named.err) == (6, True)


def test_a_customer_lists_and_shows_with_mine_what_they_may_read(
    customer: str, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = run_command("--mine", "submit", "--subject", "Seen", "--severity", "3", "--description", "By me.")
    ticket = created.last_line.split()[0]
    with monkeypatch.context() as agent:
        agent.setenv("SUPPORTTUI_EMAIL", AGENT)
        agent.setenv("SUPPORTTUI_TOKEN", team.tokens[AGENT])
        assert run_command("note", ticket, "Between us.").code == 0
    assert ticket in run_command("--mine", "list", "Seen").out
    shown = run_command("--mine", "show", ticket)
    assert (shown.code, "By me." in shown.out, "Between us." in shown.out) == (0, True, False)
    refused = run_command("--mine", "assign", ticket, "me")
    assert (refused.code, customer in refused.out) == (6, False)


def test_mine_is_refused_to_an_agent_and_on_a_desk_of_ones_own(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    told = run_command("--mine", "status")
    assert "is the account of an agent" in told.out + told.err
    for name in ("URL", "EMAIL", "TOKEN"):
        monkeypatch.delenv(f"SUPPORTTUI_{name}")
    ended = run_command("--mine", "status")
    assert (ended.code, "customer" in single_error_line(ended)) == (3, True)


def test_login_of_a_customer_names_their_board(customer: str, team: Team) -> None:
    ended = run_command("login", "--file", stdin=team.tokens[CUSTOMER])
    assert ended.code == 0, ended.err
    assert "supporttui mine" in ended.out


@pytest.mark.parametrize(("answer", "is_written"), [("\n", True), ("y\n", True), ("n\n", False)])
def test_login_offers_to_write_desk_and_account_into_the_configuration(
    team: Team, tmp_path: Path, answer: str, is_written: bool
) -> None:
    typed = ["login", "--url", team.served.address, "--email", AGENT, "--file"]
    with Terminal([*PROGRAM, *typed], home=tmp_path, rows=30, columns=200) as terminal:
        terminal.wait_text("API token:", within_s=60)
        terminal.type(f"{team.tokens[AGENT]}\n")
        terminal.wait_text(f"Write {team.served.address} and {AGENT} into", within_s=60)
        terminal.wait_text("[Y/n]")
        terminal.type(answer)
        assert terminal.wait_exit(within_s=60) == 0
        assert ("[desk]" in terminal.text()) is not is_written
    config = tmp_path / "config" / "supporttui" / "config.toml"
    assert config.exists() is is_written
    if is_written:
        found = load_settings(config, {}).desk
        assert (found.url, found.email) == (team.served.address, AGENT)
        assert config.stat().st_mode & 0o777 == 0o600
