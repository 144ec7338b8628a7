"""What a network costs: its multiply-adds for one face."""

from __future__ import annotations

import math
from typing import Any


def multiply_adds(model: Any) -> int:
    """Of the convolutions and dense layers; the rest is small beside them."""
    total = 0
    for layer in model.layers:
        kind = type(layer).__name__
        if kind in ("Conv2D", "Conv1D"):
            places = math.prod(layer.output.shape[1:-1])
            total += places * math.prod(layer.kernel.shape)
        elif kind == "DepthwiseConv2D":
            total += math.prod(layer.output.shape[1:-1]) * math.prod(layer.kernel.shape)
        elif kind == "Dense":
            total += math.prod(layer.kernel.shape)
    return int(total)
