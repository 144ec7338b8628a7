"""A study's sessions: which of them count, and why the others do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from fer_core.analytics.scenes import Marker, Scene
from fer_core.analytics.study import members
from fer_core.errors import StoreError
from fer_core.files import sha256_of
from fer_core.storage import Store

MOST_SESSIONS = 100_000
STILL_RUNNING = "still being analysed"
#: What a study's numbers depend on; a change in any of it is another stamp.
_STAMPED = [
    "session_id", "status", "stimulus_id", "condition", "offset_ms", "respondent", "included",
    "viewers", "quality", "engagement", "attention", "valence", "duration_s",
]  # fmt: skip


@dataclass(frozen=True)
class Study:
    """A study as the store knows it, its sessions marked with whether they count.

    ``sessions``: the store's list of them, with ``flagged``, ``counts`` and ``reason``.
    """

    study_id: str
    name: str
    question: str
    simulated: bool
    conditions: tuple[str, ...]
    stimuli: pd.DataFrame
    markers: pd.DataFrame
    sessions: pd.DataFrame
    stamp: str

    @cached_property
    def counted(self) -> pd.DataFrame:
        return self.sessions[self.sessions["counts"]]

    @cached_property
    def left_out(self) -> pd.DataFrame:
        return self.sessions[~self.sessions["counts"]]

    def scenes(self, stimulus_ids: Sequence[str]) -> tuple[Scene, ...]:
        """The scenes of these stimuli; of several, only where all share the one stimulus."""
        rows = self._marks(stimulus_ids)
        rows = rows[rows["to_ms"].notna()]
        return tuple(
            Scene(str(name), int(start), int(stop))
            for name, start, stop in zip(rows["name"], rows["from_ms"], rows["to_ms"])
        )

    def points(self, stimulus_ids: Sequence[str]) -> tuple[Marker, ...]:
        """The markers that are moments."""
        rows = self._marks(stimulus_ids)
        rows = rows[rows["to_ms"].isna()]
        return tuple(Marker(str(n), int(t)) for n, t in zip(rows["name"], rows["from_ms"]))

    def _marks(self, stimulus_ids: Sequence[str]) -> pd.DataFrame:
        # Scenes of different films are not the same stretch, whatever they are called.
        one = stimulus_ids[0] if len(set(stimulus_ids)) == 1 else None
        return self.markers[self.markers["stimulus_id"] == one]

    def length_ms(self, stimulus_id: str | None = None) -> int:
        """How long the stimulus is said to be; 0 where nobody said."""
        known = self.stimuli if stimulus_id is None else self.stimuli[
            self.stimuli["stimulus_id"] == stimulus_id
        ]  # fmt: skip
        lengths = known["length_ms"].dropna()
        return int(lengths.max()) if len(lengths) else 0


def find_study(store: Store, called: str | None) -> str:
    """A study's id from its id or name; without one, the only study there is."""
    if called:
        return str(store.study(called)["study_id"])
    rows = store.studies()
    if len(rows) == 1:
        return str(rows["study_id"].iloc[0])
    if rows.empty:
        raise StoreError("There is no study here.", "`rapt demo --study` makes one to look at.")
    names = ", ".join(repr(str(name)) for name in rows["name"].head(5))
    raise StoreError(f"There are {len(rows)} studies.", f"Say which with --study: {names}.")


def load_study(store: Store, study_id: str) -> Study:
    """The study with its sessions; StoreError where there is none."""
    row = store.study(study_id)
    stimuli = store.stimuli(row["study_id"])
    marks = [store.markers(stimulus_id=one) for one in stimuli["stimulus_id"]]
    markers = pd.concat(marks, ignore_index=True) if marks else store.markers(stimulus_id="")
    sessions = with_reasons(store.sessions(study_id=row["study_id"], limit=MOST_SESSIONS))
    return Study(
        row["study_id"],
        row["name"],
        row["question"] or "",
        bool(row["simulated"]),
        tuple(row["conditions"]),
        stimuli,
        markers,
        sessions,
        _stamp(sessions, markers, stimuli),
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


def _stamp(*tables: pd.DataFrame) -> str:
    parts: list[Any] = []
    for table in tables:
        names = [n for n in _STAMPED if n in table] if "status" in table else list(table)
        parts.append(table[names].sort_values(str(names[0])).to_csv(index=False))
    return sha256_of("\n".join(parts).encode())[:16]
