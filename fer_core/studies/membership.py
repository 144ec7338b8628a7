"""A study's sessions: which of them count, and why the others do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from fer_core.analytics.scenes import Marker, Scene
from fer_core.analytics.study import members
from fer_core.errors import StoreError
from fer_core.files import sha256_of
from fer_core.measures import BY_KEY, MEASURES
from fer_core.storage import Store
from fer_core.storage.markers import Marker as StoredMarker
from fer_core.storage.studies import Stimulus
from fer_core.storage.studies import Study as StoredStudy
from fer_core.studies.attributes import Attributes, attributes
from fer_core.text import count

MOST_SESSIONS = 100_000
STILL_RUNNING = "still being analysed"
#: What a study's numbers depend on; a change in any of it is another stamp.
_STAMPED = [
    "session_id", "status", "stimulus_id", "condition", "offset_ms", "respondent", "included",
    "viewers", "quality", "engagement", "attention", "valence", "duration_s", "attention_version",
]  # fmt: skip


@dataclass(frozen=True)
class Study:
    """A study as the store knows it, its sessions marked with whether they count.

    ``sessions``: the store's list of them, with ``flagged``, ``counts`` and ``reason``.
    """

    study_id: str
    name: str
    question: str
    kind: str
    simulated: bool
    conditions: tuple[str, ...]
    stimuli: tuple[Stimulus, ...]
    markers: tuple[StoredMarker, ...]
    sessions: pd.DataFrame
    attributes: Attributes = field(default_factory=dict)  # of one study alone, not in lists
    sessions_left_aside: bool = False  # whether a filter has chosen among its sessions

    @cached_property
    def stamp(self) -> str:
        """Changes when anything does that its numbers depend on."""
        return _stamp(self.sessions, self.stimuli, self.markers, self.attributes)

    @cached_property
    def counted(self) -> pd.DataFrame:
        return self.sessions[self.sessions["counts"]]

    @property
    def eyes(self) -> bool:
        """Whether its attention and engagement take account of eyes: those of all sessions do."""
        return all_have_eyes(self.counted)

    @cached_property
    def without_eyes(self) -> pd.DataFrame:
        """The sessions that keep it from that, where others have eyes; else none."""
        known = _have_eyes(self.counted)
        return self.counted[~known] if known.any() else self.counted.iloc[:0]

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that at least one of its sessions has."""
        some = bool(_have_eyes(self.counted).any())
        return tuple(key for key in MEASURES if some or not BY_KEY[key].optional)

    @cached_property
    def left_out(self) -> pd.DataFrame:
        return self.sessions[~self.sessions["counts"]]

    @cached_property
    def viewer_names(self) -> dict[str, str]:
        """Whom a session shows, by its id: the respondent, or the session's name."""
        rows = self.sessions
        named = rows["respondent"].where(rows["respondent"].notna(), rows["name"])
        return dict(zip(rows["session_id"].astype(str), named.astype(str)))

    @cached_property
    def without_film(self) -> int:
        """How many sessions that count name no stimulus, where there are several sessions: their
        seconds may not be the same second."""
        return int(self.counted["stimulus_id"].isna().sum()) if len(self.counted) > 1 else 0

    def scenes(self, stimulus_ids: Sequence[str]) -> tuple[Scene, ...]:
        """The scenes of these stimuli; of several, only where all share the one stimulus."""
        return tuple(
            Scene(mark.name, mark.from_ms, mark.to_ms)
            for mark in self._marks(stimulus_ids)
            if mark.to_ms is not None
        )

    def points(self, stimulus_ids: Sequence[str]) -> tuple[Marker, ...]:
        """The markers that are moments."""
        marks = self._marks(stimulus_ids)
        return tuple(Marker(mark.name, mark.from_ms) for mark in marks if mark.to_ms is None)

    def _marks(self, stimulus_ids: Sequence[str]) -> list[StoredMarker]:
        # Scenes of different films are not the same stretch, whatever they are called.
        one = stimulus_ids[0] if len(set(stimulus_ids)) == 1 else None
        return [mark for mark in self.markers if mark.stimulus_id == one]

    def length_ms(self, stimulus_id: str | None = None) -> int:
        """How long the stimulus is said to be; 0 where nobody said."""
        return max(
            (one.length_ms or 0 for one in self.stimuli if stimulus_id in (None, one.stimulus_id)),
            default=0,
        )

    def title(self, stimulus_id: str | None) -> str:
        """The title of one of the stimuli; "" where it is none."""
        found = (one.title for one in self.stimuli if one.stimulus_id == stimulus_id)
        return next(found, "")


def _have_eyes(sessions: pd.DataFrame) -> pd.Series:
    """Whether each session's attention takes account of eyes."""
    return sessions["attention_version"] == BY_KEY["attention"].label


def all_have_eyes(sessions: pd.DataFrame) -> bool:
    """Whether the attention of all of these sessions (rows of the store's list) does."""
    return bool(_have_eyes(sessions).all())


def earlier_for_all(study: Study) -> str:
    """What is said where only some of a study's sessions have eyes; "" elsewhere."""
    n = len(study.without_eyes)
    if not n:
        return ""
    return (
        f"{n} of {count(len(study.counted), 'session')} know nothing of eyes, so attention and "
        "engagement follow the head alone in all of them (version 1)."
    )


def find_study(store: Store, called: str | None) -> str:
    """A study's id from its id or name; without one, the only study there is."""
    if called:
        return store.studies.get(called).study_id
    studies = store.studies.list()
    if len(studies) == 1:
        return studies[0].study_id
    if not studies:
        raise StoreError("There is no study here.", "`rapt demo --study` makes one to look at.")
    names = ", ".join(repr(one.name) for one in studies[:5])
    raise StoreError(f"There are {len(studies)} studies.", f"Say which with --study: {names}.")


def load_study(store: Store, study_id: str) -> Study:
    """The study with its sessions; StoreError where there is none."""
    found = store.studies.get(study_id)
    stimuli = tuple(store.studies.stimuli(found.study_id))
    markers = tuple(store.markers.list(study_id=found.study_id))
    sessions = with_reasons(store.sessions.list(study_id=found.study_id, limit=MOST_SESSIONS))
    study = _study(found, stimuli, markers, sessions)
    return replace(study, attributes=attributes(store, found.study_id, sessions))


def load_studies(store: Store) -> list[Study]:
    """All studies with their sessions and stimuli, without markers, the newest first."""
    sessions = with_reasons(store.sessions.list(limit=MOST_SESSIONS))
    of_study = dict(tuple(sessions.groupby("study_id")))
    stimuli = store.studies.stimuli()
    none = sessions.iloc[:0]
    return [
        _study(
            one,
            tuple(film for film in stimuli if film.study_id == one.study_id),
            (),
            of_study.get(one.study_id, none).reset_index(drop=True),
        )
        for one in store.studies.list()
    ]


def _study(
    found: StoredStudy,
    stimuli: tuple[Stimulus, ...],
    markers: tuple[StoredMarker, ...],
    sessions: pd.DataFrame,
) -> Study:
    return Study(
        found.study_id,
        found.name,
        found.question or "",
        found.kind or "",
        found.simulated,
        found.conditions,
        stimuli,
        markers,
        sessions,
    )


def with_reasons(sessions: pd.DataFrame) -> pd.DataFrame:
    """The list with ``flagged, counts, reason``; in the order of conditions and respondents."""
    by_hand = {
        str(key): (bool(inside), str(reason or ""))
        for key, inside, reason in zip(
            sessions["session_id"], sessions["included"], sessions["included_reason"]
        )
        if not pd.isna(inside)
    }
    found = members(
        dict(zip(sessions["session_id"], sessions["quality"].astype(float))),
        taken_back={key: why for key, (inside, why) in by_hand.items() if inside},
        left_out={key: why for key, (inside, why) in by_hand.items() if not inside},
        photographs=set(sessions.loc[sessions["photograph"].astype(bool), "session_id"]),
    )
    table = sessions.merge(
        found[["session_id", "flagged", "included", "reason"]].rename(
            columns={"included": "counts"}
        ),
        on="session_id",
        how="left",
    )
    # A session that is still analysed would move the curve under the reader's eyes.
    running = (table["status"] == "running").to_numpy()
    failed = (table["status"].isin(["failed", "cancelled"]) & table["viewers"].isna()).to_numpy()
    table["counts"] = table["counts"].astype(bool) & ~running & ~failed
    table.loc[running, "reason"] = STILL_RUNNING
    table.loc[failed, "reason"] = "its analysis ended before anything was read"
    order = ["condition", "respondent", "name"]
    return table.sort_values(order, kind="stable", na_position="last", ignore_index=True)


def _stamp(
    sessions: pd.DataFrame,
    stimuli: tuple[Stimulus, ...],
    markers: tuple[StoredMarker, ...],
    known: Attributes,
) -> str:
    table = sessions[_STAMPED].sort_values("session_id").to_csv(index=False)
    # the number of a stimulus' sessions follows from the table
    films = [replace(one, sessions=0) for one in stimuli]
    return sha256_of(f"{table}{films}{markers}{dict(known) or ''}".encode())[:16]
