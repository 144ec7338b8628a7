"""What the replay needs of a session: its film, its curves by the second, names, markers.

It goes to the page with every rerun, so it is whole numbers a second; what belongs to
single frames is fetched in stretches while it plays (``overlay``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dashboard.charts import findings
from dashboard.charts.palette import EMOTION_COLOURS
from dashboard.charts.wording import percent
from dashboard.services import markers, overlay
from dashboard.services.session_view import audience
from fer_core.labels import DISPLAY_ORDER, EMOTIONS
from fer_core.storage import Store

USUAL_FPS = 25.0
USUAL_SIZE = (1280, 720)

_HOW_PERCENT = "Percent"
_WITHOUT = "The curve, the boxes and the markers work without the picture."


@dataclass(frozen=True)
class Replay:
    """A session ready to be replayed; ``curves`` depend on its stamp alone."""

    session_id: str
    row: dict[str, Any]
    film: dict[str, str]
    duration_ms: int
    curves: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.row["name"])

    @property
    def empty(self) -> bool:
        return not any(self.curves["n"])

    def data(
        self, store: Store, *, rows_url: str, start: int | None, done: list[str]
    ) -> dict[str, Any]:
        """What the component is given."""
        width, height = _size(self.row)
        people = store.viewers(self.session_id)
        return {
            "session": self.session_id,
            "film": self.film,
            "rows": {"url": rows_url, "span_ms": overlay.SPAN_MS},
            "width": width,
            "height": height,
            "fps": _fps(self.row),
            "duration_ms": self.duration_ms,
            "viewers": {
                str(viewer): name
                for viewer, name in zip(people["viewer"].tolist(), people["name"].tolist())
                if isinstance(name, str) and name
            },
            "markers": markers.shown(store, self.session_id),
            "emotions": [{"name": name, "colour": EMOTION_COLOURS[name]} for name in EMOTIONS],
            "shown": [EMOTIONS.index(name) for name in DISPLAY_ORDER],
            "start": start,
            "done": done,
            **self.curves,
        }


def load(store: Store, session_id: str, *, recording: Path | None, clip_url: str) -> Replay | None:
    """The session, or None where there is none."""
    if not store.has_session(session_id):
        return None
    row = store.session(session_id)
    duration_ms = _duration(store, row)
    return Replay(
        session_id=session_id,
        row=row,
        film=film(row, recording, clip_url),
        duration_ms=duration_ms,
        curves=curves(store.seconds(session_id), duration_ms, int(row["offset_ms"] or 0)),
    )


def film(row: dict[str, Any], recording: Path | None, url: str) -> dict[str, str]:
    """Where the picture comes from, or in words why there is none."""
    info = row["info"] or {}
    if recording is None:
        if row["kind"] == "demo":
            words = "These viewers are simulated: there is no recording to show."
        elif not row["path"]:
            words = "No recording was kept of this session."
        else:
            words = (
                f"The recording is no longer at {row['path']}. "
                "Put it back there and reload the page to see it."
            )
        return {"kind": "none", "url": "", "words": f"{words} {_WITHOUT}"}
    if info.get("is_picture"):
        return {"kind": "picture", "url": url, "words": ""}
    codec = {"hevc": "HEVC (H.265)", "h264": "H.264", "av1": "AV1"}.get(
        str(info.get("codec") or ""), str(info.get("codec") or "this film").upper()
    )
    return {
        "kind": "film",
        "url": url,
        "words": "",
        "unplayable": (
            f"This browser cannot play {codec} in a {recording.suffix.lstrip('.') or 'file'} file. "
            f"{_WITHOUT} To see the picture too, open this page in a browser that plays it "
            "(Safari and Edge play HEVC), or make a copy that every browser plays and analyse "
            f'that: ffmpeg -i "{recording.name}" -c:v libx264 -pix_fmt yuv420p copy.mp4'
        ),
    }


def curves(by_viewer: pd.DataFrame, duration_ms: int, offset_ms: int) -> dict[str, Any]:
    """Every measure by the second of the recording, in whole numbers."""
    table = audience(by_viewer, duration_ms, offset_ms=offset_ms)
    known = table["emotion"].notna()
    lead = [str(EMOTIONS.index(name)) if ok else " " for name, ok in zip(table["emotion"], known)]
    sure = (table["confidence"].fillna(0) * 9).round().astype(int).clip(0, 9)
    crowd = bool(table["n"].max() > 1)
    measures = [
        {
            "key": "engagement",
            "name": "Engagement",
            "said": findings.engagement(table),
            "how": "Points of 100" + ("; the band is the 95 % range" if crowd else ""),
            "low": 0,
            "high": 100,
            "unit": "",
            "values": _whole(table["engagement"]),
            "from": _whole(table["engagement_low"]) if crowd else None,
            "to": _whole(table["engagement_high"]) if crowd else None,
        },
        _percent(table, "attention", "Attention"),
        _percent(table, "expressiveness", "Expressiveness"),
        {
            "key": "valence",
            "name": "Valence",
            "said": findings.valence(table),
            "how": "Pleasant above, unpleasant below, −100 to 100",
            "low": -100,
            "high": 100,
            "unit": "",
            "values": _whole(table["valence"], 100),
            "from": None,
            "to": None,
        },
        *(_percent(table, f"p_{name}", name.capitalize()) for name in DISPLAY_ORDER),
    ]
    return {
        "first_ms": int(table["t_ms"].iloc[0]),
        "n": [int(count) if ok else 0 for count, ok in zip(table["n"], known)],
        "lead": "".join(lead),
        "sure": "".join(map(str, sure)),
        "measures": measures,
    }


def _percent(table: pd.DataFrame, column: str, name: str) -> dict[str, Any]:
    values = table[column]
    mean = float(values.mean())
    said = name if np.isnan(mean) else f"{name}: {percent(mean)} on average"
    how = "Probability of the expression, percent" if column.startswith("p_") else _HOW_PERCENT
    return {
        "key": column,
        "name": name,
        "said": said,
        "how": how,
        "low": 0,
        "high": 100,
        "unit": " %",
        "values": _whole(values, 100),
        "from": None,
        "to": None,
    }


def _whole(values: pd.Series, times: float = 1) -> list[int | None]:
    return [None if np.isnan(v) else round(v * times) for v in values.astype(float)]


def _duration(store: Store, row: dict[str, Any]) -> int:
    info = row["info"] or {}
    last = store.one(
        "SELECT max(t_ms) AS t FROM frames WHERE session_id = $id", {"id": row["session_id"]}
    )
    lengths = (
        info.get("duration_ms"),
        1000 * (row["duration_s"] or 0),
        (last or {}).get("t"),
    )
    return max(1000, *(round(float(length or 0)) for length in lengths))


def _fps(row: dict[str, Any]) -> float:
    fps = float((row["info"] or {}).get("fps") or 0)
    return fps if 1 <= fps <= 1000 else USUAL_FPS


def _size(row: dict[str, Any]) -> tuple[int, int]:
    info = row["info"] or {}
    width, height = int(info.get("width") or 0), int(info.get("height") or 0)
    return (width, height) if width > 0 and height > 0 else USUAL_SIZE
