import json

import pytest

from fer_core.errors import StoreError
from fer_core.files import write_json
from fer_core.home import Home
from fer_core.storage import Store, open_store
from fer_core.storage.commands import command_names
from fer_core.storage.jobs import (
    AddJob,
    AssignJob,
    CancelJob,
    ClaimJob,
    DeleteJob,
    RequeueJob,
    UpdateJob,
)
from fer_core.storage.lab.evaluations import AddEvaluation
from fer_core.storage.lab.labels import AddLabel, UndoLabel, Verdict
from fer_core.storage.lab.models import AddEpochs, AddTrainingRun, UpdateTrainingRun
from fer_core.storage.markers import AddMarkers, DeleteMarkers, NewMarker, UpdateMarker
from fer_core.storage.sessions import AssignSession, DeleteSession, IncludeSession, RenameSession
from fer_core.storage.sharing.inbox import put_into_inbox, take_inbox
from fer_core.storage.studies import AddStimulus, AddStudy, DeleteStudy, UpdateStudy
from fer_core.types import JobStatus
from tests.storage.rows import record


@pytest.fixture
def session(home: Home, store: Store) -> str:
    record(home, "s1", 20, name="Clip")
    store.sync()
    return "s1"


def test_an_unknown_command_is_answered_with_the_names_of_all(home: Home) -> None:
    with pytest.raises(StoreError, match=r"no command 'rename'.*rename_session"):
        put_into_inbox(home, "rename", {"session_id": "s1"})
    assert "delete_session" in command_names()


@pytest.mark.parametrize(
    "payload",
    [
        {"session_id": "s1"},
        {"session_id": "s1", "name": 5},
        {"session_id": "s1", "name": "a", "x": 1},
    ],
)
def test_a_wrong_payload_is_refused_before_it_reaches_the_inbox(
    home: Home, payload: dict[str, object]
) -> None:
    with pytest.raises(StoreError, match="rename_session"):
        put_into_inbox(home, "rename_session", payload)
    assert not home.inbox.exists()


def test_a_field_of_another_type_is_refused_on_both_sides(home: Home, store: Store) -> None:
    with open_store(home) as client:
        for side in (store, client):
            with pytest.raises(StoreError, match=r"rename_session has name=5, which is not str"):
                side.run(RenameSession(session_id="s1", name=5))  # type: ignore[arg-type]
    assert not home.inbox.exists()


def test_an_order_that_cannot_be_done_tells_the_client_why(home: Home, store: Store) -> None:
    with open_store(home) as client:
        with pytest.raises(StoreError, match="There is no session 's9'"):
            client.run(RenameSession(session_id="s9", name="x"))
        with pytest.raises(StoreError, match=r"needs a name.*Type at least"):
            client.run(AddStudy(name=" "))
    assert list(home.inbox.glob("*.json")) == []


def test_an_order_offered_twice_is_carried_out_once(home: Home, store: Store) -> None:
    order_id = put_into_inbox(home, "add_study", {"name": "once"})
    path = home.inbox / f"{order_id}.json"
    text = path.read_text()
    take_inbox(store.database, home)
    assert not path.exists()
    path.write_text(text)
    take_inbox(store.database, home)
    assert not path.exists()
    assert len(store.studies.list()) == 1


def test_orders_left_while_nobody_owned_the_store_are_carried_out_in_turn(home: Home) -> None:
    for number in range(3):
        put_into_inbox(home, "set_setting", {"name": "n", "value": number})
    with open_store(home, look_after=False) as store:
        store.sync()
        assert store.settings.get("n") == 2


def test_a_damaged_order_is_set_aside_and_stops_no_other(home: Home, store: Store) -> None:
    home.inbox.mkdir()
    (home.inbox / "a.json").write_text("{half")
    write_json(home.inbox / "b.json", {"order_id": "ob", "kind": "no_such", "payload": {}})
    put_into_inbox(home, "add_study", {"name": "fine"})
    store.sync()
    assert [p.name for p in home.inbox.iterdir()] == ["a.damaged"]
    assert len(store.studies.list()) == 1


def test_deleting_a_session_removes_its_rows_folder_and_upload(home: Home, store: Store) -> None:
    upload = home.uploads / "u1" / "clip.mp4"
    upload.parent.mkdir(parents=True)
    upload.write_bytes(b"film")
    for session_id in ("s1", "s2"):
        record(home, session_id, 20, path=str(upload))
    store.sync()
    store.run(DeleteSession(session_id="s1"))
    assert not home.session("s1").exists()
    assert upload.exists(), "another session still uses it"
    for table in ("sessions", "timeline", "frames", "seconds", "ingested"):
        left = store.frame(f"SELECT DISTINCT session_id FROM {table}")["session_id"].tolist()
        assert left == ["s2"], table
    store.run(DeleteSession(session_id="s2"))
    assert not upload.parent.exists()
    assert home.uploads.exists()


def test_a_film_that_is_no_upload_is_never_removed(home: Home, store: Store) -> None:
    films = [home.root.parent / "mine.mp4", home.uploads / ".." / ".." / "sly.mp4"]
    home.uploads.mkdir(parents=True)
    for number, film in enumerate(films):
        film.write_bytes(b"film")
        record(home, f"s{number}", 5, path=str(film))
    store.sync()
    for number, film in enumerate(films):
        store.run(DeleteSession(session_id=f"s{number}"))
        assert film.exists()


def test_a_deletion_that_a_crash_cut_short_is_completed(home: Home) -> None:
    with open_store(home, look_after=False) as store:
        record(home, "s1", 5)
        store.sync()
        with store.transaction() as cursor:
            cursor.execute("DELETE FROM sessions")
            cursor.execute("INSERT INTO deletions VALUES ('s1', NULL, false, now()::TIMESTAMP)")
    with open_store(home) as store:
        store.sync()
        assert not store.sessions.exists("s1")
    assert not home.session("s1").exists()


def test_a_session_is_assigned_by_name_and_a_new_name_makes_a_study(
    store: Store, session: str
) -> None:
    store.run(AssignSession(session_id=session, study="Ad test", stimulus="Version A",
                condition="A", respondent="7", tags=("home", "evening")))  # fmt: skip
    row = store.sessions.get(session)
    assert (row.study, row.stimulus, row.condition) == ("Ad test", "Version A", "A")
    assert (row.respondent, row.tags) == ("7", ("home", "evening"))
    assert store.studies.get("Ad test").conditions == ("A",)
    store.run(AssignSession(session_id=session, condition="", study=""))
    row = store.sessions.get(session)
    assert (row.study, row.condition, row.respondent) == (None, None, "7")
    assert len(store.studies.list()) == 1


def test_a_session_that_moves_keeps_its_condition_and_leaves_the_old_film(
    store: Store, session: str
) -> None:
    store.run(AssignSession(session_id=session, study="Ad", stimulus="Film", condition="A"))
    store.run(AssignSession(session_id=session, study="Second"))
    row = store.sessions.get(session)
    assert (row.study, row.stimulus_id, row.condition) == ("Second", None, "A")
    assert store.studies.get("Second").conditions == ("A",)
    store.run(AssignSession(session_id=session, study="", stimulus="Loose film"))
    store.run(AssignSession(session_id=session, study="Ad"))
    assert store.sessions.get(session).stimulus == "Loose film", "it is no other study's"


def test_a_session_begins_where_its_job_was_put_after_its_worker_had_started(
    store: Store, home: Home
) -> None:
    spec = {"path": "/clip.mp4", "study": "Old"}
    job = store.run(AddJob(kind="analyze", spec=spec, session_id="s9"))
    store.run(ClaimJob(job_id=job))
    assert store.run(AssignJob(job_id=job, study="New", condition="A"))
    record(home, "s9", 5)
    store.sync()
    row = store.sessions.get("s9")
    assert (row.study, row.condition) == ("New", "A")
    assert not store.run(AssignJob(job_id=job, study="Late")), "now it has a session"


def test_taking_a_session_in_by_hand_needs_a_reason(store: Store, session: str) -> None:
    with pytest.raises(StoreError, match="reason"):
        store.run(IncludeSession(session_id=session, included=True))
    store.run(IncludeSession(session_id=session, included=True, reason="dark, but fine"))
    assert store.sessions.get(session).included_reason == "dark, but fine"
    store.run(IncludeSession(session_id=session, included=None))
    assert store.sessions.get(session).included is None


def test_deleting_a_study_keeps_its_sessions(store: Store, session: str) -> None:
    study = store.run(AddStudy(name="Ad", kind="ad", conditions=("A", "B")))
    stimulus = store.run(AddStimulus(title="Film", study_id=study, length_ms=30_000))
    store.run(AddMarkers(stimulus_id=stimulus, markers=(NewMarker("logo", 900),)))
    store.run(AssignSession(session_id=session, study=study, stimulus=stimulus))
    assert [study.sessions for study in store.studies.list()] == [1]
    store.run(UpdateStudy(study_id=study, conditions=("B", "A", "C"), question="Which?"))
    assert store.studies.get(study).conditions == ("B", "A", "C")
    store.run(DeleteStudy(study_id=study))
    assert store.sessions.get(session).study_id is None
    assert len(store.studies.stimuli()) == 0
    assert len(store.markers.list(stimulus_id=stimulus)) == 0


def test_markers_and_scenes_come_in_order_of_time(store: Store, session: str) -> None:
    ids = store.run(
        AddMarkers(
            session_id=session,
            markers=(
                NewMarker("joke", 700),
                NewMarker("opening", 0, 500, note="slow"),
            ),
        )
    )
    markers = store.markers.list(session_id=session)
    assert [mark.name for mark in markers] == ["opening", "joke"]
    assert [mark.kind for mark in markers] == ["scene", "marker"]
    store.run(UpdateMarker(marker_id=ids[0], from_ms=100, name="early joke"))
    store.run(DeleteMarkers(marker_ids=(ids[1],)))
    assert [mark.from_ms for mark in store.markers.list(session_id=session)] == [100]
    with pytest.raises(StoreError, match="before it begins"):
        store.run(AddMarkers(session_id=session, markers=(NewMarker("x", 9, 3),)))


def test_a_job_goes_through_its_life(home: Home, store: Store, session: str) -> None:
    first = store.run(AddJob(kind="analyze", spec={"path": "a"}, session_id=session))
    urgent = store.run(AddJob(kind="analyze", spec={"path": "b"}, priority=5))
    assert [job.job_id for job in store.jobs.waiting()] == [urgent, first]
    store.run(UpdateJob(job_id=first, status=JobStatus.RUNNING, fields={"done": 5, "total": 10}))
    home.job(first).mkdir(parents=True)
    store.run(CancelJob(job_id=first))
    assert store.jobs.get(first).cancel_asked
    assert (home.job(first) / "cancel").exists()
    with pytest.raises(StoreError, match="running"):
        store.run(DeleteJob(job_id=first))
    store.run(UpdateJob(job_id=first, status=JobStatus.CANCELLED))
    assert store.jobs.get(first).finished is not None
    store.run(RequeueJob(job_id=first))
    job = store.jobs.get(first)
    assert (job.status, job.attempt, job.cancel_asked) == ("queued", 1, False)
    assert not (home.job(first) / "cancel").exists()
    store.run(CancelJob(job_id=first))
    assert store.jobs.get(first).status == "cancelled"
    assert [
        job.job_id for job in store.jobs.list(status=[JobStatus.QUEUED, JobStatus.CANCELLED])
    ] == [
        urgent,
        first,
    ]
    assert [job.session_name for job in store.jobs.list(session_id=session)] == ["Clip"]
    with pytest.raises(StoreError, match="cannot be set"):
        store.run(UpdateJob(job_id=first, fields={"spec": "{}"}))


def test_a_training_run_and_its_evaluation_are_kept(store: Store) -> None:
    run = store.run(AddTrainingRun(settings={"lr": 0.1}, data={"fer": 1}, architecture="t"))
    for loss in (2.0, 1.0):
        store.run(AddEpochs(run_id=run, epochs=[{"epoch": 0, "loss": loss, "ece": 0.1}]))
    store.run(UpdateTrainingRun(run_id=run, status=JobStatus.DONE, metrics={"accuracy": 0.6}))
    assert store.training_runs.epochs(run)["loss"].tolist() == [1.0]
    assert json.loads(store.training_runs.epochs(run)["metrics"].iloc[0]) == {"ece": 0.1}
    assert store.training_runs.get(run).metrics == {"accuracy": 0.6}
    evaluation = store.run(
        AddEvaluation( model="m", data="d", report={"n": 3, "accuracy": 0.33},
        predictions={
            "item": [1, 2, 3], "truth": ["sad", "sad", "happy"], "guess": ["happy", "sad", "sad"],
            "confidence": [0.6, 0.8, 0.9], "p_sad": [0.1, 0.8, 0.9],
        },
    ))  # fmt: skip
    wrong = store.evaluations.predictions(evaluation, wrong_only=True)
    assert wrong["item"].tolist() == ["3", "1"]
    assert store.evaluations.predictions(evaluation, truth="sad", guess="happy")[
        "item"
    ].tolist() == ["1"]
    assert [one.accuracy for one in store.evaluations.list(model="m")] == [0.33]


def test_labels_can_be_undone(store: Store) -> None:
    label = store.run(
        AddLabel(item="f1", source="session", verdict=Verdict.EMOTION, emotion="fear")
    )
    store.run(AddLabel(item="f2", source="session", verdict=Verdict.NOT_A_FACE))
    store.run(UndoLabel(label_id=label))
    assert [label.item for label in store.labels.list(source="session")] == ["f2"]
    with pytest.raises(StoreError, match="cannot be"):
        store.run(AddLabel(item="f3", source="session", verdict=Verdict.EMOTION, emotion="bored"))
