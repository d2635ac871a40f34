"""The server's SQL takes its values as parameters only; the check itself is tried on what it must refuse."""

from pathlib import Path

import pytest

from support.sql_string_check import findings

SERVER = Path(__file__).parents[2] / "src" / "supporttui" / "server"


def test_the_server_puts_no_sql_together() -> None:
    assert len(list(SERVER.rglob("*.py"))) > 30
    assert findings(SERVER) == []


@pytest.mark.parametrize(
    "line",
    [
        "connection.execute(text(f'SELECT * FROM users WHERE email = {email}'))",
        "connection.execute('SELECT * FROM users WHERE id = ' + number)",
        "connection.exec_driver_sql('SELECT * FROM users WHERE id = %s' % number)",
        "text('SELECT {}'.format(name))",
        "connection.scalar(text('SELECT ' 'a, {}'.format(name)))",
        "raw.executemany(f'INSERT INTO {table} VALUES (?)', rows)",
        "query = f'SELECT {name}'\nconnection.execute(query)",
        "query = 'SELECT 1'\nquery += ' WHERE ' + condition\nconnection.execute(text(query))",
        "select(literal_column(f'{name}'))",
        "connection.execute(statement=f'DELETE FROM {table}')",
        "raw.execute('SELECT 1'.replace('1', name))",
    ],
)
def test_sql_that_is_put_together_is_refused(line: str, tmp_path: Path) -> None:
    (tmp_path / "routes.py").write_text(line)
    assert findings(tmp_path) != []


@pytest.mark.parametrize(
    "line",
    [
        "connection.execute(select(users).where(users.c.id == number))",
        "connection.execute(text('SELECT name FROM users WHERE id = :number'), {'number': number})",
        "raw.execute('PRAGMA foreign_keys=ON')",
        "statement = 'SELECT 1'\nraw.execute(statement)",
        "print(f'{count} rows')",
    ],
)
def test_sql_with_parameters_passes(line: str, tmp_path: Path) -> None:
    (tmp_path / "routes.py").write_text(line)
    assert findings(tmp_path) == []
