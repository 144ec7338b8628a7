"""Which recordings were analysed before, or are queued to be, with the same settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from fer_core.jobs.analysis_spec import AnalysisSpec
from fer_core.storage import Store
from fer_core.storage.jobs import Job
from fer_core.storage.sessions import Session
from fer_core.storage.timeline.session_file import settings_of
from fer_core.types import AnalysisSettings, JobStatus, SessionStatus
from fer_core.zoo import in_use

STANDING: Final = (SessionStatus.DONE, SessionStatus.RUNNING)
WAITING: Final = (JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class Known:
    """The sessions of one recording with these settings, and the jobs that make them."""

    sessions: tuple[Session, ...] = ()  # the newest first
    jobs: tuple[tuple[Job, AnalysisSpec], ...] = ()  # that are not done, the newest first

    @property
    def standing(self) -> Session | None:
        """One that is done, or else one that is under way."""
        for status in STANDING:
            for session in self.sessions:
                if session.status is status:
                    return session
        return None

    @property
    def queued(self) -> tuple[Job, AnalysisSpec] | None:
        """A job that waits or runs."""
        return next((one for one in self.jobs if one[0].status in WAITING), None)


class KnownRecordings:
    """Asked by a recording's digest or path; read from the store once, for many."""

    def __init__(
        self,
        store: Store,
        settings: AnalysisSettings,
        *,
        digests: Sequence[str] = (),
        paths: Sequence[str] = (),
    ) -> None:
        self._sessions: dict[str, list[Session]] = {}
        self._jobs: dict[str, list[tuple[Job, AnalysisSpec]]] = {}
        model = in_use(store.home)
        for session in store.sessions.of_films(digests, paths):
            if settings_of(session.settings) == settings and _same_model(session, model):
                for key in _keys(session.digest, session.path):
                    self._sessions.setdefault(key, []).append(session)
        for job in store.jobs.unfinished_analyses():
            spec = AnalysisSpec.from_json(job.spec)
            if spec.settings == settings:
                for key in _keys(spec.digest, spec.path):
                    self._jobs.setdefault(key, []).append((job, spec))

    def of(self, key: str) -> Known:
        """What is known of the recording with this digest or path."""
        return Known(tuple(self._sessions.get(key, ())), tuple(self._jobs.get(key, ())))


def _keys(*keys: str | None) -> Iterable[str]:
    return filter(None, keys)


def _same_model(session: Session, in_use_now: str) -> bool:
    """Whether the model in use made it, where it says no more than that."""
    if session.settings.get("model"):
        return True
    return (session.model or "").split("@")[0] in ("", in_use_now)
