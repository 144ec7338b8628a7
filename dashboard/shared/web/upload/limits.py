"""What uploads may take: one file, one person's, all of them; and who brought what."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

from fer_core.files import read_json, write_json
from fer_core.storage import Store
from fer_core.storage.settings import SetSetting

LIMIT_SETTING: Final = "upload.max_bytes"
DEFAULT_LIMIT: Final = 4_000_000_000
TOTAL_SETTING: Final = "upload.max_total_bytes"
DEFAULT_TOTAL: Final = 200_000_000_000
PERSON_SETTING: Final = "upload.max_person_bytes"
DEFAULT_PERSON: Final = 50_000_000_000


def upload_limit(store: Store) -> int:
    """Bytes that one upload may have."""
    return int(store.settings.get(LIMIT_SETTING, DEFAULT_LIMIT))


def most_uploaded(store: Store) -> int:
    """Bytes that all uploads together may have."""
    return int(store.settings.get(TOTAL_SETTING, DEFAULT_TOTAL))


def most_of_person(store: Store) -> int:
    """Bytes that the uploads of one person may have."""
    return int(store.settings.get(PERSON_SETTING, DEFAULT_PERSON))


def set_upload_limit(store: Store, limit: int) -> None:
    store.run(SetSetting(name=LIMIT_SETTING, value=int(limit)))


class Owners:
    """Which account brought what lies in the folder of uploads: ids by the files' folders."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / ".people"
        self._lock = threading.Lock()

    def bytes_of(self, user_id: str) -> int:
        """What is there of a person's files."""
        return sum(
            file.stat().st_size
            for folder, owner in self._known().items()
            if owner == user_id
            for file in (self._folder / folder).glob("*")
            if file.is_file()
        )

    def note(self, folder: str, user_id: str) -> None:
        """Keep who brought a file first; folders that are gone are forgotten."""
        with self._lock:
            known = {one: by for one, by in self._known().items() if (self._folder / one).is_dir()}
            known.setdefault(folder, user_id)
            write_json(self._file, known)

    def _known(self) -> dict[str, str]:
        try:
            return dict(read_json(self._file) or {})
        except (ValueError, TypeError):  # damaged: counted anew from here
            return {}
