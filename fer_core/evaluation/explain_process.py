"""Client of the process that holds TensorFlow, so that a server's own memory stays small.

The process starts with the first question and ends by itself when nobody has asked for a
while; the next question starts another.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import IO, Final

import numpy as np

from fer_core.errors import ModelError
from fer_core.evaluation.explain import Explanation, Stage
from fer_core.evaluation.explain_worker import (
    Answer,
    Arrays,
    Question,
    read_answer,
    write_message,
)
from fer_core.types import Bytes, Float
from fer_core.zoo.model_store import StoredModel

IDLE_S: Final = 180.0
#: A network that takes longer than this for one question has hung.
PATIENCE_S: Final = 180.0


class ExplainProcess:
    """One process, one question at a time; callers from several threads wait."""

    def __init__(self, idle_s: float = IDLE_S) -> None:
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._closing = False

    @property
    def pid(self) -> int | None:
        """Of the running process; None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def see(self, stored: StoredModel, crop: Bytes, output: str | None = None) -> Explanation:
        """As ``Explainer.see``, in the other process."""
        head, arrays = self._ask("see", stored, {"crop": crop}, output)
        stages = tuple(Stage(name, tuple(shape)) for name, shape in head["stages"])
        return Explanation(
            arrays["logits"],
            stages,
            tuple(arrays[f"maps{k}"] for k in range(len(stages))),
            tuple(arrays[f"cams{k}"] for k in range(len(stages))),
            arrays["saliency"],
        )

    def features(
        self,
        stored: StoredModel,
        crops: Bytes,
        *,
        on_face: Callable[[int, int], None] | None = None,
        block: int = 512,
    ) -> Float:
        """What the network's last layer is given, a row a face."""
        rows = []
        for start in range(0, len(crops), block):
            part = crops[start : start + block]
            rows.append(self._ask("features", stored, {"crops": part})[1]["features"])
            if on_face is not None:
                on_face(min(start + block, len(crops)), len(crops))
        return np.concatenate(rows)

    def close(self) -> None:
        """End the process; it starts again when it is asked again.

        Whoever waits for an answer gets a ModelError now: nobody waits for TensorFlow to
        start only to end it.
        """
        self._closing = True
        process = self._process
        if process is not None:
            process.kill()
        with self._lock:
            self._end()
            self._closing = False

    def _ask(
        self, do: str, stored: StoredModel, arrays: Arrays, output: str | None = None
    ) -> tuple[Answer, Arrays]:
        path, _ = stored.checked("keras")
        head: Question = {
            "do": do,
            "output": output,
            "card": asdict(stored.card),
            "path": str(path),
            "sha256": stored.card.files["keras"].sha256,
        }
        with self._lock:
            for fresh in (False, True):
                if self._closing:
                    raise ModelError("Looking inside models was stopped.", "Ask again.")
                try:
                    answer = self._exchange(self._running(fresh), head, arrays)
                except BrokenPipeError:
                    answer = None  # it had just ended for want of questions
                if answer is not None:
                    break
            else:
                said = self._last_words()
                self._end()
                raise ModelError(
                    f"The process that looks inside models ended{said}.",
                    "It needs about 1 GB of memory; close other programs and try again.",
                )
        said_head, found = answer
        if "error" in said_head:
            raise ModelError(said_head["error"], said_head["hint"])
        return said_head, found

    def _exchange(
        self, process: subprocess.Popen[bytes], head: Question, arrays: Arrays
    ) -> tuple[Answer, Arrays] | None:
        assert process.stdin is not None
        assert process.stdout is not None
        hung = threading.Timer(PATIENCE_S, process.kill)
        hung.start()
        try:
            write_message(process.stdin, head, arrays)
            return read_answer(process.stdout)
        finally:
            hung.cancel()

    def _running(self, fresh: bool) -> subprocess.Popen[bytes]:
        if fresh or self._process is None or self._process.poll() is not None:
            self._end()
            self._log = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process
            self._process = subprocess.Popen(
                [sys.executable, "-m", "fer_core.evaluation.explain_worker", str(self._idle_s)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
            )
        return self._process

    def _last_words(self) -> str:
        if self._log is None:
            return ""
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        return f": {lines[-1][:200]}" if lines else ""

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except BrokenPipeError:
                        continue  # what it was still to be told does not matter any more
            try:
                process.wait(timeout=3)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=5)
        if self._log is not None:
            self._log.close()
            self._log = None
