"""The live component's own routes: it does not go through Streamlit while a session runs.

``POST /live`` brings a browser's offer and begins a run; its answer holds the run's own key,
which every later request carries: ``GET /live/{run}`` for the numbers, ``POST
/live/{run}/do`` for markers, notes, pause, layers and STOP.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.camera.connection.network import IceServer, ice_servers
from dashboard.camera.live.data import LiveRefused, live_service
from dashboard.camera.live.picture import Layers
from dashboard.camera.live.run import LiveOptions, Run
from dashboard.shared.web.guard import same_origin
from dashboard.shared.web.requests import errors_as_json, from_our_pages, read_json
from dashboard.state import AppState
from fer_core.access.purpose import Stated
from fer_core.access.purpose import state as stated
from fer_core.files import JsonObject
from fer_core.storage import Store

log = logging.getLogger(__name__)

LONGEST = 200_000  # of a request: an offer with many addresses has some ten thousand
LONGEST_TEXT = 4000
#: What the page's secret is for.
TOKEN = "live"

#: Answers a browser's offer, its SDP, for a run.
Connect = Callable[[Run, str, Sequence[IceServer]], str]


def live_routes(state: Callable[[], AppState], connect: Connect) -> list[BaseRoute]:
    handlers = Handlers(state, connect)
    return [
        Route("/live", from_our_pages(state, handlers.begin, TOKEN), methods=["POST"]),
        Route("/live/{run}", errors_as_json(handlers.look), methods=["GET"]),
        Route("/live/{run}/do", errors_as_json(handlers.act), methods=["POST"]),
    ]


class Handlers:
    def __init__(self, state: Callable[[], AppState], connect: Connect) -> None:
        self._state, self._connect = state, connect

    async def begin(self, request: Request) -> Response:
        state = self._state()
        asked = await read_json(request, LONGEST)
        offer = asked.get("offer")
        sdp = offer.get("sdp") if isinstance(offer, dict) and offer.get("type") == "offer" else None
        if asked.get("agreed") is not True:
            raise LiveRefused(
                "It is not confirmed that the people in view agree.",
                "Tick the box, then press START.",
            )
        if not isinstance(sdp, str):
            raise LiveRefused("The browser's offer is not complete.", "Reload the page.", 400)
        name, study, stimulus, condition = (
            _text(asked, field, 200) for field in ("name", "study", "stimulus", "condition")
        )
        layers = Layers.of(asked.get("layers"))
        options = LiveOptions(name, study, stimulus, condition, layers=layers)
        if options.stimulus and not options.study:
            raise LiveRefused("A stimulus belongs to a study.", "Name the study as well.")

        def start() -> JsonObject:
            state.store.check_study(options.study)
            purpose = purpose_for(state.store, options.study, asked)
            run = live_service(state).open(replace(options, purpose=purpose))
            answer = self._connect(run, sdp, ice_servers(state.store))
            key = state.guard.sign(f"live:{run.id}")
            return {"run": run.id, "key": key, "answer": {"type": "answer", "sdp": answer}}

        return JSONResponse(await to_thread.run_sync(start))

    def _run(self, request: Request) -> Run | None:
        state, which = self._state(), request.path_params["run"]
        if not state.guard.signed(f"live:{which}", request.query_params.get("k")):
            return None
        return live_service(state).run(which)

    async def look(self, request: Request) -> Response:
        run = self._run(request)
        if run is None:
            return Response(status_code=404)
        after, late = (_count(request.query_params.get(name, "")) for name in ("since", "late"))
        if late is not None:
            run.late(late)
        view = await to_thread.run_sync(run.view, -1 if after is None else after)
        return JSONResponse(asdict(view), headers={"Cache-Control": "no-store"})

    async def act(self, request: Request) -> Response:
        run = self._run(request)
        if run is None:
            return Response(status_code=404)
        if not same_origin(request.headers.get("origin"), request.headers.get("host")):
            return Response(status_code=403)
        asked = await read_json(request, LONGEST)
        what = asked.get("do")
        if what == "stop":
            run.leave("stopped")
        elif not run.running:
            raise LiveRefused("This session is over.", "Begin a new one.", 409)
        elif what == "layers":
            run.layers = Layers.of(asked.get("layers"))
        elif what == "mark":
            await to_thread.run_sync(run.mark, _text(asked, "name", 200), _whole(asked, "t"))
        elif what == "note":
            text = _text(asked, "text", LONGEST_TEXT)
            await to_thread.run_sync(run.note, text, _whole(asked, "t"))
        elif what == "pause":
            await to_thread.run_sync(run.pause)
        elif what == "resume":
            await to_thread.run_sync(run.resume)
        else:
            raise LiveRefused(f"A live session does not know {what!r}.", "Reload the page.", 400)
        since = _whole(asked, "since")
        view = await to_thread.run_sync(run.view, -1 if since is None else since)
        return JSONResponse(asdict(view))


def purpose_for(store: Store, study: str, asked: JsonObject) -> Stated | None:
    """The purpose that was chosen; None where the study has one. Declined where it is forbidden."""
    if study and store.studies.purpose(study) is not None:
        return None
    if not asked.get("purpose"):
        raise LiveRefused(
            "Nobody has said what this is for.", "Choose a purpose, then press START."
        )
    exception = _text(asked, "exception", 50) or None
    return stated(_text(asked, "purpose", 50), exception, _text(asked, "reason", LONGEST_TEXT))


def _whole(asked: JsonObject, name: str) -> int | None:
    value = asked.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _text(asked: JsonObject, name: str, longest: int) -> str:
    value = asked.get(name) or ""
    return value.strip()[:longest] if isinstance(value, str) else ""
