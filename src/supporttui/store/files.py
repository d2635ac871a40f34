"""Where the local copy of each desk lies."""

import hashlib
from pathlib import Path

from supporttui.config.private import check_private_files, make_private_folder
from supporttui.store.records import StoreFiles


def store_files(data_dir: Path, cache_dir: Path, desk_key: str) -> StoreFiles:
    """The files of one desk and account; another address or account never sees them. Folders are made 0700.

    The key is the address and the account, without secrets. Raises ConfigProblem where one of them is not private.
    """
    name = "desk-" + hashlib.sha256(desk_key.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    kept, disposable = data_dir / name, cache_dir / name
    downloads = kept / "downloads"
    for folder in (kept, disposable, downloads):
        make_private_folder(folder)
    cache, outbox = disposable / "cache.db", kept / "outbox.db"
    for folder in (kept, disposable):
        check_private_files(folder)
    return StoreFiles(str(cache), str(outbox), str(downloads))
