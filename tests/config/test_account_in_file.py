"""A desk and an account are written into a configuration file of any shape, and nothing else of it changes."""

import tomllib

import pytest

from supporttui.config.tables import merged
from supporttui.config.template import commented_file, with_account

URL, EMAIL = "https://acme.zendesk.com", "ann@acme.example"
ACCOUNT = {"desk": {"url": URL, "email": EMAIL}}

FILES = {
    "an empty one": "",
    "the commented one": commented_file(),
    "one without a desk": '[looks]\ntheme = "dark"',
    "one with another desk": '# mine\n[desk]\nurl = "unix:/run/x.sock" # old\nemail = "old@acme.example"\n\n[keys]\n',
    "one with half a desk": '[desk]\nca_file = "/etc/ca.pem"\nemail = "old@acme.example"\n[policy]\nclosed_days = 3\n',
    "one whose desk is last, without an end of line": "[keys]\n[desk]",
    "dotted keys": 'desk.email = "old@acme.example"\ndesk.url = "http://127.0.0.1:1"\n',
    "a quoted table": '["desk"]\n"url" = \'http://127.0.0.1:1\'\nemail = "a@b.example"\n',
}


@pytest.mark.parametrize("name", FILES)
def test_desk_and_account_are_there_and_everything_else_is_as_it_was(name: str) -> None:
    text = FILES[name]
    written = with_account(text, URL, EMAIL)
    assert written is not None
    assert tomllib.loads(written) == merged(tomllib.loads(text), ACCOUNT)
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert [line for line in written.splitlines() if line.startswith("#")] == comments


@pytest.mark.parametrize("text", ["[desk", 'desk = { url = "a" }\n', '[desk]\nurl = """\nx"""\n', "desk = 1\n"])
def test_what_cannot_be_changed_line_by_line_is_left_to_its_owner(text: str) -> None:
    assert with_account(text, URL, EMAIL) is None


def test_an_address_with_quotes_stays_one_value() -> None:
    written = with_account("", 'unix:/tmp/a"b\\c', EMAIL)
    assert written is not None
    assert tomllib.loads(written)["desk"]["url"] == 'unix:/tmp/a"b\\c'
