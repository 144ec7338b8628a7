"""The settings of what is kept: for how long, and how many backups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fer_core.errors import SettingsError
from fer_core.jobs.queue import AFTER_ANALYSIS
from fer_core.storage.settings import SetSetting

if TYPE_CHECKING:
    from fer_core.storage import Store


@dataclass(frozen=True, slots=True)
class Rule:
    """One setting; ``default`` counts where nobody has chosen."""

    name: str
    label: str
    default: Any
    fits: Callable[[Any], bool]
    must_be: str


def _days(value: Any) -> bool:
    return value is None or (type(value) is int and 1 <= value <= 36_500)


_DAYS: Final = "a whole number of days from 1 on, or none to keep it until it is deleted"
UPLOADS: Final = Rule("retention.uploads_days", "Recordings", None, _days, _DAYS)
FILMS: Final = Rule("retention.films_days", "Films that studies show", None, _days, _DAYS)
FACES: Final = Rule("retention.faces_days", "Faces kept for review", None, _days, _DAYS)
AFTER: Final = Rule(
    AFTER_ANALYSIS, "Remove recordings when they are analysed", False,
    lambda value: isinstance(value, bool), "true or false",
)  # fmt: skip
KEEP: Final = Rule(
    "backup.keep", "Nightly backups", 7,
    lambda value: type(value) is int and 0 <= value <= 1000, "a whole number; 0 makes none",
)  # fmt: skip
FOLDER: Final = Rule(
    "backup.folder", "Where nightly backups go", None,
    lambda value: value is None or (isinstance(value, str) and Path(value).is_absolute()),
    "the whole path of a folder, or none for the home's own",
)  # fmt: skip
WHOLE: Final = Rule(
    "backup.whole", "Nightly backups with recordings", False,
    lambda value: isinstance(value, bool), "true or false",
)  # fmt: skip
RULES: Final = (UPLOADS, FILMS, FACES, AFTER, KEEP, FOLDER, WHOLE)


def value_of(store: Store, rule: Rule) -> Any:
    """What a rule says now."""
    found = store.settings.get(rule.name, rule.default)
    return found if rule.fits(found) else rule.default


def choose(store: Store, rule: Rule, value: Any) -> None:
    """Set a rule. SettingsError where the value cannot be."""
    if not rule.fits(value):
        raise SettingsError(f"{rule.name} cannot be {value!r}.", f"Give {rule.must_be}.")
    store.run(SetSetting(name=rule.name, value=value))
