"""The zoo: names, errors and sizes."""

from __future__ import annotations

import pytest

from fer_core.errors import ModelError
from fer_core.training.recipes import RECIPES
from fer_core.zoo.counting import multiply_adds
from fer_core.zoo.registry import architecture, architectures, create, register_architecture


def test_the_architectures_are_listed_in_order_and_an_unknown_name_is_told_them() -> None:
    names = [entry.name for entry in architectures()]
    assert names == sorted(names)
    assert {"rapt1", "tiny"} <= set(names)
    with pytest.raises(ModelError, match="rapt1"):
        architecture("vgg19")


def test_two_architectures_cannot_have_one_name() -> None:
    with pytest.raises(ValueError, match="tiny"):
        register_architecture("tiny", about="another")(lambda **_: None)


def test_the_flagship_is_as_small_as_promised() -> None:
    model = create("rapt1", classes=15, **RECIPES["flagship"].settings.options)
    assert model.output_shape == (None, 15)
    assert multiply_adds(model) <= 150_000_000
    assert model.count_params() * 4 <= 5_000_000


def test_a_network_with_open_sides_takes_small_and_whole_pictures() -> None:
    import numpy as np

    model = create("tiny", classes=7, size=0)
    for side in (32, 48):
        assert np.asarray(model(np.zeros((2, side, side, 1), np.float32))).shape == (2, 7)
