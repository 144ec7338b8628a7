"""The exported networks in the cache: made once, checked, made again when damaged."""

from __future__ import annotations

import json
import shutil
import threading
import time
from pathlib import Path

import pytest

from fer_core.errors import FaceError
from fer_core.faces import networks
from fer_core.faces.mtcnn import MtcnnDetector


class Exporter:
    """Stands in for the export: copies good networks, counts, takes a moment."""

    def __init__(self, source: Path) -> None:
        self.source = source
        self.runs = 0

    def __call__(self, folder: Path) -> None:
        self.runs += 1
        time.sleep(0.05)
        for name in ("pnet.tflite", "rnet.tflite", "onet.tflite", "checksums.json"):
            shutil.copy(self.source / name, folder / name)


@pytest.fixture
def exporter(cache: Path, detector: MtcnnDetector, monkeypatch: pytest.MonkeyPatch) -> Exporter:
    stand_in = Exporter(cache / f"mtcnn-{networks.FORMAT}")
    monkeypatch.setattr(networks, "_export", stand_in)
    return stand_in


def test_the_export_leaves_networks_checksums_and_nothing_else(
    cache: Path, detector: MtcnnDetector
) -> None:
    folder = cache / f"mtcnn-{networks.FORMAT}"
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["checksums.json", "export.lock", "onet.tflite", "pnet.tflite", "rnet.tflite"]
    assert set(json.loads((folder / "checksums.json").read_text())) == set(networks.NETWORKS)


def test_whole_networks_are_read_without_an_export(tmp_path: Path, exporter: Exporter) -> None:
    first = networks.load_networks(tmp_path)
    assert networks.load_networks(tmp_path) == first
    assert exporter.runs == 1


@pytest.mark.parametrize("damage", ["cut", "missing", "no checksums", "checksums are text"])
def test_damaged_networks_are_made_again(tmp_path: Path, exporter: Exporter, damage: str) -> None:
    good = networks.load_networks(tmp_path)
    folder = tmp_path / f"mtcnn-{networks.FORMAT}"
    if damage == "cut":
        (folder / "rnet.tflite").write_bytes(good["rnet"][:1000])
    elif damage == "missing":
        (folder / "onet.tflite").unlink()
    elif damage == "no checksums":
        (folder / "checksums.json").unlink()
    else:
        (folder / "checksums.json").write_text("[not json")
    assert networks.load_networks(tmp_path) == good
    assert exporter.runs == 2


def test_two_at_once_export_once(tmp_path: Path, exporter: Exporter) -> None:
    answers: list[dict[str, bytes]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(networks.load_networks(tmp_path)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert exporter.runs == 1
    assert len(answers) == 3
    assert answers[0] == answers[1] == answers[2]


def test_a_failed_export_says_what_the_other_process_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(networks.sys, "executable", shutil.which("false"))
    with pytest.raises(FaceError, match="could not be exported") as caught:
        networks.load_networks(tmp_path)
    assert "mtcnn and tensorflow" in caught.value.hint
    assert not list((tmp_path / f"mtcnn-{networks.FORMAT}").glob("part-*"))


def test_a_cache_that_cannot_be_written_is_an_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FaceError, match="cannot be stored"):
        networks.load_networks(tmp_path / "file")
