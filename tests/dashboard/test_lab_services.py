"""What the pages Data, Label and Train call."""

from __future__ import annotations

import asyncio
import json
import random
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from starlette.applications import Starlette

from dashboard.lab.data import data as lab_data
from dashboard.lab.label import data as lab_label
from dashboard.lab.label.routes import label_routes
from dashboard.lab.train import data as lab_train
from dashboard.shared.web.guard import HEADER, Guard
from dashboard.shared.web.uploads import Arrived
from fer_core.errors import DataError, ModelError, SettingsError, StoreError
from fer_core.home import Home
from fer_core.jobs.data_inspection import inspect_data
from fer_core.jobs.training_sources import OWN_LABELS, Source, TrainSpec
from fer_core.labels import EMOTIONS
from fer_core.storage import Store, open_store
from fer_core.storage.timeline.kept_faces import chunk_files
from fer_core.training.datasets import load
from fer_core.training.recipes import FINE_TUNE
from fer_core.types import JobStatus
from fer_core.zoo import find_model, in_use
from tests.cards import on_disk
from tests.storage.kept import seen, write
from tests.storage.rows import record
from tests.training.sets import some_faces, write_csv, write_folders


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    with open_store(home, look_after=False) as opened:
        yield opened


# -- label --------------------------------------------------------------------------------


def kept(home: Home, store: Store, name: str, sure: tuple[float, ...]) -> None:
    record(home, name, frames=25 * len(sure), name=f"Session {name}")
    write(home, [seen(25 * n, p) for n, p in enumerate(sure)], session_id=name)
    store.sync()


def test_the_least_certain_faces_of_all_sessions_come_first_and_each_once(
    home: Home, store: Store
) -> None:
    kept(home, store, "s1", (0.9, 0.5))
    kept(home, store, "s2", (0.7, 0.6))
    found = lab_label.queue(store, home, labeller="ann", limit=3)
    assert [face["item"] for face in found["faces"]] == ["s1/25/0", "s2/25/0", "s2/0/0"]
    assert found["left"] == 4
    assert found["faces"][0]["guess"] == "happy"
    assert found["faces"][0]["picture"].startswith("data:image/png;base64,")
    lab_label.keep(store, {"item": "s1/25/0", "say": "sad", "labeller": "ann", "t_ms": 1000})
    asked = lab_label.queue(store, home, labeller="ann", without=frozenset({"s2/25/0"}))
    assert [face["item"] for face in asked["faces"]] == ["s2/0/0", "s1/0/0"]
    assert lab_label.queue(store, home, labeller="bob")["left"] == 4
    assert lab_label.queue(store, home, labeller="bob", session_id="s2")["left"] == 2


def test_a_label_sent_twice_is_kept_once_and_can_be_taken_back(home: Home, store: Store) -> None:
    kept(home, store, "s1", (0.9,))
    asked = {"id": "l0f", "item": "s1/0/0", "say": "fear", "labeller": " Ann  B ", "t_ms": 9000}
    assert lab_label.keep(store, asked) == lab_label.keep(store, asked) == "l0f"
    row = store.labels.list()[0]
    assert (row.labeller, row.emotion, row.held_out) == ("Ann B", "fear", True)
    lab_label.take_back(store, {"id": "l0f"})
    assert store.labels.list() == []
    for wrong in ({**asked, "id": "x", "say": "bored"}, {**asked, "item": "../s1"}):
        with pytest.raises((StoreError, SettingsError)):
            lab_label.keep(store, wrong)


def test_progress_counts_faces_and_says_how_far_labellers_agree(home: Home, store: Store) -> None:
    kept(home, store, "s1", tuple(0.9 - n / 100 for n in range(12)))
    for n in range(12):
        for who in ("ann", "bob"):
            say = "sad" if n % 2 or (who == "bob" and n == 0) else "happy"
            item = f"s1/{25 * n}/0"
            lab_label.keep(store, {"item": item, "say": say, "labeller": who, "t_ms": 1000 * n})
    now = lab_label.progress(store, "ann")
    assert (now.mine, now.faces, now.left_out) == (12, 11, {"tie": 1})
    assert now.held_out == 4
    assert now.agreement is not None
    assert now.agreement.kappa == pytest.approx(5 / 6)


def test_a_damaged_file_of_faces_is_said_in_words(home: Home, store: Store) -> None:
    kept(home, store, "s1", (0.9,))
    next(iter(chunk_files(home, "s1").values())).write_bytes(b"PK")
    with pytest.raises(StoreError, match="damaged"):
        lab_label.sources(store, home)


# -- data ---------------------------------------------------------------------------------


def arrive(home: Home, source: Path) -> Arrived:
    path = home.uploads / "abc" / source.name
    path.parent.mkdir(parents=True)
    path.write_bytes(source.read_bytes())
    return Arrived(path, source.name, path.stat().st_size, "abc", {"for": "data"})


def zipped(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.rglob("*.png"):
            archive.write(file, Path(folder.name) / file.relative_to(folder))
        archive.writestr("__MACOSX/faces/happy/._1.png", b"x")
        archive.writestr("readme.txt", b"x")
    return path


def test_a_dropped_zip_becomes_a_data_set_and_leaves_no_upload(
    home: Home, store: Store, tmp_path: Path
) -> None:
    folder = write_folders(tmp_path / "faces", some_faces(14))
    said = lab_data.take_in(home, store, arrive(home, zipped(tmp_path / "faces.zip", folder)))
    one = lab_data.known(store)[0]
    assert (said["data_id"], one.imported, one.here) == (one.data_id, True, True)
    assert len(load(one.path)["train"]) == 14
    assert not any(home.uploads.rglob("*.zip"))
    assert [job.title for job in store.jobs.list(kind="look")] == ["faces"]
    lab_data.remove(home, store, one.data_id)
    assert not Path(one.path).exists()
    assert not lab_data.known(store)


def test_an_archive_that_leads_out_of_its_folder_is_refused_whole(
    home: Home, store: Store, tmp_path: Path
) -> None:
    def refuse(entry: zipfile.ZipInfo | str) -> None:
        path = tmp_path / "bad.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(entry, b"x")
        with pytest.raises(DataError, match="outside"):
            lab_data.take_in(home, store, arrive(home, path))
        assert not any(lab_data.folder(home).iterdir())

    refuse("../happy/1.png")
    link = zipfile.ZipInfo("happy/1.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    refuse(link)


def test_what_is_no_data_set_is_refused_at_once(home: Home, store: Store, tmp_path: Path) -> None:
    wrong = tmp_path / "sales.csv"
    wrong.write_text("day,sum\n1,2\n")
    with pytest.raises(DataError, match="columns day, sum"):
        lab_data.take_in(home, store, arrive(home, wrong))
    for given in ("relative.csv", str(tmp_path / "none.csv"), str(tmp_path)):
        with pytest.raises(DataError):
            lab_data.add_path(store, given)
    assert not lab_data.known(store)


def test_a_path_is_added_once_and_its_files_stay_where_they_are(
    home: Home, store: Store, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "faces.csv", (some_faces(14), "Training"))
    one = lab_data.add_path(store, f" '{path}' ")
    assert lab_data.add_path(store, str(path)).data_id == one.data_id
    assert len(lab_data.known(store)) == 1
    lab_data.remove(home, store, one.data_id)
    assert path.exists()


def test_a_look_counts_copies_within_and_across_and_names_broken_rows(tmp_path: Path) -> None:
    train, test = some_faces(21), some_faces(14, seed=5)
    test.images[0] = train.images[3]
    test.images[1] = train.images[4] + 5  # the same face, lit otherwise
    train.images[20] = train.images[13]
    path = write_csv(tmp_path / "f.csv", (train, "Training"), (test, "PublicTest"))
    path.write_text(path.read_text() + "9,1,Training\n")
    look = inspect_data(load(path))
    first, second = look.splits
    assert (first.name, first.faces, first.exact) == ("train", 21, 1)
    assert (second.exact_in_train, second.near_in_train) == (1, 1)
    assert look.problems == (("line 37", "the label is '9', not 0 to 6"),)
    assert set(look.strips) == set(EMOTIONS)


# -- train --------------------------------------------------------------------------------


def plan(**changes: object) -> lab_train.Plan:
    usual = lab_train.Plan("mine", "tiny", (Source("/data/f.csv"),), 3, 32, 0.05)
    return replace(usual, **changes)  # type: ignore[arg-type]


def test_a_plan_becomes_a_job_that_resumes_and_stands_beside_the_model_in_use(
    home: Home, store: Store
) -> None:
    lab_train.start(home, store, plan(epochs=7, batch=16))
    row = store.jobs.list(kind="train")[0]
    spec = TrainSpec.from_dict({**row.spec, "job": "train"})
    assert (spec.settings.epochs, spec.settings.batch, spec.settings.arch) == (7, 16, "tiny")
    assert (spec.beside, spec.base, spec.resume) == ("rapt-1", "", True)
    found = lab_train.runs(home, store)[0]
    assert (found.name, found.status, found.epochs_planned) == ("mine", "queued", 7)
    with pytest.raises(SettingsError, match="already"):
        lab_train.start(home, store, plan())


def test_recipes_that_only_teach_are_not_offered_and_their_runs_come_along(
    home: Home, store: Store
) -> None:
    offered = lab_train.recipes(find_model("rapt-1").card)
    assert next(iter(offered)) == FINE_TUNE
    assert [name for name in offered if name.startswith("flagship")] == ["flagship"]
    runs = lab_train.spec_of(home, store, plan(recipe="flagship", epochs=5)).in_turn()
    assert [run.settings.epochs for run in runs] == [5] * len(runs)
    assert len(runs) > 1
    assert runs[-1].name == "mine"


def test_fine_tuning_goes_on_from_the_model_in_use(home: Home, store: Store) -> None:
    sources = (Source("/data/f.csv", 3.0), Source(OWN_LABELS, 1.0))
    spec = lab_train.spec_of(home, store, plan(recipe=FINE_TUNE, sources=sources, rate=0.001))
    assert (spec.base, spec.beside, spec.settings.rate) == ("rapt-1", "", 0.001)
    assert spec.settings.arch == find_model("rapt-1").card.arch


@pytest.mark.parametrize(
    "change", [{"name": "../x"}, {"name": ""}, {"sources": ()}, {"epochs": 0}, {"rate": 3.0},
               {"batch": 2}, {"name": "rapt-1"}],
)  # fmt: skip
def test_what_cannot_be_trained_is_refused_before_it_queues(
    home: Home, store: Store, change: dict[str, object]
) -> None:
    with pytest.raises((SettingsError, DataError)):
        lab_train.start(home, store, plan(**change))
    assert store.jobs.list(kind="train") == []


def test_only_a_model_that_this_store_saw_written_is_promoted(home: Home, store: Store) -> None:
    on_disk(home.models, "stranger")
    with pytest.raises(ModelError, match="was not made by this Rapt"):
        lab_train.promote(home, store, "stranger")
    assert in_use(home) == "rapt-1"
    with pytest.raises(ModelError):
        lab_train.roll_back(home, store)


def compared(on: str, difference: float, p: float) -> dict[str, object]:
    return {"on": on, "n": 100, "base": 0.6, "candidate": 0.6 + difference, "low": -0.1,
            "high": 0.1, "difference": difference, "p": p}  # fmt: skip


def run(*found: dict[str, object], forgot: bool = False) -> lab_train.Run:
    return lab_train.Run(
        "j", "new", JobStatus.DONE, FINE_TUNE, "old", 3, 1.0, None, "", "", False,
        pd.Timestamp("2026-01-01").to_pydatetime(),
        metrics={"comparison": list(found), "forgot": forgot},
    )  # fmt: skip


def test_a_candidate_is_judged_by_own_labels_first_and_a_fall_elsewhere_is_told() -> None:
    better = lab_train.verdict(
        run(compared("public labels", -0.002, 0.4), compared("own labels", 0.1, 0.001))
    )
    assert better.better
    assert better.sentence == "new is 10 points better than old on your held-out faces."
    assert not better.warnings
    fell = lab_train.verdict(
        run(
            compared("public labels", -0.02, 0.001),
            compared("own labels", 0.1, 0.001),
            forgot=True,
        )
    )
    assert any("fell by 2.0 points, more than half a point" in one for one in fell.warnings)
    chance = lab_train.verdict(run(compared("public labels", 0.01, 0.3)))
    assert not chance.better
    assert "cannot be told apart" in chance.sentence
    assert chance.warnings
    assert not lab_train.verdict(run()).better


# -- the label page's routes --------------------------------------------------------------


def post(app: Any, path: str, value: Any, headers: dict[str, str]) -> tuple[int, Any]:
    """One request to the app, without a server."""
    body, sent = json.dumps(value).encode(), []
    heads = {"host": "testserver", "content-length": str(len(body)), **headers}
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(),
        "query_string": b"", "http_version": "1.1", "scheme": "http", "root_path": "",
        "headers": [(k.lower().encode(), v.encode()) for k, v in heads.items()],
        "server": ("testserver", 80), "client": ("testclient", 1),
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    content = b"".join(one.get("body", b"") for one in sent)
    return sent[0]["status"], json.loads(content)


def test_only_our_own_pages_can_ask_for_faces_and_label_them(home: Home, store: Store) -> None:
    kept(home, store, "s1", (0.9, 0.5))

    state = SimpleNamespace(guard=Guard(b"test"), home=home, store=store)
    app = Starlette(routes=label_routes(lambda: state))  # type: ignore[arg-type, return-value]
    ours = {HEADER: state.guard.token, "Origin": "http://testserver"}
    wish = {"labeller": "ann"}
    for headers in ({}, {**ours, HEADER: "guess"}, {**ours, "Origin": "http://elsewhere"}):
        for path in ("faces", "label", "undo"):
            assert post(app, f"/lab/{path}", wish, headers)[0] == 403
    _, faces = post(app, "/lab/faces", wish, ours)
    assert [face["item"] for face in faces["faces"]] == ["s1/25/0", "s1/0/0"]
    label = {"id": "l1", "item": "s1/25/0", "say": "sad", "labeller": "ann", "t_ms": 1000}
    assert post(app, "/lab/label", label, ours) == (200, {"id": "l1"})
    assert post(app, "/lab/faces", wish, ours)[1]["left"] == 1
    assert post(app, "/lab/undo", {"id": "l1"}, ours) == (200, {"undone": True})
    status, refused = post(app, "/lab/label", {**label, "id": "l2", "say": "x"}, ours)
    assert status == 422
    assert "cannot be" in refused["error"]


def test_a_zip_damaged_in_the_middle_of_a_file_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "torn.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("happy/1.png", random.Random(0).randbytes(4000) + b"0" * 4000)
    content = bytearray(path.read_bytes())
    content[60:90] = b"\xff" * 30
    path.write_bytes(content)
    with pytest.raises(DataError, match="cannot be unpacked"):
        lab_data.unpack(path, tmp_path / "out")
