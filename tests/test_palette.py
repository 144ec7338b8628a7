"""Colours that can be read."""

from __future__ import annotations

import pytest

from fer_core.palette import DARK, LIGHT, Look, contrast


@pytest.mark.parametrize("look", [LIGHT, DARK])
def test_text_in_charts_meets_wcag_aa(look: Look) -> None:
    for ink in (look.text, look.quiet, look.ink):
        assert contrast(ink, look.paper) >= 4.5
        assert contrast(ink, look.raised) >= 4.5
