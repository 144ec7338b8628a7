"""What a file is, by its content and never by its name: the media type to serve it under."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

from fer_core.errors import VideoError
from fer_core.video.source import Source, open_source

UNKNOWN: Final = "application/octet-stream"
#: By the names that FFmpeg gives a container. What is not here is offered to be saved.
_TYPES: Final = {
    "mp4": "video/mp4",
    "webm": "video/webm",
    "matroska": "video/webm",  # browsers play what they can of it under this name alone
    "avi": "video/x-msvideo",
    "mpegts": "video/mp2t",
    "mpeg": "video/mpeg",
    "ogg": "video/ogg",
    "flv": "video/x-flv",
    "asf": "video/x-ms-asf",
    "gif": "image/gif",
    "apng": "image/apng",
    "jpeg_pipe": "image/jpeg",
    "png_pipe": "image/png",
    "webp_pipe": "image/webp",
    "bmp_pipe": "image/bmp",
    "tiff_pipe": "image/tiff",
}
_CODECS: Final = {"mjpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


def media_type(path: Path) -> str:
    """A film's or picture's media type; ``UNKNOWN`` where it is neither, or not a known one."""
    try:
        found = path.stat()
    except OSError:
        return UNKNOWN
    return _look(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=500)
def _look(path: Path, _changed_ns: int, _size: int) -> str:
    try:
        source = open_source(path, threads=1)
    except VideoError:
        return UNKNOWN
    with source.container:
        return _of(source)


def _of(source: Source) -> str:
    names = source.container.format.name.split(",")
    if "image2" in names:
        return _CODECS.get(source.stream.codec_context.codec.canonical_name, UNKNOWN)
    brand = str(source.container.metadata.get("major_brand", ""))
    if "mp4" in names and brand.startswith("avif"):
        return "image/avif"
    return next((_TYPES[name] for name in names if name in _TYPES), UNKNOWN)


__all__ = ["UNKNOWN", "media_type"]
