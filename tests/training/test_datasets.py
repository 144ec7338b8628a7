"""Data sets from disk: every layout, and everything that can be wrong with one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import DataError
from fer_core.labels import EMOTIONS
from fer_core.training.datasets import load, stratified
from fer_core.training.prepare import prepare
from fer_core.training.samples import Samples
from tests.training.sets import csv_row, some_faces, write_csv, write_folders

IMAGE = np.zeros((48, 48), np.uint8)


def broken_csv(path: Path, *rows: str) -> Path:
    good = [csv_row(IMAGE + k, k) for k in range(7)]
    path.write_text("\n".join(["emotion,pixels,Usage", *good, *rows]) + "\n")
    return path


def test_the_kaggle_csv_gives_its_splits_unchanged(tmp_path: Path) -> None:
    train, public = some_faces(14), some_faces(7, seed=1)
    data = load(write_csv(tmp_path / "f.csv", (train, "Training"), (public, "PublicTest")))
    assert (data["train"].images == train.images).all()
    assert (data["publictest"].labels == public.labels).all()
    assert data.problems == ()
    alone = load(tmp_path / "f.csv", usage="PublicTest")
    assert list(alone.splits) == ["publictest"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (csv_row(IMAGE[:47], 0), "line 9: 2256 grey levels, not 48 x 48"),
        (csv_row(IMAGE, 9), "line 9: the label is '9', not 0 to 6"),
        (csv_row(IMAGE, "happy"), "line 9: the label is 'happy', not 0 to 6"),
        (csv_row(IMAGE, -1), "line 9: the label is '-1', not 0 to 6"),
        ("0," + "x " + " ".join(["0"] * 2303) + ",Training", "line 9: 'x' stands among"),
        ("0," + "256 " + " ".join(["0"] * 2303) + ",Training", "line 9: the grey level 256"),
        ("0," + "-3 " + " ".join(["0"] * 2303) + ",Training", "line 9: the grey level -3"),
        ("0," + "1.5 " + " ".join(["0"] * 2303) + ",Training", "line 9: '1.5' stands among"),
        ("0," + "9" * 30 + " 0" * 2303 + ",Training", "line 9: a grey level is too large"),
        ("0", "line 9: 1 columns instead of 3"),
        (csv_row(IMAGE, "²"), "line 9: the label is '²', not 0 to 6"),
        (csv_row(IMAGE, "9" * 5000), "line 9: the label is '999"),
        ("0," + "1 " * 200_000 + ",Training", "line 9: field larger than field limit"),
    ],
)
def test_a_broken_row_is_named_counted_and_left_out(tmp_path: Path, row: str, said: str) -> None:
    data = load(broken_csv(tmp_path / "f.csv", row))
    assert len(data["train"]) == 7
    assert len(data.problems) == 1
    assert str(data.problems[0]).startswith(said)


def test_bytes_that_are_no_text_spoil_their_row_alone(tmp_path: Path) -> None:
    path = broken_csv(tmp_path / "f.csv")
    with path.open("ab") as out:
        out.write(b"3,\xff\xfe\x00 12 13,Training\n" + csv_row(IMAGE, 3).encode() + b"\n")
    data = load(path)
    assert len(data["train"]) == 8
    assert [problem.where for problem in data.problems] == ["line 9"]


def test_wrong_columns_are_named(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("label,image\n0,1 2 3\n")
    with pytest.raises(DataError, match="label, image"):
        load(tmp_path / "f.csv")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(DataError, match="empty file"):
        load(tmp_path / "empty.csv")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_bytes(bytes(range(128, 256)))
    with pytest.raises(DataError, match="cannot be read as text"):
        load(tmp_path / "f.csv")


def test_a_csv_without_one_good_row_says_what_is_wrong_with_the_first(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("emotion,pixels,Usage\n0,1 2 3,Training\n")
    with pytest.raises(DataError, match="line 2: 3 grey levels"):
        load(tmp_path / "f.csv")


def test_votes_beside_the_csv_belong_to_its_rows(tmp_path: Path) -> None:
    write_csv(tmp_path / "f.csv", (some_faces(2), "Training"))
    head = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,u,NF"
    beside = tmp_path / "fer2013new.csv"
    beside.write_text(f"{head}\nTraining,a,9,0,0,0,0,0,0,1,0,0\nTraining,b,0,0,0,0,0,0,0,0,0,10\n")
    train = load(tmp_path / "f.csv")["train"]
    assert train.majority().tolist() == [0, -1]
    beside.write_text(f"{head}\nTraining,a,9,0,0,0,0,0,0,1,0,0\n")
    data = load(tmp_path / "f.csv")
    assert data["train"].votes is None
    assert "1 rows of votes for 2 faces" in str(data.problems[0])


def test_folders_may_have_splits_other_names_and_other_sizes(tmp_path: Path) -> None:
    write_folders(tmp_path / "a", some_faces(7), "train")
    write_folders(tmp_path / "a", some_faces(7, seed=1), "test")
    data = load(tmp_path / "a")
    assert {name: len(samples) for name, samples in data.splits.items()} == {
        "train": 7,
        "privatetest": 7,
    }
    big = Samples(np.full((2, 100, 80), 9, np.uint8), np.array([3, 3], np.int32))
    write_folders(tmp_path / "b", big)
    (tmp_path / "b" / "happy").rename(tmp_path / "b" / "Happiness")
    assert load(tmp_path / "b")["train"].images.shape == (2, 48, 48)
    assert load(tmp_path / "b")["train"].labels.tolist() == [EMOTIONS.index("happy")] * 2


def test_a_folder_of_broken_pictures_names_the_first(tmp_path: Path) -> None:
    (tmp_path / "sad").mkdir()
    (tmp_path / "sad" / "one.png").write_bytes(b"no picture")
    (tmp_path / "sad" / "two.jpg").write_bytes(b"")
    with pytest.raises(DataError, match=r"sad/one\.png: no picture"):
        load(tmp_path)


def test_a_folder_without_emotions_is_told_the_names(tmp_path: Path) -> None:
    (tmp_path / "cats").mkdir()
    with pytest.raises(DataError, match="angry, disgust"):
        load(tmp_path)
    with pytest.raises(DataError, match="no data set"):
        load(tmp_path / "nowhere")


def test_copies_of_validation_faces_are_not_trained_on(tmp_path: Path) -> None:
    train, public = some_faces(21), some_faces(7, seed=1)
    leaked = Samples(
        np.concatenate([train.images, public.images[:3], public.images[:1]]),
        np.concatenate([train.labels, public.labels[:3], public.labels[:1]]),
    )
    path = write_csv(tmp_path / "f.csv", (leaked, "Training"), (public, "PublicTest"))
    found = prepare(load(path))
    assert len(found.training) == 21
    assert any("4 training faces left out" in note for note in found.notes)
    assert any("3 validation faces" in note for note in found.notes)


def test_a_set_without_validation_gets_a_share_of_every_class(tmp_path: Path) -> None:
    found = prepare(load(write_folders(tmp_path, some_faces(70))), share=0.2)
    assert set(found.validation.counts().values()) == {2}
    assert len(found.training) == 56


def test_one_class_alone_cannot_be_trained_and_a_missing_one_is_named(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "f.csv", (some_faces(10, classes=1), "Training"))
    with pytest.raises(DataError, match="are angry"):
        prepare(load(path))
    path = write_csv(tmp_path / "g.csv", (some_faces(40, classes=6), "Training"))
    assert any("neutral" in note for note in prepare(load(path)).notes)


def test_the_stratified_split_is_the_same_for_the_same_seed() -> None:
    first, again = (stratified(some_faces(70), 0.1, seed=3)[1] for _ in range(2))
    other = stratified(some_faces(70), 0.1, seed=4)[1]
    assert (first.images == again.images).all()
    assert not (first.images == other.images).all()


@pytest.mark.shared
def test_the_public_copy_of_fer2013_reads_as_its_own_reader_reads_it(shared: Path) -> None:
    data = load(shared / "data" / "fer2013", usage="PublicTest")
    public = data["publictest"]
    assert list(public.counts().values()) == [468, 56, 495, 895, 653, 415, 607]
    assert int(public.voted.sum()) == 3579
