"""Pages run by Streamlit itself, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest

from dashboard.navigation import FILES
from dashboard.state import close_app_state
from fer_core.home import Home

APP = str(Path(__file__).resolve().parents[2] / "dashboard" / "app.py")


@contextmanager
def served(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pages read this home, and nothing that an earlier test left in Streamlit's caches."""
    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.setenv("RAPT_HOME", str(home.root))
    try:
        yield
    finally:
        close_app_state()
        st.cache_resource.clear()


@cache
def installed_components() -> BidiComponentManager:
    """Components of installed packages, read once a run and not once a page."""
    manager = BidiComponentManager()
    manager.discover_and_register_components(start_file_watching=False)
    return manager


def new_app() -> AppTest:
    app = AppTest.from_file(APP, default_timeout=30)
    app._bidi_component_manager = installed_components()
    return app


@cache
def registered_pages() -> dict[str, Any]:
    """What ``st.navigation`` made of the list of pages: a page is switched to by it."""
    return new_app().run()._registered_pages


def open_page(name: str = "", **query: str) -> AppTest:
    """A page by its file's name, with its parameters; the overview where none is named."""
    app = new_app()
    app.query_params.update(query)
    if name:
        app._registered_pages = registered_pages()
        app.switch_page(f"../pages/{FILES[name].parent.name}/{name}.py")
    return app.run()
