"""Crops to probabilities, probabilities to measures; driven by the model's card."""

from fer_core.inference.classifier import Classifier, open_classifier
from fer_core.inference.measures import attention, measure, measure_versions

__all__ = ["Classifier", "attention", "measure", "measure_versions", "open_classifier"]
