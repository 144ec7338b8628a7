"""The last step of a restore: what lies whole and checked in ``restored/`` takes the home's place.

Whoever opens the store next does it, so that a crash between two renames loses nothing: what has
moved is no longer in ``restored/``, and the rest is moved the next time.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from fer_core.files import sync_folder
from fer_core.home import Home
from fer_core.storage.repair.log_sum import log_of, sums_of


def finish_restore(home: Home) -> bool:
    """Put a backup's content in the place of the home's; whether there was one."""
    if not home.restored.is_dir():
        return False
    database = home.restored / home.database.name
    for entry in sorted(home.restored.iterdir(), key=lambda path: path == database):
        target = home.root / entry.name
        if entry == database:  # the last: a log of the old store must not meet the new one
            _remove(log_of(target))
            _remove(sums_of(target))
        else:
            _remove(target)
        entry.replace(target)
    home.restored.rmdir()
    sync_folder(home.root)
    return True


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
