"""The table of who gets what: nothing is without a row, and what it says is so."""

from __future__ import annotations

import pytest

from dashboard.navigation import PAGES, Page
from dashboard.shared.web.access.actions import RULES, action_of
from fer_core.access.permissions import Action
from fer_core.storage.accounts.actions import COMMANDS
from fer_core.storage.commands import command_names
from tests.dashboard.access import matrix
from tests.dashboard.access.world import (
    ADMIN,
    ANALYST,
    LOCAL_USER,
    NOBODY,
    OTHER,
    RESPONDENT,
    VIEWER,
    World,
)

#: What nobody may ask for: what runs, logging in (by a provider, where there is one), links.
DOORS = (
    "/healthz",
    "/readyz",
    "/_stcore/health",
    "/login",
    "/auth/login",
    "/oauth2callback",
    "/r/",
    "/s/",
    "/api/v1/",  # a program's token, which the routes ask for (tests/dashboard/admin/api)
)


def rows() -> set[tuple[str, str]]:
    return {(method, matrix.plain(one.path)) for one in RULES for method in one.methods.split()}


def test_every_route_has_a_row_of_its_own() -> None:
    found = {(method, matrix.plain(path)) for method, path in matrix.routes()}
    assert {("POST", "/upload"), ("GET", "/media/{}"), ("WS", "/_stcore/stream")} <= found
    missing = sorted(found - rows())
    assert not missing, f"dashboard/shared/web/access/actions.py needs a row for {missing}"


def test_no_row_is_left_of_a_route_that_is_gone() -> None:
    found = {(method, matrix.plain(path)) for method, path in matrix.routes()}
    left = {one for one in rows() - found if one[0] != "HEAD"}
    assert not left


def test_a_route_that_nobody_listed_is_for_admins_alone() -> None:
    assert action_of("POST", "/new") is Action.MANAGE
    assert action_of("PUT", "/clip/s1") is Action.MANAGE


def test_every_command_to_the_store_has_a_row_and_every_row_a_command() -> None:
    assert set(command_names()) == set(COMMANDS)


def test_every_page_says_what_it_is_for_and_a_new_one_is_for_admins() -> None:
    managed = {name for name, one in PAGES.items() if one.action is Action.MANAGE}
    assert managed == {"people", "privacy", "status"}, (
        "a page that forgot its action is for admins alone"
    )
    assert Page("new", "New", "").action is Action.MANAGE


def test_the_documents_table_is_fresh(world: World) -> None:
    made = matrix.table(world)
    assert matrix.PAGE.read_text("utf-8") == made, "run python -m tests.dashboard.access.matrix"


@pytest.mark.parametrize(
    "path",
    [path for _, path in matrix.routes() if path.startswith(("/clip/", "/stimulus/"))],
)
def test_a_film_of_a_limited_study_is_for_its_people_alone(world: World, path: str) -> None:
    found = matrix.of_film(world, path)
    assert {one for one, cell in found.items() if cell == matrix.YES} >= {VIEWER, ANALYST, ADMIN}
    assert {found[one] for one in (NOBODY, LOCAL_USER, RESPONDENT, OTHER)} == {matrix.NO}


def test_nobody_gets_more_than_the_doors(world: World) -> None:
    for method, path in matrix.routes():
        cells = matrix.of_route(world, method, path)
        open_to_all = cells[NOBODY] == matrix.YES
        assert open_to_all == path.startswith(DOORS)
        assert (cells[LOCAL_USER] == matrix.YES) == open_to_all
