"""A click that a timer's request overtakes is taken all the same."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from importlib.util import find_spec, module_from_spec

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner_utils.exceptions import RerunException
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState
from streamlit.runtime.state import SafeSessionState, SessionState
from streamlit.runtime.state.common import WidgetMetadata

from dashboard.shared.web import clicks

BUTTON = "$$ID-0123456789abcdef0123456789abcdef-cancel"


def a_newer_request() -> None:
    """What Streamlit calls to look for one: there always is one, a timer's."""
    raise RerunException(RerunData())


def as_installed() -> type[SafeSessionState]:
    """Streamlit's class as its file has it: a server in this process may have mended the other."""
    spec = find_spec(SafeSessionState.__module__)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    found: type[SafeSessionState] = module.SafeSessionState
    return found


def clicked(
    yields: Callable[[], None], kind: type[SafeSessionState] = SafeSessionState
) -> tuple[SafeSessionState, list[str], WidgetStates]:
    """The state of a page with a button, what its callback did, and what a click sends."""
    did: list[str] = []
    state = SessionState()
    state["name"] = "a recording"
    safe = kind(state, yields)

    def callback() -> None:
        did.append(f"cancelled {safe['name']}")

    state._set_widget_metadata(
        WidgetMetadata(BUTTON, bool, bool, "trigger_value", callback=callback)
    )
    sent = WidgetStates()
    sent.widgets.add(id=BUTTON, trigger_value=True)
    return safe, did, sent


def in_a_run(do: Callable[[], None]) -> None:
    """As on the thread of a page's run, and without a trace on this one."""

    def run() -> None:
        ThreadState.initialize()
        do()

    copy_context().run(run)


def test_the_callback_runs_to_its_end_and_the_newer_request_follows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(SafeSessionState, "on_script_will_rerun", clicks._take_first)
    safe, did, sent = clicked(a_newer_request)
    in_a_run(lambda: safe.on_script_will_rerun(sent))
    assert did == ["cancelled a recording"]
    with pytest.raises(RerunException):
        safe["name"]  # the run ends at its next step, as before


def test_streamlit_loses_it_without() -> None:
    """Once this fails, Streamlit has mended it and ours can go."""
    safe, did, sent = clicked(a_newer_request, as_installed())
    with pytest.raises(RerunException):
        in_a_run(lambda: safe.on_script_will_rerun(sent))
    assert did == []


def test_the_server_has_it_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        SafeSessionState, "on_script_will_rerun", SafeSessionState.on_script_will_rerun
    )
    clicks.mend()
    assert SafeSessionState.on_script_will_rerun is clicks._take_first
