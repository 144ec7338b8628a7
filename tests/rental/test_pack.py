"""What travels and comes back: faces in 7 bits, archives of limited size, 16-bit numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import DataError, SettingsError
from fer_core.rental.gather import joined, take_program, travels
from fer_core.rental.halves import from_bfloat16, from_float16, to_bfloat16, to_float16
from fer_core.rental.outbox import MIB, Outbox, unpacked
from fer_core.rental.pack import (
    FACES,
    Packed,
    read_pack,
    read_soft_targets,
    write_pack,
    write_soft_targets,
)
from fer_core.rental.stages import STAGES, stage
from fer_core.zoo.counting import multiply_adds
from tests.training.sets import some_faces


def packed(seed: int = 0) -> Packed:
    return Packed(some_faces(14, seed=seed, votes=True), np.arange(14, dtype=np.int32) - 7)


def test_packed_faces_lose_one_bit_and_nothing_else(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    faces = packed()
    faces.faces.images[:] = rng.integers(0, 256, faces.faces.images.shape)
    faces.faces.images[0, 0, :2] = 0, 255
    write_pack(tmp_path / FACES, faces)
    found = read_pack(tmp_path / FACES)
    off = found.faces.images.astype(int) - faces.faces.images
    assert np.abs(off).max() <= 1
    assert found.faces.images[0, 0, :2].tolist() == [0, 255]
    assert np.array_equal(found.faces.labels, faces.faces.labels)
    assert np.array_equal(found.faces.votes, faces.faces.votes)
    assert found.photographs.tolist() == [False] * 7 + [True] * 7


def test_what_is_no_pack_is_refused(tmp_path: Path) -> None:
    (tmp_path / FACES).write_bytes(b"no pack")
    with pytest.raises(DataError, match="no packed faces"):
        read_pack(tmp_path / FACES)


def test_soft_targets_are_for_the_faces_that_they_were_made_for(tmp_path: Path) -> None:
    logits = np.random.default_rng(0).normal(size=(14, 15)).astype(np.float32)
    write_soft_targets(tmp_path / "one.npz", logits, packed())
    found = read_soft_targets(tmp_path, "one", packed())
    assert found is not None
    assert np.allclose(found, logits, atol=2e-3)
    assert read_soft_targets(tmp_path, "one", packed(seed=1)) is None
    assert read_soft_targets(tmp_path, "other", packed()) is None
    # Photographs cut otherwise lose their answers, FER2013's faces keep theirs.
    other = packed()
    other.faces.images[13] ^= 1
    found = read_soft_targets(tmp_path, "one", other)
    assert found is not None
    assert np.isnan(found).all(axis=1).tolist() == [False] * 7 + [True] * 7
    assert np.allclose(found[:7], logits[:7], atol=2e-3)


def test_a_person_on_photographs_of_two_files_keeps_one_number() -> None:
    photographs = [
        (some_faces(3, votes=True), ["a", "b", "a"]),
        (some_faces(2, seed=1, votes=True), ["c", "b"]),
    ]
    found = joined(some_faces(4), dict(zip(("one", "two"), photographs, strict=True)))
    assert found.sources == ("one", "two")
    assert found.person.tolist() == [-1] * 4 + [0, 1, 0, 2, 1]
    assert found.faces.votes is not None
    assert found.faces.votes[:4].sum() == 0


def test_archives_stay_within_their_limits_and_give_everything_back(tmp_path: Path) -> None:
    notes: list[str] = []
    box = Outbox(tmp_path, notes.append, archives=3, each=2 * MIB, together=5 * MIB)
    rng = np.random.default_rng(0)
    files = {name: rng.bytes(size) for name, size in (("a", MIB), ("b", MIB // 2), ("c", 2 * MIB))}
    assert all(box.put(name, content) for name, content in files.items())
    files["a"] = rng.bytes(MIB)
    assert box.put("a", files["a"])
    assert unpacked(list(tmp_path.glob("*.tar"))) == files
    assert not box.put("large", rng.bytes(2 * MIB))
    assert "no room to bring large back" in notes[0]
    assert unpacked(list(tmp_path.glob("*.tar"))) == files
    box.remove("c")
    del files["c"]
    assert unpacked(list(tmp_path.glob("*.tar"))) == files
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) <= 3
    assert max(sizes) <= 2 * MIB


def test_a_file_that_lacks_a_piece_is_left_out(tmp_path: Path) -> None:
    box = Outbox(tmp_path, print, archives=4, each=2 * MIB)
    box.put("small", b"small")
    box.put("large", bytes(3 * MIB))
    last = max(tmp_path.glob("*.tar"))
    last.unlink()
    assert unpacked(list(tmp_path.glob("*.tar"))) == {"small": b"small"}


def test_numbers_survive_16_bits() -> None:
    rng = np.random.default_rng(0)
    values = (
        rng.normal(size=(50, 3)).astype(np.float32),
        np.float32(1e-12) * rng.random(20).astype(np.float32),  # an optimizer's second moments
        np.array(7, np.int32),
        np.array(0.05, np.float32),
    )
    for a, b in zip(from_bfloat16(to_bfloat16(values)), values):
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        assert np.allclose(a, b, rtol=0.004, atol=0)
    assert np.allclose(from_float16(to_float16(values[:1]))[0], values[0], rtol=5e-4, atol=1e-7)
    assert from_float16(to_float16((np.array([1e6], np.float32),)))[0] == 65504


@pytest.mark.parametrize("name", ["teacher-wide", "teacher-fine"])
def test_teachers_have_the_size_that_was_meant(name: str) -> None:
    from fer_core.training.networks import build_model

    model = build_model(stage(name).recipe.settings, 15, precision="float32")
    assert 300e6 <= multiply_adds(model) <= 400e6
    assert 2 * model.count_params() <= 9e6  # bytes in 16 bits


def test_stages_stand_in_an_order_in_which_teachers_come_first() -> None:
    known = ["rapt-1"]
    for one in STAGES:
        assert set(one.recipe.teachers) <= set(known)
        known.append(one.name)
        assert one.least <= one.recipe.settings.epochs
        assert (one.recipe.settings.choose == "last") == (not one.judged)
    with pytest.raises(SettingsError, match="flagship-1"):
        stage("nothing")


def test_the_program_travels_without_what_python_made_of_it(tmp_path: Path) -> None:
    source = tmp_path / "tree" / "fer_core" / "part"
    (source / "__pycache__").mkdir(parents=True)
    (source / "one.py").write_text("ONE = 1")
    (source / "__pycache__" / "one.pyc").write_bytes(b"0")
    take_program(tmp_path / "tree", tmp_path / "program")
    assert (tmp_path / "program/fer_core/part/one.py").read_text() == "ONE = 1"
    assert travels(tmp_path / "program") == len("ONE = 1")
