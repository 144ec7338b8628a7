"""Sentences about a photograph; data: each face's leading expression, None where unreadable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dashboard.audience.photograph.data import Face, Photograph, finding
from tests.sentences.case import Case, Read, near, share

Led = list[str | None]


def said(data: Led) -> str:
    faces = tuple(
        Face(f"{number}", 0, 0, 0.1, 0.1, name, 0.82 if name else None, {}, 1.0, {}, "")
        for number, name in enumerate(data, 1)
    )
    session: Any = None  # a sentence depends on the faces alone
    return finding(Photograph("s1", session, 640, 480, Path("a.jpg"), faces))


def counts(data: Led) -> tuple[dict[str, int], int]:
    names, some = np.unique([one for one in data if one], return_counts=True)
    return dict(zip(names, some)), int(some.sum())


def one(read: Read, data: Led) -> bool:
    found, n = counts(data)
    return n == 1 and read["name"] in found and near(share(read["share"]), 82)


def most(read: Read, data: Led) -> bool:
    found, n = counts(data)
    some = found.get(read["name"], 0)
    return some > n / 2 and int(read["some"]) == some and read["faces"] == f"{n} faces"


def spread(read: Read, data: Led) -> bool:
    found, n = counts(data)
    largest = max(found.values(), default=0)
    right = found.get(read["name"]) == int(read["some"]) == largest
    return right and largest <= n / 2 and read["faces"] == f"{n} faces"


MOSTLY: Led = ["happy", "happy", None, "sad"]
MANY: Led = ["happy", "sad", "sad", "fear", "neutral"]
CASES = [
    Case("photograph.nobody", said, lambda _, data: len(data) == 0, [], MOSTLY),
    Case("photograph.unread", said,
         lambda read, data: counts(data)[1] == 0 and read["faces"] == f"{len(data)} faces",
         [None, None], MOSTLY),
    Case("photograph.one", said, one, ["happy", None], MOSTLY),
    Case("photograph.most", said, most, MOSTLY, MANY),
    Case("photograph.spread", said, spread, MANY, MOSTLY),
]  # fmt: skip
