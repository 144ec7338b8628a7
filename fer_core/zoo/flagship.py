"""Rapt's own network: a small residual network with squeeze-and-excitation.

Its arithmetic sits at 24x24 and below: on a processor a convolution there costs what its
multiply-adds say, while at 48x48 moving the activations costs more than the sums. Height
and width may stay open, because training starts with small pictures and ends with whole ones.
"""

from __future__ import annotations

from typing import Any

from fer_core.zoo.registry import register_architecture


@register_architecture("rapt1", about="Rapt's own: residual, squeeze-and-excitation", size=48)
def rapt1(
    *,
    classes: int,
    size: int,
    stem: int = 32,
    stem_stride: int = 2,
    widths: tuple[int, ...] = (48, 96, 192),
    depths: tuple[int, ...] = (1, 2, 1),
    inner: tuple[int, ...] = (0, 0, 0),
    dropout: float = 0.3,
) -> Any:
    from keras import Input, Model, layers

    side = size or None
    picture = Input((side, side, 1), name="face")
    x = layers.ReLU()(_normalise(_convolve(picture, stem, 5, stem_stride)))
    for stage, (width, depth) in enumerate(zip(widths, depths)):
        for number in range(depth):
            further = inner[stage] if number else 0  # a stage's first block is never narrowed
            x = _block(x, width, 2 if stage > 0 and number == 0 else 1, further or width)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(dropout)(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return Model(picture, logits, name="rapt1")


def _convolve(x: Any, width: int, kernel: int, stride: int = 1) -> Any:
    from keras import layers

    return layers.Conv2D(
        width,
        kernel,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)


def _normalise(x: Any, gamma: str = "ones") -> Any:
    from keras import layers

    return layers.BatchNormalization(momentum=0.97, epsilon=1e-4, gamma_initializer=gamma)(x)


def _excite(x: Any, width: int) -> Any:
    from keras import layers

    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
    gate = layers.Conv2D(width // 8, 1, activation="relu")(gate)
    gate = layers.Conv2D(width, 1, activation="sigmoid")(gate)
    return layers.Multiply()([x, gate])


def _block(x: Any, width: int, stride: int, inside: int) -> Any:
    from keras import layers

    y = layers.ReLU()(_normalise(_convolve(x, inside, 3, stride)))
    # The second scale starts at 0: each block begins as the shortcut alone.
    y = _excite(_normalise(_convolve(y, width, 3), gamma="zeros"), width)
    if stride > 1:
        x = layers.AveragePooling2D(2, padding="same")(x)
    if x.shape[-1] != width:
        x = _normalise(_convolve(x, width, 1))
    return layers.ReLU()(layers.Add()([x, y]))
