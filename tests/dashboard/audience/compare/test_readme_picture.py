"""The README's picture still shows what the page says."""

from __future__ import annotations

from fer_core.storage import Store
from fer_core.studies.membership import Study
from tests.readme_picture import REMAKE, SHOWN, shown


def test_the_readmes_picture_shows_what_the_page_says(demo_pages: Store, study: Study) -> None:
    assert SHOWN.read_text(encoding="utf-8") == shown(study.study_id), REMAKE
