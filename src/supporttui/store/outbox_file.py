"""The outbox's file: its layout, and how it is salvaged where it proves damaged."""

from pathlib import Path
from typing import Final

from supporttui.store.durable_file import DurableFile, FileLayout
from supporttui.store.outbox_rows import MIGRATIONS, OPERATION_COLUMNS, SCHEMA, SCHEMA_VERSION


def _salvage(path: Path, damaged_inode: int | None) -> None:
    from supporttui.store.outbox_salvage import salvage  # only where it is needed

    salvage(path, damaged_inode)


_LAYOUT: Final = FileLayout(
    version=SCHEMA_VERSION,
    schema=SCHEMA,
    migrations=MIGRATIONS,
    recover=_salvage,
    too_new="{path} was written by a newer supporttui. Use that version to send what it holds, "
    "or read it with `supporttui outbox export`.",
)


class OutboxFile(DurableFile):
    """One connection to the outbox. Where a window has salvaged the file, the others go on with the new one."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _LAYOUT)

    def operation_columns(self) -> str:
        """The columns of an operation for a SELECT; what a newer layout does not have any more is NULL."""
        if not self.is_read_only:
            return OPERATION_COLUMNS
        there = self.columns_present("operation")
        names = OPERATION_COLUMNS.split(", ")
        return ", ".join(name if name in there else f"NULL AS {name}" for name in names)
