"""Viewers: who is who from frame to frame."""

from fer_core.tracking.cuts import is_cut
from fer_core.tracking.likeness import Looks
from fer_core.tracking.track import TrackerSettings
from fer_core.tracking.tracker import Tracker

__all__ = ["Looks", "Tracker", "TrackerSettings", "is_cut"]
