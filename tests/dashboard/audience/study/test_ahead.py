"""A study is read before its page's script runs."""

from __future__ import annotations

import threading
from typing import cast

import pytest
from starlette.types import Receive, Scope, Send

from dashboard.audience.study import cached
from dashboard.audience.study.ahead import Ahead, OpensAhead
from dashboard.state import AppState
from fer_core.storage import Store
from fer_core.studies.membership import Study
from tests.dashboard.asgi import ask
from tests.dashboard.pages import open_page


def test_the_page_finds_what_was_opened_ahead(
    demo_pages: Store, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached.open_ahead(study.study_id, corrected=False)

    def again(*_given: object, **_more: object) -> None:
        raise AssertionError("This was there already.")

    for name in ("study_seconds", "compare_side_by_side"):
        monkeypatch.setattr(cached, name, again)
    app = open_page("study", id=study.study_id)
    assert not app.exception
    assert "Key moments" in [one.value for one in app.subheader]


def test_a_study_that_is_not_there_is_left_to_the_page(demo_pages: Store) -> None:
    cached.open_ahead("nothing", corrected=False)


@pytest.mark.parametrize(
    ("path", "begun"),
    [
        ("/study?id=ad", [("ad", False)]),
        ("/study?id=ad&baseline=true", [("ad", True)]),
        ("/study?id=ad&viewers=B", []),  # somebody chose: the page knows how
        ("/study", []),
        ("/studies?id=ad", []),
    ],
)
def test_the_address_of_a_study_opens_it(path: str, begun: list[tuple[str, bool]]) -> None:
    found: list[tuple[str, bool]] = []

    class State:
        def service(self, _make: object) -> State:
            return self

        def begin(self, study_id: str, corrected: bool) -> None:
            found.append((study_id, corrected))

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    assert ask(OpensAhead(app, lambda: cast(AppState, State())), path).status == 200
    assert found == begun


def test_no_more_than_two_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, opened = threading.Event(), threading.Event(), []

    def open_slowly(study_id: str, *, corrected: bool) -> None:
        begun.set()
        go_on.wait(10)
        opened.append(study_id)

    monkeypatch.setattr(cached, "open_ahead", open_slowly)
    one = Ahead()
    for study_id in ("a", "b", "c"):
        one.begin(study_id, False)
    assert begun.wait(10)
    go_on.set()
    one._pool.shutdown()
    assert opened == ["a", "b"]
