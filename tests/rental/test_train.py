"""Two batches on a rented machine, brought home: trained, cut off, packed again, imported."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from fer_core.home import Home
from fer_core.rental import bring_in
from fer_core.rental.halves import from_float16, whole
from fer_core.rental.outbox import unpacked
from fer_core.rental.pack import FACES, read_pack, read_soft_targets
from fer_core.rental.stages import Stage
from fer_core.training.checkpoint import Checkpoint
from fer_core.training.export import serving_model
from tests.child import answer_of
from tests.long import ONLY_LONG
from tests.training.sets import some_faces, write_csv

pytestmark = [
    *ONLY_LONG,
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("jax") is None, reason="jax is not installed: pip install jax"
    ),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rental")


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, Any]:
    return answer_of("tests.rental.without", folder)


@pytest.fixture(scope="module")
def back(found: dict[str, Any], folder: Path) -> Path:
    """What came back, sorted."""
    bring_in.unpack(sorted((folder / "first/out").glob("*.tar")), folder / "back")
    return folder / "back"


def test_stages_are_trained_without_tensorflow_or_opencv(found: dict[str, Any]) -> None:
    assert found["loaded"] == []
    assert found["done"] == ["teacher-wide", "flagship-2", "elu3"]
    said = "\n".join(found["first"])
    assert "46 faces, 6 of them photographs" in said
    assert "flagship-2: taught by teacher-wide\n" in said
    assert said.count(" epoch 2/2: ") == 3


def test_the_same_command_passes_over_what_is_finished(found: dict[str, Any]) -> None:
    assert sum("finished before" in line for line in found["again"]) == 3
    assert not any(": loss" in line for line in found["again"])


def test_a_run_without_time_comes_back_to_go_on(found: dict[str, Any], folder: Path) -> None:
    assert found["cut_done"] == []
    assert any("stopped after epoch 1 of 2" in line for line in found["cut"])
    files = unpacked(sorted((folder / "cut/out").glob("*.tar")))
    assert set(files) == {"flagship-2.unfinished.npz", "log.txt"}
    path = folder / "half.npz"
    path.write_bytes(files["flagship-2.unfinished.npz"])
    half, full = whole(Checkpoint.load(path)), folder / "cut/work/flagship-2/last.npz"
    exact = Checkpoint.load(full)
    assert half.epoch == exact.epoch == 1
    for part, near in (("model", 1e-3), ("average", 1e-3), ("optimizer", 8e-3)):
        for a, b in zip(getattr(half, part), getattr(exact, part), strict=True):
            assert a.dtype == b.dtype
            assert np.allclose(a, b, rtol=near, atol=1e-6), part


def test_answers_come_back_for_the_faces_that_were_packed(back: Path, folder: Path) -> None:
    packed = read_pack(folder / "carry" / FACES)
    logits = read_soft_targets(back / "teachers", "teacher-wide", packed)
    assert logits is not None
    assert logits.shape == (46, 15)
    assert np.isfinite(logits).all()


def test_a_training_answers_the_faces_that_it_was_not_shown(
    found: dict[str, Any], folder: Path
) -> None:
    assert any("check-1: 23 faces" in line for line in found["crossed"]), found["crossed"]
    files = unpacked(sorted((folder / "crossed/out").glob("*.tar")))
    assert set(files) == {"check-1.soft.npz", "log.txt"}
    (folder / "check-1.npz").write_bytes(files["check-1.soft.npz"])
    packed = read_pack(folder / "carry" / FACES)
    logits = read_soft_targets(folder, "check-1", packed)
    assert logits is not None
    answered = np.flatnonzero(np.isfinite(logits).all(axis=1))
    assert answered.tolist() == [*range(1, 40, 2), 42, 44, 45]


def test_what_came_back_becomes_a_measured_model(
    back: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = ((some_faces(70), "Training"), (some_faces(35, seed=1), "PublicTest"))
    data = write_csv(folder / "public.csv", *parts)

    def known(name: str) -> Stage:
        from fer_core.rental.stages import STAGES

        return next(one for one in STAGES if one.name == name)

    monkeypatch.setattr(bring_in, "stage", known)
    home, notes = Home.find(folder / "home"), list[str]()
    (card,) = bring_in.models(home, back, ["flagship-2"], data, "gpu-", notes.append)
    assert card.name == "gpu-flagship-2"
    assert card.metrics["validation"]["litert"]["labels"]["n"] == 35
    assert card.also_serves == ("fer2013",)
    assert card.training["rental"]["photographs"] == 0.1
    assert card.training["settings"]["teachers"] == ["teacher-wide"]
    assert any("photographs" in one for one in card.data)
    assert not any("best epoch was chosen" in one for one in card.limits)

    found = Checkpoint.load(back / "results/flagship-2.npz")
    assert all(one.dtype == np.float16 for one in found.average)
    saved = keras.models.load_model(home.models / "gpu-flagship-2.keras", compile=False)
    for a, b in zip(saved.get_weights(), from_float16(found.average), strict=True):
        assert np.array_equal(a, b)
    assert serving_model(found).count_params() == card.parameters
