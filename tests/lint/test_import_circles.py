"""No two files of the product import each other in a circle, also not inside functions."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "src"


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(SOURCES).with_suffix("").parts).removesuffix(".__init__")


def imports_of(source: str, modules: set[str]) -> Iterator[str]:
    """The modules that a source imports anywhere, as far as they are among these."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module in modules:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in modules else node.module


def graph_of(sources: dict[str, str]) -> dict[str, set[str]]:
    return {name: {*imports_of(source, {*sources})} - {name} for name, source in sources.items()}


def test_no_circle_is_in_the_product() -> None:
    sources = {module_of(path): path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py")}
    TopologicalSorter(graph_of(sources)).prepare()


def test_a_circle_through_an_import_inside_a_function_is_found() -> None:
    sources = {"a": "import b", "b": "def late():\n    from a import x"}
    with pytest.raises(CycleError):
        TopologicalSorter(graph_of(sources)).prepare()
