"""What is kept of answers, and what is said of them; the index of training faces."""

from __future__ import annotations

import numpy as np
import pytest

from fer_core.errors import DataError, ModelError
from fer_core.evaluation.neighbours import Index, unit
from fer_core.evaluation.review import (
    confused_pairs,
    data_set_item,
    data_set_place,
    prediction_columns,
    ranks,
    reliability_rows,
    twins,
)

P = np.array([[0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.5, 0.1, 0.4], [0.05, 0.3, 0.65]], np.float32)
TRUTH = np.array([0, 0, 2, 1], np.int32)


def test_a_face_has_a_name_that_leads_back_to_it() -> None:
    assert data_set_place(data_set_item("publictest", 42)) == ("publictest", 42)
    assert data_set_item("train", 9) < data_set_item("train", 10)
    with pytest.raises(DataError, match="names no face"):
        data_set_place("../../etc/passwd")


def test_ranks_say_at_which_place_the_truth_stands() -> None:
    assert ranks(P, TRUTH) == pytest.approx([0.25, 0.75, 0.0])


def test_predictions_of_a_model_of_three_expressions_have_seven_columns() -> None:
    columns = prediction_columns("test", np.arange(4), TRUTH, P, ("happy", "sad", "neutral"))
    assert columns["truth"] == ["happy", "happy", "neutral", "sad"]
    assert columns["guess"] == ["happy", "sad", "happy", "neutral"]
    assert columns["p_happy"] == pytest.approx([0.7, 0.2, 0.5, 0.05])
    assert columns["p_fear"] == [0, 0, 0, 0]


def test_reliability_holds_the_bins_with_faces_alone() -> None:
    rows = reliability_rows(P, TRUTH, bins=5)
    assert sum(row["n"] for row in rows) == 4
    sure = next(row for row in rows if row["from"] == pytest.approx(0.6))
    assert (sure["n"], sure["right"]) == (3, pytest.approx(1 / 3))


def test_twins_are_the_same_picture_pixel_for_pixel() -> None:
    faces = np.random.default_rng(0).integers(0, 256, (6, 8, 8)).astype(np.uint8)
    test = faces[[4, 0]].copy()
    test[1, 0, 0] ^= 1
    assert twins(test, faces) == {0: 4}


def test_the_commonest_mistakes_come_first() -> None:
    found = confused_pairs([[5, 3, 0], [1, 6, 0], [4, 0, 6]], ("a", "b", "c"))
    assert found[["truth", "guess", "n"]].to_numpy().tolist() == [
        ["c", "a", 4], ["a", "b", 3], ["b", "a", 1],
    ]  # fmt: skip
    assert found["share"][0] == pytest.approx(0.4)


def an_index(n: int = 400) -> Index:
    features = np.random.default_rng(1).normal(size=(n, 16)).astype(np.float32)
    return Index("m" * 64, "d" * 64, "train", np.arange(n, dtype=np.int32), unit(features))


def test_the_nearest_face_of_a_face_is_itself_unless_it_is_left_out() -> None:
    index = an_index()
    feature = index.features[7] * 3  # a longer row has the same direction
    assert index.nearest(feature, 3)[0].row == 7
    assert index.nearest(feature, 3)[0].alike == pytest.approx(1, abs=1e-3)
    without = index.nearest(feature, 3, without=7)
    assert [one.row for one in without] == [one.row for one in index.nearest(feature, 4)[1:]]
    assert len(index.nearest(feature, 1000)) == 400


def test_an_index_is_read_as_written_and_refused_when_a_byte_differs(tmp_path) -> None:  # type: ignore[no-untyped-def]
    index, path = an_index(), tmp_path / "cache" / "i.npz"
    index.write(path)
    read = Index.read(path)
    assert (read.model, read.data, read.split) == (index.model, index.data, "train")
    np.testing.assert_allclose(read.features, index.features, atol=1e-3)
    content = bytearray(path.read_bytes())
    content[-200] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match="damaged"):
        Index.read(path)
