"""Markers and scenes of a stimulus."""

from __future__ import annotations

import pytest

from dashboard.audience.study.film import markers
from fer_core.errors import RaptError
from fer_core.storage.markers import NewMarker


def test_markers_come_from_csv_with_commas_or_semicolons() -> None:
    comma = b"name,from,to\nLogo,0:28,0:30\nCut,12.5,\n"
    expected = [
        NewMarker("Logo", 28_000, 30_000),
        NewMarker("Cut", 12_500),
    ]
    assert markers.from_csv(comma) == expected
    semicolon = "\ufeffScene;start_s;from_ms;to_ms\nLogo;;28000;30000\n".encode()
    assert markers.from_csv(semicolon) == expected[:1]
    with pytest.raises(RaptError, match="Line 2"):
        markers.from_csv(b"name,from\nLogo,later\n")
    with pytest.raises(RaptError, match="name"):
        markers.from_csv(b"title2,x\n1,2\n")
