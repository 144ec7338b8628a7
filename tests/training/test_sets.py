"""Prepared sets: the same pictures whoever writes them, and none that judges is trained on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest

from fer_core.batch import data
from fer_core.errors import DataError
from fer_core.labels import EMOTIONS
from fer_core.training.datasets import load
from fer_core.training.sets import parts, writing
from fer_core.training.sets.writing import Recipe
from tests.long import only_long
from tests.needed import need_java

RNG = np.random.default_rng(5)


def here(work: Callable[[Any], str], items: Any) -> list[str]:
    """An engine without processes."""
    return [work(one) for one in items]


def row(label: int, usage: str, image: np.ndarray | None = None) -> str:
    image = RNG.integers(0, 255, (48, 48)) if image is None else image
    return f"{label},{' '.join(map(str, image.ravel()))},{usage}\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """60 happy and 20 sad training faces, 10 of the public test; one bad row, one copy."""
    path = tmp_path / "fer2013.csv"
    shown = RNG.integers(0, 255, (48, 48))
    rows = [row(3 if n % 4 else 4, "Training") for n in range(80)]
    rows[17] = "3,1 2 3,Training\n"
    rows[30] = row(3, "Training", shown)
    rows += [row(3, "PublicTest", shown), *(row(4, "PublicTest") for _ in range(9))]
    path.write_text("emotion,pixels,Usage\n" + "".join(rows))
    return path


def pictures(folder: Path) -> list[tuple[object, ...]]:
    """Every picture with its split, row, version and label, in order."""
    found = []
    for path in folder.glob("*.parquet"):
        for one in pq.read_table(path, partitioning=None).to_pylist():
            found.append((path.name.rpartition("-")[0], *one.values()))
    return sorted(found, key=lambda one: one[:3])


def test_pictures_follow_from_the_seed_alone(source: Path, tmp_path: Path) -> None:
    recipe = Recipe(copies=2, balance=True, seed=7)
    data.prepare_set(source, tmp_path / "a", recipe, here, shards=1)
    data.prepare_set(source, tmp_path / "b", recipe, here, shards=9)
    assert pictures(tmp_path / "a") == pictures(tmp_path / "b")
    data.prepare_set(source, tmp_path / "c", Recipe(copies=2, balance=True, seed=8), here)
    assert pictures(tmp_path / "a") != pictures(tmp_path / "c")


def test_what_is_made_is_read_by_training(source: Path, tmp_path: Path) -> None:
    made = data.prepare_set(source, tmp_path / "set", Recipe(copies=1), here, shards=4)
    assert (made.copies, made.bad, made.problems) == (
        1, 1, ("line 19: 3 grey levels, not 48 x 48",),
    )  # fmt: skip
    before, after = load(source), load(tmp_path / "set")
    assert after["train"].counts()["sad"] == 2 * before["train"].counts()["sad"]
    assert after["train"].counts()["happy"] == 2 * (before["train"].counts()["happy"] - 1)
    kept = before["publictest"]
    np.testing.assert_array_equal(after["publictest"].images, kept.images)
    np.testing.assert_array_equal(after["publictest"].labels, kept.labels)
    shown = {one.tobytes() for one in kept.images}
    assert not any(one.tobytes() in shown for one in after["train"].images)
    rows = pq.read_table(tmp_path / "set" / "train-00000.parquet", partitioning=None).to_pylist()
    first = next(one for one in rows if one["version"] == 0)
    np.testing.assert_array_equal(
        np.frombuffer(first["image"], np.uint8).reshape(48, 48), before["train"].images[0]
    )


def test_rare_emotions_become_as_many(source: Path, tmp_path: Path) -> None:
    made = data.prepare_set(source, tmp_path / "set", Recipe(copies=0, balance=True), here)
    found = made.faces["train"]
    assert abs(found["sad"] - found["happy"]) <= 8
    assert made.faces["publictest"]["sad"] == 9


def test_a_version_is_mirrored_and_turned() -> None:
    face = np.zeros((48, 48), np.uint8)
    face[10:20, 5:15] = 200
    only_mirror = Recipe(mirror=1.0, rotate=0.0)
    np.testing.assert_array_equal(writing.changed(face, 3, 1, only_mirror), face[:, ::-1])
    turned = [writing.changed(face, 3, n, Recipe(mirror=0.0, rotate=12.0)) for n in (1, 2)]
    assert not np.array_equal(turned[0], turned[1])
    assert abs(int(turned[0].sum()) - int(face.sum())) < 0.05 * face.sum()


def test_folders_are_resized_and_some_held_out(tmp_path: Path) -> None:
    for emotion in ("happy", "sad"):
        (tmp_path / "faces" / emotion).mkdir(parents=True)
        for n in range(30):
            picture = RNG.integers(0, 255, (60, 60), dtype=np.uint8)
            cv2.imwrite(str(tmp_path / "faces" / emotion / f"{n}.png"), picture)
    (tmp_path / "faces" / "sad" / "broken.png").write_bytes(b"none")
    recipe = Recipe(copies=1, hold_out=0.3)
    made = data.prepare_set(tmp_path / "faces", tmp_path / "set", recipe, here, shards=7)
    validation = sum(made.faces["publictest"].values())
    assert 8 <= validation <= 30
    assert sum(made.faces["train"].values()) == 2 * (60 - validation)
    assert made.problems == ("sad/broken.png: no picture",)
    assert load(tmp_path / "set")["train"].images.shape[1:] == (48, 48)


def test_votes_stay_with_their_rows(source: Path, tmp_path: Path) -> None:
    votes = RNG.integers(0, 9, (90, 10))
    lines = ["a,b," + ",".join(map(str, one)) for one in votes]
    (tmp_path / "fer2013new.csv").write_text("head\n" + "\n".join(lines) + "\n")
    data.prepare_set(source, tmp_path / "set", Recipe(copies=0), here, shards=5)
    found = {one[1]: one[5] for one in pictures(tmp_path / "set")}
    assert len(found) == 88
    assert all(kept == votes[number, :8].tolist() for number, kept in found.items())


def test_every_line_is_in_one_part(source: Path) -> None:
    lines = source.read_text().splitlines(keepends=True)[1:]
    for number in (1, 2, 7, 500):
        found = [one for part in parts.parts_of(source, number) for one in parts._lines(part)]
        assert found == lines


def test_what_is_there_is_not_written_over_and_damage_is_named(
    source: Path, tmp_path: Path
) -> None:
    target = tmp_path / "set"
    data.prepare_set(source, target, Recipe(), here, shards=2)
    with pytest.raises(DataError, match="something in"):
        data.prepare_set(source, target, Recipe(), here)
    shard = target / "train-00001.parquet"
    shard.write_bytes(shard.read_bytes()[:-9])
    with pytest.raises(DataError, match="cannot be read"):
        load(target)
    (target / "prepared.json").write_text("{}")
    with pytest.raises(DataError, match="damaged"):
        load(target)


@only_long  # half a minute: a second session of Spark
def test_executors_write_the_same_pictures(source: Path, tmp_path: Path) -> None:
    need_java()
    recipe = Recipe(copies=2, balance=True, seed=7)
    with data.local(2) as each:
        data.prepare_set(source, tmp_path / "local", recipe, each, shards=5)
    with data.spark("local[2]", {}) as each:
        data.prepare_set(source, tmp_path / "spark", recipe, each, shards=3)
    assert pictures(tmp_path / "local") == pictures(tmp_path / "spark")
    manifests = [json.loads((tmp_path / name / "prepared.json").read_text()) for name in
                 ("local", "spark")]  # fmt: skip
    assert manifests[0]["faces"] == manifests[1]["faces"]
    assert set(manifests[0]["faces"]["train"]) == set(EMOTIONS)
