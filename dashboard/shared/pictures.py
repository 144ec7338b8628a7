"""Single pictures of files, decoded in one process beside the server and never on disk."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from fer_core.video.thumbnail_process import ThumbnailProcess

MOST_STILLS: Final = 400


class Pictures:
    """The server's one process that decodes pictures, and the stills that it made last."""

    def __init__(self, _state: object = None) -> None:
        self._process = ThumbnailProcess()
        self.thumbnail = self._process.thumbnail
        self.still = lru_cache(MOST_STILLS)(self._still)

    def _still(self, path: str, changed: float, t_ms: int, width: int) -> bytes:
        """A film's frame at a moment, as JPEG; ``changed`` is when its file was."""
        return self._process.still(path, t_ms, width)

    def close(self) -> None:
        self._process.close()
