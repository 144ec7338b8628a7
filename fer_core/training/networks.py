"""A run's network: built, begun from other weights, compiled with loss and optimizer, asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from fer_core.errors import SettingsError
from fer_core.training import targets
from fer_core.training.augment import resize
from fer_core.training.batches import scaled
from fer_core.training.samples import Samples
from fer_core.training.settings import TrainSettings
from fer_core.types import Float


def new_model(settings: TrainSettings) -> Any:
    """The network at the start of a run, with its optimizer."""
    import keras

    labels = targets.labels_of(settings.outputs)
    keras.utils.set_random_seed(settings.seed)
    model = build_model(settings, sum(len(names) for names in labels.values()))
    if settings.start:
        begin_from(model, Path(settings.start))
    if settings.freeze_norm:
        for layer in model.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.trainable = False
    optimizer = build_optimizer(settings)
    model.compile(optimizer=optimizer, loss=loss_of(settings, labels), jit_compile=False)
    optimizer.build(model.trainable_variables)
    return model


def build_model(settings: TrainSettings, classes: int, *, precision: str | None = None) -> Any:
    """The architecture with open height and width where it trains at several sizes."""
    import keras

    from fer_core.zoo.registry import create

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision or settings.precision)
    try:
        size = 0 if len(settings.sizes) > 1 else settings.sizes[0][1]
        return create(settings.arch, classes=classes, size=size, **settings.options)
    finally:
        keras.config.set_dtype_policy(before)


def begin_from(model: Any, path: Path) -> None:
    """Give the network the weights of a saved one, shape for shape."""
    import keras

    try:
        model.set_weights(keras.models.load_model(path, compile=False).get_weights())
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{path} does not fit this training: {str(error).splitlines()[0]}",
            "Begin from a model of the same architecture and outputs.",
        ) from error


def saved_model(path: Path, settings: TrainSettings) -> Any:
    """A saved network that answers in the precision of a run; its last layer keeps its own."""
    import keras

    classes = sum(len(names) for names in targets.labels_of(settings.outputs).values())
    try:
        saved = keras.models.load_model(path, compile=False)
        if len(saved.input_shape) != 4 or saved.output_shape[1:] != (classes,):
            raise ValueError(f"it turns {saved.input_shape} into {saved.output_shape}.")
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{path} cannot teach: {str(error).splitlines()[0]}",
            f"Name a model of pictures with this run's {classes} answers.",
        ) from error

    def again(layer: Any) -> Any:
        config = layer.get_config()
        if layer is not saved.layers[-1]:
            config["dtype"] = settings.precision
        return layer.__class__.from_config(config)

    model = keras.models.clone_model(saved, clone_function=again)
    model.set_weights(saved.get_weights())
    return model


def build_optimizer(settings: TrainSettings) -> Any:
    import keras

    if settings.optimizer == "adam":
        return keras.optimizers.Adam(settings.rate)
    if settings.optimizer == "adamw":
        made = keras.optimizers.AdamW(settings.rate, weight_decay=settings.decay)
    else:
        made = keras.optimizers.SGD(
            settings.rate,
            momentum=settings.momentum,
            nesterov=True,
            weight_decay=settings.decay or None,
        )
    if settings.decay:
        made.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return made


def loss_of(settings: TrainSettings, labels: dict[str, tuple[str, ...]]) -> Callable[..., Any]:
    """Cross-entropy of every output, summed; a row's weights are already in its targets."""
    from keras import ops

    lengths = [len(names) for names in labels.values()]

    def loss(y_true: Any, y_pred: Any) -> Any:
        start, parts = 0, []
        for length in lengths:
            want, got = y_true[:, start : start + length], y_pred[:, start : start + length]
            if settings.loss == "sigmoid":
                part = ops.mean(ops.binary_crossentropy(want, got, from_logits=True), axis=-1)
            else:
                part = -ops.sum(want * ops.log_softmax(got, axis=-1), axis=-1)
            parts.append(part)
            start += length
        return sum(parts[1:], parts[0])

    return loss


def restore(variables: list[Any], values: tuple[Any, ...]) -> None:
    if len(variables) != len(values):
        raise SettingsError(
            f"The checkpoint holds {len(values)} variables, this model {len(variables)}.",
            "Resume with the settings that the run was started with.",
        )
    for variable, value in zip(variables, values):
        variable.assign(value)


def logits_of(model: Any, settings: TrainSettings, samples: Samples, size: int) -> Float:
    rows = []
    for start in range(0, len(samples), 256):
        pictures = resize(samples.images[start : start + 256], size)
        rows.append(np.asarray(model.predict_on_batch(scaled(pictures, settings)), np.float32))
    return np.concatenate(rows)
