"""Recordings on a folder that several machines share, in pieces that each is analysed by itself.

A recording has a folder there of its session's name. ``recording.json`` says what is to be done;
each piece that is done is a folder beside it, which appears by a rename when all of it is there:
work that is done twice, after a machine was lost, leaves one piece. The recording's folder goes
when its session is in the store.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Self

from fer_core.errors import JobError, RaptError
from fer_core.files import read_json, write_json, write_text
from fer_core.home import Home
from fer_core.jobs.analysis import analyse_file, kept_networks
from fer_core.jobs.analysis_spec import AnalysisSpec
from fer_core.storage.timeline.shards import last_state
from fer_core.video import Part, divide

#: What parts that follow each other have in common of a film. Who is out of sight for four seconds
#: is gone (``TrackerSettings.keep_ms``): after twice that, both parts know the same viewers.
OVERLAP_MS: Final = 8_000
#: A piece whose worker died so often is given up.
MOST_ATTEMPTS: Final = 5
WRITE_EVERY_S: Final = 1.0

_ASKED, _ERROR, _PROGRESS = "recording.json", "error.txt", "progress"


@dataclass(frozen=True, slots=True)
class Piece:
    """A whole recording, or a part of it; ``after`` names the piece from whose end it goes on."""

    name: str
    part: Part | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A recording that is to be analysed in pieces: the content of ``recording.json``."""

    spec: AnalysisSpec
    pieces: tuple[Piece, ...] = field(default=(Piece("whole"),))

    @classmethod
    def of(cls, spec: AnalysisSpec, part_ms: int) -> Self:
        """The recording in parts of about ``part_ms``, where it is long and can be divided.

        Kept faces are chosen over the whole of a film: one that keeps them is not divided.
        """
        if spec.settings.keep_faces:
            return cls(spec)
        parts = divide(spec.path, part_ms, OVERLAP_MS, spec.settings.fps)
        pieces = tuple(Piece(f"part-{part.own:09d}", part) for part in parts)
        return cls(spec, pieces or (Piece("whole"),))

    def to_json(self) -> Mapping[str, object]:
        return {"spec": self.spec.to_json(), "pieces": [asdict(piece) for piece in self.pieces]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        pieces = (
            Piece(one["name"], one["part"] and Part(**one["part"]), one["after"])
            for one in value["pieces"]
        )
        return cls(AnalysisSpec.from_json(value["spec"]), tuple(pieces))


@dataclass(frozen=True, slots=True)
class SharedRecording:
    """A recording's folder among those that the machines share."""

    path: Path

    @property
    def session_id(self) -> str:
        return self.path.name

    def asked(self) -> Asked | None:
        """What is to be done; None where the session is in the store, or was deleted."""
        value = read_json(self.path / _ASKED)
        return None if value is None else Asked.from_json(value)

    def ask(self, asked: Asked) -> None:
        """Say what is to be done."""
        self.path.mkdir(parents=True, exist_ok=True)
        write_json(self.path / _ASKED, asked.to_json())

    def home(self, piece: Piece) -> Home:
        """The folder of a piece, laid out as a home with this one session."""
        return Home(self.path / piece.name)

    def is_done(self, piece: Piece) -> bool:
        return self.home(piece).root.is_dir()

    def error(self, piece: Piece) -> str | None:
        """Why the piece could not be analysed."""
        path = self.home(piece).root / _ERROR
        return path.read_text("utf-8") if path.is_file() else None

    def drop(self, piece: Piece) -> None:
        """Have a piece done again."""
        shutil.rmtree(self.home(piece).root, ignore_errors=True)

    def remove(self) -> None:
        """The session is in the store, or was given up."""
        (self.path / _ASKED).unlink(missing_ok=True)  # first, so that nobody begins it again
        shutil.rmtree(self.path, ignore_errors=True)

    def progress(self, piece: Piece) -> tuple[int, int]:
        """Frames of a piece that are analysed, and all it has, as its worker last said."""
        try:
            done, total = (self.path / f"{piece.name}.{_PROGRESS}").read_text().split()
            return int(done), int(total)
        except (FileNotFoundError, ValueError):
            return 0, 0


def recordings_in_work(shared: Path) -> Iterator[SharedRecording]:
    """The recordings of a shared folder that are not in the store yet."""
    for path in sorted(shared.glob(f"*/{_ASKED}")):
        yield SharedRecording(path.parent)


def analyse_piece(recording: SharedRecording, name: str, networks: Home) -> int:
    """Analyse a piece of a recording, unless another has done so; its frames. 0: nothing to do.

    ``networks``: the home with the models, and with the cache that the detector may use.
    """
    asked = recording.asked()
    piece = next((one for one in asked.pieces if one.name == name), None) if asked else None
    if asked is None or piece is None or recording.is_done(piece):
        return 0
    attempt = Home(recording.path / f"attempt-{secrets.token_hex(6)}")
    attempt.root.mkdir(parents=True)
    progress = recording.path / f"{name}.{_PROGRESS}"
    frames = 0
    try:
        before = len(list(recording.path.glob(f"{name}.tried-*")))
        (recording.path / f"{name}.tried-{attempt.root.name}").touch()
        if before >= MOST_ATTEMPTS:
            raise JobError(f"Its worker died {before} times.", "Look at the cluster's own logs.")
        after = None
        if piece.after is not None:
            after = last_state(recording.home(Piece(piece.after)), recording.session_id)
        summary = analyse_file(
            attempt,
            asked.spec,
            _teller(progress, piece),
            lambda: False,
            networks=kept_networks(networks),
            part=piece.part,
            after=after,
        )
        frames = summary.frames
        progress.write_text(f"{frames} {frames}")
    except (RaptError, MemoryError) as error:
        said = str(error) or "There was no memory left."
        write_text(attempt.root / _ERROR, said)
    try:
        attempt.root.rename(recording.home(piece).root)
    except OSError:
        if not recording.is_done(piece):
            raise
        shutil.rmtree(attempt.root)  # another machine did the same and was quicker
    return frames


def _teller(path: Path, piece: Piece) -> Callable[[int, int | None, str], None]:
    """Writes down how much of a piece is analysed, once in a while."""
    begin, end = (0, None) if piece.part is None else (piece.part.begin, piece.part.end)
    written = time.monotonic()

    def tell(done: int, total: int | None = None, _message: str = "") -> None:
        nonlocal written
        last = end or total
        if last and time.monotonic() - written >= WRITE_EVERY_S:
            written = time.monotonic()
            path.write_text(f"{max(0, done - begin)} {max(done, last) - begin}")

    return tell


def longer(asked: Asked, at: int, by_frames: int) -> Asked:
    """The recording with the piece before ``at`` gone on with, over the beginning of that one."""
    left, right = asked.pieces[at - 1], asked.pieces[at]
    assert right.part is not None
    end = min(right.part.own + by_frames, right.part.end)
    more = Piece(
        f"more-{right.part.own:09d}",
        replace(right.part, end=end),
        after=left.name,
    )
    rest = (replace(right, part=replace(right.part, own=end)),) if end < right.part.end else ()
    return replace(asked, pieces=(*asked.pieces[:at], more, *rest, *asked.pieces[at + 1 :]))
