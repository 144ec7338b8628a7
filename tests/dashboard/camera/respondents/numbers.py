"""Made batches of a respondent's own device, as its page sends them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fer_core.files import sha256_of_file
from fer_core.home import Home
from fer_core.web.folder import LIST


def install_nothing(home: Home) -> Path:
    """A folder of the runtime that holds one file and is whole, for tests without a browser."""
    folder = home.cache / "web-1"
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "litert.js"
    script.write_text("// nothing")
    listed = {"runtime": "litert.js 0", "files": {script.name: sha256_of_file(script)}}
    (folder / LIST).write_text(json.dumps(listed))
    return folder


def face(shift: float = 0.0, **changes: Any) -> dict[str, Any]:
    """A face in the middle of 640 × 480 pixels; ``shift`` in pixels makes each another."""
    points = [280, 200, 360, 200, 320, 240, 290, 280, 350, 280]
    return {
        "b": [250.0 + shift, 150.0, 140.0, 180.0], "s": 0.99,
        "p": [one + shift for one in points], "e": [0, 0, 0, 0.6, 0, 0.1, 0.3], "w": "",
        "r": [0.22, 0.21, 0, 0, 0, 0, None, None, None, None, None], **changes,
    }  # fmt: skip


def batch(
    begin_ms: float, *, frames: int = 75, hz: float = 15.0, film_ms: float | None = None,
    faces: Any = None,
) -> str:  # fmt: skip
    """Pictures from a moment of the browser's clock on; the film played from ``film_ms``."""
    times = [begin_ms + k * 1000 / hz for k in range(frames)]
    shown = [] if film_ms is None else [[at, film_ms + at - begin_ms, True] for at in times[::3]]
    read = [[at, face(k % 7) if faces is None else faces] for k, at in enumerate(times)]
    return json.dumps({"size": [640, 480], "film": shown, "frames": read})
