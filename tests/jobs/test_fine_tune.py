"""A model taught one's own labels: from a base to a candidate that is compared with it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_core.cli.main import main
from fer_core.errors import DataError, ModelError, SettingsError
from fer_core.home import Home
from fer_core.jobs.training import Source, TrainSpec, fine_tune, train_model
from fer_core.jobs.training_sources import OWN_LABELS, data_of
from fer_core.labels import EMOTIONS
from fer_core.storage import open_store
from fer_core.training.datasets import DataSet, from_labels
from fer_core.training.recipes import recipe
from fer_core.zoo import in_use
from fer_core.zoo.model_store import find_model
from tests.long import only_long
from tests.training.sets import some_faces, write_csv


def own(home: Home) -> DataSet:
    """Faces of one person whose grey means another emotion than in the public set."""
    faces = some_faces(60, seed=5, classes=3)
    names = [EMOTIONS[6 - label] for label in faces.labels]
    return from_labels(faces.images, names, np.arange(60) % 4 == 0)


@pytest.fixture
def public(tmp_path: Path) -> Path:
    parts = ((some_faces(70), "Training"), (some_faces(35, seed=1), "PublicTest"))
    return write_csv(tmp_path / "public.csv", *parts)


@only_long
@pytest.mark.slow
def test_a_candidate_is_compared_with_its_base_and_the_run_says_how(
    home: Home, public: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = replace(recipe("tiny").settings, epochs=1)
    base = train_model(home, TrainSpec("base", settings, (Source(str(public)),)))
    sources = (Source(str(public), 3.0), Source(OWN_LABELS, 1.0))
    spec = fine_tune(home, "next", sources, base="base", epochs=2)
    spec = replace(spec, settings=replace(spec.settings, faces_an_epoch=128))
    assert TrainSpec.from_dict(json.loads(json.dumps(spec.as_dict()))) == spec
    notes: list[str] = []
    card = train_model(home, spec, own=own, on_note=notes.append)

    assert (card.arch, card.outputs, card.serves) == ("tiny", base.outputs, base.serves)
    assert card.crop == base.crop
    assert card.training["base"] == "base"
    assert card.training["epochs"] == card.training["chosen_epoch"] == 2  # nothing chose it
    found = {one["on"]: one for one in card.training["comparison"]}
    assert set(found) == {"public labels", "own labels"}
    assert found["public labels"]["n"] == 35
    assert found["own labels"]["n"] == 15  # the held-out ones, none of which trained
    assert found["public labels"]["base"] == pytest.approx(base.metrics["accuracy"])
    for one in found.values():
        assert one["low"] <= one["difference"] <= one["high"]
        assert 0 <= one["p"] <= 1
        assert one["sentence"] in " ".join(card.limits)
    assert card.training["forgot"] is (found["public labels"]["difference"] < -0.005)
    assert in_use(home) == "rapt-1"  # a person promotes it, nobody else

    with open_store(home) as store:
        run = store.training_runs.list()[0]
    assert (run.base_model, run.model, run.status) == ("base", "next", "done")
    assert run.metrics["comparison"] == card.training["comparison"]
    assert [source["faces"] for source in run.data["sources"]] == [70, 45]

    options = ["--arch", "tiny", "--data", str(public), "--name", "x", "--batch", "16"]
    where = ["--home", str(home.root), "--json"]
    capsys.readouterr()
    assert main(["train", *options, "--epochs", "3", "--estimate", *where]) == 0
    told = json.loads(capsys.readouterr().out)
    assert len(told["epochs_s"]) == 3
    assert told["total_s"] == pytest.approx(told["start_s"] + sum(told["epochs_s"]))
    assert min(told["epochs_s"]) > 0
    assert not (home.models / "x.json").exists()


def test_what_cannot_be_fine_tuned_is_said_in_words(home: Home, public: Path) -> None:
    sources = (Source(str(public)),)
    with pytest.raises(SettingsError, match="name of its own"):
        fine_tune(home, "rapt-1", sources)
    with pytest.raises(ModelError, match="no model 'nobody'"):
        fine_tune(home, "x", sources, base="nobody")
    spec = fine_tune(home, "x", sources)
    assert spec.base == "rapt-1"
    assert spec.settings.outputs == tuple(find_model("rapt-1").card.outputs)
    with pytest.raises(DataError, match="Nothing to train on"):
        data_of(home, replace(spec, sources=()))
    with pytest.raises(SettingsError, match="above 0"):
        data_of(home, replace(spec, sources=(Source(str(public), 0.0),)))
    with pytest.raises(DataError, match="no labelled faces"):
        data_of(home, replace(spec, sources=(Source(OWN_LABELS),)))
    assert not home.models.exists()


def test_the_command_needs_something_to_train_on(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--home", str(home.root)]
    assert main(["train", "--recipe", "fine-tune", *where]) == 1
    assert "--data, --own or both" in capsys.readouterr().err
    assert main(["train", "--arch", "tiny", "--data", "x.csv", "--base", "rapt-1", *where]) == 1
    assert "Only the recipe fine-tune" in capsys.readouterr().err
