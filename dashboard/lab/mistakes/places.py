"""Where an evaluation's faces stand on the map, and which of them an area holds."""

from __future__ import annotations

import pandas as pd

from dashboard.lab.mistakes.data import Filter
from dashboard.lab.models.figures import Figures
from dashboard.lab.models.slices import MOST_ANSWERS, in_slice
from fer_core.errors import DataError
from fer_core.evaluation import face_map
from fer_core.evaluation.checked_arrays import is_whole
from fer_core.evaluation.face_map import Area, Layout
from fer_core.evaluation.review import data_set_item, data_set_place
from fer_core.home import Home
from fer_core.jobs import face_cache
from fer_core.storage import Store
from fer_core.zoo.model_store import find_model

_FACTS = ["item", "truth", "guess", "confidence"]


def map_of(home: Home, figures: Figures, layout: Layout = Layout.PCA) -> face_map.FaceMap | None:
    """The map of the faces that were evaluated; None where none was made, or it is damaged: it
    can be made again."""
    files = find_model(figures.model, home).card.files
    key = face_cache.fingerprint(figures.data)
    if key is None or "keras" not in files:
        return None
    path = face_map.path_of(home.cache, files["keras"].sha256, key, figures.split, layout)
    return face_map.FaceMap.read(path) if is_whole(path) else None


def maps(home: Home, figures: Figures) -> dict[Layout, face_map.FaceMap]:
    """The maps that are there."""
    found = {layout: map_of(home, figures, layout) for layout in Layout}
    return {layout: one for layout, one in found.items() if one is not None}


def on_map(store: Store, figures: Figures, found: face_map.FaceMap) -> pd.DataFrame:
    """Each evaluated face: item, truth, guess, confidence, and its place x, y (0 to 1)."""
    assert figures.evaluation_id is not None
    answers = store.evaluations.predictions(figures.evaluation_id, sort="item", limit=MOST_ANSWERS)[
        _FACTS
    ]
    places = pd.DataFrame({"row": found.rows, "x": found.points[:, 0], "y": found.points[:, 1]})
    rows = answers["item"].map(lambda item: data_set_place(item)[1])
    return answers.assign(row=rows).merge(places, on="row").drop(columns="row")


def in_area(home: Home, figures: Figures, area: str) -> set[str]:
    """The faces in an area of a map, as an address has it; DataError where there is no map."""
    drawn = Area.read(area)
    found = map_of(home, figures, drawn.layout)
    if found is None:
        raise DataError(
            "There is no map of these faces any more.",
            "Open the map, which says how it is made again, and draw around them anew.",
        )
    within = found.rows[face_map.inside(found.points, drawn.corners)]
    return {data_set_item(figures.split, int(row)) for row in within}


def among(home: Home, store: Store, figures: Figures, wanted: Filter) -> set[str] | None:
    """The faces to which an area or a slice narrows the gallery down; None: all."""
    held = [in_area(home, figures, wanted.area)] if wanted.area else []
    held += [in_slice(home, store, figures, wanted.slice)] if wanted.slice else []
    return set.intersection(*held) if held else None
