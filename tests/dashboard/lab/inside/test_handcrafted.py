"""Handcrafted features of a face."""

from __future__ import annotations

from dashboard.lab.inside.handcrafted import handcrafted
from dashboard.lab.models import html
from tests.training.sets import some_faces


def test_classical_pipelines_see_patterns_cosines_and_zernike_moments() -> None:
    face = some_faces(7).images[3]
    found = handcrafted(face)
    assert len(found.zernike) == 25
    assert found.zernike[0][0] == "0,0"
    assert found.patterns.startswith("data:image/png")
    assert "8,8: " in html.columns(found.zernike)
