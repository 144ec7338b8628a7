"""A viewer is offered nothing on any page that the store would refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from dashboard.navigation import PAGES
from dashboard.shared.web.access import visitor
from dashboard.state import app_state
from fer_core.access.permissions import Action, Identity, Role
from fer_core.storage.links import AddLink, Arm
from fer_core.storage.markers import AddMarkers, NewMarker
from fer_core.storage.studies import AddStimulus
from tests.dashboard.pages import open_page
from tests.dashboard.simulated import Furnished

VIEWER: Final = Identity("u-vic", "Vic", Role.VIEWER, "g1")
#: Buttons that write nothing: they lead elsewhere, choose what is shown, or answer a list.
READS: Final = frozenset({
    "Replay", "Compare", "Mistakes", "Look inside", "The model", "Newer", "Older", "Next",
    "Back", "Who came", "Recommend", "Show a list", "Another list", "Delete answers",
    "Clips",
})  # fmt: skip
#: The views of a page that has several.
VIEWS: Final = {
    "study": ("Response", "Sessions", "Film", "Course", "Links"),
    "models": ("", "Compare"),
    "recommend": ("", "Catalogue"),
}
OFFERS: Final = [
    (name, view)
    for name, page in PAGES.items()
    if page.action is Action.READ
    for view in VIEWS.get(name, ("",))
]


def offered(app: Any) -> set[str]:
    """The labels of everything that can be pressed, dropped upon or edited in place."""
    buttons = {one.label for one in app.button if not one.disabled}
    drops = {f"drop: {one.proto.label}" for one in app.get("file_uploader")}
    tables = {"an editable table" for one in app.dataframe
              if getattr(one.proto, "editing_mode", 0) and not one.proto.disabled}  # fmt: skip
    return buttons | drops | tables


@pytest.fixture
def study(furnished_home: Furnished, tmp_path: Path) -> str:
    """The furnished study with a film, a scene and a link, so that there is much to change."""
    store = app_state().whole_store
    (found,) = store.studies.list()
    film = tmp_path / "film.mp4"
    film.write_bytes(b"0")
    stimulus = store.run(AddStimulus(title="Spot", study_id=found.study_id, path=str(film)))
    scene = NewMarker(name="Logo", from_ms=1000, to_ms=2000)
    store.run(AddMarkers(markers=(scene,), stimulus_id=stimulus, source="typed"))
    store.run(
        AddLink(study_id=found.study_id, title="Watch", consent="Yes?", arms=(Arm(stimulus),))
    )
    return found.study_id


@pytest.mark.parametrize(("page", "view"), OFFERS)
def test_a_viewer_is_offered_nothing_that_writes(
    furnished_home: Furnished, study: str, monkeypatch: pytest.MonkeyPatch, page: str, view: str
) -> None:
    shown = {"study": {"id": study}, "clips": {"study": study}, "compare": {"study": study}}
    query = shown.get(page, {"id": furnished_home.one, "session": furnished_home.one})
    monkeypatch.setattr(visitor, "of_script", lambda: VIEWER)
    app = open_page(page, **query | ({"view": view} if view else {}))
    assert not app.exception
    assert offered(app) <= READS


def test_what_is_told_apart_are_buttons_that_an_admin_is_offered(
    furnished_home: Furnished, study: str
) -> None:
    """Else the test above could find nothing because it looks at nothing."""
    found = offered(open_page("study", id=study, view="Film"))
    assert {"Add", "Find the cuts"} <= found
    assert any(one.startswith("drop: ") for one in found)
    assert "an editable table" in offered(open_page("study", id=study, view="Sessions"))
