"""The steps of a training on the device: augment, gradients, optimizer, moving average."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from fer_core.training import targets
from fer_core.training.augment import NONE, Augmentation, Changes, Mixing, draw_changes
from fer_core.training.batches import epoch_draws
from fer_core.training.fused import augment
from fer_core.training.networks import loss_of, new_model, restore
from fer_core.training.samples import Samples
from fer_core.training.settings import TrainSettings
from fer_core.types import Bytes, Float
from fer_core.zoo.registry import architecture

#: Faces that are answered in one call.
TOGETHER = 512


class State(NamedTuple):
    """Everything that a step changes, as arrays on the device."""

    trainable: list[Any]
    fixed: list[Any]  # means of batch normalisation, seeds of dropout
    optimizer: list[Any]
    average: list[Any]  # the moving average, in the order of model.weights; [] without one
    step: Any


class Draws(NamedTuple):
    """What chance decides about batches, as ``batches.epoch_draws`` gives it, stacked."""

    rows: Any  # (steps, batch)
    changes: Changes  # (steps, batch, …)
    mixing: Mixing  # (steps, …)

    @classmethod
    def of(cls, settings: TrainSettings, samples: Samples, epoch: int, size: int) -> Draws:
        """An epoch's batches."""
        found = [
            (one.rows, one.changes, one.mixing)
            for one in epoch_draws(settings, samples, epoch, size)
        ]
        return cls(*jax.tree.map(lambda *parts: small(np.stack(parts)), *found))


def small(values: np.ndarray) -> np.ndarray:
    """Numbers as the device has them: 32 bits."""
    narrow = {"f": np.float32, "i": np.int32}.get(values.dtype.kind)
    return values if narrow is None else values.astype(narrow)


def batch_of(draws: Draws, number: int) -> Draws:
    """One of the batches."""
    one: Draws = jax.tree.map(lambda values: values[number], draws)
    return one


class Faces(NamedTuple):
    """The training faces on the device."""

    images: Any  # (n, h, w) uint8
    wanted: Any  # (n, labels of all outputs)


class Steps:
    """A network and the compiled steps that train it.

    ``fuse``: an epoch is one call. Off on a processor, where a compiled loop makes XLA's
    convolutions slow.
    """

    def __init__(self, settings: TrainSettings, images: Bytes, wanted: Float, *, fuse: bool):
        self.settings = settings
        self.fuse = fuse
        self.faces = Faces(jnp.asarray(images), jnp.asarray(wanted))
        self.model = new_model(settings)
        self.optimizer = self.model.optimizer
        self.loss = loss_of(settings, targets.labels_of(settings.outputs))
        self.channels = architecture(settings.arch).channels
        variables = self.optimizer.variables
        (self.rate_at,) = (
            i for i, one in enumerate(variables) if one is self.optimizer.learning_rate
        )
        self._compiled: dict[int, Any] = {}
        self._answer = jax.jit(self._answered, static_argnames="size")

    # -- what a step changes, and the arrays of a checkpoint -------------------------------

    def begin(self) -> State:
        """The state that the model's variables hold now."""
        average = [jnp.array(v.value, jnp.float32) for v in self.model.weights]
        return State(
            [jnp.array(v.value) for v in self.model.trainable_variables],
            [jnp.array(v.value) for v in self.model.non_trainable_variables],
            [jnp.array(v.value) for v in self.optimizer.variables],
            average if self.settings.ema else [],
            jnp.int32(0),
        )

    def restored(
        self,
        model: Sequence[np.ndarray],
        optimizer: Sequence[np.ndarray],
        average: Sequence[np.ndarray],
        step: int,
    ) -> State:
        """The state that a checkpoint's arrays describe."""
        restore(self.model.variables, tuple(model))
        restore(self.optimizer.variables, tuple(optimizer))
        kept = [jnp.asarray(value, jnp.float32) for value in average]
        return self.begin()._replace(average=kept, step=jnp.int32(step))

    def variables(self, state: State) -> tuple[np.ndarray, ...]:
        """The values of model.variables, in their order."""
        return tuple(np.asarray(self._by_id(state)[id(v)]) for v in self.model.variables)

    def averaged(self, state: State) -> list[Any]:
        """The values of model.weights: the moving average, or without one the weights."""
        by_id = self._by_id(state)
        return list(state.average) or [by_id[id(v)] for v in self.model.weights]

    def _by_id(self, state: State) -> dict[int, Any]:
        model = self.model
        pairs = [*zip(model.trainable_variables, state.trainable, strict=True)]
        pairs += zip(model.non_trainable_variables, state.fixed, strict=True)
        return {id(variable): value for variable, value in pairs}

    # -- training --------------------------------------------------------------------------

    def compile(self, state: State, draws: Draws, size: int) -> None:
        """Compile an epoch of batches like these at a size of pictures."""
        if size in self._compiled:
            return

        def epoch(state: State, faces: Faces, draws: Draws, rates: Any) -> Any:
            def body(state: State, one: Any) -> Any:
                drawn, rate = one
                return self._step(state, faces, drawn, rate, size)

            each = (draws, rates)
            return jax.lax.scan(body, state, each) if self.fuse else body(state, each)

        rates: Any = np.zeros(len(draws.rows), np.float32)
        if not self.fuse:
            draws, rates = batch_of(draws, 0), rates[0]
        made = jax.jit(epoch, donate_argnums=0).lower(state, self.faces, draws, rates)
        self._compiled[size] = made.compile()

    def epoch(self, state: State, draws: Draws, rates: Float, size: int) -> tuple[State, float]:
        """The state after an epoch, and the mean loss. The given state is used up.

        Args:
            draws: What chance decided about each batch.
            rates: The learning rate of each batch.
            size: Side of the pictures.
        """
        self.compile(state, draws, size)
        run, rates = self._compiled[size], rates.astype(np.float32)
        if self.fuse:
            state, losses = run(state, self.faces, draws, rates)
            return state, float(losses.mean())
        losses = []
        for number in range(len(rates)):
            state, loss = run(state, self.faces, batch_of(draws, number), rates[number])
            losses.append(loss)
        return state, float(np.mean(losses))

    def _step(
        self, state: State, faces: Faces, draws: Draws, rate: Any, size: int
    ) -> tuple[State, Any]:
        erase_area = self.settings.augmentation.erase_area
        pictures = augment.apply_changes(
            faces.images[draws.rows], size, draws.changes, erase_area
        )  # fmt: skip
        pictures, wanted = augment.mix(pictures, faces.wanted[draws.rows], draws.mixing)
        pictures = self._scaled(pictures)

        def loss(trainable: list[Any]) -> Any:
            answers, fixed = self.model.stateless_call(
                trainable, state.fixed, pictures, training=True
            )
            return jnp.mean(self.loss(wanted, answers)), fixed

        descend = jax.value_and_grad(loss, has_aux=True)
        (value, fixed), slopes = descend(state.trainable)
        if self.settings.sharpness:
            uphill = climbed(state.trainable, slopes, self.settings.sharpness)
            slopes = descend(uphill)[1]
        optimizer = list(state.optimizer)
        optimizer[self.rate_at] = rate
        trainable, optimizer = self.optimizer.stateless_apply(optimizer, slopes, state.trainable)
        state = State(trainable, fixed, optimizer, state.average, state.step + 1)
        return state._replace(average=self._blended(state)), value

    def _blended(self, state: State) -> list[Any]:
        """The moving average after a step; see ``loop.blend``."""
        if not state.average:
            return []
        every = self.settings.ema_every
        step = state.step.astype(jnp.float32)
        keep = jnp.minimum(self.settings.ema**every, step / (step + 10 * every))
        keep = jnp.where(state.step % every == 0, keep, 1.0)
        now = self._by_id(state)
        return [
            keep * old + (1 - keep) * now[id(v)].astype(jnp.float32)
            for old, v in zip(state.average, self.model.weights, strict=True)
        ]

    # -- answering -------------------------------------------------------------------------

    def logits(
        self,
        weights: Sequence[Any],
        images: Bytes,
        size: int,
        how: Augmentation = NONE,
        seed: int = 0,
    ) -> Float:
        """The logits (n, labels of all outputs) that weights, in the order of model.weights,
        give for pictures (n, h, w), augmented where ``how`` says so."""
        rows, rng = [], np.random.default_rng(seed)
        for start in range(0, len(images), TOGETHER):
            part = images[start : start + TOGETHER]
            rest = np.zeros((TOGETHER - len(part), *part.shape[1:]), part.dtype)
            full = np.concatenate([part, rest])  # equal shapes compile once
            changes = jax.tree.map(small, draw_changes(how, TOGETHER, rng))
            found = self._answer(list(weights), full, changes, size=size)
            rows.append(np.asarray(found)[: len(part)])
        return np.concatenate(rows)

    def _answered(self, weights: list[Any], images: Any, changes: Changes, size: int) -> Any:
        pictures = augment.apply_changes(images, size, changes, (0.0, 0.0))
        values = {id(v): value for v, value in zip(self.model.weights, weights, strict=True)}
        held = self.model.non_trainable_variables
        return self.model.stateless_call(
            [values[id(v)] for v in self.model.trainable_variables],
            [values.get(id(v), v.value) for v in held],
            self._scaled(pictures),
            training=False,
        )[0].astype(jnp.float32)

    def _scaled(self, pictures: Any) -> Any:
        grey = ((pictures - self.settings.mean) / self.settings.scale)[..., None]
        return jnp.repeat(grey, self.channels, axis=3) if self.channels > 1 else grey


def climbed(weights: list[Any], slopes: list[Any], radius: float) -> list[Any]:
    """Weights at the given distance uphill: where a sharpness-aware step takes its gradient
    (Foret et al. 2021)."""
    length = jnp.sqrt(sum(jnp.sum(jnp.square(one.astype(jnp.float32))) for one in slopes))
    return [
        weight + (radius / (length + 1e-12)) * slope for weight, slope in zip(weights, slopes)
    ]  # fmt: skip
