"""Names for rows: short, unique, and sorted by the time they were made.

The first eight bytes of an id change every 1/32 of a second. That is no accident: DuckDB
keeps only the first twelve bytes of a text column's smallest and largest value per row
group, and skips row groups by them. Ids that begin alike would make every query of one
session read the whole timeline.
"""

from __future__ import annotations

import secrets
import threading
import time
from typing import Final

from fer_core.errors import StoreError

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_EPOCH = 1_704_067_200  # 2024-01-01 UTC; seven characters last for 34 years


#: The first letter of each kind's ids. Older ids may begin with another: labels with the
#: letter of links, for one. Nothing reads a kind from an id.
LETTERS: Final = {
    "session": "s",
    "study": "y",
    "stimulus": "t",
    "marker": "m",
    "viewer_edit": "e",
    "link": "l",
    "response": "a",
    "job": "j",
    "training_run": "r",
    "evaluation": "v",
    "label": "b",
    "order": "o",
    "data_set": "d",
    "live_run": "c",
    "scratch_file": "x",
    "feedback": "f",
    "item_list": "i",
    "visitor": "n",
    "user": "u",
    "login": "g",
    "receipt": "q",
    "course": "k",
    "share": "h",
}

_lock = threading.Lock()
_last = 0


def new_id(kind: str) -> str:
    """A new id such as ``s1k8w3vqx07mz``, for a kind of LETTERS.

    Ids of one process are strictly increasing: commands are carried out in that order.
    """
    global _last
    ticks = int((time.time() - _EPOCH) * 32)
    with _lock:
        number = max(ticks << 25 | secrets.randbits(24), _last + 1 + secrets.randbelow(1 << 10))
        _last = number
    return LETTERS[kind] + "".join(_ALPHABET[number >> shift & 31] for shift in range(55, -1, -5))


def check_id(value: str) -> str:
    """Refuse what could lead out of a folder when it is used as a folder's name."""
    if not value or not all(c.isalnum() or c in "-_" for c in value) or len(value) > 64:
        raise StoreError(f"{value!r} is not an id.", "Ids hold letters, digits, - and _ only.")
    return value


__all__ = ["check_id", "new_id"]
