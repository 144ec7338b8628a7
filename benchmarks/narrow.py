"""Take out of a network's last block the inner channels that say least.

    python benchmarks/narrow.py MODEL.keras NARROWER.keras --keep 32

A channel between a block's two convolutions can go without touching anything else. What it
contributes is the spread of its values times the weights that read them; what it adds on
average moves into the normalisation that follows. Both are known from the normalisation before
it: its values are normal with mean beta and deviation gamma, cut off at 0. No picture is needed.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import norm

from fer_core.types import Float
from fer_core.zoo.registry import create


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--keep", type=int, default=32)
    args = parser.parse_args()
    import keras

    wide = keras.models.load_model(args.model, compile=False)
    narrow, share = narrowed(wide, args.keep)
    narrow.save(args.out)
    weights = f"{wide.count_params()} -> {narrow.count_params()} weights"
    print(f"{share:.1%} of the block's spread is gone, {weights}")


def narrowed(wide: Any, keep: int) -> tuple[Any, float]:
    """The network with ``keep`` inner channels in its last block, and the share of the inner
    spread that went."""
    import keras

    convolutions = [
        layer
        for layer in wide.layers
        if isinstance(layer, keras.layers.Conv2D) and layer.kernel_size == (3, 3)
    ]
    first, second = convolutions[-2:]
    before, after = follower(first), follower(second)
    gamma, beta = np.abs(before.get_weights()[0]), before.get_weights()[1]
    mean, variance = cut_normal(beta, gamma)
    (reading,) = second.get_weights()
    says = variance * (reading**2).sum(axis=(0, 1, 3))
    kept = np.sort(np.argsort(says)[::-1][:keep])
    gone = np.setdiff1d(np.arange(len(says)), kept)

    changed = {
        first: [first.get_weights()[0][..., kept]],
        before: [value[kept] for value in before.get_weights()],
        second: [reading[:, :, kept]],
    }
    scale, shift, centre, spread = after.get_weights()
    steady = np.einsum("hwio,i->o", reading[:, :, gone], mean[gone])
    changed[after] = [scale, shift, centre - steady, spread]

    shape = {"depths": (1, 2, 2), "inner": (0, 0, keep), "dropout": 0.2}
    narrow = create("rapt1", classes=wide.output_shape[1], size=wide.input_shape[1], **shape)
    for old, new in zip(wide.layers, narrow.layers, strict=True):
        new.set_weights(changed.get(old, old.get_weights()))
    return narrow, float(says[gone].sum() / says.sum())


def follower(layer: Any) -> Any:
    """The layer that reads this one."""
    return layer.output._keras_history.operation._outbound_nodes[0].operation


def cut_normal(mean: Float, deviation: Float) -> tuple[Float, Float]:
    """Mean and variance of normal values whose negative ones became 0."""
    z = mean / np.maximum(deviation, 1e-9)
    first = mean * norm.cdf(z) + deviation * norm.pdf(z)
    second = (mean**2 + deviation**2) * norm.cdf(z) + mean * deviation * norm.pdf(z)
    return first, second - first**2


if __name__ == "__main__":
    main()
