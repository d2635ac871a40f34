"""The help desk's address and credentials."""

import logging
import pickle
import traceback
from pathlib import Path

import pytest

from support.canary import secret
from supporttui.config import ConfigProblem, Secret, Settings, load_settings

TOKEN = secret("settings")


def settings_of(folder: Path, text: str, **environ: str) -> Settings:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return load_settings(file, environ)


def test_environment_overrides_the_file(tmp_path: Path) -> None:
    text = '[desk]\nurl = "https://old.example.com"\nemail = "old@example.com"\ntoken = "old"'

    desk = settings_of(
        tmp_path,
        text,
        SUPPORTTUI_URL="https://acme.zendesk.com/",
        SUPPORTTUI_EMAIL="agent@example.com",
        SUPPORTTUI_TOKEN=TOKEN,
    ).desk

    assert (desk.kind, desk.url, desk.email) == ("zendesk", "https://acme.zendesk.com", "agent@example.com")
    assert desk.token.reveal() == TOKEN


def test_empty_variable_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    assert settings_of(tmp_path, 'desk.url = "https://acme.zendesk.com"', SUPPORTTUI_URL="").desk.kind == "zendesk"


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.zendesk.com",
        "https://desk.example.com:8443/support",
        "http://127.0.0.1:8080",
        "http://localhost:8080",
        "http://[::1]:8080",
        "unix:/run/user/1000/desk.sock",
    ],
)
def test_address_that_keeps_the_token_private_is_taken(tmp_path: Path, url: str) -> None:
    assert settings_of(tmp_path, "", SUPPORTTUI_URL=url).desk.url == url


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("acme.zendesk.com", 'is not a help desk\'s address; write "https://acme.zendesk.com"'),
        ("ftp://acme.zendesk.com", "is not a help desk's address"),
        ("https://", "is not a help desk's address"),
        ("https://acme.zendesk.com:99999", "is not an address"),
        ("https://[::1", "is not an address"),
        ("http://acme.zendesk.com", "would send the token unencrypted; write https://"),
        ("http://127.0.0.1.example.com", "would send the token unencrypted"),
        ("https://me:pw@acme.zendesk.com", "an address holds no credentials"),
        ("https://acme.zendesk.com/api/v2", "goes too far"),
        ("https://acme.zendesk.com/?a=1", "goes too far"),
        ("unix:desk.sock", "names no socket; write its whole path"),
        ("unix:/" + "x" * 107, "is too long: a socket's path has at most 107 bytes"),
    ],
)
def test_wrong_address_is_refused_with_the_variable_and_the_remedy(tmp_path: Path, url: str, problem: str) -> None:
    with pytest.raises(ConfigProblem, match=r"^environment: SUPPORTTUI_URL: ") as caught:
        settings_of(tmp_path, "", SUPPORTTUI_URL=url)

    assert problem in str(caught.value)
    assert "pw@" not in str(caught.value)


@pytest.mark.parametrize("email", ["agent", "@example.com", "a b@example.com", "a:b@example.com", "agent@"])
def test_wrong_email_is_refused(tmp_path: Path, email: str) -> None:
    with pytest.raises(ConfigProblem, match=r"desk\.email: .*is not an email address; write for example"):
        settings_of(tmp_path, f'desk.email = "{email}"')


@pytest.mark.parametrize("token", [f"{TOKEN}\r\nX-Header: 1", f"{TOKEN} more", f"{TOKEN}é"])
def test_wrong_token_is_refused_without_being_shown(tmp_path: Path, token: str) -> None:
    with pytest.raises(ConfigProblem, match=r"SUPPORTTUI_TOKEN: the token has blanks or characters") as caught:
        settings_of(tmp_path, "", SUPPORTTUI_TOKEN=token)

    assert TOKEN not in "".join(traceback.format_exception(caught.value))


def test_token_is_in_no_repr_and_no_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = settings_of(tmp_path, f'desk.token = "{TOKEN}"')

    logging.getLogger("x").warning("%s %r %s", settings, settings.desk, settings.desk.token)

    assert TOKEN not in f"{settings!r}{settings.desk.token!s}{caplog.text}"


def test_secret_is_not_pickled() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret(TOKEN))


@pytest.mark.parametrize(("given", "missing"), [("token", "email"), ("email", "token")])
def test_configured_desk_needs_email_and_token(tmp_path: Path, given: str, missing: str) -> None:
    settings = settings_of(tmp_path, f'[desk]\nurl = "https://acme.zendesk.com"\n{given} = "agent@example.com"')

    with pytest.raises(ConfigProblem, match=f"desk.{missing}: .*SUPPORTTUI_{missing.upper()}"):
        settings.require_credentials()


def test_embedded_desk_needs_no_credentials(tmp_path: Path) -> None:
    settings_of(tmp_path, "").require_credentials()


def test_file_with_a_token_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f'desk.token = "{TOKEN}"')
    file.chmod(0o644)
    with pytest.raises(ConfigProblem, match=rf"others on this machine can read it; run: chmod 600 {file}$"):
        load_settings(file, {})
    file.chmod(0o600)
    load_settings(file, {})


def test_file_that_others_can_change_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("sending.undo_seconds = 3")
    file.chmod(0o664)
    with pytest.raises(ConfigProblem, match=rf"others on this machine can change it; run: chmod go-w {file}$"):
        load_settings(file, {})


def test_file_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f'desk.token = "{TOKEN}"')
    file.chmod(0o600)
    monkeypatch.setattr("os.getuid", lambda: file.stat().st_uid + 1)
    with pytest.raises(ConfigProblem, match="belongs to somebody else; it is not supporttui's alone"):
        load_settings(file, {})
