"""`supporttui login` and `logout`: a token is asked for, tried, and kept in the keyring or, by consent, in a file."""

import asyncio
import getpass
import sys
from pathlib import Path

from msgspec.structs import replace

from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.launch import GlobalOptions
from supporttui.cli.selected_desk import settings_of
from supporttui.cli.standard_streams import report_done
from supporttui.config import ConfigProblem, DeskSettings, Folders, Secret, Settings
from supporttui.config.bounded_files import read_bounded
from supporttui.config.desk import parse_email, parse_token, parse_url
from supporttui.config.folders import make_private_folder, write_private
from supporttui.config.logins import (
    KEYRING_SERVICE,
    StoredLogin,
    account_key,
    forget_login,
    load_login,
    login_file,
    save_login,
)
from supporttui.config.tables import MAX_BYTES
from supporttui.config.template import with_account
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.ticket import Role
from supporttui.helpdesks.base import Account

MAX_TOKEN_CHARACTERS = 4096

NO_KEYRING = (
    "there is no keyring to keep the token in; install one (pip install 'supporttui[keyring]'), set token_command, "
    "or allow a file that only you can read: supporttui login --file"
)


def log_in(scope: GlobalOptions, *, url: str, email: str, to_file: bool) -> int:
    """Ask for the token, try it on the desk, and keep it."""
    settings = settings_of(scope)
    desk = _account(settings, url, email)
    token = _typed_token()
    account = asyncio.run(_tried(desk, token))
    where = _keep(desk, token, to_file=to_file)
    report_done(
        f"{safe_line(account.me.name)} <{safe_line(account.me.email)}> is logged in; the token is in {_plain(where)}."
    )
    if account.me.role is Role.END_USER:
        report_done("This is a customer's account: `supporttui mine` shows its tickets.")
    if (desk.url, desk.email) != (settings.desk.url, settings.desk.email):
        _offer_to_configure(settings, desk)
    return Exit.OK


def _offer_to_configure(settings: Settings, desk: DeskSettings) -> None:
    """Ask whether to write the desk and the account into the configuration, or say what to write there."""
    file, former = settings.file, settings.desk.url or settings.desk.email
    instead = f" in the place of {_plain(former)}" if former else ""
    question = f"Write {_plain(desk.url)} and {_plain(desk.email)} into {_plain(str(file))}{instead}?"
    if sys.stdin.isatty() and _consents(question, is_usual=not former):
        try:
            _configure(file, desk)
        except (OSError, ConfigProblem) as problem:
            report_done(f"It was not written: {_plain(str(problem))}.")
        else:
            report_done(f"Written into {_plain(str(file))}: `supporttui` opens this desk now.")
            return
    report_done(f'Put this into {_plain(str(file))}:\n\n[desk]\nurl = "{desk.url}"\nemail = "{desk.email}"')


def _configure(file: Path, desk: DeskSettings) -> None:
    """Write the desk and the account into the file, new or not. Raises OSError, ConfigProblem."""
    if file == Folders.of_user().config_file:
        make_private_folder(file.parent)
    try:
        text = read_bounded(file, MAX_BYTES).decode("utf-8-sig")
    except FileNotFoundError:
        text = ""
    except UnicodeDecodeError as error:
        raise ConfigProblem(str(file), "", "it is not UTF-8") from error
    changed = with_account(text, desk.url, desk.email)
    if changed is None:
        raise ConfigProblem(str(file), "desk", "it cannot be changed line by line")
    write_private(file.resolve(), changed)


def log_out(scope: GlobalOptions, *, url: str, email: str) -> int:
    """Forget the token that is kept on this machine; the desk still accepts it."""
    desk = _account(settings_of(scope), url, email)
    login = load_login(desk) if login_file(desk).exists() else None
    if login is not None and login.kept_in == "keyring":
        _drop_from_keyring(desk)
    if not forget_login(desk):
        raise CommandError(f"no token is kept for {desk.email} on {desk.url}; nothing was changed", Exit.CONFIGURATION)
    report_done(
        f"The token of {_plain(desk.email)} is forgotten here. Revoke it on the desk if nobody should use it any more."
    )
    return Exit.OK


def _account(settings: Settings, url: str, email: str) -> DeskSettings:
    """The desk and account that are meant. Raises CommandError where one is missing."""
    try:
        desk = replace(
            settings.desk,
            url=parse_url(url) if url else settings.desk.url,
            email=parse_email(email) if email else settings.desk.email,
            token=Secret(""),
        )
    except ValueError as problem:
        raise CommandError(str(problem), Exit.USAGE) from problem
    if not (desk.url and desk.email):
        missing = "--url" if not desk.url else "--email"
        raise CommandError(f"which desk and whose account is meant? give {missing}, or set it below [desk]", Exit.USAGE)
    return desk


def _typed_token() -> Secret:
    """Read the token from the terminal without echo, or from the first line of stdin."""
    try:
        typed = getpass.getpass("API token: ") if sys.stdin.isatty() else sys.stdin.readline(MAX_TOKEN_CHARACTERS)
    except (OSError, EOFError):  # closed
        typed = ""
    try:
        token = parse_token(typed.strip())
    except ValueError as problem:
        sentence = str(problem)
    else:
        if token:
            return token
        sentence = "no token was given; paste it when asked, or pipe it in"
    raise CommandError(sentence, Exit.USAGE)


async def _tried(desk: DeskSettings, token: Secret) -> Account:
    """Ask the desk whose token it is. Raises DeskError if it is not accepted."""
    from supporttui.helpdesks.zendesk.desk import ZendeskDesk

    client = ZendeskDesk(
        name=desk.name, url=desk.url, email=desk.email, token=token.reveal(), read_only=True, trust=desk.trust
    )
    try:
        return await client.fetch_account()
    finally:
        await client.close()


def _keep(desk: DeskSettings, token: Secret, *, to_file: bool) -> str:
    """Store the token; return where."""
    if not to_file:
        if _into_keyring(desk, token):
            save_login(desk, StoredLogin("keyring"))
            return "the keyring"
        question = "There is no keyring. Keep the token in a file that only you can read?"
        if not (sys.stdin.isatty() and _consents(question, is_usual=False)):
            raise CommandError(NO_KEYRING, Exit.CONFIGURATION)
    return str(save_login(desk, StoredLogin("file", token)))


def _consents(question: str, *, is_usual: bool) -> bool:
    """Ask on the terminal; `is_usual` says what enter alone means."""
    print(f"{question} {'[Y/n]' if is_usual else '[y/N]'} ", end="", flush=True)
    answer = sys.stdin.readline(MAX_TOKEN_CHARACTERS)
    return answer.strip().lower() in ("y", "yes") or (is_usual and answer == "\n")


def _into_keyring(desk: DeskSettings, token: Secret) -> bool:
    """Store it in the keyring; return whether it can be read back."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return False
    account = account_key(desk)
    try:
        keyring.set_password(KEYRING_SERVICE, account, token.reveal())
        return keyring.get_password(KEYRING_SERVICE, account) == token.reveal()
    except (keyring.errors.KeyringError, OSError, RuntimeError):
        return False


def _drop_from_keyring(desk: DeskSettings) -> None:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return
    try:
        keyring.delete_password(KEYRING_SERVICE, account_key(desk))
    except keyring.errors.PasswordDeleteError:
        return
    except (keyring.errors.KeyringError, OSError, RuntimeError) as error:
        kind = type(error).__name__
        raise CommandError(
            f"the keyring does not let go of the token ({kind}); unlock it and try again", Exit.DISK
        ) from None


def _plain(text: str) -> str:
    return safe_line(OutsideText(text))
