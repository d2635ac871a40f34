"""The shapes of JSON documents as the README shows them, and whether a document has one."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

README = Path(__file__).parents[2] / "README.md"
_EXAMPLE = re.compile(r"^`supporttui (\w+)[^`]*--json`[^\n]*\n\n```json\n(.*?)```", re.MULTILINE | re.DOTALL)


@cache
def documented_shapes() -> dict[str, Any]:
    """The README's example of each command; where it says of a ticket `{}`, that is as in the one of `list`."""
    found = {name: json.loads(example) for name, example in _EXAMPLE.findall(README.read_text())}
    for each in found.values():
        if each.get("ticket") == {}:
            each["ticket"] = found["list"]["tickets"][0]
    return found


def shape_problems(document: Any, example: Any, where: str = "") -> list[str]:
    """Where a document differs from an example: in its keys, their order, or a value's type. Null goes for any."""
    if document is None or example is None:
        return []
    if type(document) is not type(example):
        return [f"{where}: {document!r} is not like {example!r}"]
    if isinstance(example, dict):
        if list(document) != list(example):
            return [f"{where}: {list(document)} is not {list(example)}"]
        return [line for key in example for line in shape_problems(document[key], example[key], f"{where}.{key}")]
    if isinstance(example, list) and example:
        return [line for each in document for line in shape_problems(each, example[0], f"{where}[]")]
    return []
