"""Queries on links for respondents and on what came of them."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from fer_core.storage.migrations import now
from fer_core.storage.reading import Reader
from fer_core.storage.respond_orders import COUNTED, WAITS, why_closed


class RespondQueries(Reader):
    def links(self, study_id: str) -> list[dict[str, Any]]:
        """A study's links, newest first, each with ``uses``, ``closed`` and ``taken`` by arm."""
        return self._links("l.study_id = $key", study_id)

    def link_of_token(self, token: str) -> dict[str, Any] | None:
        """The link that a respondent's address names, or None."""
        found = self._links("l.token = $key", token)
        return found[0] if found else None

    def _links(self, where: str, key: str) -> list[dict[str, Any]]:
        rows = self.rows(
            f"SELECT l.* FROM links l WHERE {where} ORDER BY l.created DESC LIMIT 1000",
            {"key": key},
        )
        counted = self.rows(
            f"SELECT r.link_id, r.arm, count(*) AS n FROM responses r "
            f"WHERE r.link_id IN (SELECT l.link_id FROM links l WHERE {where}) AND {COUNTED} "
            "GROUP BY r.link_id, r.arm",
            {"key": key, "since": now() - WAITS},
        )
        for row in rows:
            row["arms"] = json.loads(row["arms"])
            taken = {one["arm"]: one["n"] for one in counted if one["link_id"] == row["link_id"]}
            row["taken"] = [int(taken.get(arm, 0)) for arm in range(len(row["arms"]))]
            row["uses"] = sum(row["taken"])
            row["closed"] = why_closed(row, row["uses"])
        return rows

    def responses(self, link_id: str) -> pd.DataFrame:
        """Who came by a link, the newest first; consent as it was read; ``session_status``."""
        return self.frame(
            "SELECT r.*, s.status AS session_status FROM responses r "
            "LEFT JOIN sessions s ON s.session_id = r.session_id "
            "WHERE r.link_id = $l ORDER BY r.begun DESC, r.response_id DESC LIMIT 10000",
            {"l": link_id},
        )
