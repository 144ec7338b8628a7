"""Models as pages show them."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.lab.models import data as models
from dashboard.lab.models import figures, html
from dashboard.lab.models.slices import scores
from fer_core.evaluation.slices import Slice, trait_called
from fer_core.zoo import find_model
from tests.lab import Lab


def test_the_flagship_comes_first_and_a_damaged_card_is_a_row_too(
    lab: Lab,
) -> None:
    home, _, _ = lab
    broken = home.models / "broken.json"
    broken.write_text('{"name": "broken"')
    rows = models.rows(home)
    broken.unlink()
    assert rows[0].name == "rapt-1"
    assert rows[0].in_use
    assert rows[0].ships
    assert rows[0].accuracy is not None
    assert {row.name for row in rows} == {"rapt-1", "one", "two", "broken"}
    (bad,) = (row for row in rows if row.name == "broken")
    assert "broken.json is not valid JSON" in bad.problem


def test_a_card_alone_is_enough_to_say_what_a_model_is_worth(
    lab: Lab,
) -> None:
    home, store, _ = lab
    opened = models.open_model(home, store, "rapt-1")
    assert opened is not None
    assert opened.why_closed == ""
    assert len(opened.curves) > 5
    on_card = [one for one in opened.figures if one.evaluation_id is None]
    assert on_card
    for one in on_card:
        assert one.leaked is None  # it needs the data set
        assert sum(one.ranks) == pytest.approx(one.scores.top3)
        assert one.scores.confusion.sum() == one.scores.n
    said = html.card_summary(opened.card)
    assert "Not for" in said
    assert "hiring" in said
    assert " + ".join(str(run["epochs"]) for run in opened.card.runs) in said
    assert "ferplus (80 %) and fer2013 (20 %), of the face and its mirror image" in said
    assert models.open_model(home, store, "nobody") is None


def test_two_models_differ_on_the_faces_that_are_shown(lab: Lab) -> None:
    _, store, _ = lab
    (pair,) = models.shared_evaluations(store, "one", "two")
    found = models.side_by_side(store, "one", "two", pair)
    assert found.paired.n == 70
    assert found.paired.base == pytest.approx(pair[0].scores.accuracy)
    assert found.paired.candidate == pytest.approx(pair[1].scores.accuracy)
    assert (found.differ["guess_a"] != found.differ["guess_b"]).all()
    only = ((found.differ["guess_a"] == found.differ["truth"])
            | (found.differ["guess_b"] == found.differ["truth"])).sum()  # fmt: skip
    assert only == found.paired.only_base_right + found.paired.only_candidate_right


def test_precision_recall_and_f1_of_a_card_are_those_that_its_confusion_gives() -> None:
    card = find_model("rapt-1").card
    (labels, *_) = figures.of_card(card)
    written = card.metrics["validation"][card.default]["labels"]
    assert labels.scores.as_dict() == {
        key: value
        for key, value in written.items()
        if key not in ("output", "accuracy_without_copies")
    }
    assert labels.without_copies == written["accuracy_without_copies"]


def test_a_slice_is_scored_with_its_interval_and_the_rest_beside_it() -> None:
    members, right = np.arange(100) < 10, np.arange(100) >= 5
    dark, blurred = (
        Slice(trait_called(key), 1.0, where)
        for key, where in (("dark", members), ("blurred", ~members))
    )
    worst, best = scores([blurred, dark], right)
    assert (worst.slice.trait.key, worst.n, worst.accuracy, worst.elsewhere) == ("dark", 10, 0.5, 1)
    assert worst.low < 0.5 < worst.high < 1
    assert worst.differs
    assert (best.accuracy, best.differs) == (1.0, True)
