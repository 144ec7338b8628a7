"""Someone on the street, before the second listener."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.camera.respondents.visits import Visits
from fer_core.storage import Store
from fer_core.storage.links import AddLink, Arm

CONSENT = "We look at how people respond."


@dataclass
class Outside:
    """What someone on the street can ask."""

    port: int
    store: Store
    visits: Visits
    study: str
    film: str
    path: Path

    def ask(self, method: str, path: str, value: Any = None) -> tuple[int, str, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        body = value if isinstance(value, str | bytes | None) else json.dumps(value)
        connection.request(method, path, body)
        answer = connection.getresponse()
        said = answer.read().decode("utf-8", "replace")
        connection.close()
        return answer.status, said, {k.lower(): v for k, v in answer.getheaders()}

    def link(self, **more: Any) -> str:
        """A new link's token."""
        arms = (Arm(self.film, "A"),)
        link_id = self.store.run(
            AddLink(study_id=self.study, title="A film", consent=CONSENT, arms=arms, **more)
        )
        links = self.store.respondents.links(self.study)
        return next(one.token for one in links if one.link_id == link_id)

    def link_id(self, token: str) -> str:
        link = self.store.respondents.link_of_token(token)
        assert link is not None
        return link.link_id

    def first_picture(self, key: str) -> None:
        """A visit's camera shows its first picture."""
        visit = self.visits.places.find(key)
        assert visit is not None
        self.visits._loop.submit(self.visits.places.take(visit)).result(timeout=30)

    def begin(self, token: str) -> tuple[int, dict[str, Any]]:
        _, page, _ = self.ask("GET", f"/r/{token}")
        read = page.split('"read": "')[1].split('"')[0]
        status, said, _ = self.ask("POST", f"/r/{token}/begin", {"read": read, "respondent": "P1"})
        return status, json.loads(said)
