"""What is damaged in a home: noted where every process can read it, until it is gone or mended.

A page and ``rapt doctor`` name these. A note is a small file of its own under ``problems/``: the
store itself may be what is damaged.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from fer_core.errors import RaptError
from fer_core.files import read_json, sha256_of, write_json
from fer_core.home import Home

_LONGEST: Final = 300
#: More notes than this are not kept: a thousand damaged files tell as much as ten thousand.
_MOST: Final = 1000
DAMAGED: Final = ".damaged"


@dataclass(frozen=True, slots=True)
class Problem:
    """A thing that cannot be used. ``path`` is below the home."""

    path: str
    why: str
    since: float  # seconds since 1970


def note(home: Home, thing: Path, why: object) -> None:
    """Remember that something in the home is damaged, and why it was not used."""
    path = thing.relative_to(home.root).as_posix()
    kept = _file(home, path)
    if kept.exists() or len(list(home.problems.glob("*.json"))) >= _MOST:
        return
    if isinstance(why, Exception) and not isinstance(why, RaptError):
        why = f"{type(why).__name__}: {why}"  # «'frames'» alone would tell nobody of a KeyError
    said = " ".join(str(why).split())[:_LONGEST]
    path, said = (text.encode("utf-8", "replace").decode() for text in (path, said))
    write_json(kept, asdict(Problem(path, said, time.time())))


def clear(home: Home, thing: Path) -> None:
    """Forget a problem: the thing is well again."""
    _file(home, thing.relative_to(home.root).as_posix()).unlink(missing_ok=True)


def set_aside(home: Home, thing: Path, why: object) -> None:
    """Take a damaged file (or a folder in its place) out of the way, and note it."""
    aside = thing.with_suffix(DAMAGED)
    if aside.exists():
        aside = thing.with_name(f"{thing.stem}-{secrets.token_hex(4)}{DAMAGED}")
    thing.replace(aside)
    note(home, aside, why)


def problems(home: Home) -> list[Problem]:
    """What is damaged now, oldest first. Notes on things that are gone are removed."""
    found = []
    for kept in home.problems.glob("*.json"):
        try:
            one = Problem(**(read_json(kept) or {}))
        except (ValueError, TypeError):  # half a note, or none by now
            kept.unlink(missing_ok=True)
            continue
        if (home.root / one.path).exists():
            found.append(one)
        else:
            kept.unlink(missing_ok=True)
    return sorted(found, key=lambda one: (one.since, one.path))


def _file(home: Home, path: str) -> Path:
    return home.problems / f"{sha256_of(path.encode('utf-8', 'replace'))[:20]}.json"
