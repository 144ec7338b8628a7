"""All that decides a training run, in one frozen value that goes into checkpoint and card."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from fer_core.errors import SettingsError
from fer_core.files import JsonObject
from fer_core.training.augment import Augmentation

#: Names of settings in cards, checkpoints and jobs written before 2026-11-26.
RENAMED = {
    "remind": "distill_weight",
    "remind_looks": "distill_views",
    "calm": "calm_augmentation",
}


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """Settings of a run. ``sizes`` says from which share of the epochs on which size is used.

    Without ``teachers`` the network in ``start`` is the teacher, where ``distill_weight`` is set.
    """

    arch: str = "tiny"
    options: dict[str, object] = field(default_factory=dict)  # for the architecture's builder
    start: str = ""  # a .keras file of the same architecture whose weights begin the run
    freeze_norm: bool = False  # batch normalisation keeps what it learned before this run
    teachers: tuple[str, ...] = ()  # .keras files of any shape, with these outputs
    distill_weight: float = 0.0  # share of a public face's target that the teachers answer
    distill_views: int = 0  # augmented pictures of each face that the teachers answer as well
    outputs: tuple[str, ...] = ("fer2013",)
    epochs: int = 10
    faces_an_epoch: int = 0  # an epoch shows this many of the faces, drawn anew; 0: all
    choose: str = "best"  # the epoch that serves: the most accurate on validation, or the last
    batch: int = 128
    sizes: tuple[tuple[float, int], ...] = ((0.0, 48),)
    optimizer: str = "sgd"  # sgd (Nesterov), adam, adamw
    rate: float = 0.1
    floor: float = 0.001  # the schedule ends at this share of the rate
    warmup: float = 1.0  # epochs
    schedule: str = "cosine"  # cosine, plateau, constant
    plateau: int = 7  # epochs without better accuracy before the rate is halved
    patience: int = 0  # epochs without better accuracy before stopping; 0: never
    decay: float = 0.004
    momentum: float = 0.9
    smoothing: float = 0.1
    vote_weight: float = 1.0
    balance: str = "none"  # none, weights, roots (of the weights), oversample
    loss: str = "softmax"  # softmax, sigmoid
    ema: float = 0.998  # per step; 0: off
    ema_every: int = 4
    precision: str = "float32"  # or mixed_bfloat16, mixed_float16
    mean: float = 128.0
    scale: float = 64.0
    seed: int = 1
    calm_augmentation: float = 1.0  # augmentation is halved from this share of the epochs on
    sharpness: float = 0.0  # radius of sharpness-aware steps (SAM); 0: plain ones
    augmentation: Augmentation = field(default_factory=Augmentation)

    def __post_init__(self) -> None:
        for name, allowed in (
            ("optimizer", ("sgd", "adam", "adamw")),
            ("schedule", ("cosine", "plateau", "constant")),
            ("balance", ("none", "weights", "roots", "oversample")),
            ("loss", ("softmax", "sigmoid")),
            ("choose", ("best", "last")),
        ):
            value = getattr(self, name)
            if value not in allowed:
                raise SettingsError(
                    f"{name} cannot be {value!r}.", f"One of: {', '.join(allowed)}."
                )
        if self.epochs < 1 or self.batch < 2:
            raise SettingsError(
                f"{self.epochs} epochs of batches of {self.batch} is no training.",
                "Give at least 1 epoch and batches of at least 2.",
            )

    def size_at(self, epoch: int) -> int:
        """The side of the pictures in an epoch (counted from 0)."""
        size = self.sizes[0][1]
        for start, side in self.sizes:
            if epoch >= round(start * self.epochs):
                size = side
        return size

    def augmentation_at(self, epoch: int) -> Augmentation:
        """How pictures are changed in an epoch (counted from 0)."""
        calm = epoch >= round(self.calm_augmentation * self.epochs)
        return self.augmentation.halved() if calm else self.augmentation

    def as_dict(self) -> JsonObject:
        return asdict(self)

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> TrainSettings:
        """What ``as_dict`` gave, also after a way through JSON."""
        value = {RENAMED.get(name, name): entry for name, entry in value.items()}
        augmentation = dict(value.pop("augmentation"))
        augmentation["erase_area"] = tuple(augmentation["erase_area"])
        value["outputs"] = tuple(value["outputs"])
        value["teachers"] = tuple(value.get("teachers", ()))
        value["sizes"] = tuple((float(a), int(b)) for a, b in value["sizes"])
        value["options"] = {
            key: tuple(item) if isinstance(item, list) else item
            for key, item in value["options"].items()
        }
        return cls(**value, augmentation=Augmentation(**augmentation))
