"""A network so small that no test waits for it."""

from __future__ import annotations

from typing import Any

from fer_core.zoo.registry import register_architecture


@register_architecture("tiny", about="A few hundred weights, for tests", size=48)
def tiny(*, classes: int, size: int, dropout: float = 0.1) -> Any:
    from keras import Input, Model, layers

    side = size or None
    x = picture = Input((side, side, 1), name="face")
    for width in (4, 8):
        x = layers.Conv2D(width, 3, strides=2, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(dropout)(x)
    return Model(picture, layers.Dense(classes, dtype="float32", name="logits")(x), name="tiny")
