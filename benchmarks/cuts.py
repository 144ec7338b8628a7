"""What is taken for a cut: made pairs of pictures that are cut, or lit, shaken, walked through.

    python -m benchmarks.cuts FACES.npz FILM...

FACES is a packed set (``blob``, ``offsets``) of photographs with one face each. They are shown
close up, on a dark stage, in an even studio and in rooms. FILMs are played at several rates:
where cuts are found in them, and what that costs beside decoding. Writes docs/benchmarks/cuts.md.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import skimage.data

from fer_core.machine import stamp
from fer_core.tracking import CutDetector
from fer_core.types import Frame
from fer_core.video import Decoder

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "cuts.md"
WIDTH, HEIGHT = 640, 360
KINDS = ("close-up", "stage", "studio", "room")
GAPS_MS = (40, 200, 1000)
RATES = (1, 3, 8, 25)  # every so many frames of a film
Picture = np.ndarray
Pair = tuple[str, Picture, Picture]


class Scenes:
    """Pictures with faces, and what light, cameras and people make of them."""

    def __init__(self, packed: Path, seed: int) -> None:
        faces = np.load(packed)
        self.blob, self.offsets = faces["blob"], faces["offsets"]
        self.rng = np.random.default_rng(seed)

    def photograph(self) -> Picture:
        i = int(self.rng.integers(len(self.offsets) - 1))
        coded = self.blob[self.offsets[i] : self.offsets[i + 1]]
        return np.ascontiguousarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1])

    def scene(self, kind: str) -> Picture:
        if kind == "close-up":
            face = self.photograph()
            scale = max(WIDTH / face.shape[1], HEIGHT / face.shape[0])
            large = cv2.resize(face, None, fx=scale, fy=scale)
            top, left = (large.shape[0] - HEIGHT) // 2, (large.shape[1] - WIDTH) // 2
            return large[top : top + HEIGHT, left : left + WIDTH].astype(np.float32)
        picture = self.ground(kind)
        people = int(self.rng.integers(1, 4))
        for place in range(people):
            x = WIDTH * (place + 0.5) / people + self.rng.uniform(-30, 30)
            self.paste(picture, x, self.rng.uniform(120, 230), int(self.rng.uniform(110, 260)))
        return picture

    def ground(self, kind: str) -> Picture:
        rng = self.rng
        if kind == "stage":
            dark = np.full((HEIGHT, WIDTH, 3), rng.uniform(4, 16), np.float32)
            for _ in range(rng.integers(0, 3)):
                spot = np.zeros((HEIGHT, WIDTH), np.float32)
                middle = int(rng.uniform(0, WIDTH)), int(rng.uniform(0, HEIGHT))
                cv2.circle(spot, middle, int(rng.uniform(20, 70)), 1, -1)
                dark += cv2.GaussianBlur(spot, (0, 0), 25)[..., None] * rng.uniform(40, 160, 3)
            return dark
        if kind == "studio":
            wall = np.linspace(150, 110, HEIGHT)[:, None, None] * np.array([0.9, 1, 1.1])
            return np.asarray(np.broadcast_to(wall, (HEIGHT, WIDTH, 3)), np.float32).copy()
        names = ("coffee", "rocket", "chelsea", "astronaut")
        large = cv2.resize(getattr(skimage.data, names[rng.integers(4)])(), (900, 700))
        top, left = rng.integers(0, 340), rng.integers(0, 260)
        view = large[top : top + HEIGHT, left : left + WIDTH].astype(np.float32)
        return cv2.GaussianBlur(view, (0, 0), rng.uniform(1, 4))

    def paste(self, picture: Picture, x: float, y: float, side: int) -> None:
        mask = np.zeros((side, side), np.uint8)
        cv2.ellipse(mask, (side // 2, side // 2), (side * 3 // 8, side // 2), 0, 0, 360, 255, -1)
        share = cv2.GaussianBlur(mask, (0, 0), side * 0.03).astype(np.float32)[..., None] / 255
        head = cv2.resize(self.photograph(), (side, side)) * self.rng.uniform(0.7, 1.1)
        left, top = int(x - side / 2), int(y - side / 2)
        a, b, c, d = max(left, 0), max(top, 0), min(left + side, WIDTH), min(top + side, HEIGHT)
        inner = slice(b - top, d - top), slice(a - left, c - left)
        under = picture[b:d, a:c]
        under[:] = head[inner] * share[inner] + under * (1 - share[inner])

    def cut(self, count: int) -> Iterator[Pair]:
        for before, after in (*((kind, kind) for kind in KINDS), KINDS[:2], KINDS[::3]):
            for _ in range(count):
                yield f"{before} to {after}", self.scene(before), self.scene(after)

    def uncut(self, count: int) -> Iterator[Pair]:
        for kind in KINDS:
            for _ in range(count):
                picture = self.scene(kind)
                for name, change in CHANGES.items():
                    yield name, picture, change(picture, self.rng)


def lamp(picture: Picture, rng: np.random.Generator) -> Picture:
    side = np.linspace(0, 1, WIDTH)[:: rng.choice([-1, 1])][None, :, None] ** 1.5
    return picture * (1 + rng.uniform(0.8, 2.2) * side * np.array([1, 0.92, 0.75]))


def shaken(pixels: int) -> Callable[[Picture, np.random.Generator], Picture]:
    def change(picture: Picture, rng: np.random.Generator) -> Picture:
        x, y = pixels * np.array([np.cos(angle := rng.uniform(0, 2 * np.pi)), np.sin(angle)])
        moved = np.array([[1, 0, x], [0, 1, y]])
        smear = np.zeros((pixels | 1, pixels | 1), np.float32)
        ends = [(round(pixels / 2 - k * x), round(pixels / 2 - k * y)) for k in (0.5, -0.5)]
        cv2.line(smear, *ends, 1)
        view = cv2.warpAffine(picture, moved, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
        return cv2.filter2D(view, -1, smear / smear.sum())

    return change


CHANGES: dict[str, Callable[[Picture, np.random.Generator], Picture]] = {
    "nothing but noise": lambda picture, _: picture,
    "exposure × 0.35": lambda picture, _: picture * 0.35,
    "exposure × 2.6": lambda picture, _: picture * 2.6,
    "everything 90 levels brighter": lambda picture, _: picture + 90,
    "a lamp at one side": lamp,
    "blue light": lambda picture, _: picture * np.array([0.3, 0.5, 1.8]),
    "camera pushed by 15 pixels": shaken(15),
    "camera pushed by 40 pixels": shaken(40),
    "camera pushed by 70 pixels": shaken(70),
}


def frame(picture: Picture, t_ms: int, rng: np.random.Generator) -> Frame:
    rgb = np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8)
    return Frame(t_ms, t_ms, rgb, rgb[..., 1].copy())


def table(pairs: Iterator[Pair], rng: np.random.Generator) -> Iterator[str]:
    """Rows: how many of the pairs of a name are called cuts, at each gap."""
    found: dict[str, list[list[bool]]] = {}
    for name, before, after in pairs:
        said = []
        for gap in GAPS_MS:
            detector = CutDetector()
            detector.step(frame(before, 0, rng))
            said.append(detector.step(frame(after, gap, rng)))
        found.setdefault(name, []).append(said)
    for name, said in found.items():
        counts = " | ".join(f"{sum(column)} of {len(said)}" for column in zip(*said))
        yield f"| {name} | {counts} |"


def film(path: Path) -> str:
    """A row: the cuts found at each rate, and the milliseconds a frame that finding them takes."""
    with Decoder(path, long_side=WIDTH) as decoder:
        frames = list(decoder)
    found = []
    for every in RATES:
        detector = CutDetector()
        at = [one.index for one in frames[::every] if detector.step(one)]
        found.append(", ".join(map(str, at)) or "none")
    detector, began = CutDetector(), time.thread_time()
    for one in frames:
        detector.step(one)
    spent = 1000 * (time.thread_time() - began) / len(frames)
    return f"| {path.name} | {' | '.join(found)} | {spent:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("faces", type=Path)
    parser.add_argument("films", type=Path, nargs="*")
    parser.add_argument("--count", type=int, default=20)
    args = parser.parse_args()
    scenes = Scenes(args.faces, seed=0)
    head = (
        "| " + " | ".join(f"{gap} ms apart" for gap in GAPS_MS) + " |\n| --- | --- | --- | --- |\n"
    )
    cut = "\n".join(table(scenes.cut(args.count), scenes.rng))
    uncut = "\n".join(table(scenes.uncut(args.count // 2), scenes.rng))
    films = "\n".join(film(path) for path in args.films)
    rates = " | ".join("every frame" if n == 1 else f"one in {n}" for n in RATES)
    PAGE.write_text(
        f"# Cuts\n\n{stamp('python -m benchmarks.cuts FACES.npz FILM...')}\n\n"
        "How many pairs of made pictures are called a cut. Pictures far apart in time must have "
        "changed\nmost of their brightness too, for people move: what is even stays uncut.\n\n"
        f"| pairs that are cuts {head}{cut}\n\n| pairs that are none {head}{uncut}\n\n"
        "Frames that begin a shot in films, and what looking for them costs.\n\n"
        f"| film | {rates} | ms a frame |\n|{' --- |' * (len(RATES) + 2)}\n{films}\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
