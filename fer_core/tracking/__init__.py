"""Tracking: which face is which viewer from frame to frame, and where a film is cut."""

from fer_core.tracking.association import AppearanceModel
from fer_core.tracking.cuts import CutDetector
from fer_core.tracking.track import TrackerSettings
from fer_core.tracking.tracker import Tracker

#: Of the definition of a viewer (docs/metrics.md); kept with every session.
VERSION = "viewer/2"

__all__ = ["VERSION", "AppearanceModel", "CutDetector", "Tracker", "TrackerSettings"]
