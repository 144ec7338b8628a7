"""Every system reads the same pictures, each in a process of its own."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.peers.rows import NO_FACE, Accuracy, Speed, interval, tally
from benchmarks.peers.sets import LabelledSet
from benchmarks.peers.systems import ROOT, System
from fer_core.errors import DataError
from fer_core.evaluation.whole_pictures import bordered
from fer_core.inference.outputs import SERVED
from fer_core.labels import EMOTIONS
from fer_core.machine import stamp

#: A detector sees no face that fills the picture; how much must be around it differs.
BORDERS = (0.0, 0.25, 0.5, 1.0, 2.0)
TRIED = 20  # photographs of each set that a system's border is chosen on, by faces found alone
CROPS = 200  # faces whose reading is timed
FRAMES = 300  # a film of fewer is read several times over


def run_job(
    system: System, task: str, pictures: Sequence[np.ndarray], *, reading: str = "", repeat: int = 1
) -> dict[str, Any]:
    """What the system's own process answers, with its times and memory."""
    with tempfile.TemporaryDirectory() as folder:
        job = Path(folder)
        with open(job / "pictures.bin", "wb") as file:
            for picture in pictures:
                file.write(np.ascontiguousarray(picture).tobytes())
        shapes = [picture.shape[:2] for picture in pictures]
        told = {"task": task, "shapes": shapes, "repeat": repeat, "reading": reading}
        (job / "job.json").write_text(json.dumps(told), encoding="utf-8")
        done = subprocess.run(
            system.command(job), cwd=ROOT, env=system.environment(),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise DataError(f"{system.name} failed at {task}.", done.stderr.strip()[-500:])
        answers: dict[str, Any] = json.loads((job / "answers.json").read_text("utf-8"))
        return answers


def letters(system: System, said: Sequence[str | None]) -> str:
    """Answers in the system's own words, a letter each."""
    return "".join(
        NO_FACE if word is None else str(EMOTIONS.index(system.words[word])) for word in said
    )


def answer(
    system: System, pictures: LabelledSet, border: float = 0.0
) -> tuple[str, dict[str, str]]:
    """The system's letters for a set's pictures, and the versions that gave them."""
    shown = pictures.pictures
    if pictures.whole:
        shown = [bordered(picture, border) for picture in shown]
    task = "photograph" if pictures.whole else "crop"
    told = run_job(system, task, shown, reading=system.readings.get(pictures.name, SERVED))
    return letters(system, told["answers"]), told["versions"]


def choose_border(system: System, photographs: Sequence[LabelledSet]) -> float:
    """The border with which the system finds most faces; the narrowest of equals."""
    few = [
        picture for one in photographs for picture in one.each(len(one.pictures) // TRIED).pictures
    ]
    shown = [bordered(picture, border) for border in BORDERS for picture in few]
    said = run_job(system, "photograph", shown, reading=SERVED)["answers"]
    found = {
        border: sum(word is not None for word in said[k * len(few) : (k + 1) * len(few)])
        for k, border in enumerate(BORDERS)
    }
    return max(BORDERS, key=lambda border: (found[border], -border))


def measure(system: System, sets: Mapping[str, LabelledSet], command: str) -> Iterator[Accuracy]:
    """The system's row of each set that it reads."""
    crops: dict[str, tuple[str, dict[str, str]]] = {}
    border: float | None = None
    for name, whole in sets.items():
        if whole.whole and not system.photographs:
            continue
        if whole.whole and border is None:
            border = choose_border(system, [one for one in sets.values() if one.whole])
        step = system.every.get(name, 1)
        some = whole.each(step)
        around = border if some.whole and border is not None else 0.0
        # FER2013's labels and FER+'s are of the same pictures.
        key = name if some.whole else system.readings.get(name, SERVED)
        if key not in crops:
            crops[key] = answer(system, some, around)
        said, versions = crops[key]
        row = Accuracy(
            system.name, name, step, around, said,
            tally(said, some.truth), interval(said, some), versions, stamp(command),
        )  # fmt: skip
        print(f"{system.name:15} {name:12} {row.accuracy:.4f}", flush=True)
        yield row


def film_frames(film: Path) -> list[np.ndarray]:
    opened = cv2.VideoCapture(str(film))
    frames: list[np.ndarray] = []
    while True:
        more, picture = opened.read()
        if not more:
            return frames
        frames.append(picture[..., ::-1])


def measure_speed(
    systems: Sequence[System], film: Path, faces: LabelledSet, turns: int, command: str
) -> tuple[Speed, ...]:
    """In turns, so that all meet the same machine."""
    frames = film_frames(film)
    repeat = max(1, round(FRAMES / len(frames)))
    crops = faces.each(max(1, len(faces.pictures) // CROPS)).pictures
    found = []
    for turn in range(turns):
        for system in systems:
            reading = system.readings.get("film", SERVED)
            seen = run_job(system, "frame", frames, reading=reading, repeat=repeat)
            read = run_job(system, "crop", crops, reading=reading)
            found.append(
                Speed(
                    system.name, turn, repeat * len(frames), repeat * sum(seen["answers"]),
                    seen["seconds"], seen["cpu_seconds"],
                    len(crops), read["seconds"], read["cpu_seconds"],
                    max(seen["peak_mb"], read["peak_mb"]), seen["versions"], stamp(command),
                )
            )  # fmt: skip
            print(f"{system.name:18} {found[-1].fps:.1f} frames/s", flush=True)
    return tuple(found)


def installed(systems: Sequence[System]) -> list[System]:
    """Those whose environment is there; the others are named."""
    for system in systems:
        if not system.there:
            print(f"{system.name} is not there: python -m benchmarks.peers install {system.name}")
    return [system for system in systems if system.there]
