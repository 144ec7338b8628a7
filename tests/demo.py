"""The demo study's home, copied and opened."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fer_core.home import Home
from fer_core.storage import Store, open_store


@contextmanager
def copy_of(template: Path, folder: Path) -> Iterator[Store]:
    """A store of its own, in ``folder``, that holds what the ``demo_template`` holds."""
    root = folder / "home"
    shutil.copytree(template, root)
    with open_store(Home(root), look_after=False) as store:
        yield store
