"""From a file to a queued analysis: dropped on a page, or named by its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from dashboard.shared.web.upload.uploads import Arrived
from fer_core.errors import SettingsError, StoreError, VideoError
from fer_core.files import JsonObject
from fer_core.home import Home
from fer_core.jobs import queue
from fer_core.jobs.analysis_spec import AnalysisSpec, check_settings
from fer_core.jobs.queue import Belongs
from fer_core.storage import Store, new_id
from fer_core.storage.sessions import Session
from fer_core.storage.timeline.session_file import settings_of
from fer_core.types import AnalysisSettings, SessionStatus
from fer_core.zoo import in_use

#: What a folder is searched for. A file that is named itself may have any ending.
ENDINGS: Final = frozenset(
    (
        *(".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".mpg", ".mpeg", ".wmv", ".flv"),
        *(".mts", ".m2ts", ".ts", ".3gp", ".ogv", ".mjpeg"),
        *(".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"),
    )
)
MOST_FILES: Final = 1000
STANDING: Final = (SessionStatus.RUNNING, SessionStatus.DONE)


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
    known = _known(store, choices.settings(), digest=arrived.digest)
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
    for path in find(given):
        known = _known(store, settings, path=str(path))
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
    found = sorted(
        file
        for file in path.rglob("*")
        if file.suffix.lower() in ENDINGS and not file.name.startswith(".") and file.is_file()
    )
    if not found:
        raise VideoError(f"{path} holds no recordings.", "Name the files one by one.")
    if len(found) > MOST_FILES:
        raise VideoError(
            f"{path} holds {len(found):,} recordings.", f"Take at most {MOST_FILES} at a time."
        )
    return found


def _known(
    store: Store, settings: AnalysisSettings, *, digest: str | None = None, path: str | None = None
) -> _Known | None:
    """A session or queued job of this film with these settings that has not failed."""
    for session_id, status in _same_film(store, digest, path):
        if status in STANDING:
            session = store.sessions.get(session_id)
            if settings_of(session.settings) == settings and _same_model(store, session):
                return _Known(session.name, session_id, session.path or "", session.study or "")
    for job in store.jobs.waiting():
        if job.kind != "analyze":
            continue
        spec = AnalysisSpec.from_json(job.spec)
        same = spec.digest == digest if digest else spec.path == path
        if same and spec.settings == settings:
            study = _study_name(store, spec.study or "")
            return _Known(spec.name, spec.session_id, spec.path, study)
    return None


def _same_model(store: Store, session: Session) -> bool:
    """Whether the model in use made it, where it says no more than that."""
    if session.settings.get("model"):
        return True
    made_by = (session.model or "").split("@")[0]
    return made_by in ("", in_use(store.home))


def _same_film(store: Store, digest: str | None, path: str | None) -> Iterator[tuple[str, str]]:
    """Id and status of each session of a film."""
    if digest:
        table = store.sessions.of_digest(digest)
    else:
        table = store.sessions.list(search=path)
        table = table[table["path"] == path]
    return zip(table["session_id"], table["status"])


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
