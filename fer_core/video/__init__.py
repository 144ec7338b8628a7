"""Files to frames: real presentation times, upright pictures, flat memory."""

from fer_core.video.decoder import Decoder, probe

__all__ = ["Decoder", "probe"]
