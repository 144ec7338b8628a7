"""Everything about one respondent as a file, and which text was agreed to, and when."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pandas as pd

from fer_core.home import Home
from fer_core.keeping.respondent import export_respondent, listed
from fer_core.storage import Store
from fer_core.storage.links import UpdateLink
from fer_core.storage.respondents import BeginResponse, TakePlace
from fer_core.storage.shares import AddShare
from tests.keeping.conftest import NAME, planted, responded, study_with


def test_all_of_one_respondent_and_nothing_of_others(
    home: Home, store: Store, tmp_path: Path
) -> None:
    path = planted(home, store, "s1", NAME, 1, notes="=1+1")
    planted(home, store, "s2", "Somebody-Else", 2)
    _, _, link = study_with(store, "Spring")
    responded(store, link, "s1", NAME)
    spring = store.studies.get("Spring").study_id
    share_id = store.run(
        AddShare(study_id=spring, sessions=("s1", "s2"), minimum=5, html="Somebody-Else", days=1)
    )
    target = tmp_path / "one.zip"
    found = export_respondent(store, NAME, target)
    assert (found["sessions"], found["responses"]) == (1, 1)
    with zipfile.ZipFile(target) as out:
        names = set(out.namelist())
        about = json.loads(out.read("about.json"))
        timeline = pd.read_csv(io.BytesIO(out.read("tables/timeline.csv")))
        assert out.read("recordings/s1.mp4") == path.read_bytes()
        everything = b"".join(out.read(name) for name in names)
    assert len(timeline) == len(store.timeline.rows("s1"))
    assert {"README.txt", "tables/seconds.csv", "tables/labels.csv"} <= names
    assert about["responses"][0]["consent"] == "I agree"
    assert about["responses"][0]["consented"]
    assert [one["share_id"] for one in about["shared"]] == [share_id]
    assert len([name for name in names if name.startswith("faces/s1/")]) > 2
    assert b"Somebody-Else" not in everything
    assert b"s2" not in out.filename.encode() if out.filename else True
    assert {row["respondent"] for row in listed(store)} == {NAME, "Somebody-Else"}


def test_consent_is_kept_with_its_version_and_its_time(store: Store) -> None:
    _, _, link = study_with(store, "Spring")
    text = store.respondents.links(store.studies.get("Spring").study_id)[0].consent
    first = store.run(BeginResponse(link_id=link, consent=text))
    store.run(UpdateLink(link_id=link, title="Another title", consent=text))
    store.run(UpdateLink(link_id=link, title="Another title", consent="We ask for more"))
    late = store.run(BeginResponse(link_id=link, consent=text))  # the page was open before
    third = store.run(BeginResponse(link_id=link, consent="We ask for more"))
    found = {one.response_id: one for one in store.respondents.responses(link)}
    versions = [found[place.response_id].consent_version for place in (first, late, third)]
    assert versions == [1, 1, 2]
    agreed = found[third.response_id].consented
    store.run(TakePlace(response_id=third.response_id))
    after = {one.response_id: one for one in store.respondents.responses(link)}
    assert after[third.response_id].consented == agreed, "not when the first picture came"
