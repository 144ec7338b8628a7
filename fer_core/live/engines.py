"""Detectors and classifiers that all live sessions of a process share.

An interpreter belongs to one thread at a time. A pool holds one for each core and lends it
for one call; sessions wait for each other only when all are at work. Followed faces are
never shared: each session has its own tracker.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Generic, TypeVar

from fer_core import __version__
from fer_core.errors import FaceError
from fer_core.faces import list_detectors, make_detector
from fer_core.faces.readings import FaceReader
from fer_core.faces.registry import Detector
from fer_core.home import Home
from fer_core.inference import Classifier
from fer_core.measures import measure_versions
from fer_core.tracking import VERSION
from fer_core.types import AnalysisSettings, Bool, CropSpec, Faces, Float, Frame
from fer_core.zoo.model_store import find_model

#: More at once than this would only take turns on the cores.
MOST: Final = 4

T = TypeVar("T")


class Pool(Generic[T]):
    """Lends things that one thread may use at a time; makes them when they are first needed."""

    def __init__(self, make: Callable[[], T], size: int) -> None:
        self._make = make
        self._free: list[T] = [make()]  # what cannot be made is told now, not in a worker
        self._left = size - 1
        self._changed = threading.Condition()

    @contextmanager
    def lend(self) -> Iterator[T]:
        """One of the pool's objects for the length of a ``with``; waits while all are lent."""
        one = self._take()
        try:
            yield one
        finally:
            with self._changed:
                self._free.append(one)
                self._changed.notify()

    def _take(self) -> T:
        with self._changed:
            while not self._free and not self._left:
                self._changed.wait()
            if self._free:
                return self._free.pop()  # the last one back: its memory is warm
            self._left -= 1
        try:
            return self._make()
        except BaseException:
            with self._changed:
                self._left += 1
                self._changed.notify()
            raise


class SharedDetector:
    """A detector for any number of threads."""

    def __init__(self, make: Callable[[], Detector], size: int) -> None:
        self._pool = Pool(make, size)
        with self._pool.lend() as one:
            self.name = one.name

    def working_side(self, width: int, height: int) -> int | None:
        """See ``Detector``."""
        with self._pool.lend() as one:
            return one.working_side(width, height)

    def detect(self, frame: Frame) -> Faces:
        """See ``Detector``; waits for a detector that is free."""
        with self._pool.lend() as one:
            return one.detect(frame)

    def refine(self, frame: Frame, boxes: Float) -> Faces | None:
        """See ``Detector``; waits for a detector that is free."""
        with self._pool.lend() as one:
            return one.refine(frame, boxes)


class SharedReader:
    """Eyes and movements for any number of threads."""

    def __init__(self, size: int) -> None:
        self._pool = Pool(FaceReader, size)

    def read(self, frame: Frame, faces: Faces, usable: Bool, before_ms: int | None) -> Float:
        """See ``FaceReader``; waits for a reader that is free."""
        with self._pool.lend() as one:
            return one.read(frame, faces, usable, before_ms)


class Engines:
    """What sessions with the same model and detector share. ``open`` gives the process' own."""

    def __init__(self, home: Home, settings: AnalysisSettings, size: int | None = None) -> None:
        if settings.detector not in list_detectors():
            raise FaceError(
                f"There is no detector {settings.detector!r}.",
                f"Choose {', '.join(list_detectors())}.",
            )
        size = size or max(1, min(MOST, os.cpu_count() or 1))
        stored = find_model(settings.model, home)
        self._classifiers = Pool(lambda: Classifier(stored), size)
        self.detector = SharedDetector(
            lambda: make_detector(settings.detector, cache=home.cache, min_face=settings.min_face),
            size,
        )
        self.reader = SharedReader(size) if settings.eyes else None
        with self._classifiers.lend() as classifier:
            self.crop: CropSpec = classifier.crop
            self.versions = {
                "rapt": __version__,
                "model": f"{classifier.card.name}@{classifier.digest[:12]}",
                "detector": self.detector.name,
                "viewer": VERSION,
                **measure_versions(eyes=settings.eyes),
            }

    @classmethod
    def open(cls, home: Home, settings: AnalysisSettings | None = None) -> Engines:
        """The engines for these settings, opened once in this process. Takes about a second
        the first time; raises ModelError or FaceError where they cannot be opened."""
        settings = settings or AnalysisSettings()
        stored = find_model(settings.model, home)
        # by content: another model in use since then gets engines of its own
        digest = stored.card.files[stored.card.default].sha256
        key = (str(home.root), digest, settings.detector, settings.min_face, settings.eyes)
        with _opening:
            if key not in _open:
                while len(_open) >= MOST:
                    _open.pop(next(iter(_open)))  # the oldest; sessions that use it keep it
                _open[key] = cls(home, settings)
            return _open[key]

    @contextmanager
    def classifier(self) -> Iterator[Classifier]:
        """A classifier for the length of a ``with``; waits while all are lent."""
        with self._classifiers.lend() as one:
            yield one


_opening = threading.Lock()
_open: dict[tuple[str, str, str, int, bool], Engines] = {}
