"""Asks for thumbnails in a process of its own, so that no file can fill a server's memory.

The process starts with the first question and ends by itself when nobody asks for a while. One
that hangs or is ended by a file costs that file's thumbnail.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from typing import Final

from fer_core.errors import VideoError

IDLE_S: Final = 60.0
#: A picture that takes longer has hung; the page goes on without it.
PATIENCE_S: Final = 15.0


class ThumbnailProcess:
    """One process, one picture at a time; callers from several threads wait."""

    def __init__(self, idle_s: float = IDLE_S, patience_s: float = PATIENCE_S) -> None:
        self._idle_s, self._patience_s = idle_s, patience_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Of the running process; None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def thumbnail(self, path: str, width: int = 160) -> bytes:
        """As ``fer_core.video.thumbnail``. VideoError where the file gives no picture."""
        return self._picture(path, {"width": width})

    def still(self, path: str, t_ms: int, width: int = 160) -> bytes:
        """As ``fer_core.video.still``."""
        return self._picture(path, {"width": width, "t_ms": t_ms})

    def _picture(self, path: str, asked: dict[str, int]) -> bytes:
        question = json.dumps({"path": os.fspath(path)} | asked).encode() + b"\n"
        with self._lock:
            for _ in range(2):  # it may just have ended for want of questions
                try:
                    answer = self._exchange(self._running(), question)
                except BrokenPipeError:
                    answer = None
                if answer is not None:
                    return answer
                self._end()
        raise VideoError(f"{os.path.basename(path)}: its thumbnail could not be made.")

    def close(self) -> None:
        """End the process; it starts again when it is asked again."""
        with self._lock:
            self._end()

    def _exchange(self, process: subprocess.Popen[bytes], question: bytes) -> bytes | None:
        """The picture; None where the process ended over it."""
        assert process.stdin is not None
        assert process.stdout is not None
        hung = threading.Timer(self._patience_s, process.kill)
        hung.start()
        try:
            process.stdin.write(question)
            process.stdin.flush()
            line = process.stdout.readline()
            if not line:
                return None
            said = json.loads(line)
            if "error" in said:
                raise VideoError(said["error"], said["hint"])
            picture = process.stdout.read(said["size"])
            return picture if len(picture) == said["size"] else None
        finally:
            hung.cancel()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "fer_core.video.thumbnail_worker", str(self._idle_s)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.communicate()
