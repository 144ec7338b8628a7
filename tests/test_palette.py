"""Colours that can be read."""

from __future__ import annotations

import pytest

from fer_core.palette import DARK, LIGHT, Theme, contrast


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_text_in_charts_meets_wcag_aa(theme: Theme) -> None:
    for ink in (theme.text, theme.quiet, theme.ink):
        assert contrast(ink, theme.paper) >= 4.5
        assert contrast(ink, theme.raised) >= 4.5
