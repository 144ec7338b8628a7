"""Colours that can be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from fer_core.palette import DARK, LIGHT, Theme, contrast

DASHBOARD = Path(__file__).resolve().parents[1] / "dashboard"


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_text_in_charts_meets_wcag_aa(theme: Theme) -> None:
    for ink in (theme.text, theme.quiet, theme.ink):
        assert contrast(ink, theme.paper) >= 4.5
        assert contrast(ink, theme.raised) >= 4.5


@pytest.mark.parametrize("sheet", sorted(DASHBOARD.rglob("*.css")), ids=lambda path: path.name)
def test_no_style_sheet_holds_a_sign_for_which_browsers_drop_all_of_it(sheet: Path) -> None:
    """Streamlit cleans what it shows, and takes «<length>» in a style for a tag."""
    assert "<" not in sheet.read_text("utf-8")
