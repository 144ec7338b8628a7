"""The analysis of one file, to its session: what a job's worker and `rapt analyze` share.

Rows go to shards. Every shard carries the pipeline's state after its last frame, so a run
that is killed at any moment goes on from its last shard, and ends with the same timeline
as one that was left alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, cast

from fer_core.errors import Cancelled, RaptError, VideoError
from fer_core.files import JsonObject
from fer_core.home import Home
from fer_core.jobs.analysis_spec import AnalysisSpec, check_settings
from fer_core.jobs.kinds import Progress
from fer_core.jobs.summary import summary_of_file
from fer_core.storage.timeline.session_file import (
    SessionFile,
    SessionSummary,
    change_session,
    read_session,
    session_ids,
    write_session,
    writing,
)
from fer_core.storage.timeline.shards import ShardWriter, last_state, remove_shards
from fer_core.types import (
    AnalysisSettings,
    DecodeReport,
    FrameResult,
    InfoJson,
    SessionStatus,
    VideoInfo,
)
from fer_core.video import Part, digest, sample_clip

if TYPE_CHECKING:
    from fer_core.pipeline import Analysis, Networks, PerceptionState

#: A shard at least this often at first, so that a page soon shows a curve …
SHARD_FIRST_S: Final = 2.0
#: … and at most this much work is done again after a crash of a long run.
SHARD_LATER_S: Final = 8.0

OnProgress = Callable[[int, int | None, str], None]


@dataclass(frozen=True, slots=True)
class FileEnd:
    """What the last shard of a file keeps: how it was read, and frames analysed a second."""

    info: VideoInfo
    report: DecodeReport
    fps: float

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        report = value["report"]
        return cls(
            VideoInfo(**value["info"]),
            DecodeReport(**{**report, "problems": tuple(report["problems"])}),
            value["fps"],
        )


def analyse_file(
    home: Home,
    spec: AnalysisSpec,
    on_progress: OnProgress,
    should_stop: Callable[[], bool],
    *,
    networks: Networks | None = None,
    shard_every_s: float | None = None,
    part: Part | None = None,
    after: Mapping[str, Any] | None = None,
) -> SessionSummary:
    """Analyse a file into its session, from where an earlier run stopped; its summary.

    ``networks`` are those of an earlier file, kept. ``part``: that part of it alone, ``after``
    what a shard kept of an analysis up to there. Raises Cancelled when ``should_stop`` says
    so, and any other error of ours when the file cannot be analysed; the session says the same.
    A stopped session can be resumed.
    """
    check_settings(spec.settings)
    with writing(home, spec.session_id):
        try:
            return _analyse(
                home, spec, on_progress, should_stop, networks, shard_every_s, part, after
            )
        except Cancelled:
            _end_badly(home, spec.session_id, SessionStatus.CANCELLED, None)
            raise
        except RaptError as error:
            _end_badly(home, spec.session_id, SessionStatus.FAILED, str(error))
            raise
        except KeyboardInterrupt:
            _end_badly(home, spec.session_id, SessionStatus.CANCELLED, None)
            raise
        except Exception as error:
            # a bug: the session must not look as if it still ran; the caller shows the rest
            said = f"Unexpected {type(error).__name__}: {error}"
            _end_badly(home, spec.session_id, SessionStatus.FAILED, said)
            raise


def _analyse(
    home: Home,
    spec: AnalysisSpec,
    on_progress: OnProgress,
    should_stop: Callable[[], bool],
    networks: Networks | None,
    shard_every_s: float | None,
    part: Part | None,
    after: Mapping[str, Any] | None,
) -> SessionSummary:
    on_progress(0, None, "Reading the file")
    found = _check_file(home, spec)
    state = after or last_state(home, spec.session_id)
    if not after and state is not None and "end" in state:
        return finish(home, spec.session_id, FileEnd.from_json(state["end"]))
    on_progress(0, None, "Loading the model")
    with _open(home, spec, state, networks, part) as analysis:
        # Only now is there a session: a file that cannot be opened is refused, not kept.
        begin_session(home, spec, found, analysis.info, analysis.versions)
        total = analysis.info.frames_estimate or None
        keeper = _Keeper(home, spec.session_id, analysis.versions, shard_every_s)
        begun = time.monotonic()
        frames = 0
        try:
            for result in analysis:
                keeper.add(result, analysis.snapshot())
                frames += 1
                on_progress(result.frame + 1, total and max(total, result.frame + 1), "Analysing")
                if should_stop():
                    raise Cancelled
        except Cancelled:
            keeper.flush()
            raise
        report = analysis.report
        fps = frames / max(time.monotonic() - begun, 1e-3)
        end = FileEnd(analysis.info, report, fps)
        keeper.close(end)
    return finish(home, spec.session_id, end)


def _check_file(home: Home, spec: AnalysisSpec) -> str:
    """The film's digest; refuses to go on with another film under the same name."""
    if not Path(spec.path).is_file():
        raise VideoError(f"There is no file {spec.path}.", "Check its name.")
    found = digest(spec.path)
    session = read_session(home, spec.session_id)
    before = spec.digest if session is None else session.digest
    if (before or found) != found or (spec.digest or found) != found:
        raise VideoError(
            f"{spec.path} has changed since this session began.", "Analyse it as a new session."
        )
    return found


def begin_session(
    home: Home,
    spec: AnalysisSpec,
    digest: str,
    info: VideoInfo | None = None,
    versions: Mapping[str, str] | None = None,
) -> None:
    """The session as it stands at the start of a run, new or resumed, marked running."""
    session = read_session(home, spec.session_id) or SessionFile(
        session_id=spec.session_id,
        name=spec.name or Path(spec.path).stem,
        kind=spec.kind,
        study=spec.study,
        stimulus=spec.stimulus,
        condition=spec.condition,
        respondent=spec.respondent,
        offset_ms=spec.offset_ms,
        tags=spec.tags,
    )
    session = replace(
        session,
        path=spec.path,
        digest=digest,
        settings=spec.settings,
        info=InfoJson() if info is None else cast(InfoJson, asdict(info)),
        versions=versions or {},
        status=SessionStatus.RUNNING,
        error=None,
        again_of=spec.again_of or session.again_of,
    )
    write_session(home, session)


def sessions_of(home: Home, digest: str, settings: AnalysisSettings) -> list[SessionFile]:
    """Sessions of this very film with these very settings, the newest first."""
    sessions = [read_session(home, session_id) for session_id in session_ids(home)]
    found = [
        session
        for session in sessions
        if session is not None
        and session.digest == digest
        and (session.settings or AnalysisSettings()) == settings
    ]
    return sorted(found, key=lambda session: session.created, reverse=True)


def pipeline() -> type[Analysis]:
    """The pipeline, loaded when a film is really opened: half a second of imports."""
    from fer_core.pipeline import Analysis

    return Analysis


def _open(
    home: Home,
    spec: AnalysisSpec,
    state: Mapping[str, Any] | None,
    networks: Networks | None,
    part: Part | None,
) -> Analysis:
    """The analysis, after the last shard where there is one that the same versions made."""
    before = state["pipeline"] if state else None
    begin = pipeline()
    more: dict[str, Any] = {"networks": networks} | ({} if part is None else {"part": part})
    analysis = begin(spec.path, spec.settings, home=home, resume_from=before, **more)
    if state is None or state["versions"] == analysis.versions:
        return analysis
    # another model or detector by now: half of each would be a timeline of neither
    with analysis:
        remove_shards(home.shards(spec.session_id))
    return begin(spec.path, spec.settings, home=home, **more)


class _Keeper:
    """Writes results as shards that end where the pipeline's state is known."""

    def __init__(
        self, home: Home, session_id: str, versions: dict[str, str], every_s: float | None
    ) -> None:
        self._home = home
        self._session_id = session_id
        self._writer = ShardWriter(home, session_id)
        self._versions = versions
        self._every_s = every_s
        self._pending: list[FrameResult] = []  # since the last known state
        self._state: Mapping[str, object] | None = None
        self._begun = self._flushed = time.monotonic()

    def add(self, result: FrameResult, snapshot: PerceptionState | None) -> None:
        """Keep a frame; write a shard where the state is known and enough time has passed."""
        self._pending.append(result)
        if snapshot is None:
            return
        self._take_pending()
        self._state = {"pipeline": snapshot, "versions": self._versions}
        now = time.monotonic()
        grown = SHARD_FIRST_S + (now - self._begun) / 30
        every = min(grown, SHARD_LATER_S) if self._every_s is None else self._every_s
        if now - self._flushed >= every:
            self.flush()
            self._flushed = now

    def flush(self) -> None:
        """Write what the last known state covers."""
        if self._state is not None:
            self._write(self._state)

    def close(self, end: FileEnd) -> None:
        """Write the rest, marked as the film's end."""
        self._take_pending()
        self._write({**(self._state or {}), "end": asdict(end)})

    def _take_pending(self) -> None:
        for result in self._pending:
            self._writer.add(result)
        self._pending.clear()

    def _write(self, state: Mapping[str, object]) -> None:
        if not self._home.session(self._session_id).is_dir():
            raise Cancelled("The session was deleted.")
        self._writer.flush(state)


def finish(home: Home, session_id: str, end: FileEnd) -> SessionSummary:
    """The summary from the shards; the session is done with it."""
    summary = summary_of_file(home, session_id, end.info, end.report, end.fps)
    if not summary.frames:
        raise VideoError(
            "No picture in this file could be decoded.", "The file is damaged: export it again."
        )
    change_session(home, session_id, status=SessionStatus.DONE, error=None, summary=summary)
    return summary


def _end_badly(home: Home, session_id: str, status: SessionStatus, error: str | None) -> None:
    if read_session(home, session_id) is not None:
        change_session(home, session_id, status=status, error=error)


@cache
def kept_networks(home: Home) -> Networks:
    """The networks of this process, which analyses one file after the other."""
    from fer_core.pipeline import Networks

    return Networks(home)


def run_job(home: Home, spec: JsonObject, progress: Progress) -> JsonObject:
    """The job of kind ``analyze``."""
    every = spec.get("shard_every_s")
    wanted = AnalysisSpec.from_json(spec)
    if wanted.kind == "demo":
        progress(0, None, "Drawing the sample clip")
        sample_clip(wanted.path)
    summary = analyse_file(
        home,
        wanted,
        progress,
        progress.should_stop,
        networks=kept_networks(home),
        shard_every_s=float(every) if isinstance(every, int | float) else None,
    )
    return summary.to_json()
