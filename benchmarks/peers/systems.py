"""Rapt and its peers: where each comes from, what it calls the emotions, what it is given.

Each peer runs in an environment of its own under `.peers`, made by `python -m benchmarks.peers
install`; none is a dependency of Rapt.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fer_core.labels import EMOTIONS

ROOT = Path(__file__).resolve().parents[2]
RUNNERS = Path(__file__).resolve().parent / "runners"
ENVIRONMENTS = ROOT / ".peers"
TFJS = ("@tensorflow/tfjs@4.22.0", "@tensorflow/tfjs-backend-wasm@4.22.0")
OWN_WORDS = {emotion: emotion for emotion in EMOTIONS}


@dataclass(frozen=True, slots=True)
class System:
    """One row of the tables."""

    name: str
    title: str
    runner: str  # a file of runners/
    packages: tuple[str, ...]  # what its environment is made of; none: Rapt's own environment
    words: Mapping[str, str]  # its own words for the emotions, in Rapt's
    given: str  # what it reads of a picture that is one face
    chain: str  # how it goes about a photograph and a film
    readings: Mapping[str, str] = field(default_factory=dict)  # which output answers which set
    photographs: bool = True  # whether it has a chain of its own to read them by
    home: str = ""  # whose environment it shares, if not its own
    every: Mapping[str, int] = field(default_factory=dict)  # sets of which it reads each k-th

    @property
    def folder(self) -> Path:
        return ENVIRONMENTS / (self.home or self.name)

    @property
    def node(self) -> bool:
        return self.runner.endswith(".cjs")

    @property
    def there(self) -> bool:
        """Whether its environment has been made."""
        if not self.packages:
            return True
        return (self.folder / ("node_modules" if self.node else "bin/python")).exists()

    def command(self, job: Path) -> list[str]:
        program = str(self.folder / "bin" / "python") if self.packages else sys.executable
        return ["node" if self.node else program, str(RUNNERS / self.runner), str(job)]

    def environment(self) -> dict[str, str]:
        own = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        if self.node:
            own["NODE_PATH"] = str(self.folder / "node_modules")
        elif not self.packages:
            own["PYTHONPATH"] = str(ROOT)
        return {**os.environ, **own, "TF_CPP_MIN_LOG_LEVEL": "3"}

    def install(self) -> None:
        if self.there:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.node:
            (self.folder / "package.json").write_text('{"private": true}\n', encoding="utf-8")
            self._call(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"])
        else:
            subprocess.run([sys.executable, "-m", "venv", str(self.folder)], check=True)
            self._call([str(self.folder / "bin" / "python"), "-m", "pip", "install", "-q"])

    def _call(self, command: list[str]) -> None:
        subprocess.run(
            [*command, *self.packages], cwd=self.folder, env=self.environment(), check=True
        )


RAPT = System(
    "rapt-1", "**Rapt**, `rapt-1`", "rapt_itself.py", (), OWN_WORDS,
    "the picture as it is (48×48), with the output that learned that set's labels, as "
    "`rapt evaluate` does",
    "MTCNN, then the model as it serves: both outputs and the mirrored face; a film's faces are "
    "followed between detections",
    {"publictest": "fer2013", "ferplus": "ferplus"},
)  # fmt: skip
AS_IN_FILMS = System(
    "rapt-1-served", "Rapt, `rapt-1` as in films", "rapt_itself.py", (), OWN_WORDS,
    "the picture as it is, with the answer that timelines get", "as the row above",
    photographs=False,
)  # fmt: skip
FER = System(
    "fer", "`fer`", "fer_package.py", ("fer==25.10.3", "setuptools<81"), OWN_WORDS,
    "the picture, named as the face's rectangle, with `offsets=(0, 0)`: by default it adds ten "
    "pixels around a face, too many at 48×48",
    "OpenCV's Haar cascade, its mini-Xception; every frame anew",
)  # fmt: skip
HUMAN = System(
    "human", "`@vladmandic/human`", "human.cjs", ("@vladmandic/human@3.3.6", *TFJS), OWN_WORDS,
    "its emotion network alone, prepared as its source does (64×64, grey)",
    "BlazeFace and face mesh, its mini-Xception; all else switched off. Of a film it reads the "
    "expression anew after 1.5 s or 99 frames and what it saw before in between, its default",
)  # fmt: skip
HUMAN_EVERY = System(
    "human-every-frame", "`@vladmandic/human`, every frame", "human.cjs", HUMAN.packages, OWN_WORDS,
    HUMAN.given, "the same with its cache off: every frame anew", {"film": "every frame"},
    home=HUMAN.name,
)  # fmt: skip
FACE_API = System(
    "face-api", "`@vladmandic/face-api`", "face_api.cjs", ("@vladmandic/face-api@1.7.15", *TFJS),
    {**{e: e for e in ("angry", "happy", "sad", "neutral")},
     "fearful": "fear", "disgusted": "disgust", "surprised": "surprise"},
    "its expression network alone, which enlarges to 112×112 by itself",
    "SSD MobileNet v1, 68 landmarks, its expression network on the aligned face; every frame anew",
    every={"photo_faces": 20, "wild_faces": 3},
)  # fmt: skip
FACEX = System(
    "facex", "`facex`", "facex_package.py", ("facex==1.1.0",),
    {**{e: e for e in ("disgust", "fear", "happy", "neutral")},
     "anger": "angry", "sadness": "sad", "surprised": "surprise"},
    "enlarged to 200×200, its network's input, grey as its own chain hands faces over",
    "OpenCV's Haar cascade, its network; every frame anew",
)  # fmt: skip

#: In the order of the tables.
SYSTEMS = {one.name: one for one in (RAPT, AS_IN_FILMS, FER, HUMAN, HUMAN_EVERY, FACE_API, FACEX)}
#: Those that answer differently, and those whose speed differs.
ACCURACY = (RAPT, AS_IN_FILMS, FER, HUMAN, FACE_API, FACEX)
SPEED = (RAPT, FER, HUMAN, HUMAN_EVERY, FACE_API, FACEX)
