"""What the present code shows of a home: commands, pages, routes and the store's tables.

This is the only file here that knows the project's modules. Where one of them moves, adapt
the imports; what is read, and how it is written down, stays as it was.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import uvicorn
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from dashboard.audience.replay.routes import media_routes
from dashboard.server import respondents
from dashboard.shared.web.upload.routes import upload_routes
from dashboard.state import app_state, close_app_state
from fer_core.cli.main import main
from fer_core.errors import ModelError
from fer_core.evaluation.explain_process import ExplainProcess
from fer_core.home import Home
from fer_core.jobs import queue
from fer_core.live import close_live_orphans
from fer_core.storage import Store, open_store
from tests.compat.content import elements

APP = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"


@dataclass
class Reader:
    """One opened home. This process owns the store; no job is started."""

    home: Home
    store: Store
    _first: AppTest | None = None

    def command(self, *args: str) -> tuple[int, str]:
        """Run a command of `rapt`; its exit code and standard output."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            code = main([*args, "--home", str(self.home.root)])
        return code, out.getvalue()

    def table(self, sql: str) -> pa.Table:
        return self.store.arrow(sql)

    def page(self, path: str, query: dict[str, str]) -> list[Any]:
        """What a page shows at an address, element by element."""
        if self._first is None:
            self._first = AppTest.from_file(str(APP), default_timeout=60).run()
        app = AppTest.from_file(str(APP), default_timeout=60)
        pages = app._registered_pages = self._first._registered_pages
        # what installed packages bring for components: four fifths of a page's time to find out
        app._bidi_component_manager = self._first._bidi_component_manager
        app.query_params.update(query)
        found = [one for one in pages.values() if one.get("url_pathname", "") == path]
        assert found, f"no page has the address /{path}"
        app.switch_page(str(found[0]["script_path"]))
        app.run()
        return elements(app)

    @contextlib.contextmanager
    def server(self) -> Iterator[Ask]:
        """The app's own routes, asked over a socket."""
        respondents.visits()._warm.set()  # nobody's face will be read
        app = Starlette(
            routes=[*upload_routes(app_state), *media_routes(app_state), *respondents.routes]
        )
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
            thread = threading.Thread(target=server.run, args=([listener],))
            thread.start()
            try:
                yield Ask(listener.getsockname()[1])
            finally:
                server.should_exit = True
                thread.join()


@dataclass
class Answer:
    status: int
    kind: str
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


@dataclass
class Ask:
    """Asks a server on this machine."""

    port: int

    def __call__(self, path: str, method: str = "GET", body: str | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers.get("content-type", ""), answer.read())
        finally:
            connection.close()


@contextlib.contextmanager
def opened(root: Path) -> Iterator[Reader]:
    """Open a home as a server that starts does, but start none of its jobs."""
    import streamlit as st

    home = Home(root)
    st.cache_resource.clear()
    st.cache_data.clear()
    over = threading.Event()

    def look(*_: Any, **__: Any) -> None:
        """A look into a network computes anew, and slowly: its place stays empty here."""
        over.wait()
        raise ModelError("Nobody looks.")

    with (
        patch.object(ExplainProcess, "see", look),
        open_store(home, look_after=False) as store,
    ):
        close_live_orphans(home, store)
        store.sync()
        queue.close_analysis_orphans(home, store)
        store.sync()
        try:
            yield Reader(home, store)
        finally:
            over.set()
            respondents.close()
            close_app_state()
            st.cache_resource.clear()
            st.cache_data.clear()
