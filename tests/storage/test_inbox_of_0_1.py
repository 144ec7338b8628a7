"""What earlier versions left in an inbox is still taken: names of commands and of their fields."""

from __future__ import annotations

import pytest

import fer_core.storage.store  # noqa: F401  (knows every command)
from fer_core.files import write_json
from fer_core.home import Home
from fer_core.storage import Store
from fer_core.storage.codec import field_types
from fer_core.storage.commands import command_names, find_command

#: Version 0.1: each command and its fields.
RELEASED = {
    "add_epochs": "epochs run_id",
    "add_evaluation": "data evaluation_id model predictions report usage",
    "add_job": "job_id kind priority run_id session_id spec title",
    "add_label": "emotion frame held_out item label_id labeller session_id source verdict viewer",
    "add_link": "arms consent ends keep_faces most_uses study_id title",
    "add_markers": "markers session_id source stimulus_id",
    "add_model": "card checksum family model path run_id source",
    "add_stimulus": "digest length_ms notes path stimulus_id study_id title",
    "add_study": "conditions kind name notes question settings simulated study_id",
    "add_training_run": "architecture base_model data model run_id settings",
    "assign_session": "condition notes offset_ms respondent session_id stimulus study tags",
    "begin_response": "consent link_id respondent",
    "cancel_job": "job_id",
    "claim_job": "job_id",
    "delete_evaluation": "evaluation_id",
    "delete_job": "job_id",
    "delete_markers": "marker_ids",
    "delete_session": "session_id",
    "delete_stimulus": "stimulus_id",
    "delete_study": "study_id",
    "edit_viewer": "from_ms into_viewer kind name reason session_id to_ms viewer",
    "forget_faces": "session_id",
    "include_session": "included reason session_id",
    "mark_response": "alignment response_id session_id state",
    "rename_session": "name session_id",
    "requeue_job": "job_id",
    "revoke_link": "link_id revoked",
    "set_setting": "name value",
    "undo_edit": "edit_id",
    "undo_label": "label_id",
    "update_job": "fields job_id status",
    "update_link": "consent ends link_id most_uses title",
    "update_marker": "from_ms kind marker_id name note to_ms",
    "update_stimulus": "digest length_ms notes path stimulus_id title",
    "update_study": "conditions kind name notes question settings study_id",
    "update_training_run": "error metrics model run_id status",
}


@pytest.mark.parametrize("name", RELEASED)
def test_a_command_of_the_first_version_keeps_its_name_and_its_fields(name: str) -> None:
    assert name in command_names()
    assert set(RELEASED[name].split()) <= set(field_types(find_command(name)))


def test_an_inbox_of_the_first_version_is_taken(home: Home, store: Store) -> None:
    left = [
        ("add_study", {"name": "Spot", "conditions": ["A", "B"], "study_id": "y1"}),
        ("add_stimulus", {"title": "Film", "study_id": "y1", "stimulus_id": "t1"}),
        ("add_markers", {"stimulus_id": "t1", "markers": [{"name": "logo", "from_ms": 900}]}),
        ("add_job", {"kind": "trial", "spec": {"n": 1}, "job_id": "j1"}),
        ("update_job", {"job_id": "j1", "status": "failed", "fields": {"error": "gone"}}),
        ("add_label", {"item": "f1", "source": "d", "verdict": "emotion", "emotion": "sad"}),
        ("add_link", {"study_id": "y1", "title": "Watch", "consent": "Yes?",
                      "arms": [{"stimulus_id": "t1", "condition": "A"}]}),
    ]  # fmt: skip
    for number, (kind, payload) in enumerate(left):
        value = {"order_id": f"o{number}", "kind": kind, "payload": payload}
        write_json(home.inbox / f"o{number}.json", value)
    store.sync()
    assert store.frame("SELECT * FROM orders WHERE error IS NOT NULL").empty
    assert store.studies.get("Spot").conditions == ("A", "B")
    assert [mark.name for mark in store.markers.list(stimulus_id="t1")] == ["logo"]
    job = store.jobs.get("j1")
    assert (job.status, job.error, job.spec) == ("failed", "gone", {"n": 1})
    assert [label.said for label in store.labels.list()] == ["sad"]
    assert [link.arms[0].condition for link in store.respondents.links("y1")] == ["A"]
