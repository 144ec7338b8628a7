"""Files to frames: real presentation times, upright pictures, flat memory."""

from fer_core.video.decoder import Decoder, probe
from fer_core.video.parts import Part, divide
from fer_core.video.picture import digest, still, thumbnail
from fer_core.video.sample import SAMPLE_TRUTH, sample_clip, sample_faces

__all__ = [
    "SAMPLE_TRUTH",
    "Decoder",
    "Part",
    "digest",
    "divide",
    "probe",
    "sample_clip",
    "sample_faces",
    "still",
    "thumbnail",
]
