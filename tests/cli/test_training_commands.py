"""`rapt train`, `rapt evaluate` and `rapt models`, from a CSV to a model in use."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fer_core.cli.main import main
from fer_core.home import Home
from fer_core.storage import open_store
from tests.long import only_long
from tests.training.sets import csv_row, some_faces, write_csv, write_folders


def answer(capsys: pytest.CaptureFixture[str], *args: str) -> object:
    code = main([*args, "--json"])
    out, err = capsys.readouterr()
    assert code == 0, err
    return json.loads(out)


@pytest.mark.slow
def test_from_a_csv_to_a_model_in_use(
    home: Home, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    where = ["--home", str(home.root)]
    public = some_faces(35, seed=1)
    data = write_csv(tmp_path / "f.csv", (some_faces(70), "Training"), (public, "PublicTest"))
    options = ["--arch", "tiny", "--data", str(data), "--name", "mine", "--epochs", "1"]
    assert main(["train", *options, *where]) == 0  # as a person calls it
    said = capfd.readouterr()
    assert not re.search(r"^[IWE]\d{4} |tensorflow|cuda", said.err, re.MULTILINE), said.err
    assert "epoch 1: loss" in said.err
    assert (home.runs / "mine" / "log.txt").exists()

    trained = answer(capfd, "train", *options, *where)
    assert isinstance(trained, dict)
    assert (home.models / "mine.json").exists()
    assert sorted(path.name for path in home.models.iterdir()) == [
        "mine.int8.tflite",
        "mine.json",
        "mine.keras",
        "mine.tflite",
    ]

    with open_store(home) as store:
        run, _ = store.training_runs.list()
        assert run.status == "done"
        epochs = store.training_runs.epochs(run.run_id)
        assert epochs["val_accuracy"].tolist() == pytest.approx([trained["accuracy"]])
        assert epochs[["loss", "learning_rate", "seconds"]].notna().all(axis=None)

    saved = tmp_path / "p.npz"
    found = answer(
        capfd, "evaluate", "mine", "--data", str(data), "--save", str(saved), "--label-errors", "3",
        *where,
    )  # fmt: skip
    assert isinstance(found, dict)
    assert found["n"] == 35
    assert found["split"] == "publictest"
    assert found["accuracy"] == pytest.approx(trained["accuracy"])
    assert {"macro_f1", "ece", "top2", "top3", "per_class", "confusion"} <= set(found)
    assert set(found["ms_per_face"]) == {"1", "8"}
    doubted = found["label_errors"]
    assert len(doubted["faces"]) == min(3, doubted["suspects"])
    assert all(set(one) == {"item", "label", "likely", "doubt"} for one in doubted["faces"])
    with np.load(saved) as stored:
        assert stored["probabilities"].shape == (35, 7)
        assert (stored["probabilities"].argmax(1) == stored["truth"]).mean() == pytest.approx(
            found["accuracy"]
        )

    folder = write_folders(tmp_path / "faces", public)
    again = answer(capfd, "evaluate", "mine", "--data", str(folder), *where)
    assert isinstance(again, dict)
    assert sorted(map(sum, again["confusion"])) == sorted(map(sum, found["confusion"]))

    answer(capfd, "models", "use", "mine", *where)
    listed = answer(capfd, "models", "list", *where)
    assert isinstance(listed, list)
    assert [model["name"] for model in listed if model["in_use"]] == ["mine"]
    assert {"name", "in_use", "parameters", "bytes", "metrics"} <= set(listed[0])
    assert answer(capfd, "models", "use", "--back", *where) == {"in_use": "rapt-1"}
    shown = answer(capfd, "models", "show", "mine", *where)
    assert isinstance(shown, dict)
    assert shown["training"]["settings"]["arch"] == "tiny"


@only_long
@pytest.mark.parametrize("command", ["train", "bench"])
def test_what_tensorflow_writes_to_its_own_stream_goes_to_the_log(
    home: Home, tmp_path: Path, command: str
) -> None:
    """In a process of its own: TensorFlow speaks once, as it is loaded, unless told not to."""
    public = some_faces(35, seed=1)
    data = write_csv(tmp_path / "f.csv", (some_faces(70), "Training"), (public, "PublicTest"))
    how = {
        "train": ["train", "--arch", "tiny", "--name", "tiny", "--epochs", "1"],
        "bench": ["bench", "models", "--train", "tiny", "--epochs", "1", "--classical", "0"],
    }[command]
    done = subprocess.run(
        [sys.executable, "-m", "fer_core.cli.main", *how, "--data", data, "--home", home.root],
        env={k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    library = re.compile(r"^([IWEF]\d{4} |WARNING: All log|INFO: |\d{4}-\d\d-\d\d )", re.M)
    assert "epoch 1: loss" in done.stderr
    assert not library.search(done.stderr), done.stderr
    assert library.search((home.runs / "tiny" / "log.txt").read_text())


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["train", "--data", "nowhere.csv", "--arch", "tiny"], "no data set"),
        (["models", "use", "--back"], "none to go back to"),
        (["models", "use"], "is not clear"),
        (["train", "--data", "nowhere.csv", "--arch", "vgg"], "no architecture 'vgg'"),
        (["train", "--data", "nowhere.csv"], "--arch or --recipe"),
        (["train", "--data", "x", "--arch", "tiny", "--name", "../evil"], "cannot be a model's"),
        (["evaluate", "nobody", "--data", "x"], "no model 'nobody'"),
        (["models", "show", "nobody"], "no model 'nobody'"),
        (["models", "export", "rapt-1", "--format", "pickle"], "no format 'pickle'"),
        (["models", "pull", "everything"], "cannot be fetched"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    args: list[str], said: str, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*args, "--home", str(home.root)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.strip().count("\n") == 0
    assert not home.models.exists()


def no_faces(folder: Path, what: str) -> Path:
    """Data on which nothing can be trained, each broken in its own way."""
    path = folder / "f.csv"
    row = csv_row(some_faces(1).images[0], 0)
    if what == "folder":
        (folder / "faces" / "sad").mkdir(parents=True)
        (folder / "faces" / "sad" / "one.png").write_bytes(b"no picture")
        return folder / "faces"
    if what == "one class":
        return write_csv(path, (some_faces(40, classes=1), "Training"))
    text = {
        "columns": "label,image\n0,1 2 3\n",
        "47x48": f"emotion,pixels,Usage\n{csv_row(some_faces(1).images[0][:47], 0)}\n",
        "letter": f"emotion,pixels,Usage\n{row.replace(' ', ' x ', 1)}\n",
        "label 9": f"emotion,pixels,Usage\n9{row[1:]}\n",
    }
    path.write_text(text[what])
    return path


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("columns", "has the columns label, image, not emotion, pixels and Usage"),
        ("47x48", "line 2: 2256 grey levels, not 48 x 48"),
        ("letter", "line 2: 'x' stands among the grey levels"),
        ("label 9", "line 2: the label is '9', not 0 to 6"),
        ("one class", "All 40 training faces of f.csv are angry"),
        ("folder", "sad/one.png: no picture"),
    ],
)
def test_data_that_cannot_train_is_named_and_nothing_is_half_written(
    what: str, said: str, home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = no_faces(tmp_path, what)
    assert main(["train", "--arch", "tiny", "--data", str(data), "--home", str(home.root)]) == 1
    out, err = capsys.readouterr()
    assert (out, err.strip().count("\n")) == ("", 0)
    assert said in err
    assert not home.root.exists()


def test_a_class_without_faces_is_named_and_the_rest_trains(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = ((some_faces(60, classes=6), "Training"), (some_faces(12, 1, 6), "PublicTest"))
    data = write_csv(tmp_path / "f.csv", *parts)
    options = ["--arch", "tiny", "--data", str(data), "--epochs", "1", "--name", "six"]
    assert main(["train", *options, "--home", str(home.root)]) == 0
    assert "no training face is neutral: the model cannot learn it" in capsys.readouterr().err
    assert (home.models / "six.json").exists()
