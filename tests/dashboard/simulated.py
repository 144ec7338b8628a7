"""A simulated session's timeline: expressions that follow a script, not a video."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from fer_core.files import write_json
from fer_core.home import Home
from fer_core.labels import EMOTIONS, PROBABILITY_COLUMNS
from fer_core.measures import FACE_MEASURES, TIMELINE_COLUMNS
from fer_core.storage import ShardWriter, Store, new_id
from fer_core.types import Faces, FrameResult, Measures

#: What the audience sees: from which second, and the expression that most of it shows.
SCRIPT = (
    (0.0, "neutral"),
    (0.18, "surprise"),
    (0.24, "happy"),
    (0.45, "neutral"),
    (0.62, "sad"),
    (0.75, "neutral"),
    (0.88, "happy"),
)


@dataclass
class Furnished:
    """A home with two sessions, and its open store."""

    store: Store
    home: Home
    one: str  # a session of one viewer, away for a while
    many: str  # a session of six


def timeline(
    session_id: str = "sim",
    *,
    seconds: int = 60,
    viewers: int = 3,
    rate: int = 5,
    seed: int = 7,
    away: tuple[float, float] | None = (0.50, 0.58),
) -> pd.DataFrame:
    """Rows as a pipeline would write them; ``away`` is the share of time nobody is visible."""
    rng = np.random.default_rng(seed)
    frames = seconds * rate
    t_ms = (np.arange(frames) * 1000) // rate
    part = np.arange(frames) / frames
    rows = []
    for viewer in range(1, viewers + 1):
        reach = rng.uniform(0.7, 1.3)
        late = rng.uniform(-0.01, 0.02)
        logits = np.zeros((frames, len(EMOTIONS)))
        for start, emotion in SCRIPT:
            on = (part >= start + late) & (part < start + late + 0.2)
            logits[on, EMOTIONS.index(emotion)] += 2.4 * reach
        logits[:, EMOTIONS.index("neutral")] += 1.6
        noise = rng.normal(0, 0.5, logits.shape)
        for i in range(1, frames):
            noise[i] = 0.9 * noise[i - 1] + 0.3 * noise[i]
        p = np.exp(logits + noise)
        p /= p.sum(axis=1, keepdims=True)
        yaw = np.abs(rng.normal(6, 5, frames)) + np.where(part > 0.8, 12.0 * (viewer == 2), 0)
        attention = np.clip((45 - yaw) / 30, 0, 1)
        expressiveness = 1 - p[:, EMOTIONS.index("neutral")]
        usable = yaw < 24
        happy = p[:, EMOTIONS.index("happy")]
        against = p[:, [EMOTIONS.index(e) for e in ("angry", "disgust", "fear", "sad")]].max(axis=1)
        frame = pd.DataFrame(p, columns=list(PROBABILITY_COLUMNS)).assign(
            session_id=session_id,
            t_ms=t_ms,
            frame=np.arange(frames),
            viewer=viewer,
            x=100.0 * viewer,
            y=80.0,
            w=90.0,
            h=90.0,
            score=0.99,
            yaw=yaw,
            pitch=2.0,
            roll=0.0,
            usable=usable,
            why_not=np.where(usable, "", "turned"),
            emotion=np.array(EMOTIONS)[p.argmax(axis=1)],
            confidence=p.max(axis=1),
            valence=happy - against,
            activation=0.5 * expressiveness,
            expressiveness=expressiveness,
            attention=attention,
            engagement=100 * attention * (0.4 + 0.6 * expressiveness),
        )
        if away is not None:
            frame = frame[(part < away[0]) | (part >= away[1])]
        rows.append(frame)
    return (
        pd.concat(rows, ignore_index=True)
        .reindex(columns=list(TIMELINE_COLUMNS))
        .sort_values(["t_ms", "viewer"], ignore_index=True)
    )


def results(timeline: pd.DataFrame, times_ms: np.ndarray) -> list[FrameResult]:
    """The same rows as the pipeline's values, a frame without a face included."""
    columns = {
        "boxes": ["x", "y", "w", "h"],
        "pose": ["yaw", "pitch", "roll"],
        "p": list(PROBABILITY_COLUMNS),
        "m": list(FACE_MEASURES),
    }
    by_frame = dict(list(timeline.groupby("frame")))
    nothing = timeline.iloc[:0]
    made = []
    for frame, t_ms in enumerate(times_ms):
        rows = by_frame.get(frame, nothing)
        part = {key: rows[names].to_numpy(np.float32) for key, names in columns.items()}
        made.append(
            FrameResult(
                frame=frame,
                t_ms=int(t_ms),
                viewer=rows["viewer"].to_numpy(np.int32),
                faces=Faces(
                    part["boxes"],
                    rows["score"].to_numpy(np.float32),
                    np.full((len(rows), 5, 2), np.nan, np.float32),
                ),
                pose=part["pose"],
                usable=rows["usable"].to_numpy(bool),
                why_not=tuple(rows["why_not"]),
                probabilities=part["p"],
                measures=Measures({key: part["m"][:, i] for i, key in enumerate(FACE_MEASURES)}),
            )
        )
    return made


def plant(
    home: Home,
    name: str = "Simulated session",
    *,
    seconds: int = 60,
    viewers: int = 3,
    rate: int = 5,
    seed: int = 7,
    away: tuple[float, float] | None = (0.50, 0.58),
    status: str = "done",
    **session: Any,
) -> str:
    """Leave a session in a home as a worker would; the store's owner takes it in."""
    session_id = new_id("session")
    table = timeline(session_id, seconds=seconds, viewers=viewers, rate=rate, seed=seed, away=away)
    times = (np.arange(seconds * rate) * 1000) // rate
    writer = ShardWriter(home, session_id)
    for result in results(table, times):
        writer.add(result)
    writer.flush(None)
    usable = table.groupby("frame")["usable"].any().sum()
    summary = {
        "duration_s": float(seconds),
        "frames": len(times),
        "frames_lost": 0,
        "faces": len(table),
        "viewers": viewers,
        "quality": float(usable / len(times)),
        "fps": 48.0,
        "lost_note": "",
    }
    write_json(
        home.session(session_id) / "session.json",
        {
            "session_id": session_id,
            "name": name,
            "kind": "file",
            "path": None,
            "digest": None,
            "created": datetime.now(UTC).isoformat(),
            "status": status,
            "settings": {"fps": float(rate), "detector": "mtcnn"},
            "versions": {"model": "simulated"},
            "info": {"width": 1280, "height": 720},
            "summary": summary | session.pop("summary", {}),
            **session,
        },
    )
    return session_id
