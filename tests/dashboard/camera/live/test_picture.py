"""What is drawn on the live picture."""

from __future__ import annotations

import numpy as np

from dashboard.camera.live.picture import Layers, Painter
from fer_core.live import LiveFace
from tests.dashboard.camera.live.feeding import room

FACE = LiveFace(
    1, (260.0, 120.0, 80.0, 100.0), 1.0, (0.05, 0.05, 0.1, 0.5, 0.1, 0.1, 0.1), "happy", 0.5,
    1.0, 70.0, 0.3, True, "",
)  # fmt: skip


def test_layers_are_drawn_one_by_one_and_a_blurred_face_is_gone() -> None:
    picture = room(2)
    painter = Painter()

    def paint(**layers: bool) -> np.ndarray:
        off = {"boxes": False, "names": False, "bars": False}
        return painter.paint(picture, 0, [FACE], Layers(**{**off, **layers}))

    assert np.array_equal(paint(), picture)
    for layer in ("boxes", "names", "bars"):
        assert not np.array_equal(paint(**{layer: True}), picture)
    blurred = paint(blur=True)[120:220, 260:340]
    assert np.abs(np.diff(blurred.astype(int), axis=1)).max() < 12
    # missed for a moment, the face stays blurred; then it is not known to be there
    held = painter.paint(picture, 600, [], Layers(blur=True, boxes=False))
    assert np.abs(np.diff(held[120:220, 260:340].astype(int), axis=1)).max() < 12
    assert np.array_equal(painter.paint(picture, 1600, [], Layers(blur=True)), picture)
    # at the edge and beyond it nothing breaks
    edge = LiveFace(2, (-30.0, 330.0, 90.0, 90.0), 1.0, (), None, 0, 0, 0, 0, False, "cut")
    assert painter.paint(picture, 2000, [edge], Layers(blur=True)).shape == picture.shape
