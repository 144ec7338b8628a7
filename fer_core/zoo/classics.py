"""Networks of published student systems, rebuilt so that their headlines can be checked.

They are kept as they were described, not improved. All answer logits; where a system
ended in a sigmoid or softmax, that is the card's activation.
"""

from __future__ import annotations

from typing import Any

from fer_core.zoo.registry import register_architecture


@register_architecture(
    "spark28", about="Basani, Kalaga and Gupta 2017: two convolutions at 28x28", size=28
)
def spark28(*, classes: int, size: int, dense: int = 64) -> Any:
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((size, size, 1), name="face"),
            layers.Conv2D(16, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(dense, activation="relu"),
            layers.Dense(classes, dtype="float32", name="logits"),
        ],
        name="spark28",
    )


@register_architecture(
    "triblock", about="De Lorenzo 2020: three blocks of two convolutions", size=48
)
def triblock(*, classes: int, size: int) -> Any:
    from keras import Input, Model, layers

    x = picture = Input((size, size, 1), name="face")
    # Only the very first pair ends without padding; so the count of parameters says.
    for width, second in ((32, "valid"), (64, "same"), (128, "same")):
        for padding in ("same", second):
            x = layers.Conv2D(width, 3, padding=padding, activation="relu")(x)
            x = layers.BatchNormalization()(x)
        x = layers.MaxPooling2D(2, padding="same")(x)
        x = layers.Dropout(0.25)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(512, activation="relu")(x)
    x = layers.BatchNormalization()(x)
    x = layers.Dropout(0.5)(x)
    x = layers.Dense(128, activation="relu")(x)
    return Model(picture, layers.Dense(classes, dtype="float32", name="logits")(x), name="triblock")


@register_architecture(
    "recommender6", about="Yadav et al. 2021, first form: nine convolutions", size=48
)
def recommender6(*, classes: int, size: int) -> Any:
    from keras import Input, Model, layers

    x = picture = Input((size, size, 1), name="face")
    # The widths are not published; these double with every pool as is usual.
    for width in (32, 64, 128):
        for _ in range(3):
            x = layers.Conv2D(width, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(128, activation="relu")(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return Model(picture, logits, name="recommender6")


@register_architecture(
    "recommender", about="Yadav et al. 2021: four wide convolutions, sigmoid", size=48
)
def recommender(*, classes: int, size: int) -> Any:
    from keras import Input, Model, layers

    def settle(x: Any) -> Any:
        return layers.ReLU()(layers.BatchNormalization()(x))

    x = picture = Input((size, size, 1), name="face")
    for width, kernel in ((64, 3), (128, 5), (512, 3), (512, 3)):
        x = settle(layers.Conv2D(width, kernel, padding="same")(x))
        x = layers.MaxPooling2D(2)(x)
        x = layers.Dropout(0.25)(x)
    x = layers.Flatten()(x)
    for width in (256, 512):
        x = layers.Dropout(0.25)(settle(layers.Dense(width)(x)))
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return Model(picture, logits, name="recommender")


@register_architecture(
    "elu3", about="Vignesh, Bhageerath and Kushwaha 2022: three emotions, ELU", size=48
)
def elu3(*, classes: int, size: int) -> Any:
    from keras import Input, Model, layers

    start = "he_normal"
    x = picture = Input((size, size, 1), name="face")
    for width, kernel, dropout in ((64, 5, 0.4), (128, 3, 0.4), (256, 3, 0.5)):
        for _ in range(2):
            x = layers.Conv2D(
                width, kernel, padding="same", activation="elu", kernel_initializer=start
            )(x)
            x = layers.BatchNormalization()(x)
        x = layers.MaxPooling2D(2)(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(128, activation="elu", kernel_initializer=start)(x)
    x = layers.BatchNormalization()(x)
    x = layers.Dropout(0.6)(x)
    return Model(picture, layers.Dense(classes, dtype="float32", name="logits")(x), name="elu3")


@register_architecture(
    "mobilenet224", about="Kundu 2021: MobileNetV2 with two dense layers", size=224, channels=3
)
def mobilenet224(*, classes: int, size: int, weights: str | None = None) -> Any:
    """``weights="imagenet"`` downloads; without a network it starts from scratch."""
    from keras import Model, applications, layers

    base = applications.MobileNetV2(
        input_shape=(size, size, 3), include_top=False, weights=weights, pooling="avg"
    )
    x = layers.Dense(128, activation="relu")(base.output)
    x = layers.Dense(64, activation="relu")(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return Model(base.input, logits, name="mobilenet224")


@register_architecture(
    "plain", about="A plain network of dense layers, as Kundu 2021 compares with", size=48
)
def plain(*, classes: int, size: int) -> Any:
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((size, size, 1), name="face"),
            layers.Flatten(),
            layers.Dense(256, activation="relu"),
            layers.Dense(128, activation="relu"),
            layers.Dense(classes, dtype="float32", name="logits"),
        ],
        name="plain",
    )


@register_architecture(
    "rows1d", about="A one-dimensional convolutional network over the picture's rows", size=48
)
def rows1d(*, classes: int, size: int) -> Any:
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((size, size, 1), name="face"),
            layers.Reshape((size, size)),
            layers.Conv1D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling1D(2),
            layers.Conv1D(128, 3, padding="same", activation="relu"),
            layers.MaxPooling1D(2),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(classes, dtype="float32", name="logits"),
        ],
        name="rows1d",
    )
