"""Kappa, against published examples and another library."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fer_core.evaluation.agreement import agreement, cohen, fleiss


def test_cohens_kappa_is_that_of_another_library() -> None:
    from sklearn.metrics import cohen_kappa_score

    rng = np.random.default_rng(3)
    a = rng.integers(0, 7, 200)
    b = np.where(rng.random(200) < 0.6, a, rng.integers(0, 7, 200))
    assert cohen(a.tolist(), b.tolist()) == pytest.approx(cohen_kappa_score(a, b))


def test_fleiss_kappa_is_that_of_its_textbook_example() -> None:
    """Ten subjects, fourteen raters, five categories: 0.210."""
    table = [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]  # fmt: skip
    assert fleiss(np.array(table)) == pytest.approx(0.210, abs=0.0005)


def test_where_nothing_can_be_said_kappa_is_not_a_number() -> None:
    assert math.isnan(cohen([], []))
    assert math.isnan(cohen(["sad"] * 4, ["sad"] * 4))
    assert math.isnan(fleiss(np.array([[1, 0], [0, 1]])))
    assert agreement({"ann": {"f1": "sad"}}) is None
    assert agreement({"ann": {"f1": "sad"}, "bob": {"f2": "sad"}}) is None


def test_three_labellers_are_compared_on_what_all_judged_else_the_two_who_share_most() -> None:
    ann = {f"f{i}": "sad" if i % 2 else "happy" for i in range(8)}
    bob = {**ann, "f0": "sad"}
    cyd = {item: ann[item] for item in ("f0", "f1", "f2")}
    found = agreement({"ann": ann, "bob": bob, "cyd": cyd})
    assert found is not None
    assert (found.method, found.n, found.labellers) == ("Fleiss'", 3, ("ann", "bob", "cyd"))
    assert found.same == pytest.approx(2 / 3)
    found = agreement({"ann": ann, "bob": bob, "cyd": {"g": "sad"}})
    assert found is not None
    assert (found.method, found.n, found.labellers) == ("Cohen's", 8, ("ann", "bob"))
    assert found.kappa == pytest.approx(cohen(list(ann.values()), list(bob.values())))
