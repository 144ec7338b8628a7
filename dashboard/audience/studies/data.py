"""Studies as pages list them and change them: new, sessions in and out, with a reason."""

from __future__ import annotations

from collections.abc import Callable

from fer_core.errors import StoreError
from fer_core.storage import Store
from fer_core.storage.sessions import IncludeSession
from fer_core.storage.studies import AddStudy, DeleteStudy, UpdateStudy
from fer_core.studies.demo import plant_demo
from fer_core.studies.headlines import Headline, study_headlines
from fer_core.studies.membership import Study, load_studies, load_study


def load(store: Store, study_id: str) -> Study | None:
    """The study, or None where there is none."""
    try:
        return load_study(store, study_id)
    except StoreError:
        return None


def headlines(store: Store) -> dict[str, Headline]:
    """Each study's numbers at a glance, by its id: those that its page shows."""
    return study_headlines(store, load_studies(store))


def create(
    store: Store, name: str, question: str = "", conditions: str = "", kind: str = ""
) -> str:
    """A new study; conditions are given as one line with commas."""
    known = {study.name.casefold() for study in store.studies.list()}
    if name.strip().casefold() in known:
        raise StoreError(f"There is a study called {name.strip()!r} already.", "Choose another.")
    return store.run(
        AddStudy(
            name=name,
            question=question.strip() or None,
            kind=kind.strip().lower() or None,
            conditions=listed(conditions),
        )
    )


def listed(text: str) -> tuple[str, ...]:
    """«A, B» as a tuple, each once."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def demo(store: Store, on_progress: Callable[[int, int], None] | None = None) -> str:
    """The study of simulated viewers; its id."""
    study_id, _ = plant_demo(store, with_film=True, on_progress=on_progress)
    return study_id


def update(store: Store, study_id: str, name: str, question: str, conditions: str) -> None:
    store.run(
        UpdateStudy(
            study_id=study_id,
            name=name.strip() or None,
            question=question.strip(),
            conditions=listed(conditions),
        )
    )


def delete(store: Store, study_id: str) -> None:
    """Remove the study with its stimuli and markers; its sessions stay."""
    store.run(DeleteStudy(study_id=study_id))


def leave_out(store: Store, session_id: str, reason: str) -> None:
    store.run(IncludeSession(session_id=session_id, included=False, reason=reason))


def take_back(store: Store, session_id: str, reason: str) -> None:
    store.run(IncludeSession(session_id=session_id, included=True, reason=reason))


def by_rule(store: Store, session_id: str) -> None:
    """Undo what was decided by hand: the rule of quality decides again."""
    store.run(IncludeSession(session_id=session_id, included=None))
