"""Where the local copy of each desk lies."""

import hashlib
from pathlib import Path

from supporttui.store.records import StoreFiles


def store_files(data_dir: Path, cache_dir: Path, desk_key: str) -> StoreFiles:
    """The files of one desk and account; another address or account never sees them. Folders are made 0700.

    The key is the address and the account, without secrets.
    """
    name = "desk-" + hashlib.sha256(desk_key.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    kept, disposable = data_dir / name, cache_dir / name
    downloads = kept / "downloads"
    for folder in (kept, disposable, downloads):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    return StoreFiles(str(disposable / "cache.db"), str(kept / "outbox.db"), str(downloads))
