"""At a session's end: what of each viewer is known only from all of her readings.

Lids, gaze and movements of every row, and with them attention and engagement, which until then
follow the head alone. Each time from the raw readings, so that a session that goes on after it
failed ends as one that never did. A viewer at a time: memory does not grow with the audience.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from fer_core.calibration.viewer import COLUMNS, TRUE_OR_FALSE, calibrate
from fer_core.measures import READINGS
from fer_core.types import AnalysisSettings, SettingsJson

if TYPE_CHECKING:
    from fer_core.storage.database import Writer

_POSE = ("yaw", "pitch", "roll")
_READ = ("frame", "t_ms", *_POSE, "facing", "expressiveness", *READINGS)
_CHANGED = (*COLUMNS, "attention", "engagement")


def calibrate_session(cursor: Writer, session_id: str, settings: SettingsJson) -> None:
    """Fill the calibrated columns of a session whose frames are all in the store."""
    found = cursor.execute(
        "SELECT DISTINCT viewer FROM timeline WHERE session_id = ? AND viewer >= 0 "
        "AND score IS NOT NULL ORDER BY viewer",
        [session_id],
    )
    for (viewer,) in found.fetchall():
        rows = cursor.select_arrow(
            f"SELECT {', '.join(_READ)} FROM timeline WHERE session_id = ? AND viewer = ? "
            "AND score IS NOT NULL ORDER BY frame",
            [session_id, viewer],
        )
        cursor.update_arrow(
            "timeline",
            _calibrated(rows, session_id, viewer, settings),
            keys=("session_id", "viewer", "frame"),
        )


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
