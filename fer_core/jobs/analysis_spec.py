"""What an analysis is asked to do: which file, with which settings, for which session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from fer_core.errors import SettingsError
from fer_core.files import JsonObject
from fer_core.storage.ids import new_id
from fer_core.storage.timeline.session_file import SessionFile, settings_of
from fer_core.types import AnalysisSettings


@dataclass(frozen=True, slots=True)
class AnalysisSpec:
    """One file to analyse, and what its session should be called and belong to."""

    path: str
    session_id: str
    settings: AnalysisSettings
    name: str = ""
    kind: str = "file"
    study: str | None = None
    stimulus: str | None = None
    condition: str | None = None
    respondent: str | None = None
    digest: str | None = None
    again_of: str | None = None  # the session whose recording is analysed again
    remove_recording: bool = False  # an upload goes when its analysis is done
    offset_ms: int = 0  # where the stimulus begins in the recording
    batch: str | None = None  # shared by the recordings that were given together
    tags: tuple[str, ...] = ()

    @classmethod
    def new(
        cls, path: str | Path, settings: AnalysisSettings | None = None, **more: Any
    ) -> AnalysisSpec:
        """A spec with a fresh session id; the file's own name is the session's."""
        file = Path(path).expanduser().resolve()
        more["name"] = more.get("name") or file.stem
        return cls(str(file), new_id("session"), settings or AnalysisSettings(), **more)

    def to_json(self) -> JsonObject:
        """The spec of a job of kind ``analyze``."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> AnalysisSpec:
        """What ``to_json`` gave, also by another version: what this one does not know is left."""
        known = {f.name for f in fields(cls)} - {"settings"}
        return cls(
            settings=settings_of(value.get("settings") or {}),
            **{key: value[key] for key in known - {"tags"} if key in value},
            tags=tuple(value.get("tags") or ()),
        )

    @classmethod
    def of_session(cls, session: SessionFile) -> AnalysisSpec:
        """What a session was analysed with, to go on with it."""
        return cls(
            path=session.path or "",
            session_id=session.session_id,
            settings=session.settings or AnalysisSettings(),
            name=session.name,
            kind=session.kind,
            study=session.study,
            stimulus=session.stimulus,
            condition=session.condition,
            respondent=session.respondent,
            digest=session.digest,
            again_of=session.again_of,
            offset_ms=session.offset_ms,
            tags=session.tags,
        )


def check_settings(settings: AnalysisSettings) -> None:
    """Refuse, before any work, a value that no analysis can use."""
    if settings.fps is not None and not settings.fps > 0:
        raise SettingsError(
            f"{settings.fps:g} frames per second cannot be analysed.",
            "Give a number above 0, or leave it out for every frame.",
        )
    if settings.min_face < 12:
        raise SettingsError(
            f"Faces of {settings.min_face} pixels are too small to read.",
            "Give 12 or more; 40 is the default.",
        )
