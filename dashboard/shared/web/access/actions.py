"""What each route is for: the action that a request needs, by method and path.

The entrance asks here before anything else is reached. A route without a row is open to admins
alone, and fails a test.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from starlette.routing import compile_path

from fer_core.access.permissions import Action

#: The method of a websocket here.
WEBSOCKET: Final = "WS"


@dataclass(frozen=True, slots=True)
class Rule:
    """Requests with one of these methods to paths of this pattern. Action None: not there."""

    methods: str
    path: str
    action: Action | None

    @property
    def pattern(self) -> re.Pattern[str]:
        return compile_path(self.path)[0]


_GET: Final = "GET HEAD"
_ANY: Final = "GET HEAD POST PUT DELETE OPTIONS PATCH"
#: The first that fits counts. Streamlit's own routes, and ours.
RULES: Final = (
    Rule(_GET, "/healthz", Action.OPEN),
    Rule(_GET, "/readyz", Action.OPEN),
    Rule(f"{_GET} OPTIONS", "/_stcore/health", Action.OPEN),
    Rule(f"{_GET} POST", "/login", Action.OPEN),
    Rule(_GET, "/course-preview/{course_id}", Action.READ),
    Rule(_GET, "/r/-/{name:path}", Action.ANSWER),
    Rule(_GET, "/r/{token}", Action.ANSWER),
    Rule("POST", "/r/{token}/begin", Action.ANSWER),
    Rule("POST", "/r/{token}/resume", Action.ANSWER),
    Rule("POST", "/r/{token}/go", Action.ANSWER),
    Rule("POST", "/r/{token}/back", Action.ANSWER),
    Rule("POST", "/r/{token}/connect", Action.ANSWER),
    Rule("POST", "/r/{token}/start", Action.ANSWER),
    Rule("POST", "/r/{token}/numbers", Action.ANSWER),
    Rule("POST", "/r/{token}/end", Action.ANSWER),
    Rule(_GET, "/r/{token}/film/{key}", Action.ANSWER),
    # by a signed link, which the route itself checks (dashboard.camera.sharing)
    Rule(_GET, "/s/{token}", Action.ANSWER),
    Rule(WEBSOCKET, "/_stcore/stream", Action.READ),
    Rule(f"{_GET} OPTIONS", "/_stcore/metrics", None),
    Rule(_ANY, "/_stcore/agent/interact", None),
    Rule(_ANY, "/_stcore/agent/openapi.json", None),
    Rule(_ANY, "/_stcore/agent/mcp", None),
    Rule(_GET, "/_stcore/host-config", Action.READ),
    Rule(f"{_GET} OPTIONS", "/_stcore/bidi-components/{rest:path}", Action.READ),
    Rule(f"{_GET} OPTIONS", "/component/{rest:path}", Action.READ),
    Rule("PUT DELETE OPTIONS", "/_stcore/upload_file/{session}/{file}", Action.EDIT),
    Rule(f"{_GET} OPTIONS", "/media/{rest:path}", Action.READ),
    # by a provider, where one is named; else nothing is there (dashboard.shared.web.access.oidc)
    Rule(_GET, "/auth/login", Action.OPEN),
    Rule(_GET, "/oauth2callback", Action.OPEN),
    Rule(_GET, "/auth/logout", None),
    Rule(_GET, "/account", Action.READ),
    Rule("POST", "/account/password", Action.READ),
    Rule("POST", "/logout", Action.READ),
    Rule("POST", "/upload", Action.EDIT),
    Rule("PUT DELETE", "/upload/{id}", Action.EDIT),
    Rule(_GET, "/plotly-{version}.min.js", Action.READ),
    Rule(_GET, "/clip/{session_id}", Action.READ),
    Rule(_GET, "/clip/{session_id}/rows", Action.READ),
    Rule(_GET, "/stimulus/{stimulus_id}", Action.READ),
    Rule(_GET, "/stimulus/{stimulus_id}/frame/{t_ms}", Action.READ),
    Rule("POST", "/lab/faces", Action.EDIT),
    Rule("POST", "/lab/label", Action.EDIT),
    Rule("POST", "/lab/undo", Action.EDIT),
    Rule("POST", "/live", Action.EDIT),
    Rule(_GET, "/live/{run}", Action.EDIT),
    Rule("POST", "/live/{run}/do", Action.EDIT),
    Rule("POST", "/connection-check", Action.EDIT),
    # by a program's own token, which the routes themselves check (dashboard.admin.api)
    Rule("GET HEAD POST PUT DELETE PATCH", "/api/v1/{rest:path}", Action.OPEN),
    # pages and Streamlit's scripts: what a page holds comes by the websocket
    Rule(_GET, "/{rest:path}", Action.READ),
)


@cache
def _compiled() -> tuple[tuple[frozenset[str], re.Pattern[str], Action | None], ...]:
    return tuple((frozenset(one.methods.split()), one.pattern, one.action) for one in RULES)


def action_of(method: str, path: str) -> Action | None:
    """The action that a request needs; None where nothing is there for anybody."""
    for methods, pattern, action in _compiled():
        if method in methods and pattern.match(path):
            return action
    return Action.MANAGE
