"""What is drawn over the faces while a recording plays: a stretch of rows, as small as can be.

Columns of whole numbers, all faces one after the other; ``start[i]`` is the first face of
frame ``t[i]``. A face that the person left out, or that never got a number, comes with
viewer -1: it is not named, but it can still be blurred.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from fer_core.errors import StoreError
from fer_core.files import JsonObject
from fer_core.labels import PROBABILITY_COLUMNS
from fer_core.storage import Store

SPAN_MS = 10_000
LONGEST_MS = 60_000

_BOX = ["x", "y", "w", "h"]
#: Degrees that the head leans, how far the lids are open (0 to 1), degrees of gaze aside and up.
_EYES = ["roll", "eyes_open", "gaze_x", "gaze_y"]
_PLACE = ["frame", "t_ms", "viewer", *_BOX]


def rows(store: Store, session_id: str, from_ms: int, to_ms: int) -> JsonObject:
    """The frames and faces in ``[from_ms, to_ms)``, the person's edits applied."""
    if not 0 <= from_ms < to_ms <= from_ms + LONGEST_MS:
        raise StoreError(
            f"{from_ms} to {to_ms} ms is no stretch that can be asked for.",
            f"Ask for {LONGEST_MS // 1000} seconds at most.",
        )
    found = store.timeline.rows(session_id, columns=_PLACE, from_ms=from_ms, to_ms=to_ms)
    found = found.dropna(subset=_BOX)
    edited = store.timeline.rows(
        session_id,
        columns=["frame", "viewer", *_BOX, "usable", *PROBABILITY_COLUMNS, *_EYES],
        from_ms=from_ms,
        to_ms=to_ms,
        edited=True,
    )
    # Rows have no number of their own; a frame and a box tell two faces apart.
    shown = edited.rename(columns={"viewer": "shown"}).drop_duplicates(["frame", *_BOX])
    faces = found.merge(shown, on=["frame", *_BOX], how="left").sort_values(
        ["frame", "viewer"], ignore_index=True
    )
    times = _frames(store, session_id, from_ms, to_ms, faces)
    known = faces["shown"].notna()
    p = faces[list(PROBABILITY_COLUMNS)].to_numpy(dtype=float)
    whole = np.where(np.isnan(p), -1.0, np.rint(100 * p))
    return {
        "from": from_ms,
        "to": to_ms,
        "t": times["t_ms"].astype(int).tolist(),
        "start": [0, *times["faces"].cumsum().astype(int).tolist()],
        "viewer": faces["shown"].fillna(-1).astype(int).tolist(),
        "usable": (known & faces["usable"].eq(True)).astype(int).tolist(),
        "box": np.rint(faces[_BOX].to_numpy(dtype=float)).astype(int).ravel().tolist(),
        "eyes": _eyes(faces),
        "p": whole.astype(int).ravel().tolist(),
    }


def _eyes(faces: pd.DataFrame) -> list[int]:
    """Four whole numbers a face: lean, lids in per cent (-1: not read), gaze aside and up."""
    lids = faces["eyes_open"].astype(float)
    table = faces[_EYES].astype(float).assign(eyes_open=(100 * lids).where(lids.notna(), -1))
    return np.rint(table.fillna(0.0).to_numpy()).astype(int).ravel().tolist()


def _frames(
    store: Store, session_id: str, from_ms: int, to_ms: int, faces: pd.DataFrame
) -> pd.DataFrame:
    """Every analysed frame of the stretch with its number of faces, also without any."""
    analysed = store.frame(
        "SELECT frame, t_ms FROM frames "
        "WHERE session_id = $id AND t_ms >= $from_ms AND t_ms < $to_ms ORDER BY frame",
        {"id": session_id, "from_ms": from_ms, "to_ms": to_ms},
    )
    counts = faces.groupby("frame").size().rename("faces")
    times = analysed.merge(counts, left_on="frame", right_index=True, how="left")
    return times.assign(faces=times["faces"].fillna(0))
