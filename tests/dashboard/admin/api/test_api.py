"""The HTTP interface: tokens and their scopes, pages, ETags, one shape of error, limits."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard.admin.api.answers import still_let_in
from dashboard.admin.api.operations import OPERATIONS, ROOT, SCHEMAS, document
from dashboard.admin.api.routes import Api, Limiter
from dashboard.audience.analyze import data as analyze
from dashboard.shared.web.upload.uploads import upload_service
from dashboard.state import app_state
from fer_core.access.api_tokens import PREFIX, ApiTokens, Scope
from fer_core.access.permissions import Role
from fer_core.errors import SettingsError
from fer_core.home import Home
from fer_core.storage import Store
from fer_core.storage.accounts import AddUser, LimitStudy
from fer_core.studies.membership import find_study, load_study
from fer_core.studies.response import respond
from tests.films import portrait_film
from tests.long import only_long

CLIENT = Path(__file__).resolve().parents[4] / "docs" / "examples" / "client.py"


class World:
    """The interface over the demo study, with a token of each scope and one of all."""

    def __init__(self, store: Store) -> None:
        self.store, self.tokens = store, ApiTokens(store.home)
        self.secrets = {one: self.tokens.add(one, [one])[1] for one in Scope}
        self.secrets["all"] = self.tokens.add("all", list(Scope))[1]
        self.app = Starlette(
            routes=[
                Route(
                    f"{ROOT}/{{rest:path}}",
                    Api(app_state, Limiter(10**6, 10**6)).__call__,
                    methods=["GET", "POST", "PUT", "DELETE", "PATCH"],
                )
            ]
        )
        upload_service(app_state()).receive("", analyze.take_in)

    def client(self, scope: str = "all") -> TestClient:
        headers = {"Authorization": f"Bearer {self.secrets[scope]}"} if scope else {}
        return TestClient(self.app, headers=headers)

    def get(self, path: str, scope: str = "all", **headers: str) -> Any:
        return self.client(scope).get(ROOT + path, headers=headers)


@pytest.fixture(scope="module")
def world(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    import shutil

    from dashboard.state import close_app_state

    root = tmp_path_factory.mktemp("api") / "home"
    shutil.copytree(demo_template, root)
    patch = pytest.MonkeyPatch()
    patch.setenv("RAPT_HOME", str(root))
    try:
        yield World(app_state().whole_store)
    finally:
        close_app_state()
        patch.undo()


def study_of(world: World) -> str:
    return find_study(world.store, None)


def test_nothing_is_there_until_a_token_is(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    class State:
        pass

    state: Any = State()
    state.home = home
    app = Starlette(routes=[Route(f"{ROOT}/{{rest:path}}", Api(lambda: state).__call__)])
    answer = TestClient(app).get(f"{ROOT}/studies")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_a_token_is_needed_and_one_of_another_scope_is_refused(world: World) -> None:
    assert world.get("/studies", scope="").status_code == 401
    wrong = TestClient(world.app, headers={"Authorization": f"Bearer {PREFIX}x"})
    assert wrong.get(f"{ROOT}/studies").headers["WWW-Authenticate"].startswith("Bearer")
    session = world.get("/sessions?limit=1").json()["sessions"][0]["session_id"]
    for one in OPERATIONS:
        path = one.path.replace("{study_id}", study_of(world)).replace("{session_id}", session)
        for scope in Scope:
            if one.scope is None or scope is one.scope or one.name == "events":
                continue
            answer = world.client(scope).request(one.method, ROOT + path)
            assert answer.status_code == 403, (one.name, scope)
            assert answer.json()["error"]["code"] == "forbidden"


def test_a_token_is_kept_as_a_digest_and_ends_when_it_is_revoked(world: World) -> None:
    _, secret = world.tokens.add("short", ["read"])
    kept = world.store.home.api_tokens
    assert secret not in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0
    client = TestClient(world.app, headers={"Authorization": f"Bearer {secret}"})
    assert client.get(f"{ROOT}/studies").status_code == 200
    world.tokens.revoke("short")
    assert client.get(f"{ROOT}/studies").status_code == 401
    _, late = world.tokens.add("late", ["read"], days=-1)
    assert world.tokens.find(late) is None
    world.tokens.revoke("late")
    for name, scopes in (("read", ["read"]), ("", ["read"]), ("x", ["fly"]), ("x", [])):
        with pytest.raises(SettingsError):
            world.tokens.add(name, scopes)


def test_the_numbers_are_those_of_the_page(world: World) -> None:
    from fer_core.studies.audiences import audiences, within
    from fer_core.studies.seconds import study_seconds

    study = load_study(world.store, study_of(world))
    found = world.get(f"/studies/{study.study_id}/curve?of=A&measure=engagement").json()
    one = next(one for one in audiences(study) if one.name == "A")
    rows = study_seconds(world.store, study.counted, ("engagement",))
    expected = respond(within(rows, one), one, "engagement", minimum=5).curve
    assert [row["mean"] for row in found["seconds"]] == pytest.approx(expected["mean"].tolist())
    assert found["version"] == "engagement/1"
    few = world.get(f"/studies/{study.study_id}/curve?of=A&minimum=25").json()
    assert all(row["mean"] is None for row in few["seconds"]), "a group under the smallest one"


@only_long
def test_a_comparison_says_what_the_page_says(world: World) -> None:
    compared = world.get(f"/studies/{study_of(world)}/comparison?a=A&b=B").json()
    assert compared["sentence"].startswith("B held attention better")


def test_pages_lead_to_the_last_row(world: World) -> None:
    seen, offset = [], 0
    while offset is not None:
        page = world.get(f"/sessions?limit=20&offset={offset}").json()
        seen += [one["session_id"] for one in page["sessions"]]
        offset = page["next_offset"]
    assert len(seen) == len(set(seen)) == page["total"] >= 48
    rows = world.get(f"/sessions/{seen[-1]}/seconds").json()
    assert rows["total"] == len(rows["seconds"]) == 30


def test_what_has_not_changed_is_not_sent_again(world: World) -> None:
    first = world.get("/studies")
    again = world.get("/studies", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert world.get("/studies", **{"If-None-Match": '"x"'}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sessions?limit=0", 422), ("/sessions?limit=ten", 422),
        ("/sessions?offset=1" + "0" * 400, 422), ("/sessions?offset=-1", 422),
        ("/sessions?color=red", 422), ("/sessions/none", 404), ("/studies/none", 404),
        ("/jobs/none", 404), ("/nothing", 404), ("/sessions?study=none", 404),
        ("/studies/none/curve?measure=love", 422), ("/sessions/x%00y", 404),
    ],
)  # fmt: skip
def test_errors_have_one_shape(world: World, path: str, status: int) -> None:
    answer = world.get(path)
    assert answer.status_code == status
    Draft202012Validator(SCHEMAS["error"]).validate(answer.json())
    assert answer.json()["error"]["message"]


def test_another_method_is_told_which_there_are(world: World) -> None:
    answer = world.client().delete(f"{ROOT}/studies")
    assert (answer.status_code, answer.json()["error"]["hint"]) == (405, "Use GET.")


def test_a_study_that_is_limited_to_people_is_not_there(world: World) -> None:
    store, study = world.store, study_of(world)
    user = store.run(AddUser(name="Ada", role=Role.ADMIN, password="hash"))
    store.run(LimitStudy(study_id=study, user_ids=(user,)))
    try:
        assert world.get(f"/studies/{study}").status_code == 404
        assert world.get("/studies").json()["studies"] == []
        assert world.get("/sessions").json()["total"] == 0
    finally:
        store.run(LimitStudy(study_id=study, user_ids=()))


def test_too_many_requests_are_told_to_wait(world: World) -> None:
    limiter = Limiter(2, 1.0)
    assert [limiter.wait_s("a", 0.0), limiter.wait_s("a", 0.0)] == [0.0, 0.0]
    assert limiter.wait_s("a", 0.5) == pytest.approx(0.5)
    assert limiter.wait_s("b", 0.5) == 0.0
    assert limiter.wait_s("a", 1.6) == 0.0
    app = Starlette(
        routes=[Route(f"{ROOT}/{{rest:path}}", Api(app_state, Limiter(1, 0.01)).__call__)]
    )
    client = TestClient(app)
    assert client.get(f"{ROOT}/studies").status_code == 401
    answer = client.get(f"{ROOT}/studies")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "100")


def test_a_sessions_seconds_are_streamed_to_its_end(world: World) -> None:
    one = world.get("/sessions?limit=1").json()["sessions"][0]["session_id"]
    answer = world.get(f"/sessions/{one}/events", scope="live")
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [part for part in answer.text.split("\n\n") if part]
    assert events[-1].startswith("event: end\ndata: ")
    row = json.loads(events[0].partition("data: ")[2])
    assert {"viewer", "second", "engagement"} <= set(row)
    assert len(events) == 31


def test_a_stream_ends_with_its_token(world: World) -> None:
    token, _ = world.tokens.add("for a while", [Scope.LIVE])
    assert still_let_in(app_state(), token.identity)
    world.tokens.revoke(token.token_id)
    assert not still_let_in(app_state(), token.identity)


def test_what_is_no_recording_is_refused(world: World) -> None:
    client = world.client("analyze")
    assert client.post(f"{ROOT}/analyses?name=a.mp4").status_code == 409, "empty"
    answer = client.post(f"{ROOT}/analyses?name=a.mp4", content=iter([b"x"]))
    assert answer.status_code == 411


@pytest.fixture
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("client_example", CLIENT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_example_is_short() -> None:
    code = [line for line in CLIENT.read_text("utf-8").splitlines() if line.strip()]
    assert len(code) <= 22


@only_long
def test_the_example_has_a_recording_analysed_and_reads_its_seconds(
    world: World, example: ModuleType, tmp_path: Path
) -> None:
    film = portrait_film(tmp_path / "film.mp4", 50)
    found = example.seconds(world.client(), film, "From a script")
    assert {row["second"] for row in found} == {0, 1}
    assert any(row["engagement"] is not None for row in found)
    told = example.seconds(world.client(), film, "From a script")
    assert told == found, "the same recording is not analysed twice"


def _schemathesis(world: World, examples: int) -> None:
    """Every operation against its own document: no 500, no undocumented answer."""
    schema = schemathesis.openapi.from_dict(document())
    headers = {"Authorization": f"Bearer {world.secrets['all']}"}
    schema.app = world.app
    session = world.get("/sessions?limit=1").json()["sessions"][0]["session_id"]
    known = {"study_id": study_of(world), "session_id": session}
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path.endswith("/events"):
            continue

        @settings(max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(case=operation.as_strategy())
        def check(case: Any) -> None:
            nonlocal tried
            tried += 1
            if tried % 2:  # half of them ask for what is there
                there = {key: known[key] for key in case.path_parameters or {} if key in known}
                case.path_parameters = {**(case.path_parameters or {}), **there}
            answer = case.call(headers=headers)
            assert answer.status_code < 500 or answer.status_code in (503, 507)
            case.validate_response(answer)

        check()
    assert tried >= examples * (len(OPERATIONS) - 1) / 2


def test_the_interface_keeps_to_its_document(world: World) -> None:
    _schemathesis(world, 2)


@only_long
def test_the_interface_keeps_to_its_document_for_long(world: World) -> None:
    _schemathesis(world, 200)
