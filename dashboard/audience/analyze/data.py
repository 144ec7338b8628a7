"""From a file to a queued analysis: dropped on a page, or named by its path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from dashboard.shared.web.upload.uploads import Arrived
from fer_core.batch.sources import recordings_in
from fer_core.errors import SettingsError, StoreError, VideoError
from fer_core.files import JsonObject
from fer_core.home import Home
from fer_core.jobs import queue
from fer_core.jobs.analysis_spec import AnalysisSpec, check_settings
from fer_core.jobs.known import Known, KnownRecordings
from fer_core.jobs.queue import Belongs
from fer_core.storage import Store, new_id
from fer_core.types import AnalysisSettings

MOST_FILES: Final = 1000


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file; ``study``: the name of the one that a known file is in."""

    name: str
    session_id: str
    duplicate: bool
    study: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    """A session of a file, or one that is queued to be."""

    name: str
    session_id: str
    path: str
    study: str  # its name

    def taken(self) -> Taken:
        """The answer to whoever gives this file again."""
        return Taken(self.name, self.session_id, True, self.study)


@dataclass(frozen=True, slots=True)
class Choices:
    """How recordings are analysed, and where they belong; None: not chosen."""

    fps: float | None = None  # frames per second to look at; None: every frame
    model: str | None = None  # None: the one in use
    keep_faces: bool = False
    eyes: bool = True  # read lids, gaze and movements too
    study: str | None = None
    stimulus: str | None = None
    remove_recording: bool = False  # an upload goes when it is analysed
    condition: str | None = None
    batch: str | None = None

    @classmethod
    def read(cls, options: Mapping[str, object]) -> Choices:
        """What came with an upload, checked: a request can hold anything."""
        fps, model = options.get("fps"), options.get("model")
        if fps is not None and (isinstance(fps, bool) or not isinstance(fps, int | float)):
            raise SettingsError(
                f"{fps!r} is not a number of frames per second.", "Reload the page."
            )
        return cls(
            fps=None if fps is None else float(fps),
            model=str(model) if model else None,
            keep_faces=options.get("keep_faces") is True,
            eyes=options.get("eyes") is not False,
            study=_name(options.get("study")),
            stimulus=_name(options.get("stimulus")),
            remove_recording=options.get("remove_recording") is True,
            condition=_name(options.get("condition")),
            batch=_name(options.get("batch")),
        )

    def settings(self) -> AnalysisSettings:
        """SettingsError where no analysis could run with these."""
        settings = AnalysisSettings(
            fps=self.fps, model=self.model, keep_faces=self.keep_faces, eyes=self.eyes
        )
        check_settings(settings)
        return settings


def _name(value: object) -> str | None:
    return value.strip()[:200] or None if isinstance(value, str) else None


def take_in(home: Home, store: Store, arrived: Arrived) -> JsonObject:
    """Queue an upload, unless this very film was taken in with these very settings."""
    choices = Choices.read(arrived.options)
    here = KnownRecordings(store, choices.settings(), digests=[arrived.digest])
    known = _known(store, here.of(arrived.digest))
    if known is not None:
        kept = Path(known.path)
        if kept.resolve() != arrived.path.resolve():
            if not kept.is_file() and kept.is_relative_to(home.uploads):
                kept.parent.mkdir(exist_ok=True)  # its first copy was lost: this one is it now
                arrived.path.replace(kept)
            drop(arrived.path)
        return asdict(known.taken())
    name = Path(arrived.title or arrived.name).stem
    return asdict(_queue(store, arrived.path, name, choices, arrived.digest))


def drop(upload: Path) -> None:
    """Remove a copy that is not needed, and its folder where nothing else is in it."""
    upload.unlink(missing_ok=True)
    if not any(upload.parent.iterdir()):
        upload.parent.rmdir()


def take_path(store: Store, given: str, choices: Choices) -> list[Taken]:
    """Queue a file that is on this machine already, or every recording in a folder."""
    settings = choices.settings()
    together = replace(choices, batch=new_id("job"))
    taken = []
    paths = find(given)
    here = KnownRecordings(store, settings, paths=[str(path) for path in paths])
    for path in paths:
        known = _known(store, here.of(str(path)))
        if known is not None:
            taken.append(known.taken())
        else:
            taken.append(_queue(store, path, path.stem, together, None))
    return taken


def add_to_study(store: Store, session_ids: Sequence[str], choices: Choices) -> int:
    """Put recordings that are here already into the chosen study; how many there were."""
    if not choices.study:
        raise SettingsError("No study is chosen.", "Choose one under «Study».")
    given: Belongs = {"study": choices.study}
    if choices.stimulus:
        given["stimulus"] = choices.stimulus
    if choices.condition:
        given["condition"] = choices.condition
    for session_id in session_ids:
        queue.assign(store, session_id, **given)
    return len(session_ids)


def _study_name(store: Store, called: str) -> str:
    """The name of the study of this id or name; a name that is new stays as it is."""
    try:
        return store.studies.get(called).name if called else ""
    except StoreError:
        return called


def find(given: str) -> list[Path]:
    """The files that a path names."""
    text = given.strip().strip("\"'")
    if not text:
        raise VideoError("No path was given.", "Type the path of a file or folder.")
    path = Path(text).expanduser()
    if not path.is_absolute():
        raise VideoError(f"{text} is not a full path.", "Start it with / or ~.")
    path = path.resolve()
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise VideoError(f"There is no file or folder {path}.", "Check the path.")
    found = recordings_in(path)
    if not found:
        raise VideoError(f"{path} holds no recordings.", "Name the files one by one.")
    if len(found) > MOST_FILES:
        raise VideoError(
            f"{path} holds {len(found):,} recordings.", f"Take at most {MOST_FILES} at a time."
        )
    return found


def _known(store: Store, known: Known) -> _Known | None:
    """A session or queued job of a film that has not failed."""
    session = known.standing
    if session is not None:
        return _Known(session.name, session.session_id, session.path or "", session.study or "")
    if known.queued is None:
        return None
    spec = known.queued[1]
    return _Known(spec.name, spec.session_id, spec.path, _study_name(store, spec.study or ""))


def _queue(store: Store, path: Path, name: str, choices: Choices, digest: str | None) -> Taken:
    spec = AnalysisSpec.new(
        path,
        choices.settings(),
        name=name,
        study=_name(choices.study),
        stimulus=_name(choices.stimulus),
        condition=_name(choices.condition),
        digest=digest,
        remove_recording=choices.remove_recording and path.is_relative_to(store.home.uploads),
        batch=choices.batch,
    )
    queue.enqueue_analysis(store, spec)
    return Taken(name, spec.session_id, False)
