"""Static check: finds SQL that is built from strings instead of parameters."""

import ast
from pathlib import Path

RUNS_SQL = frozenset(
    {"text", "execute", "executemany", "executescript", "exec_driver_sql", "scalar", "scalars", "literal_column", "DDL"}
)
"""Calls whose first argument is SQL, or a statement made of it."""


def findings(source: Path) -> list[str]:
    """Every place below a folder at which SQL is not written in the source as a whole, in the order of its files."""
    return [
        f"{path.relative_to(source).as_posix()}:{line}"
        for path in sorted(source.rglob("*.py"))
        for line in _lines(ast.parse(path.read_text("utf-8")))
    ]


def _lines(tree: ast.Module) -> list[int]:
    built = {name for node in ast.walk(tree) for name in _names_of_built(node)}
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node) in RUNS_SQL)
    return [call.lineno for call in calls if any(_is_built(each, built) for each in _sql_of(call))]


def _sql_of(call: ast.Call) -> list[ast.expr]:
    return [*call.args[:1], *(word.value for word in call.keywords if word.arg in ("statement", "sqltext", "text"))]


def _names_of_built(node: ast.AST) -> list[str]:
    """Names that are given a string which is put together."""
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        appends = isinstance(node, ast.AugAssign) and isinstance(node.value, ast.Constant)
        if appends or _is_built(node.value, frozenset()):
            return [target.id for target in targets if isinstance(target, ast.Name)]
    return []


def _is_built(value: ast.expr, built: frozenset[str] | set[str]) -> bool:
    """Whether a value is a string that was put together: an f-string, `+`, `%`, `format`, `join`, `replace`."""
    if isinstance(value, ast.Name):
        return value.id in built
    if isinstance(value, ast.Call):
        is_string = isinstance(value.func, ast.Attribute) and value.func.attr in ("format", "join", "replace")
        return (is_string and _holds_string(value.func)) or (_name(value) in RUNS_SQL and _any_built(value, built))
    return isinstance(value, ast.JoinedStr) or (isinstance(value, ast.BinOp) and _holds_string(value))


def _any_built(call: ast.Call, built: frozenset[str] | set[str]) -> bool:
    return any(_is_built(each, built) for each in _sql_of(call))


def _holds_string(value: ast.AST) -> bool:
    return any(
        isinstance(each, ast.JoinedStr) or (isinstance(each, ast.Constant) and isinstance(each.value, str))
        for each in ast.walk(value)
    )


def _name(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""
