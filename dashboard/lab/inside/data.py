"""What a model makes of one face: its answer, and the network's own view of it."""

from __future__ import annotations

from dataclasses import dataclass

from fer_core.evaluation.explain import Explanation
from fer_core.evaluation.explain_process import ExplainProcess
from fer_core.evaluation.trusted_weights import trusted_model
from fer_core.home import Home
from fer_core.inference.classifier import Classifier
from fer_core.inference.outputs import own_probabilities, to_seven
from fer_core.labels import EMOTIONS
from fer_core.storage import Store
from fer_core.types import Bytes
from fer_core.zoo.card import Card
from fer_core.zoo.model_store import find_model


@dataclass(frozen=True)
class Answer:
    """What a model says of a face: its own labels and the seven, as probabilities."""

    crop: Bytes
    output: str
    own: dict[str, float]
    seven: dict[str, float]

    @property
    def guess(self) -> str:
        return max(self.own, key=lambda name: self.own[name])


def read(home: Home, model: str, crop: Bytes, output: str | None = None) -> Answer:
    """What is served: the LiteRT file's answer."""
    network = Classifier(find_model(model, home))
    card = network.card
    output = output or card.serves
    logits = network.served_logits(crop[None])
    own = own_probabilities(card, logits, output)
    seven = to_seven(card, own, output)[0]
    return Answer(
        crop,
        output,
        dict(zip(card.outputs[output], own[0].astype(float).tolist())),
        dict(zip(EMOTIONS, seven.astype(float).tolist())),
    )


def see(
    home: Home, store: Store, process: ExplainProcess, model: str, crop: Bytes, output: str
) -> Explanation:
    """Maps and gradients, from the process that holds TensorFlow."""
    return process.see(trusted_model(store, home, model), crop, output)


def weights(home: Home, store: Store, model: str) -> str:
    """The checksum of the weights that would be loaded; a ModelError where none may be."""
    stored = trusted_model(store, home, model)
    stored.checked("keras")
    return stored.card.files["keras"].sha256


def known_emotions(card: Card, output: str) -> list[str]:
    """Those of the seven that this output can answer."""
    return [name for name in EMOTIONS if name in card.mapping(output).values()]
