"""Who is who in a rendered crowd: photographed faces on known paths, the real detector.

    python -m benchmarks.rendered_crowd FACES.npz [--seeds 0 1 2]

FACES is a packed set (``blob``, ``offsets``) of photographs with one face each. Twenty of
them walk through a 1080p picture as in tests/tracking/crowd.py: they cross, hide one
another, leave, and come back within three seconds. Detection, second looks and tracking
are the pipeline's own. Writes docs/benchmarks/rendered_crowd.md.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from scipy.optimize import linear_sum_assignment

from fer_core.faces import Detector, make_detector
from fer_core.home import Home
from fer_core.machine import stamp
from fer_core.pipeline import Perception
from fer_core.tracking.association import overlap
from fer_core.types import CropSpec, Frame
from tests.tracking.crowd import HEIGHT, WIDTH, Moment, _paths, _shown, identity_f1, switches

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "rendered_crowd.md"
PEOPLE, SECONDS, FPS = 20, 8, 25
SIDE = 160  # of a cut-out head, its face about 110 high
SAME = 0.4  # a found box is a person's from this overlap


def as_frame(rgb: np.ndarray, index: int, side: int | None) -> Frame:
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    if side is not None and side < rgb.shape[1]:
        size = (side, round(rgb.shape[0] * side / rgb.shape[1]))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    return Frame(index, index * 1000 // FPS, np.ascontiguousarray(rgb), np.asarray(grey, np.uint8))


def heads(packed: Path, detector: Detector, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Cut-out heads with a soft edge (RGBA), and the size of the face that is found in each."""
    data = np.load(packed)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.ellipse(mask, (SIDE // 2, SIDE // 2), (66, 78), 0, 0, 360, (255,), -1)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), 3), np.uint8)
    found = []
    for i in np.random.default_rng(seed).permutation(len(data["offsets"]) - 1):
        coded = data["blob"][data["offsets"][i] : data["offsets"][i + 1]]
        picture = np.ascontiguousarray(cv2.imdecode(coded, 1)[..., ::-1])
        picture = cv2.copyMakeBorder(picture, 60, 60, 60, 60, cv2.BORDER_REPLICATE)
        faces = detector.detect(as_frame(np.asarray(picture, np.uint8), 0, None))
        if len(faces) != 1 or faces.scores[0] < 0.97:
            continue
        x, y, w, h = faces.boxes[0]
        k = SIDE / (1.45 * max(w, h))
        matrix = np.array(
            [[k, 0, SIDE / 2 - k * (x + w / 2)], [0, k, SIDE / 2 - k * (y + h / 2)]], np.float64
        )
        head = cv2.warpAffine(picture, matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
        found.append((np.dstack([head, mask]), np.array([w * k, h * k])))
        if len(found) == PEOPLE:
            return found
    raise SystemExit(f"{packed.name} has fewer than {PEOPLE} photographs with one sure face")


def film(
    packed: Path, detector: Detector, seed: int
) -> Iterator[tuple[Frame, list[int], np.ndarray]]:
    """Frames, the people who can be seen in each, and their boxes."""
    people = heads(packed, detector, seed)
    paths, _ = _paths(np.random.default_rng(seed), PEOPLE, SECONDS, FPS)
    ground = cv2.resize(cv2.GaussianBlur(skimage.data.coffee(), (0, 0), 2), (WIDTH, HEIGHT))
    for index in range(SECONDS * FPS):
        places = np.array([path[index] for path in paths])
        middles = places[:, :2] + places[:, 2:] / 2
        scales = [
            float(np.sqrt(w * h / size.prod())) for (_, _, w, h), (_, size) in zip(places, people)
        ]
        picture = ground.copy()
        for p in np.argsort(places[:, 2]):  # the nearer ones in front
            roll = 6 * np.sin(index / FPS * 1.5 + p)
            light = 1 + 0.06 * np.sin(index / FPS * 2 + p)
            paste(picture, people[p][0], middles[p], scales[p], roll, light)
        shown, _ = _shown(places)
        sizes = np.array([people[p][1] * scales[p] for p in shown]).reshape(-1, 2)
        boxes = np.hstack([middles[shown] - sizes / 2, sizes])
        yield as_frame(picture, index, detector.working_side(WIDTH, HEIGHT)), shown, boxes


def paste(
    picture: np.ndarray, head: np.ndarray, middle: np.ndarray, k: float, roll: float, light: float
) -> None:
    low = np.maximum(middle - 110 * k, 0).astype(int)
    high = np.minimum(middle + 110 * k, (WIDTH, HEIGHT)).astype(int)
    if (high <= low).any():
        return
    matrix = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), roll, k)
    matrix[:, 2] += middle - SIDE / 2 - low
    layer = cv2.warpAffine(head, matrix, tuple(int(v) for v in high - low)).astype(np.float32)
    share = layer[..., 3:] / 255
    under = picture[low[1] : high[1], low[0] : high[0]]
    under[:] = np.clip(layer[..., :3] * light * share + under * (1 - share), 0, 255)


def run(packed: Path, home: Home, seed: int) -> tuple[float, int, int, float, int]:
    """IDF1, switches, numbers given, share of faces found, false faces."""
    detector = make_detector("mtcnn", cache=home.cache)
    perception = Perception(detector, CropSpec())
    moments, said = [], []
    for frame, people, boxes in film(packed, detector, seed):
        seen = perception.step(frame)
        owner = [-1] * len(seen.viewer)
        if len(owner) and len(people):
            share = overlap(seen.faces.boxes.astype(np.float64), boxes)
            for row, column in zip(*linear_sum_assignment(-share), strict=True):
                if share[row, column] >= SAME:
                    owner[row] = people[column]
        looks = np.zeros((len(owner), 0), np.float32)
        moments.append(Moment(frame.t_ms, people, boxes, seen.faces, looks, owner))
        said.append([int(viewer) for viewer in seen.viewer])
    visible = sum(len(moment.people) for moment in moments)
    found = sum(who >= 0 for moment in moments for who in moment.owner)
    false = sum(who < 0 for moment in moments for who in moment.owner)
    numbers = len({number for row in said for number in row})
    return identity_f1(moments, said), switches(moments, said), numbers, found / visible, false


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("faces", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    args = parser.parse_args()
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in args.seeds:
            f1, changed, numbers, found, false = run(args.faces, Home(Path(folder)), seed)
            lines.append(
                f"| {seed} | {f1:.3f} | {changed} | {numbers} | {100 * found:.1f} % | {false} |"
            )
            print(lines[-1], flush=True)
    PAGE.write_text(
        f"# A rendered crowd\n\n{stamp('python -m benchmarks.rendered_crowd FACES.npz')}\n\n"
        f"{PEOPLE} photographed faces on known paths, {SECONDS} s of 1080p at {FPS} frames a "
        "second, through the\nreal detector and tracker. A face that is not found cannot keep its "
        "number: the share found is\nthe ceiling of IDF1.\n\n"
        "| crowd | IDF1 | identity switches | numbers for 20 people | faces found | rows that are "
        "nobody's |\n| --- | --- | --- | --- | --- | --- |\n" + "\n".join(lines) + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
