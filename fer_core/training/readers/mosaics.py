"""Sheets of 48x48 faces (``SPLIT_00.webp`` …) with ``SPLIT_labels.npz`` beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fer_core.errors import DataError
from fer_core.training.datasets import SIDE, DataSet, split_name
from fer_core.training.readers import READERS, Reader
from fer_core.training.readers.folders import read_grey
from fer_core.training.samples import FERPLUS, Samples


def _is_mosaics(path: Path) -> bool:
    return path.is_dir() and any(path.glob("*_labels.npz"))


def read_mosaics(path: Path, wanted: str | None = None) -> DataSet:
    """Sheets of 48x48 tiles, left to right and top to bottom, with labels and votes beside."""
    splits = {}
    for meta in sorted(path.glob("*_labels.npz")):
        split = meta.name.removesuffix("_labels.npz")
        if wanted is not None and split_name(split) != wanted:
            continue
        try:
            with np.load(meta, allow_pickle=False) as stored:
                labels = stored["labels"].astype(np.int32)
                votes = stored["votes"][:, : len(FERPLUS)].astype(np.int32)
        except (OSError, ValueError, KeyError) as error:
            raise DataError(
                f"{meta} does not hold labels and votes.", "Take the data set anew."
            ) from error
        tiles = []
        for sheet in sorted(path.glob(f"{split}_*.webp")):
            grey = read_grey(sheet)
            if grey is None or grey.shape[0] % SIDE or grey.shape[1] % SIDE:
                raise DataError(f"{sheet} is no mosaic of 48x48 faces.", "Take the data set anew.")
            high, wide = grey.shape[0] // SIDE, grey.shape[1] // SIDE
            cut = grey.reshape(high, SIDE, wide, SIDE).swapaxes(1, 2)
            tiles.append(cut.reshape(-1, SIDE, SIDE))
        images = np.concatenate(tiles) if tiles else np.zeros((0, SIDE, SIDE), np.uint8)
        if len(images) < len(labels):
            raise DataError(
                f"{path} holds {len(images)} faces and {len(labels)} labels of {split}.",
                "Take the data set anew.",
            )
        splits[split_name(split)] = Samples(images[: len(labels)], labels, votes)
    return DataSet(path.name, splits)


READERS.add("mosaics", Reader(1, _is_mosaics, read_mosaics))
