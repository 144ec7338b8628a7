"""Face detection, head pose, quality, appearance and crops."""

from fer_core.faces import haar, mtcnn, yunet  # noqa: F401  (each registers itself)
from fer_core.faces.appearance import appearance
from fer_core.faces.crop import cut
from fer_core.faces.pose import head_pose
from fer_core.faces.quality import assess
from fer_core.faces.registry import Detector, list_detectors, make_detector
from fer_core.faces.yunet import pull_yunet

__all__ = [
    "Detector",
    "appearance",
    "assess",
    "cut",
    "head_pose",
    "list_detectors",
    "make_detector",
    "pull_yunet",
]
