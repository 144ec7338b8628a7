"""Faces found, posed, judged and cut out."""

from fer_core.faces import mtcnn  # noqa: F401  (registers itself)
from fer_core.faces.registry import Detector, list_detectors, make_detector

__all__ = ["Detector", "list_detectors", "make_detector"]
