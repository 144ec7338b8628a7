"""``python -m fer_core.web.packed HOME``: a home's runtime into the program, for a wheel to carry.

``make wheel`` calls it: who installs that wheel needs no Node.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from fer_core.errors import SettingsError
from fer_core.home import Home
from fer_core.web.folder import HINT, LIST, PACKED, WebFolder, cached, intact, read_folder


def pack(home: Home, target: Path = PACKED) -> WebFolder | None:
    """Copy what is installed, its list last; None where nothing is.

    Raises:
        SettingsError: a file is not the one that was made.
    """
    shutil.rmtree(target, ignore_errors=True)
    found = read_folder(cached(home))
    if found is None:
        return None
    if not intact(found):
        raise SettingsError(f"A file in {found.path} is damaged.", HINT)
    target.mkdir()
    for name in (*found.sums, LIST):
        shutil.copyfile(found.path / name, target / name)
    return read_folder(target)


def main(home: str) -> str:
    """What was done, in words."""
    made = pack(Home(Path(home)))
    if made is None:
        return f"{home} has no runtime for browsers, so the wheel carries none. {HINT}"
    return f"The wheel carries {made.runtime} and its networks."


if __name__ == "__main__":
    sys.stdout.write(main(*sys.argv[1:]) + "\n")
