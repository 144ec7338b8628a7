"""At a session's end: what of each viewer is known only from all of her readings.

Lids, gaze and movements of every row, and with them attention and engagement, which until then
follow the head alone. Each time from the raw readings, so that a session that goes on after it
failed ends as one that never did. A viewer at a time: memory does not grow with the audience.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from fer_core.calibration.viewer import COLUMNS, TRUE_OR_FALSE, calibrate
from fer_core.measures import READINGS
from fer_core.storage.reading import Query
from fer_core.types import AnalysisSettings, SettingsJson

if TYPE_CHECKING:
    from fer_core.storage.database import Database

#: Rows of one transaction: about half a second of the writer.
AT_ONCE: Final = 15_000
#: Rows of one viewer: a day at 60 frames a second.
MOST_ROWS: Final = 6_000_000
_POSE = ("yaw", "pitch", "roll")
_READ = ("frame", "t_ms", *_POSE, "facing", "expressiveness", *READINGS)
_CHANGED = (*COLUMNS, "attention", "engagement")


def calibrate_session(database: Database, session_id: str, settings: SettingsJson) -> None:
    """Fill the calibrated columns of a session whose frames are all in the store.

    Many short transactions: whoever else writes waits for AT_ONCE rows, not for a whole film.
    What an interrupted one has filled already is filled again.
    """
    viewers = Query(
        "SELECT DISTINCT viewer FROM timeline WHERE session_id = $id AND viewer >= 0 "
        "AND score IS NOT NULL ORDER BY viewer",
        {"id": session_id},
    )
    waiting: list[pa.Table] = []
    for viewer in database.select(viewers)["viewer"].to_pylist():
        own = Query(
            f"SELECT {', '.join(_READ)} FROM timeline WHERE session_id = $id AND viewer = $viewer "
            "AND score IS NOT NULL ORDER BY frame",
            {"id": session_id, "viewer": viewer},
            cap=MOST_ROWS,
        )
        waiting.append(_calibrated(database.select(own), session_id, viewer, settings))
        if sum(one.num_rows for one in waiting) >= AT_ONCE:
            _write(database, waiting)
            waiting.clear()
    if waiting:
        _write(database, waiting)


def _write(database: Database, tables: list[pa.Table]) -> None:
    rows = pa.concat_tables(tables)
    for begin in range(0, rows.num_rows, AT_ONCE):
        with database.transaction() as cursor:
            part = rows.slice(begin, AT_ONCE)
            cursor.update_arrow("timeline", part, keys=("session_id", "viewer", "frame"))


def _calibrated(rows: pa.Table, session_id: str, viewer: int, settings: SettingsJson) -> pa.Table:
    def columns(names: tuple[str, ...]) -> np.ndarray:
        parts = [rows[name].to_numpy().astype(np.float64) for name in names]
        return np.stack(parts, axis=1)

    found = calibrate(rows["t_ms"].to_numpy(), columns(READINGS), columns(_POSE))
    attention = columns(("facing",))[:, 0] * found.attends
    usual = AnalysisSettings()
    base = settings.get("engagement_base", usual.engagement_base)
    expressive = settings.get("engagement_expressive", usual.engagement_expressive)
    moved = base + expressive * columns(("expressiveness",))[:, 0]
    values = found.columns | {"attention": attention, "engagement": 100 * attention * moved}
    made: dict[str, Any] = {
        "session_id": pa.repeat(pa.scalar(session_id), rows.num_rows),
        "viewer": pa.repeat(pa.scalar(viewer, pa.int32()), rows.num_rows),
        "frame": rows["frame"],
    }
    for name in _CHANGED:
        unknown = np.isnan(values[name])
        made[name] = (
            pa.array(values[name] > 0.5, mask=unknown)
            if name in TRUE_OR_FALSE
            else pa.array(values[name].astype(np.float32), mask=unknown)
        )
    return pa.table(made)
