"""Runs that go on from a model: its weights, its answers, and what is weighed by roots."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from fer_core.errors import SettingsError
from fer_core.training.batches import epoch_order
from fer_core.training.checkpoint import Checkpoint
from fer_core.training.datasets import from_labels, mix
from fer_core.training.distillation import distill, teacher_logits
from fer_core.training.export import first_card, serving_model
from fer_core.training.loop import train
from fer_core.training.networks import logits_of, new_model, saved_model
from fer_core.training.settings import TrainSettings
from fer_core.training.targets import build, class_weights
from tests.training.sets import some_faces
from tests.training.settings import SHORT

FACES, OTHERS = some_faces(70), some_faces(21, seed=1)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[Checkpoint, Path]:
    """A trained network, and its .keras file."""
    folder = tmp_path_factory.mktemp("base")
    settings = replace(SHORT, epochs=1, sizes=((0.0, 48),))
    found = train(settings, FACES, OTHERS, folder)
    serving_model(found).save(folder / "base.keras")
    return found, folder / "base.keras"


def going_on(base: tuple[Checkpoint, Path], **changes: Any) -> TrainSettings:
    return replace(base[0].settings, start=str(base[1]), seed=7, **changes)


def test_a_run_begins_with_the_weights_it_is_given(base: tuple[Checkpoint, Path]) -> None:
    begun = new_model(going_on(base)).get_weights()
    for one, other in zip(begun, base[0].average, strict=True):
        assert np.array_equal(one, other)
    fresh = new_model(replace(base[0].settings, seed=7)).get_weights()
    assert any(not np.array_equal(a, b) for a, b in zip(begun, fresh))


def test_a_resumed_run_does_not_begin_again(base: tuple[Checkpoint, Path], tmp_path: Path) -> None:
    settings = going_on(base, epochs=2)
    whole = train(settings, FACES, OTHERS, tmp_path / "whole")
    once = [True]
    train(settings, FACES, OTHERS, tmp_path / "parts", enough=lambda: once.pop())
    assert Checkpoint.load(tmp_path / "parts" / "last.npz").epoch == 1
    resumed = train(settings, FACES, OTHERS, tmp_path / "parts", resume=True)
    for one, other in zip(resumed.model, whole.model, strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("wrong", ["none", "text", "other"])
def test_weights_that_do_not_fit_are_refused_before_anything_is_written(
    wrong: str, base: tuple[Checkpoint, Path], tmp_path: Path
) -> None:
    start = tmp_path / "start.keras"
    if wrong == "text":
        start.write_text("no model")
    elif wrong == "other":
        keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)]).save(start)
    with pytest.raises(SettingsError, match="does not fit this training"):
        train(replace(base[0].settings, start=str(start)), FACES, OTHERS, tmp_path / "run")
    assert not (tmp_path / "run").exists()
    taught = replace(base[0].settings, teachers=(str(start),), distill_weight=0.5)
    with pytest.raises(SettingsError, match="cannot teach"):
        train(taught, FACES, OTHERS, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_card_names_the_start_without_its_folder(base: tuple[Checkpoint, Path]) -> None:
    checkpoint = replace(base[0], settings=going_on(base))
    assert first_card(checkpoint, "next").training["settings"]["start"] == "base.keras"


def test_normalisation_can_keep_what_it_learned(
    base: tuple[Checkpoint, Path], tmp_path: Path
) -> None:
    moving = [v.path.endswith(("moving_mean", "moving_variance")) for v in new_model(SHORT).weights]
    assert any(moving)
    kept = train(going_on(base, freeze_norm=True), FACES, OTHERS, tmp_path / "kept")
    moved = train(going_on(base), FACES, OTHERS, tmp_path / "moved")

    def same(run: Checkpoint) -> list[bool]:
        pairs = zip(run.average, base[0].average, moving, strict=True)
        return [np.allclose(a, b, atol=1e-6) for a, b, is_moving in pairs if is_moving]

    assert all(same(kept))
    assert not any(same(moved))
    assert any(not np.array_equal(a, b) for a, b in zip(kept.average, base[0].average))


def test_distillation_changes_public_targets_and_leaves_ones_own(
    base: tuple[Checkpoint, Path],
) -> None:
    own = from_labels(some_faces(14, seed=3).images, ["sad"] * 14, [False] * 14)["train"]
    mixed = mix([(FACES, 1.0), (own, 1.0)])
    settings = going_on(base, distill_weight=0.8)
    wanted = build(mixed, ("fer2013",), smoothing=0.0, vote_weight=1.0)
    before = wanted.copy()
    distill(wanted, settings, mixed)
    assert np.array_equal(wanted[70:], before[70:])
    assert wanted.sum(axis=1) == pytest.approx(np.ones(len(mixed)), abs=1e-5)
    shown = np.unique(
        np.concatenate([epoch_order(settings, mixed, epoch) for epoch in range(settings.epochs)])
    )
    public = shown[shown < 70]
    assert (wanted[public].max(axis=1) < 1).all()
    # a fifth is still the label
    assert (wanted[public, mixed.labels[public]] >= 0.2).all()


def test_distillation_keeps_how_much_a_face_counts(base: tuple[Checkpoint, Path]) -> None:
    weights = class_weights(FACES.labels, 7, 0.5)
    wanted = build(FACES, ("fer2013",), smoothing=0.1, vote_weight=1.0, weights=weights)
    before = wanted.sum(axis=1)
    settings = going_on(base, distill_weight=0.5)
    distill(wanted, settings, FACES)
    assert wanted.sum(axis=1) == pytest.approx(before, rel=1e-5)


def test_distillation_can_ask_about_changed_pictures_too(base: tuple[Checkpoint, Path]) -> None:
    made = []
    for views in (0, 3, 3):
        wanted = build(FACES, ("fer2013",), smoothing=0.0, vote_weight=1.0)
        settings = going_on(base, distill_weight=0.5, distill_views=views)
        distill(wanted, settings, FACES)
        made.append(wanted)
    plain, changed, again = made
    assert np.array_equal(changed, again)
    assert not np.allclose(plain, changed, atol=1e-4)
    assert np.allclose(plain, changed, atol=0.3), "the same faces, a little changed"


def test_several_teachers_of_any_shape_are_heard_alike(
    base: tuple[Checkpoint, Path], tmp_path: Path
) -> None:
    shape = {"stem": 4, "widths": (8, 16), "depths": (1, 1), "inner": (0, 0)}
    larger = replace(base[0].settings, arch="rapt1", options=shape)
    other = tmp_path / "other.keras"
    serving_model(train(larger, FACES, OTHERS, tmp_path / "larger")).save(other)
    settings = replace(base[0].settings, distill_weight=0.5, distill_views=1)
    both = teacher_logits([base[1], other], settings, FACES)
    each = [teacher_logits([path], settings, FACES) for path in (base[1], other)]
    assert np.allclose(both, (each[0] + each[1]) / 2, atol=1e-5)
    assert not np.allclose(each[0], each[1], atol=1e-3)
    twice = teacher_logits([base[1], other, other], settings, FACES)
    assert np.allclose(twice, (each[0] + 2 * each[1]) / 3, atol=1e-5)

    made = build(FACES, ("fer2013",), smoothing=0.0, vote_weight=1.0)
    distill(made, replace(settings, distill_weight=1.0, teachers=(str(base[1]), str(other))), FACES)
    soft = np.exp(both) / np.exp(both).sum(axis=1, keepdims=True)
    shown = epoch_order(settings, FACES, 0)
    assert np.allclose(made[shown], soft[shown], atol=1e-5)


def test_a_teacher_answers_in_the_runs_precision(base: tuple[Checkpoint, Path]) -> None:
    settings = base[0].settings
    exact = logits_of(saved_model(base[1], settings), settings, FACES, 48)
    quick = saved_model(base[1], replace(settings, precision="mixed_bfloat16"))
    assert {layer.compute_dtype for layer in quick.layers[1:-1]} == {"bfloat16"}
    assert quick.layers[-1].compute_dtype == "float32"
    found = logits_of(quick, settings, FACES, 48)
    assert not np.array_equal(found, exact)
    assert np.allclose(found, exact, atol=0.1)


def test_weights_by_roots_go_half_of_the_way() -> None:
    labels = np.repeat(np.arange(3), [400, 100, 25])
    whole, half = class_weights(labels, 7), class_weights(labels, 7, 0.5)
    assert whole[1] / whole[0] == pytest.approx(4)
    assert half[1] / half[0] == pytest.approx(2)
    assert half[2] / half[0] == pytest.approx(4)
    for weights in (whole, half):
        assert (weights[labels]).mean() == pytest.approx(1)
        assert (weights[3:] == 0).all()
