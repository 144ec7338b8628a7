"""Inside every network of the zoo; and that no other file is ever loaded."""

from __future__ import annotations

import os
import threading
from dataclasses import asdict, replace

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.evaluation.explain import Explainer, grad_cam, spread
from fer_core.evaluation.explain_process import ExplainProcess
from fer_core.evaluation.trusted_weights import trusted_model
from fer_core.home import Home
from fer_core.labels import EMOTIONS
from fer_core.storage import open_store
from fer_core.zoo.card import ModelFile
from fer_core.zoo.model_store import find_model
from tests.lab import card_of, network, plant_model
from tests.long import ONLY_LONG, only_long
from tests.waiting import until

ZOO = {
    # what the published systems show: the maps' sizes, the largest first
    "rapt1": [(24, 24), (12, 12), (6, 6)],
    "spark28": [(28, 28), (14, 14), (7, 7)],
    "triblock": [(48, 48), (46, 46), (23, 23), (12, 12), (6, 6)],
    "recommender6": [(48, 48), (24, 24), (12, 12), (6, 6)],
    "recommender": [(48, 48), (24, 24), (12, 12), (6, 6), (3, 3)],
    "elu3": [(48, 48), (24, 24), (12, 12), (6, 6)],
    "mobilenet224": [(112, 112), (56, 56), (28, 28), (14, 14), (7, 7)],
    "rows1d": [(48,), (24,), (12,)],
    "plain": [],
    "tiny": [(24, 24), (12, 12)],
}


#: These take five to twenty seconds each.
LARGE = ("mobilenet224", "recommender", "triblock")


def a_face(size: int) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (size, size)).astype(np.uint8)


@pytest.mark.parametrize(
    "arch", [pytest.param(one, marks=ONLY_LONG if one in LARGE else ()) for one in ZOO]
)
def test_every_network_of_the_zoo_shows_its_stages(arch: str) -> None:
    three = arch == "elu3"
    labels = ("happy", "sad", "neutral") if three else EMOTIONS
    model, content = network(arch, labels=len(labels))
    card = card_of(arch, labels=labels)
    explainer = Explainer(card, content)
    seen = explainer.see(a_face(card.crop.size))

    assert [stage.shape[:-1] for stage in seen.stages] == ZOO[arch]
    face = explainer.scaled(a_face(card.crop.size)[None])
    expected = np.asarray(model(face, training=False))[0]  # type: ignore[operator]
    np.testing.assert_allclose(seen.logits, expected, atol=1e-4)
    for maps, cams in zip(seen.maps, seen.cams):
        assert maps.shape[1:] == cams.shape[1:]
        assert np.isfinite(cams).all()
        assert cams.min() >= 0
    known = [EMOTIONS.index(label) for label in labels]
    unknown = [k for k in range(7) if k not in known]
    assert (seen.saliency[known].max(axis=(1, 2)) > 0).all()
    assert not seen.saliency[unknown].any()
    features = explainer.features(np.stack([a_face(card.crop.size)] * 2))
    assert features.shape[0] == 2
    np.testing.assert_allclose(features[0], features[1], atol=1e-5)


def test_every_network_of_the_zoo_is_among_them() -> None:
    from fer_core.zoo.registry import architectures

    assert {entry.name for entry in architectures()} <= set(ZOO)


def test_grad_cam_weighs_channels_by_their_slope_and_drops_what_speaks_against() -> None:
    answer = np.zeros((2, 2, 2), np.float32)
    answer[0, 0, 0] = 3  # speaks for it
    answer[1, 1, 1] = 5  # speaks against it
    slope = np.zeros((2, 2, 2), np.float32)
    slope[..., 0], slope[..., 1] = 0.5, -1
    assert grad_cam(answer, slope).tolist() == [[1.5, 0], [0, 0]]
    assert spread(np.zeros((3, 3), np.float32), 8).max() == 0
    assert spread(grad_cam(answer, slope), 8).max() == pytest.approx(1)


@only_long
@pytest.mark.slow
def test_the_process_answers_ends_when_idle_and_starts_again(home: Home) -> None:
    plant_model(home, "mine")
    process = ExplainProcess(idle_s=2.0)
    stored = find_model("mine", home)
    other = replace(stored.card.files["keras"], sha256="0" * 64)
    swapped = replace(stored.card, files={**stored.card.files, "keras": other})
    try:
        seen = process.see(stored, a_face(48))
        pid = process.pid
        assert pid not in (None, os.getpid())
        assert seen.stages[0].shape == (24, 24, 4)
        assert process.features(stored, np.stack([a_face(48)] * 5), block=2).shape == (5, 8)
        until(lambda: process.pid is None)  # its memory is given back
        with pytest.raises(ModelError, match="SHA-256 differs"):
            process.see(replace(stored, card=swapped), a_face(48))
        head = {
            "do": "see",
            "output": None,
            "card": asdict(stored.card),
            "path": str(stored.folder / "mine.keras"),
            "sha256": "0" * 64,
        }
        # whoever got past the first look is refused by the process itself, before TensorFlow
        answer = process._exchange(process._running(False), head, {"crop": a_face(48)})
        assert answer is not None
        assert "SHA-256 differs" in answer[0]["error"]
        assert process.pid not in (None, pid)
    finally:
        process.close()
    assert process.pid is None


def test_closing_does_not_wait_for_an_answer(home: Home) -> None:
    plant_model(home, "mine")
    process, refused = ExplainProcess(), list[ModelError]()

    def ask() -> None:
        try:
            process.see(find_model("mine", home), a_face(48))
        except ModelError as error:
            refused.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    until(lambda: process.pid)
    process.close()
    asking.join(timeout=60)
    assert process.pid is None
    assert "was stopped" in str(refused[0])


def test_a_swapped_file_is_not_loaded(home: Home) -> None:
    card = plant_model(home, "mine")
    (home.models / card.files["keras"].name).write_bytes(network("tiny", seed=9)[1])
    with open_store(home) as store, pytest.raises(ModelError, match="SHA-256 differs"):
        trusted_model(store, home, "mine").checked("keras")


def test_a_model_that_was_put_there_with_its_own_card_is_not_loaded(home: Home) -> None:
    """Whoever can put a file into the folder can write a card for it as well."""
    plant_model(home, "stranger", remembered=False)
    with open_store(home) as store:
        with pytest.raises(ModelError, match="was not made by this Rapt"):
            trusted_model(store, home, "stranger")
        assert trusted_model(store, home, "rapt-1").card.name == "rapt-1"  # it ships


def test_a_known_name_with_another_file_and_another_card_is_not_loaded(home: Home) -> None:
    card = plant_model(home, "mine")
    path = home.models / card.files["keras"].name
    path.write_bytes(network("tiny", seed=9)[1])
    replace(card, files={**card.files, "keras": ModelFile.of(path)}).write(
        home.models / "mine.json"
    )
    with open_store(home) as store, pytest.raises(ModelError, match="was not made by this Rapt"):
        trusted_model(store, home, "mine")


def test_bytes_that_are_no_model_are_refused_in_words() -> None:
    with pytest.raises(ModelError, match="Keras cannot load"):
        Explainer(card_of("tiny"), b"PK\x03\x04 nothing")
