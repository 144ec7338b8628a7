"""Every page has a picture, and every picture was judged."""

from __future__ import annotations

import pytest

from dashboard.navigation import PAGES
from tests.screenshots import PAGE, UNSEEN, judgements

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from tests.e2e.shots import names

#: Pictures that nobody has judged yet; this number may only get smaller.
UNSEEN_LEFT = 1


def test_every_page_is_photographed() -> None:
    assert len(set(names())) == len(names())
    without = [
        page
        for page in PAGES
        if not any(name == page or name.startswith(f"{page}-") for name in names())
    ]
    assert not without, f"`make shots` has no picture of {without}"


def test_every_picture_was_looked_at() -> None:
    found = judgements()
    assert list(found) == names(), f"run `make shots`: {PAGE.name} lists other pictures"
    unseen = [name for name, (seen, _) in found.items() if not seen or seen == UNSEEN]
    assert len(unseen) <= UNSEEN_LEFT, f"look at {unseen} and write into {PAGE} what you saw"
    silent = [
        name for name, (seen, done) in found.items() if seen not in ("none", UNSEEN) and not done
    ]
    assert not silent, f"what was done about {silent}?"
