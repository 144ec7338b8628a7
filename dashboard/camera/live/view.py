"""The live page: consent, camera, picture, numbers and curves, and this server's limit.

Its component talks to routes of the server's own (``routes.py``): a page that reruns twice a
second would flicker, and the picture would stop each time.
"""

from __future__ import annotations

from collections import defaultdict

import streamlit as st

from dashboard.camera.connection.network import for_browser, ice_servers
from dashboard.camera.live.data import live_service
from dashboard.camera.live.routes import TOKEN
from dashboard.navigation import PAGES
from dashboard.shared.page import heading, show_errors
from dashboard.shared.web.access.identity import may
from dashboard.shared.widgets.component import component
from dashboard.state import AppState, app_state
from fer_core.access.permissions import Action
from fer_core.access.purpose import FORBIDDEN, Purpose
from fer_core.files import Json, JsonObject
from fer_core.labels import DISPLAY_ORDER, EMOTIONS
from fer_core.palette import EMOTION_COLOURS

MOST = 32
MOST_STUDIES = 50


def show() -> None:
    heading("Live", "How is the room now? A camera's audience, measured while you watch.")
    with show_errors():
        # One key: it is never drawn anew, and a running session does not notice reruns.
        component(__file__, "live")(key="live", data=_data(app_state()))
    if may(Action.MANAGE):
        _limits()


def _limits() -> None:
    """How many live sessions this server takes at once."""
    service = live_service(app_state())
    with st.popover("Limits", icon=":material/tune:"):
        limit = st.number_input(
            "Live sessions at once",
            min_value=1,
            max_value=MOST,
            value=min(MOST, max(1, service.limit())),
            help="More share the same processor: each then analyses fewer pictures a second.",
        )
        if int(limit) != service.limit():
            with show_errors():
                service.set_limit(int(limit))


def _data(state: AppState) -> dict[str, object]:
    return {
        "served": state.served,
        "token": state.guard.sign(TOKEN),
        "rtc": for_browser(ice_servers(state.store)),
        "emotions": [
            {"name": name, "index": EMOTIONS.index(name), "colour": EMOTION_COLOURS[name]}
            for name in DISPLAY_ORDER
        ],
        "studies": live_studies(state),
        "purposes": [{"key": one, "label": one.label} for one in Purpose],
        "forbidden": {"key": Purpose.WORK, "words": FORBIDDEN},
        "links": {
            "session": "/session",
            **({"connection": "/connection"} if "connection" in PAGES else {}),
        },
    }


def live_studies(state: AppState) -> list[JsonObject]:
    """Names to choose from, of the newest studies; the component also takes new ones."""
    store = state.store
    films: dict[str | None, list[Json]] = defaultdict(list)
    for film in store.studies.stimuli():
        films[film.study_id].append(film.title)
    conditions = store.studies.conditions()
    return [
        {
            "name": study.name,
            "stimuli": films[study.study_id],
            "conditions": list(conditions.get(study.study_id, ())),
            "purpose": study.purpose.label if study.purpose else "",
        }
        for study in store.studies.list()[:MOST_STUDIES]
    ]
