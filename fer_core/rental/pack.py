"""The packed faces that travel: 7-bit grey levels, close to a byte in six bits.

Reading needs NumPy alone. A grey level loses its lowest bit, which no augmented picture shows;
what is left is stored as its difference from its neighbours, Huffman-coded.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from fer_core.errors import DataError
from fer_core.files import replacing
from fer_core.training.samples import Samples
from fer_core.types import Bytes, Float, Int

FACES = "faces.npz"
#: Where soft targets lie in the folder that travels, one file for each teacher.
TEACHERS = "teachers"


@dataclass(frozen=True, slots=True)
class Packed:
    """The faces of a pack: FER2013's training split, then photographs."""

    faces: Samples
    person: Int  # of each face; -1 where it is no photograph of a known person
    sources: tuple[str, ...] = ()  # the files of photographs
    source: Int | None = None  # which of them each face is from; -1: FER2013

    @property
    def photographs(self) -> np.ndarray:
        """Which faces are photographs."""
        found: np.ndarray = self.person >= 0
        return found

    @property
    def digests(self) -> tuple[str, str]:
        """What tells whether soft targets are for these faces: of FER2013's, of photographs.

        Photographs are cut by a detector, which may do so otherwise on another processor.
        """
        parts = (self.faces.images[~self.photographs], self.faces.images[self.photographs])
        faces, photographs = (hashlib.sha256(part.tobytes()).hexdigest()[:16] for part in parts)
        return faces, photographs


def source_of(packed: Packed) -> Int:
    """Which file each face is from; -1: FER2013, 0 where only one or no file was named."""
    if packed.source is not None:
        return packed.source
    return np.where(packed.photographs, 0, -1).astype(np.int32)


def encoded(images: Bytes) -> Bytes:
    """Pictures (n, h, w) as bytes; ``decoded`` gives them back in 7 bits."""
    seven = images >> 1
    across = np.diff(seven, axis=2, prepend=np.uint8(0))
    both = np.diff(across, axis=1, prepend=np.uint8(0))
    coder = zlib.compressobj(9, zlib.DEFLATED, 15, 9, zlib.Z_HUFFMAN_ONLY)
    return np.frombuffer(coder.compress(both.tobytes()) + coder.flush(), np.uint8)


def decoded(content: Bytes, n: int, side: int) -> Bytes:
    """Pictures (n, side, side) from ``encoded``'s bytes; white and black stay what they are."""
    both = np.frombuffer(zlib.decompress(content.tobytes()), np.uint8).reshape(n, side, side)
    across = np.cumsum(both, axis=1, dtype=np.uint8)
    seven = np.cumsum(across, axis=2, dtype=np.uint8)
    return np.asarray((seven << 1) | (seven >> 6), np.uint8)


def write_pack(path: Path, packed: Packed) -> None:
    faces = packed.faces
    if faces.votes is None:
        raise ValueError("faces without votes are not packed; give a row of zeros")
    write_npz(
        path,
        images=encoded(faces.images),
        shape=np.array(faces.images.shape[:2]),
        labels=faces.labels.astype(np.int8),
        votes=faces.votes.astype(np.int8),
        person=packed.person.astype(np.int32),
        sources=np.array(packed.sources, dtype="U"),
        source=source_of(packed).astype(np.int8),
    )


def read_pack(path: Path) -> Packed:
    try:
        with np.load(path, allow_pickle=False) as stored:
            n, side = (int(value) for value in stored["shape"])
            images = decoded(stored["images"], n, side)
            labels, votes = stored["labels"].astype(np.int32), stored["votes"].astype(np.int32)
            packed = Packed(Samples(images, labels, votes), stored["person"])
            if "source" not in stored:  # packed by an earlier version
                return packed
            sources = tuple(str(name) for name in stored["sources"])
            return replace(packed, sources=sources, source=stored["source"].astype(np.int32))
    except (OSError, ValueError, KeyError, zlib.error) as error:
        raise DataError(f"{path} holds no packed faces.", "Pack them again.") from error


def write_soft_targets(path: Path, logits: Float, packed: Packed) -> None:
    """A teacher's mean logits (n, labels of all outputs) for the packed faces, in 16 bits."""
    faces, photographs = logits[~packed.photographs], logits[packed.photographs]
    write_npz(
        path,
        faces=faces.astype(np.float16),
        photographs=photographs.astype(np.float16),
        digests=np.array(packed.digests),
    )


def read_soft_targets(folder: Path, name: str, packed: Packed) -> Float | None:
    """A teacher's logits for the packed faces; None where there are none for FER2013's.

    Rows of photographs that were packed otherwise are NaN.
    """
    path = folder / f"{name}.npz"
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as stored:
        known = [mine == str(its) for mine, its in zip(packed.digests, stored["digests"])]
        faces, photographs = stored["faces"], stored["photographs"]
    if not known[0]:
        return None
    found = np.full((len(packed.faces), faces.shape[1]), np.nan, np.float32)
    found[~packed.photographs] = faces
    if known[1]:
        found[packed.photographs] = photographs
    return found


def write_npz(path: Path, **arrays: Any) -> None:
    """Write arrays whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as part, part.open("wb") as out:
        np.savez(out, **arrays)
