"""What a clip is to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from fer_core.analytics.carried import SHARED
from fer_core.clips.moments import Moment
from fer_core.errors import SettingsError
from fer_core.files import JsonObject
from fer_core.measures import find_measure

FORMS: Final = ("mp4", "gif")
#: The longest clip, and the longest GIF.
MOST_MS: Final = 10 * 60_000
MOST_GIF_MS: Final = 30_000
MOST_SPANS: Final = 50


@dataclass(frozen=True, slots=True)
class ClipSpec:
    """A study's film with its audience's curve, or a session's recording with its faces hidden.

    study, session: the id of the one of which it is. of: the audience; versus: a second one, whose
    curve or film stands beside it. spans: what is shown, one after the other; of several each has
    its name on it. minimum: the smallest group whose seconds are drawn. faces: whether a person
    says that all who are to be seen agreed to it; boxes: boxes, names and bars over the faces.
    """

    spans: tuple[Moment, ...]
    study: str | None = None
    session: str | None = None
    of: str | None = None
    versus: str | None = None
    measure: str = "engagement"
    form: str = "mp4"
    corrected: bool = False
    minimum: int = SHARED
    faces: bool = False
    boxes: bool = True

    def checked(self) -> ClipSpec:
        """The same; SettingsError where nothing can be made of it."""
        find_measure(self.measure)
        if (self.study is None) == (self.session is None):
            raise SettingsError("A clip is of a study or of a session.", "Name one of them.")
        if self.form not in FORMS:
            raise SettingsError(
                f"There is no clip as {self.form!r}.", f"Choose {', '.join(FORMS)}."
            )
        if not self.spans:
            raise SettingsError("There is no moment to show.", "Name one, such as 0:12-0:19.")
        if len(self.spans) > MOST_SPANS:
            raise SettingsError(f"A clip takes {MOST_SPANS} moments.", "Leave some out.")
        for one in self.spans:
            if not 0 <= one.from_ms < one.to_ms:
                raise SettingsError(
                    f"The moment {one.name!r} has no length.", "It ends after it begins."
                )
        whole = sum(one.to_ms - one.from_ms for one in self.spans)
        most = MOST_GIF_MS if self.form == "gif" else MOST_MS
        if whole > most:
            raise SettingsError(
                f"This clip would be {whole / 1000:.0f} s long.", f"{most // 1000} s are possible."
            )
        names = tuple(replace(one, name=" ".join(one.name.split())[:80]) for one in self.spans)
        return replace(self, spans=names)

    def to_json(self) -> JsonObject:
        """The spec of a job of kind ``clip``."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ClipSpec:
        """What ``to_json`` gave."""
        known = {key: value[key] for key in cls.__slots__ if key in value}
        known["spans"] = tuple(Moment(**one) for one in value["spans"])
        return cls(**known)


def read_span(text: str) -> Moment:
    """A moment that a person wrote: ``0:12-0:19``, ``12-19.5``, ``Punchline=0:24-0:28``."""
    name, found, rest = text.rpartition("=")
    begin, dash, end = rest.partition("-")
    try:
        if not dash:
            raise ValueError
        return Moment(name if found else rest, _ms(begin), _ms(end))
    except ValueError:
        raise SettingsError(
            f"{text!r} is no stretch of a film.", "Write 0:12-0:19, or Name=0:12-0:19."
        ) from None


def _ms(text: str) -> int:
    minutes, colon, seconds = text.strip().rpartition(":")
    value = 60_000 * (int(minutes) if colon else 0) + 1000 * float(seconds)
    if not 0 <= value < 360_000_000:
        raise ValueError
    return round(value)
