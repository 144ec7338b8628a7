"""What `rapt models export` writes answers as the model itself, in the format's own runtime."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fer_core.cli.main import main
from fer_core.inference.classifier import Classifier
from fer_core.zoo.model_store import DEFAULT, find_model
from tests.long import only_long

#: The promise. Seen: 5e-6.
AGREE = 1e-4
#: A weight between two of 255 levels may fall either way on another processor.
AGREE_INT8 = 0.01


@pytest.fixture(scope="module")
def faces() -> np.ndarray:
    """Coarse patterns: the answers to them lie far apart."""
    rng = np.random.default_rng(0)
    low = rng.integers(0, 256, (6, 6, 6)).repeat(8, axis=1).repeat(8, axis=2)
    return low.astype(np.uint8)


def logits(faces: np.ndarray) -> np.ndarray:
    return Classifier(find_model(DEFAULT), "litert").logits(faces)


def scaled(faces: np.ndarray) -> np.ndarray:
    card = find_model(DEFAULT).card
    return ((faces.astype(np.float32) - card.mean) / card.scale)[..., None]


def exported(kind: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    options = [DEFAULT, "--format", kind, "--out", str(folder), "--json"]
    assert main(["models", "export", *options, "--home", str(folder / "home")]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    return Path(answer["path"])


@only_long
def test_onnx_answers_as_the_model(
    faces: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("tf2onnx")
    session = runtime.InferenceSession(str(exported("onnx", tmp_path, capsys)))
    (face,) = session.get_inputs()
    (found,) = session.run(None, {face.name: scaled(faces)})
    assert np.abs(found - logits(faces)).max() < AGREE


@only_long
def test_a_savedmodel_answers_as_the_model(
    faces: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import tensorflow as tf

    loaded = tf.saved_model.load(str(exported("savedmodel", tmp_path, capsys)))
    assert np.abs(loaded.serve(scaled(faces)).numpy() - logits(faces)).max() < AGREE


@only_long
@pytest.mark.parametrize("kind", ["litert", "int8"])
def test_a_litert_file_answers_as_the_one_that_ships(
    kind: str, faces: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from fer_core.litert import interpreter

    network = interpreter(exported(kind, tmp_path, capsys).read_bytes())
    network.allocate_tensors()
    shipped = Classifier(find_model(DEFAULT), kind).logits(faces)
    for face, wanted in zip(scaled(faces), shipped, strict=True):
        network.set_tensor(network.get_input_details()[0]["index"], face[None])
        network.invoke()
        found = network.get_tensor(network.get_output_details()[0]["index"])[0]
        assert np.abs(found - wanted).max() < (AGREE_INT8 if kind == "int8" else AGREE)


@only_long
def test_files_say_in_their_metadata_how_a_face_becomes_what_they_take(
    faces: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the description alone, as another program would: crop in, seven emotions out."""
    from tensorflow.lite.tools import flatbuffer_utils

    from fer_core.litert import interpreter

    folder = exported("web", tmp_path, capsys)
    names = ("rapt-1.tflite", "rapt-1.fp16.tflite", "rapt-1.int8.tflite")
    wanted = Classifier(find_model(DEFAULT), "litert").probabilities(faces)
    for name, most in zip(names, (AGREE, 0.01, 0.1), strict=True):
        content = (folder / name).read_bytes()
        model = flatbuffer_utils.read_model_from_bytearray(bytearray(content))
        (entry,) = [one for one in model.metadata if one.name == b"rapt"]
        said = json.loads(bytes(model.buffers[entry.buffer].data))
        assert said == json.loads((folder / "rapt-1.json").read_text())
        network = interpreter(content)
        network.allocate_tensors()

        def run(face: np.ndarray, network: Any = network) -> np.ndarray:
            network.set_tensor(network.get_input_details()[0]["index"], face[None])
            network.invoke()
            return np.array(network.get_tensor(network.get_output_details()[0]["index"])[0])

        for face, seven in zip(faces, wanted, strict=True):
            grey = ((face.astype(np.float32) - said["mean"]) / said["scale"])[..., None]
            answer = run(grey)
            if said["mirror"]:
                answer = (answer + run(np.ascontiguousarray(grey[:, ::-1]))) / 2
            total = np.array(said["log_prior"])
            for one in said["served"]:
                part = np.exp(answer[one["from"] : one["to"]] / one["temperature"])
                own = np.zeros(7)
                for place, value in zip(one["to_seven"], part, strict=True):
                    if place >= 0:
                        own[place] += value
                total += one["share"] * np.log(np.maximum(own / own.sum(), said["least"]))
            assert np.abs(np.exp(total) / np.exp(total).sum() - seven).max() < most, name


def test_onnx_without_its_package_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "tf2onnx" else real(name)
    )
    options = [DEFAULT, "--format", "onnx", "--out", str(tmp_path)]
    assert main(["models", "export", *options, "--home", str(tmp_path / "home")]) == 1
    err = capsys.readouterr().err
    assert "ONNX files need the package tf2onnx" in err
    assert "pip install 'rapt[onnx]'" in err
    assert not list(tmp_path.glob("*.onnx"))
