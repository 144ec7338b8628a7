"""Crops to probabilities, probabilities to measures; driven by the model's card."""

from fer_core.inference.classifier import Classifier, open_classifier

__all__ = ["Classifier", "open_classifier"]
