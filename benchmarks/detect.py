"""What finding faces costs on one thread: `python -m benchmarks.detect [--package]`.

Writes docs/benchmarks/detection.md. Times are of this thread's processor time, so that what
else the machine does counts as little as possible; --package adds the `mtcnn` package (wall
clock: TensorFlow works in threads of its own).
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import skimage.data

from fer_core.faces import appearance, assess, cut, head_pose, make_detector
from fer_core.home import Home
from fer_core.machine import stamp
from fer_core.types import Bytes, CropSpec, Frame

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "detection.md"
ROUNDS = 60
Row = tuple[str, float, str]


def scene(width: int, height: int, rows: int, columns: int, face: int, seed: int = 0) -> Bytes:
    """Copies of the astronaut's head, her face ``face`` pixels high, on an enlarged coffee cup."""
    rng = np.random.default_rng(seed)
    cup = skimage.data.coffee()
    picture = np.ascontiguousarray(cv2.resize(cup, (width, height)))
    head = skimage.data.astronaut()[42:192, 156:291]
    for row in range(rows):
        for column in range(columns):
            scale = (face + rng.uniform(0, 0.8 * face) * (rows * columns > 1)) / 110
            tile = cv2.resize(head, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            top = row * height // rows + int(rng.integers(0, max(1, height // rows - len(tile))))
            left = column * width // columns
            left += int(rng.integers(0, max(1, width // columns - tile.shape[1])))
            picture[top : top + len(tile), left : left + tile.shape[1]] = tile
    return picture


def frame_of(rgb: Bytes, side: int | None) -> Frame:
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    if side is not None and side < max(rgb.shape[:2]):
        scale = side / max(rgb.shape[:2])
        size = round(rgb.shape[1] * scale), round(rgb.shape[0] * scale)
        rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    return Frame(0, 0, rgb, np.asarray(grey, np.uint8))


def median_ms(work: Callable[[], object], clock: Callable[[], float], rounds: int) -> float:
    work()
    times = []
    for _ in range(rounds):
        begin = clock()
        work()
        times.append(clock() - begin)
    return statistics.median(times) * 1000


def detectors(cache: Path, package: bool) -> list[Row]:
    pictures = {
        "640×360, one face of 120": scene(640, 360, 1, 1, 120),
        "1280×720, one face of 240": scene(1280, 720, 1, 1, 240),
        "1920×1080, one face of 360": scene(1920, 1080, 1, 1, 360),
        "1920×1080, fifty faces of 50 to 90": scene(1920, 1080, 5, 10, 50),
    }
    rows: list[Row] = []
    for title, picture in pictures.items():
        height, width = picture.shape[:2]
        for name in ("mtcnn", "haar"):
            detector = make_detector(name, cache=cache, min_face=40)
            frame = frame_of(picture, detector.working_side(width, height))
            rounds = max(5, ROUNDS * 640 // width)
            spent = median_ms(lambda d=detector, f=frame: d.detect(f), time.thread_time, rounds)
            rows.append((f"{name}, {title}", spent, f"{len(detector.detect(frame))} found"))
    if package:
        from mtcnn import MTCNN

        peer = MTCNN()
        small = pictures["640×360, one face of 120"]
        spent = median_ms(lambda: peer.detect_faces(small), time.perf_counter, 20)
        found = f"{len(peer.detect_faces(small))} found; smallest face 20 px, wall clock"
        rows.append(("the mtcnn package, 640×360, one face of 120", spent, found))
    return rows


def parts(cache: Path) -> list[Row]:
    detector = make_detector("mtcnn", cache=cache, min_face=40)
    frame = frame_of(scene(640, 360, 1, 1, 120), detector.working_side(640, 360))
    faces = detector.detect(frame)
    pose = head_pose(faces.landmarks)
    spec = CropSpec(size=48, margin=1.2, align="eyes")
    works: dict[str, Callable[[], object]] = {
        "refine": lambda: detector.refine(frame, faces.boxes),
        "head_pose": lambda: head_pose(faces.landmarks),
        "assess": lambda: assess(frame, faces, pose),
        "cut": lambda: cut(frame.grey, faces.boxes, faces.landmarks, spec),
        "appearance": lambda: appearance(frame, faces),
    }
    return [
        (name, median_ms(work, time.thread_time, 300), f"{len(faces)} face")
        for name, work in works.items()
    ]


def table(head: str, rows: Sequence[Row]) -> list[str]:
    lines = [f"| {head} | ms | |", "| --- | ---: | --- |"]
    return lines + [f"| {name} | {spent:.2f} | {note} |" for name, spent, note in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", action="store_true", help="measure the mtcnn package too")
    parser.add_argument("--home", help="keep the exported networks here")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as fresh:
        cache = Home.find(given.home).cache if given.home else Path(fresh)
        whole = detectors(cache, given.package)
        single = parts(cache)
    command = "python -m benchmarks.detect" + (" --package" if given.package else "")
    text = [
        "# Finding faces",
        "",
        stamp(command) + ".",
        "",
        "One thread, smallest face 40 px of the original picture; medians.",
        "",
        *table("a detection", whole),
        "",
        *table("between detections, 640×360", single),
    ]
    PAGE.write_text("\n".join(text) + "\n", encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
