"""What a study is for: stated, declined, kept, and not stated in stores made earlier."""

from __future__ import annotations

import pytest

from fer_core.access.audit import AuditLog, Deed
from fer_core.access.permissions import Identity, Role
from fer_core.access.purpose import EXCEPTIONS, Declined, Purpose, Stated, label_of, state
from fer_core.errors import RaptError
from fer_core.files import write_json
from fer_core.storage import Store
from fer_core.storage.accounts.guarded import guarded
from fer_core.storage.studies import AddStudy, StatePurpose
from fer_core.storage.timeline.session_file import session_path


def test_a_new_study_states_nothing_until_somebody_does(store: Store) -> None:
    study = store.run(AddStudy(name="Spring spot"))
    assert store.studies.get(study).purpose is None
    assert label_of(None) == "not stated"
    store.run(StatePurpose(study_id=study, purpose="media", reason="is not asked for here"))
    kept = store.studies.get(study).purpose
    assert kept is not None
    assert (kept.purpose, kept.exception, kept.reason) == (Purpose.MEDIA, None, "")
    assert kept.at
    assert store.studies.purpose("Spring spot") == kept
    assert store.studies.list()[0].purpose == kept


def test_work_and_education_are_declined_with_the_article(store: Store) -> None:
    study = store.run(AddStudy(name="Meeting"))
    for more in ({}, {"exception": "medical"}, {"reason": "We want to"},
                 {"exception": "media", "reason": "We want to"},
                 {"exception": "safety", "reason": "  "}):  # fmt: skip
        with pytest.raises(Declined, match=r"Article 5\(1\)\(f\)"):
            store.run(StatePurpose(study_id=study, purpose="work", **more))
    assert store.studies.get(study).purpose is None


@pytest.mark.parametrize("exception", EXCEPTIONS)
def test_an_exception_of_the_act_is_kept_with_its_reason(store: Store, exception: Purpose) -> None:
    study = store.run(AddStudy(name="Drivers"))
    asked = StatePurpose(
        study_id=study, purpose="work", exception=exception, reason="Fits at the\nwheel"
    )
    store.run(asked)
    kept = store.studies.get(study).purpose
    assert kept is not None
    assert (kept.exception, kept.reason) == (exception, "Fits at the wheel")
    assert kept.label == f"Workplace or education, for {exception} reasons"


def test_there_are_no_other_purposes() -> None:
    with pytest.raises(RaptError, match="no purpose 'fun'"):
        state("fun")
    with pytest.raises(RaptError, match="too long"):
        state("work", "safety", "x" * 3000)


def test_the_audit_log_names_who_stated_a_purpose_and_no_reason(store: Store) -> None:
    study = store.run(AddStudy(name="Wards"))
    who = Identity("user_1", "Ada", Role.ANALYST, "login_1")
    audit = AuditLog(store.home)
    guarded(store, who, audit).run(
        StatePurpose(study_id=study, purpose="work", exception="medical", reason="Pain of Mr X")
    )
    (entry,) = audit.read()
    assert (entry.who, entry.deed, entry.subject) == ("user_1", Deed.CHANGED, study)
    assert entry.detail == "state_purpose"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"purpose": "event", "exception": None, "reason": "", "at": "2026-11-26"}, "event"),
        ({"purpose": "of a later version"}, None),
        ("event", None),
        (None, None),
    ],
)
def test_a_live_session_states_the_purpose_of_the_study_that_it_makes(
    store: Store, written: object, expected: str | None
) -> None:
    session = {"session_id": "s_1", "name": "Hall", "kind": "live", "study": "Evening"}
    path = session_path(store.home, "s_1")
    path.parent.mkdir(parents=True)
    write_json(path, session | ({"purpose": written} if written else {}))
    store.sync()
    found = store.studies.purpose("Evening")
    assert (found.purpose if found else None) == expected


def test_a_live_session_does_not_change_what_a_study_is_for(store: Store) -> None:
    study = store.run(AddStudy(name="Evening"))
    store.run(StatePurpose(study_id=study, purpose="media"))
    path = session_path(store.home, "s_1")
    path.parent.mkdir(parents=True)
    said = {"purpose": "event", "exception": None, "reason": "", "at": ""}
    write_json(path, {"session_id": "s_1", "kind": "live", "study": "Evening", "purpose": said})
    store.sync()
    found = store.studies.purpose("Evening")
    assert isinstance(found, Stated)
    assert found.purpose is Purpose.MEDIA
