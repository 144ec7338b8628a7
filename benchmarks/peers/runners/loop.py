"""Runs one system over the pictures of a job and writes its answers.

Called in that system's own environment, which has numpy and nothing of Rapt's. A job is a folder
with `job.json` and `pictures.bin` (RGB bytes, one picture after the other); `answers.json` is
written into it. `loop.cjs` does the same in Node.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np

WARM = 3  # pictures read before the clock starts: loading, first calls


class System(Protocol):
    """What a system's file offers; pictures are (h, w, 3) RGB, uint8."""

    versions: dict[str, str]

    def crop(self, picture: np.ndarray) -> str:
        """The expression of a picture that is one face, in the system's own word."""

    def photograph(self, picture: np.ndarray) -> str | None:
        """The expression of the largest face that the system finds, or None."""

    def frame(self, picture: np.ndarray) -> int:
        """How many faces of a film's next frame were found and read."""


def peak_mb() -> float:
    """The most memory this process has held, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def pictures(folder: Path, shapes: list[tuple[int, int]]) -> Iterator[np.ndarray]:
    """The job's pictures one by one, read from the file as they are wanted."""
    with open(folder / "pictures.bin", "rb") as file:
        for height, width in shapes:
            flat = np.frombuffer(file.read(height * width * 3), np.uint8)
            yield flat.reshape(height, width, 3)


def run(open_system: Callable[[dict[str, Any]], System]) -> None:
    folder = Path(sys.argv[1])
    job = json.loads((folder / "job.json").read_text())
    system = open_system(job)
    read = getattr(system, job["task"])
    for _, picture in zip(range(WARM), pictures(folder, job["shapes"])):
        read(picture)
    answers, seconds, spent = [], 0.0, 0.0
    for turn in range(job["repeat"]):
        for picture in pictures(folder, job["shapes"]):
            began, cpu = time.perf_counter(), time.process_time()
            answer = read(picture)
            spent += time.process_time() - cpu
            seconds += time.perf_counter() - began
            if turn == 0:
                answers.append(answer)
    told = {
        "answers": answers,
        "seconds": seconds,
        "cpu_seconds": spent,
        "peak_mb": peak_mb(),
        "versions": system.versions,
    }
    (folder / "answers.json").write_text(json.dumps(told))
