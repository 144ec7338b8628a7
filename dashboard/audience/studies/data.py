"""Studies as pages list them and change them: new, sessions in and out, with a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from dashboard.audience.sessions.data import plain
from fer_core.analytics.session import FLAGGED_UNDER, LEFT_OUT_UNDER
from fer_core.errors import StoreError
from fer_core.storage import Store
from fer_core.studies.demo import plant_demo
from fer_core.studies.membership import Study, load_study

__all__ = ["FLAGGED_UNDER", "LEFT_OUT_UNDER", "Study", "StudyRow"]


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One study in the list."""

    study_id: str
    name: str
    question: str
    created: datetime
    sessions: int
    viewers: int
    stimuli: int
    engagement: float | None
    simulated: bool


def rows(store: Store) -> list[StudyRow]:
    return [
        StudyRow(
            study_id=row["study_id"],
            name=row["name"],
            question=row["question"] or "",
            created=row["created"],
            sessions=int(row["sessions"]),
            viewers=int(row["viewers"] or 0),
            stimuli=int(row["stimuli"]),
            engagement=row["engagement"],
            simulated=bool(row["simulated"]),
        )
        for row in map(plain, store.studies().to_dict("records"))
    ]


def load(store: Store, study_id: str) -> Study | None:
    """The study, or None where there is none."""
    try:
        return load_study(store, study_id)
    except StoreError:
        return None


def create(
    store: Store, name: str, question: str = "", conditions: str = "", kind: str = ""
) -> str:
    """A new study; conditions are given as one line with commas."""
    known = {row.name.casefold() for row in rows(store)}
    if name.strip().casefold() in known:
        raise StoreError(f"There is a study called {name.strip()!r} already.", "Choose another.")
    return str(
        store.order(
            "add_study",
            name=name,
            question=question.strip() or None,
            kind=kind.strip().lower() or None,
            conditions=listed(conditions),
        )
    )


def listed(text: str) -> list[str]:
    """«A, B» as a list, each once."""
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def demo(store: Store, on_progress: Callable[[int, int], None] | None = None) -> str:
    """The study of simulated viewers; its id."""
    study_id, _ = plant_demo(store, on_progress=on_progress)
    return study_id


def update(store: Store, study_id: str, name: str, question: str, conditions: str) -> None:
    store.order(
        "update_study",
        study_id=study_id,
        name=name.strip() or None,
        question=question.strip(),
        conditions=listed(conditions),
    )


def delete(store: Store, study_id: str) -> None:
    """Remove the study with its stimuli and markers; its sessions stay."""
    store.order("delete_study", study_id=study_id)


def leave_out(store: Store, session_id: str, reason: str) -> None:
    store.order("include_session", session_id=session_id, included=False, reason=reason)


def take_back(store: Store, session_id: str, reason: str) -> None:
    store.order("include_session", session_id=session_id, included=True, reason=reason)


def by_rule(store: Store, session_id: str) -> None:
    """Undo what was decided by hand: the rule of quality decides again."""
    store.order("include_session", session_id=session_id, included=None)
