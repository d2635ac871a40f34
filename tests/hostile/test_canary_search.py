"""The search that goes with the whole suite finds a secret in whatever form, and fails the test that leaked it."""

import base64
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

import support.canary as canary
from support.canary import encodings_in, search_file, secret
from support.canary_site.sitecustomize import MARK, UPLOAD_MARK

TESTS = Path(canary.__file__).parents[1]

LEAKING = """
import base64, logging, secrets, subprocess, sys
from urllib.parse import quote

TOKEN = secrets.token_urlsafe(32)

def test_keeps_it_in_its_own_store(tmp_path):
    (tmp_path / "card.json").write_text(TOKEN)

def test_writes_it_into_a_file(tmp_path):
    (tmp_path / "cache.db").write_bytes(b"x" + base64.b64encode(b"kim/token:" + TOKEN.encode()))

def test_lets_another_process_write_it(tmp_path):
    code = "import secrets, sys; open(sys.argv[1], 'w').write(secrets.token_urlsafe(32))"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "of a child")], check=True)

def test_quotes_it_in_an_address(tmp_path):
    (tmp_path / "addresses").write_text("".join(f"%{ord(each):02X}" for each in TOKEN))

def test_logs_it():
    logging.getLogger("x").warning("sent %s", TOKEN)

def test_leaves_an_upload_where_no_upload_belongs(tmp_path):
    (tmp_path / "supporttui.log").write_text(secrets.token_urlsafe(24))

def test_shows_it(tmp_path):
    from support.terminals.terminal import Terminal
    (tmp_path / "secret").write_text(TOKEN)
    with Terminal(["cat", str(tmp_path / "secret")]) as seen:
        seen.wait_exit()
        seen.wait_for(lambda: not seen.is_reading)

def test_leaks_nothing(tmp_path):
    (tmp_path / "x").write_text("nothing")
"""


@given(before=st.binary(max_size=9), after=st.binary(max_size=9))
def test_a_secret_is_found_in_every_form_whatever_stands_around_it(before: bytes, after: bytes) -> None:
    token = secret("anything").encode()
    whole = before + token + after
    assert "as it is" in encodings_in(whole)
    assert "in base64" in encodings_in(base64.b64encode(whole))
    assert "in base64" in encodings_in(base64.urlsafe_b64encode(whole))
    assert "as it is" in encodings_in(quote(whole, safe="").encode())  # letters stay what they are
    assert "URL-encoded" in encodings_in("".join(f"%{byte:02x}" for byte in whole).encode())
    assert "in hexadecimal" in encodings_in(whole.hex().encode())
    assert encodings_in(before + after) == []


@pytest.mark.parametrize("off", [-canary.LONGEST_ENCODING, -13, -12, -5, -1, 0, 1])
def test_a_secret_is_found_where_two_pieces_of_a_large_file_meet(off: int, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(bytes(canary.CHUNK_BYTES + off) + secret("x").encode() + bytes(100))
    beside = file.rename(tmp_path / "large")
    assert [each.form for each in search_file(beside).found] == ["as it is"]
    beside.unlink()


@pytest.mark.parametrize(
    ("name", "mark", "is_found"),
    [
        ("share/supporttui/logins/0123456789abcdef.json", MARK, False),
        ("share/supporttui/logins/other.json", MARK, True),
        ("share/supporttui/desk-0/outbox.db", MARK, True),
        ("share/supporttui/desk-0/outbox.db", UPLOAD_MARK, False),
        ("share/supporttui/desk/card.json", MARK, False),
        ("share/supporttui/desk/card.json", UPLOAD_MARK, True),
        ("state/supporttui/supporttui.log", MARK, True),
    ],
)
def test_a_secret_may_stand_in_its_own_store_alone(name: str, mark: str, is_found: bool, tmp_path: Path) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    file.write_text(f"x{mark}y")
    assert bool(search_file(file).found) is is_found
    file.unlink()


def test_a_test_that_leaks_fails_and_says_where_and_in_which_form(tmp_path: Path) -> None:
    leaking = tmp_path / "test_leaking.py"
    leaking.write_text(LEAKING)
    search = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    options = ["-p", "support.canary_plugin", "-p", "no:cacheprovider", "-q", "--rootdir", str(tmp_path), "--basetemp"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path / "base"), str(leaking)],
        env={**os.environ, "PYTHONPATH": search},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = ended.stdout
    assert ended.returncode == 1, said + ended.stderr
    assert "8 passed, 6 errors" in said
    for name, form in (("cache.db", "in base64"), ("of a child", "as it is"), ("addresses", "URL-encoded"),
                       ("supporttui.log", "as it is")):  # fmt: skip
        assert any(f"stands {form} in {tmp_path}" in line and line.endswith(name) for line in said.splitlines()), name
    assert "as it is in its captured log" in said
    assert "as it is in what the terminal of `cat " in said
    assert "canary: 3 tokens made" in said
    assert "found outside their own store" in said
    subprocess.run(["rm", "-r", str(tmp_path / "base")], check=True)  # the leaks were made on purpose
