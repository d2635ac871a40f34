"""A reading of the source that finds where text from outside could act on a terminal.

mypy already refuses an `OutsideText` where a string is wanted; this finds the ways around it, and markup
parsing of anything that is not written in the source itself.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MARKUP_BY_DEFAULT_CALLS = frozenset({"Static", "Label", "OptionList", "notify", "SelectionList"})
"""Calls that parse markup unless they are told `markup=False`."""

MARKUP_ARGUMENT_CALLS = frozenset(
    {"Button", "Checkbox", "RadioButton", "Option", "Selection", "Collapsible", "TabPane", "Tooltip"}
)
"""Calls whose first argument is parsed as markup when it is a string."""

TITLES = frozenset({"border_title", "border_subtitle", "tooltip", "loading"})
"""Attributes of a widget that parse a string as markup."""

SHELL_CALLS = frozenset({"system", "popen", "getoutput", "getstatusoutput", "create_subprocess_shell"})
LINK_OPENING_CALLS = frozenset({"open_url", "open_new_tab", "open_new"})
"""Textual's and the standard library's ways to open a link, which show nobody the address first."""

CLIPBOARD_CALLS = frozenset({"copy_to_clipboard"})
SAFE_CALLS = frozenset({"safe", "safe_line", "fit_to_copy"})

MARKUP_ONLY_CALLS = frozenset({"from_markup", "Markdown", "MarkdownViewer"})

DISPLAYING_PACKAGES = ("presentation", "ui", "cli", "__main__")
"""Where text is shown, and raw text therefore has no place."""


@dataclass(frozen=True)
class Finding:
    """A place in the source and what is wrong with it."""

    where: str
    what: str


def findings(source: Path) -> list[Finding]:
    """All findings below a package folder, in the order of its files."""
    found: list[Finding] = []
    for path in sorted(source.rglob("*.py")):
        name = path.relative_to(source).as_posix()
        shows = name.split("/")[0].removesuffix(".py") in DISPLAYING_PACKAGES
        lines = path.read_text("utf-8").splitlines()
        tree = ast.parse("\n".join(lines))
        for node, what in _findings_in(tree, name, shows):
            line = lines[node.lineno - 1]
            if "# outside:" not in line and not (isinstance(node, ast.ExceptHandler) and "edge" in line):
                found.append(Finding(f"{name}:{node.lineno}", what))
    return found


def _findings_in(
    tree: ast.Module, name: str, shows: bool
) -> Iterator[tuple[ast.expr | ast.stmt | ast.excepthandler, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for what in _in_call(node, name, shows):
                yield node, what
        elif isinstance(node, ast.Attribute) and node.attr == "CERT_NONE":
            yield node, "does not check certificates"
        elif isinstance(node, ast.Attribute) and node.attr == "raw" and shows:
            yield node, "raw text from outside; show it through safe()"
        elif isinstance(node, ast.Assign) and shows:
            for what in _in_assignment(node):
                yield node, what
        elif isinstance(node, ast.ExceptHandler) and _is_broad(node) and not _is_raised_again(node):
            yield node, "catches everything away from an edge of the process; name the errors that are expected"


def _in_call(node: ast.Call, name: str, shows: bool) -> Iterator[str]:
    called = _name(node.func)
    keywords = {k.arg: k.value for k in node.keywords}
    if called == "SafeText" and name != "domain/safe_text.py":
        yield "SafeText is made by safe() and by nothing else"
    if called == "str" and node.args and _name(node.args[0]) == "raw":
        yield "text from outside is shown through safe()"
    yield from _dangers(called, keywords)
    if shows:
        yield from _shown_wrongly(node, called, keywords)


def _dangers(called: str, keywords: dict[str | None, ast.expr]) -> Iterator[str]:
    """What no module may do, whether or not it shows anything."""
    if called in SHELL_CALLS or ("shell" in keywords and not _is_constant(keywords["shell"], False)):
        yield "runs a shell"
    if called in LINK_OPENING_CALLS:
        yield f"{called} opens a link without showing it first"
    if _is_constant(keywords.get("verify"), False) or called == "_create_unverified_context":
        yield "does not check certificates"


def _shown_wrongly(node: ast.Call, called: str, keywords: dict[str | None, ast.expr]) -> Iterator[str]:
    """What a module that shows text may not do with it."""
    if called in CLIPBOARD_CALLS and not (node.args and _is_safe(node.args[0])):
        yield f"{called} is given what safe() has not made"
    if called in MARKUP_ONLY_CALLS and not all(_is_literal(a) for a in node.args):
        yield f"{called} parses markup of what is not a literal"
    if called in MARKUP_BY_DEFAULT_CALLS and not _is_constant(keywords.get("markup"), False):
        yield f"{called} without markup=False"
    if called in MARKUP_ARGUMENT_CALLS and node.args and not _is_shown(node.args[0]):
        yield f"{called} is given a string that is not a literal; give it a Content"


def _in_assignment(node: ast.Assign) -> Iterator[str]:
    for target in node.targets:
        if isinstance(target, ast.Attribute) and target.attr in TITLES and not _is_shown(node.value):
            yield f"{target.attr} is given a string that is not a literal; give it a Content"


def _is_shown(value: ast.expr) -> bool:
    """Whether this is a literal, None, or is made into content on the spot."""
    if isinstance(value, ast.IfExp):
        return _is_shown(value.body) and _is_shown(value.orelse)
    if isinstance(value, ast.Call):
        made_by = _name(value.func)
        return made_by in {"Content", "assemble", "styled"} or made_by.endswith("_content")
    return _is_literal(value)


def _is_safe(value: ast.expr) -> bool:
    """Whether this is what `safe` made, or a sentence of ours around it."""
    if isinstance(value, ast.JoinedStr):
        parts = [part.value for part in value.values if isinstance(part, ast.FormattedValue)]
        return all(_is_safe(part) or _name(part).endswith("_id") for part in parts)
    if isinstance(value, ast.Call):
        return _name(value.func) in SAFE_CALLS
    return _is_literal(value) or (isinstance(value, ast.Attribute) and value.attr == "shown")


def _is_literal(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant)


def _is_constant(value: ast.expr | None, expected: object) -> bool:
    return isinstance(value, ast.Constant) and value.value is expected


def _is_broad(node: ast.ExceptHandler) -> bool:
    caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(c is None or _name(c) in {"Exception", "BaseException"} for c in caught)


def _is_raised_again(node: ast.ExceptHandler) -> bool:
    last = node.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _name(node: ast.expr) -> str:
    """The last part of a dotted name, or nothing."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
