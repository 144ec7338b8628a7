"""Links to films and rows that are forged, replayed, too old, or lead elsewhere."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from dashboard.audience.replay.routes import media_routes
from dashboard.shared.web import guard as guarding
from dashboard.shared.web.access.identity import acting
from fer_core.storage.accounts import BeginLogin, EndLogin
from tests.dashboard.access.world import ADMIN, ANALYST, OTHER, VIEWER, World
from tests.dashboard.asgi import HOST, Answer, ask


def key_of(world: World, person: str, what: str) -> str:
    who = world.identity(person)
    assert who is not None
    with acting(who):
        return world.state.guard.sign(what)


def get(world: World, person: str, path: str, key: str, **more: str) -> Answer:
    app = world.entrance(media_routes(lambda: world.state))
    return ask(app, f"{path}?k={quote(key)}", cookie=world.cookie(person), **more)


def test_a_key_is_no_use_to_another_person(world: World) -> None:
    path, what = f"/clip/{world.session}", f"clip:{world.session}"
    key = key_of(world, ANALYST, what)
    assert get(world, ANALYST, path, key).status == 200
    assert get(world, ANALYST, path, key, range="bytes=0-9").status == 206
    for person in (VIEWER, OTHER, ADMIN):
        assert get(world, person, path, key).status == 404
        assert get(world, person, path, key, range="bytes=0-9").status == 404


@pytest.mark.parametrize("forged", ["", "x" * 40, "\u00e9", "0", "a" * 5000])
def test_a_forged_key_opens_nothing(world: World, forged: str) -> None:
    assert get(world, ANALYST, f"/stimulus/{world.stimulus}", forged).status == 404


def test_a_key_is_for_one_thing(world: World) -> None:
    key = key_of(world, ANALYST, f"stimulus:{world.stimulus}")
    assert get(world, ANALYST, f"/stimulus/{world.stimulus}", key).status == 200
    assert get(world, ANALYST, f"/clip/{world.session}", key).status == 404
    assert get(world, ANALYST, f"/clip/{world.open_session}", key).status == 404


def test_an_old_key_opens_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    path, what = f"/clip/{world.session}", f"clip:{world.session}"
    key = key_of(world, ANALYST, what)
    later = guarding.time.time() + 2 * guarding.PERIOD_S
    monkeypatch.setattr(world.state.guard, "_clock", lambda: later)
    assert get(world, ANALYST, path, key).status == 404


def test_a_link_ends_with_the_login_and_not_only_with_its_key(world: World) -> None:
    store = world.state.whole_store
    digest = "of a login that ends"
    login = store.run(BeginLogin(user_id=world.users[ANALYST], digest=digest, lasts_s=60))
    before = {one.login_id for one in store.accounts.logins()}
    store.run(EndLogin(login_id=login))
    assert {one.login_id for one in store.accounts.logins()} == before - {login}
    key = key_of(world, ANALYST, f"clip:{world.session}")
    app = world.entrance(media_routes(lambda: world.state))
    asked = f"/clip/{world.session}?k={key}"
    assert ask(app, asked, sec_fetch_dest="video").status == 401
    assert ask(app, asked, cookie=world.cookie(ANALYST), host="evil.example").status == 421
    foreign = {"origin": "http://evil.example", "cookie": world.cookie(ANALYST)}
    assert ask(app, asked, **foreign).status == 403
    framed = {"sec_fetch_site": "cross-site", "sec_fetch_dest": "video"}
    assert ask(app, asked, cookie=world.cookie(ANALYST), **framed).status == 403
    own = {"origin": f"http://{HOST}", "cookie": world.cookie(ANALYST)}
    assert ask(app, asked, **own).status == 200


@pytest.mark.parametrize(
    "which",
    ["..", "../start-token", "..%2fstart-token", "%2e%2e/rapt.duckdb", "/etc/passwd", "x\0", "."],
)
def test_no_path_leads_out_of_the_store(world: World, which: str) -> None:
    """With a key that is right for exactly this name."""
    for what in ("clip", "stimulus"):
        answer = get(world, ADMIN, f"/{what}/{which}", key_of(world, ADMIN, f"{what}:{which}"))
        assert answer.status in (303, 404, 421, 403)
        assert b"root:" not in answer.body
