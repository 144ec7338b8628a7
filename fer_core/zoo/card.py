"""A model card: JSON beside the weights that says how to use them.

Training writes it and serving reads it: the crop, the scale of the grey levels, the
outputs and their labels, how those become the seven emotions, the calibration, and what
the model is worth and must not be used for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fer_core.errors import ModelError, RaptError
from fer_core.files import read_json, sha256_of, write_json
from fer_core.labels import EMOTIONS
from fer_core.types import CropSpec

#: What the labels of the outputs mean. Contempt is none of the seven: its share is left
#: out and the rest brought back to 1.
TO_SEVEN: dict[str, dict[str, str]] = {
    "fer2013": {name: name for name in EMOTIONS},
    "ferplus": {
        "neutral": "neutral",
        "happiness": "happy",
        "surprise": "surprise",
        "sadness": "sad",
        "anger": "angry",
        "disgust": "disgust",
        "fear": "fear",
    },
    "six": {name: name for name in EMOTIONS if name != "disgust"},
    "three": {name: name for name in ("happy", "sad", "neutral")},
}

NOT_FOR = (
    "Deciding anything about a single person: hiring, marking, credit, policing, insurance.",
    "Reading emotions of people at work or in education; the EU's AI Act forbids it.",
    "Diagnosis, lie detection, or telling what someone feels: it names what a face shows.",
    "People who have not agreed to be measured.",
)


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model; nothing is loaded whose bytes do not match the digest."""

    name: str
    sha256: str
    bytes: int

    @classmethod
    def of(cls, path: Path) -> ModelFile:
        """The entry for a file as it is now."""
        content = path.read_bytes()
        return cls(path.name, sha256_of(content), len(content))


@dataclass(frozen=True, slots=True)
class Card:
    """Everything that training, serving and a reader must know of a model."""

    name: str
    about: str
    arch: str
    outputs: dict[str, tuple[str, ...]]  # in the order of the logits
    serves: str  # the output that timelines come from …
    crop: CropSpec = field(default_factory=CropSpec)
    mean: float = 128.0  # grey level g becomes (g - mean) / scale
    scale: float = 64.0
    also_serves: tuple[str, ...] = ()  # … and those that have a say in it
    shares: dict[str, float] = field(default_factory=dict)  # each one's say; none named: equal
    log_prior: dict[str, float] = field(default_factory=dict)  # added to each emotion's logit
    mirror: bool = False  # it answers for the face and its mirror image, and the mean counts
    activation: str = "softmax"  # or sigmoid, whose answers are brought to a sum of 1
    options: dict[str, object] = field(default_factory=dict)
    to_seven: dict[str, dict[str, str]] = field(default_factory=dict)
    counts_as: dict[str, str] = field(default_factory=dict)  # disgust as angry, in some systems
    temperature: dict[str, float] = field(default_factory=dict)
    files: dict[str, ModelFile] = field(default_factory=dict)  # keras, litert, int8
    default: str = "litert"  # which of the files serves
    parameters: int = 0
    multiply_adds: int = 0
    metrics: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    data: tuple[str, ...] = ()
    licence: str = "MIT"
    limits: tuple[str, ...] = ()
    not_for: tuple[str, ...] = NOT_FOR
    created: str = ""
    practice: bool = False  # it learned from drawn faces, and cannot be put into use

    def __post_init__(self) -> None:
        for output in self.served:
            if output not in self.outputs:
                raise ValueError(f"{self.name} serves {output!r}, which is no output of it")
        if self.shares and set(self.shares) != set(self.served):
            raise ValueError(f"{self.name} gives shares to {', '.join(self.shares)}")
        for emotion in self.log_prior:
            if emotion not in EMOTIONS:
                raise ValueError(
                    f"{self.name} has a log prior for {emotion!r}, which is no emotion"
                )
        for output in self.outputs:
            for label, emotion in self.mapping(output).items():
                if label not in self.outputs[output] or emotion not in EMOTIONS:
                    raise ValueError(f"{self.name} maps {label!r} to {emotion!r}")

    @property
    def served(self) -> tuple[str, ...]:
        """The outputs that timelines come from."""
        return (self.serves, *self.also_serves)

    def share(self, output: str) -> float:
        """How much one of the serving outputs has to say."""
        return self.shares.get(output, 1 / len(self.served))

    def how_it_serves(self) -> str:
        """What a timeline's answer is made of, in words."""
        text = " and ".join(f"{name} ({100 * self.share(name):.0f} %)" for name in self.served)
        text += ", of the face and its mirror image" if self.mirror else ""
        lifted = [
            f"{name} x{math.exp(by):.1f}" for name, by in self.log_prior.items() if by >= 0.05
        ]
        return text + (f"; lifted for being rare: {', '.join(lifted)}" if lifted else "")

    @property
    def runs(self) -> tuple[dict[str, Any], ...]:
        """The trainings that made it, the first one first; each began from the one before."""
        found = [self.training]
        while "before" in found[0]:
            found.insert(0, found[0]["before"])
        return tuple(found)

    def mapping(self, output: str) -> dict[str, str]:
        """The seven emotions that an output's labels stand for; a label may have none."""
        if output in self.to_seven:
            return self.to_seven[output]
        known = TO_SEVEN.get(output, {})
        return {label: known[label] for label in self.outputs[output] if label in known}

    def part(self, output: str) -> slice:
        """Where an output's labels stand in the row of logits."""
        if output not in self.outputs:
            raise ModelError(
                f"{self.name} has no output {output!r}.", f"It has: {', '.join(self.outputs)}."
            )
        start = 0
        for name, labels in self.outputs.items():
            if name == output:
                return slice(start, start + len(labels))
            start += len(labels)
        raise AssertionError("unreachable: the output was found above")

    def write(self, path: Path) -> None:
        """Write the card as JSON, in one step."""
        write_json(path, asdict(self))

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Card:
        """What ``asdict`` gives of a card, also of an earlier version's."""
        value = dict(value)
        if "lift" in value:  # as version 0.1 called it
            value["log_prior"] = value.pop("lift")
        value["crop"] = CropSpec(**value["crop"])
        value["outputs"] = {name: tuple(labels) for name, labels in value["outputs"].items()}
        value["files"] = {kind: ModelFile(**entry) for kind, entry in value["files"].items()}
        for key in ("data", "limits", "not_for", "also_serves"):
            value[key] = tuple(value.get(key, ()))
        return cls(**value)

    @classmethod
    def read(cls, path: Path) -> Card:
        """The card in a file; a ModelError says what is wrong with it."""
        hint = "Take the model's files anew, or train it again."
        try:
            value = read_json(path)
        except ValueError as error:
            raise ModelError(f"{path.name} is not valid JSON.", hint) from error
        if not isinstance(value, dict):
            raise ModelError(f"There is no model card at {path}.", hint)
        try:
            return cls.from_dict(value)
        except (KeyError, TypeError, ValueError, AttributeError, RaptError) as error:
            raise ModelError(f"The model card {path.name} is damaged: {error}.", hint) from error
