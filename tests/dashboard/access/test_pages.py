"""Pages as people with other roles see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dashboard.shared.web.access import visitor
from dashboard.state import app_state
from fer_core.access.permissions import Identity, Role
from fer_core.storage.accounts import AddUser, BeginLogin, LimitStudy
from tests.dashboard.pages import open_page
from tests.dashboard.simulated import Furnished

VIC = Identity("u-vic", "Vic <b>", Role.VIEWER, "g1")
ANN = Identity("u-ann", "Ann", Role.ANALYST, "g2")
ADA = Identity("u-ada", "Ada", Role.ADMIN, "g3")

See = Callable[[Identity], None]


@pytest.fixture
def see_as(monkeypatch: pytest.MonkeyPatch) -> See:
    """Pages are drawn for this person from now on."""

    def see(who: Identity) -> None:
        monkeypatch.setattr(visitor, "of_script", lambda: who)

    return see


@pytest.mark.parametrize("page", ["train", "live", "people"])
def test_a_viewer_is_told_that_a_page_is_not_for_them(
    furnished_home: Furnished, see_as: See, page: str
) -> None:
    see_as(VIC)
    app = open_page(page)
    assert not app.exception
    assert app.error[0].value.startswith("The role viewer may not")
    assert len(app.title) == 0, "the page itself did not run"


def test_a_viewer_sees_a_session_and_cannot_take_or_change_it(
    furnished_home: Furnished, see_as: See
) -> None:
    words = {}
    for who in (VIC, ANN, ADA):
        see_as(who)
        app = open_page("session", id=furnished_home.one)
        assert not app.exception
        assert app.title[0].value == "Respondent 01"
        words[who.role] = {one.label for one in app.button} | {
            one.proto.label for one in app.get("download_button")
        }
    assert "Delete" in words[Role.ADMIN]
    assert "Delete" not in words[Role.ANALYST] | words[Role.VIEWER]
    taken = {one for one in words[Role.ANALYST] if "CSV" in one}
    assert taken
    assert not taken & words[Role.VIEWER]


def test_who_is_logged_in_stands_in_the_side_bar(furnished_home: Furnished, see_as: See) -> None:
    see_as(VIC)
    app = open_page()
    said = "".join(one.proto.body for one in app.sidebar.get("html"))
    assert "Vic &lt;b&gt;" in said
    assert "viewer" in said


@pytest.mark.parametrize(
    "page",
    ["overview", "analyze", "live", "sessions", "session", "replay", "studies", "study", "compare",
     "label", "data", "inside"],
)  # fmt: skip
def test_every_page_opens_without_what_is_hidden(
    furnished_home: Furnished, see_as: See, page: str
) -> None:
    """Every query of these pages runs with the limited study cut out of it."""
    store = app_state().whole_store
    (study,) = store.studies.list()
    see_as(replace(ANN, hidden=frozenset({study.study_id})))
    shown = {"session": "id", "replay": "session"}
    query = {shown[page]: furnished_home.many} if page in shown else {}
    app = open_page(page, **query)
    assert not app.exception
    assert not app.error
    text = " ".join(str(one.value) for one in [*app.markdown, *app.title, *app.caption])
    assert "Ad test" not in text
    assert "Respondent 01" not in text


@pytest.mark.parametrize(
    ("page", "parameter"), [("session", "id"), ("replay", "session"), ("study", "id")]
)
def test_a_link_to_what_is_hidden_leads_to_nothing(
    furnished_home: Furnished, see_as: See, page: str, parameter: str
) -> None:
    (study,) = app_state().whole_store.studies.list()
    see_as(replace(ANN, user_id=f"u-{page}", hidden=frozenset({study.study_id})))
    asked = study.study_id if page == "study" else furnished_home.one
    app = open_page(page, **{parameter: asked})
    assert not app.exception
    everything = " ".join(str(one.value) for one in [*app.markdown, *app.title, *app.caption])
    assert "Ad test" not in everything
    assert "Respondent 01" not in everything
    assert app_state().audit.read(who=f"u-{page}") == [], "nothing was seen"


def test_the_first_account_is_an_admins_and_made_on_a_page(empty_home: Any) -> None:
    app = open_page("people")
    assert "start token" in app.info[0].value
    app.text_input[0].set_value("ada")
    app.text_input[1].set_value("short")
    app.button[0].click().run()
    assert app.error[0].value.startswith("A password has")
    app.text_input[1].set_value("a few words in a row")
    app.button[0].click().run()
    assert not app.exception
    (made,) = app_state().whole_store.accounts.list()
    assert (made.name, made.role) == ("ada", Role.ADMIN)


def test_an_admin_changes_people_and_ends_their_logins(empty_home: Any, see_as: See) -> None:
    store = app_state().whole_store
    store.run(AddUser(name="ada", role=Role.ADMIN, password="x"))
    vic = store.run(AddUser(name="vic", role=Role.VIEWER, password="x"))
    store.run(BeginLogin(user_id=vic, digest="d", lasts_s=60, browser="Firefox on Linux"))
    see_as(ADA)
    app = open_page("people")
    assert not app.exception
    assert any("Firefox on Linux" in one.value for one in app.caption)
    app.button(key=f"end-{store.accounts.logins()[0].login_id}").click().run()
    assert store.accounts.logins() == []
    app.selectbox(key=f"role-{vic}").set_value(Role.ANALYST).run()
    app.button(key=f"save-{vic}").click().run()
    app.button(key=f"off-{vic}").click().run()
    user = store.accounts.get("vic")
    assert user.role is Role.ANALYST
    assert user.disabled is not None


def test_a_study_is_limited_on_its_page(furnished_home: Furnished, see_as: See) -> None:
    store = app_state().whole_store
    store.run(AddUser(name="ada", role=Role.ADMIN, password="x"))
    vic = store.run(AddUser(name="vic", role=Role.VIEWER, password="x"))
    (study,) = store.studies.list()
    see_as(ADA)
    app = open_page("study", id=study.study_id)
    assert not app.exception
    box = next(one for one in app.multiselect if one.label == "Limited to")
    box.set_value([vic])
    next(one for one in app.button if one.label == "Save").click().run()
    assert store.accounts.limits() == {study.study_id: frozenset({vic})}
    store.run(LimitStudy(study_id=study.study_id, user_ids=()))
    assert store.accounts.limits() == {}


def test_the_log_and_the_limits_are_shown_and_set(empty_home: Any, see_as: See) -> None:
    see_as(ADA)
    app = open_page("people", view="Log")
    assert not app.exception
    app = open_page("people", view="Limits")
    assert not app.exception
    app.number_input[1].set_value(2.5)
    app.button[0].click().run()
    assert app_state().whole_store.settings.get("upload.max_person_bytes") == 2_500_000_000
