"""The classic networks have the parameters that were published."""

from __future__ import annotations

import math

import pytest

from fer_core.zoo.registry import create


@pytest.mark.parametrize(
    ("name", "classes", "parameters"),
    [
        ("triblock", 7, 2_716_647),  # published
        ("mobilenet224", 7, 2_430_663),  # published
        ("spark28", 7, 57_527),  # by hand: 416 + 6416 + 784 * 64 + 64 + 64 * 7 + 7
    ],
)
def test_the_parameters_are_as_many_as_published(name: str, classes: int, parameters: int) -> None:
    model = create(name, classes=classes)
    assert model.count_params() == parameters
    assert model.output_shape == (None, classes)


def test_of_the_mobilenet_as_many_parameters_train_as_published() -> None:
    trained = create("mobilenet224", classes=7).trainable_variables
    assert sum(math.prod(variable.shape) for variable in trained) == 2_396_551


@pytest.mark.parametrize(
    ("name", "classes"), [("recommender", 7), ("recommender6", 6), ("elu3", 3), ("plain", 7)]
)
def test_the_other_classics_answer_with_their_classes(name: str, classes: int) -> None:
    assert create(name, classes=classes).output_shape == (None, classes)
