"""Everything that Rapt holds about one respondent, as one file to hand out."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2

from fer_core.errors import StoreError
from fer_core.files import JsonObject, replacing
from fer_core.keeping.forget import plan_respondent
from fer_core.storage.codec import to_json
from fer_core.storage.tables import BY_NAME, of_one_session
from fer_core.storage.timeline.kept_faces import read_kept
from fer_core.text import no_formula

if TYPE_CHECKING:
    from fer_core.storage import Store

_ABOUT: Final = """\
What Rapt holds about the respondent {respondent!r}.

about.json      sessions, responses with the text of consent, its version and when it was agreed to,
                every answer, and which shared reports show numbers of theirs
tables/         every row of the store that belongs to these sessions, as CSV, one file a table
recordings/     the recordings, where they are kept
faces/          small grey pictures of faces, where they were kept for review

Times of day are UTC. The columns of timeline.csv and seconds.csv are defined in docs/metrics.md.
"""


def export_respondent(
    store: Store, respondent: str, target: Path, *, study_id: str | None = None
) -> dict[str, int]:
    """Write a zip with all of a respondent's data; numbers of sessions, rows, files."""
    plan = plan_respondent(store, respondent, study_id)
    sessions = [asdict(store.sessions.get(one)) for one in plan.sessions if _is(store, one)]
    responses = _rows(
        store, "SELECT * FROM responses WHERE list_contains($ids::VARCHAR[], response_id)",
        list(plan.responses),
    )  # fmt: skip
    answers = _rows(
        store, "SELECT * FROM answers WHERE list_contains($ids::VARCHAR[], response_id)",
        list(plan.responses),
    )  # fmt: skip
    rows = files = 0
    with (
        replacing(target, mode=0o600) as part,
        zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        out.writestr("README.txt", _ABOUT.format(respondent=respondent))
        about = {"respondent": respondent, "sessions": sessions, "responses": responses,
                 "answers": answers, "shared": _shared(store, plan.sessions)}  # fmt: skip
        out.writestr("about.json", to_json(about))
        for table in of_one_session():
            if table.name != "sessions":
                n, text = _table(store, table.name, plan.sessions)
                rows += n
                if n:
                    out.writestr(f"tables/{table.name}.csv", text)
        for session in sessions:
            files += _recording(out, session) + _faces(out, store, str(session["session_id"]))
    return {"sessions": len(sessions), "responses": len(responses), "rows": rows, "files": files}


def _is(store: Store, session_id: str) -> bool:
    return store.sessions.exists(session_id)


def _rows(store: Store, sql: str, ids: list[str]) -> list[JsonObject]:
    found = store.arrow(sql, {"ids": ids}).to_pylist()
    return [json.loads(to_json(row)) for row in found]


def _shared(store: Store, sessions: tuple[str, ...]) -> list[JsonObject]:
    """Which shared reports show their numbers; the reports themselves are of others, too."""
    sql = f"SELECT share_id, created, ends FROM shares WHERE {BY_NAME['shares'].of_session}"
    found: dict[str, JsonObject] = {}
    for session_id in sessions:
        for row in store.arrow(sql, {"session": session_id}).to_pylist():
            found[row["share_id"]] = json.loads(to_json(row))
    return list(found.values())


def _table(store: Store, table: str, sessions: tuple[str, ...]) -> tuple[int, str]:
    """A table's rows of some sessions as CSV, a session at a time."""
    rows, text = 0, io.StringIO()
    for session_id in sessions:
        frame = store.frame(f"SELECT * FROM {table} WHERE session_id = $id", {"id": session_id})
        if frame.empty:
            continue
        for name in frame.select_dtypes("object"):
            frame[name] = [no_formula(one) if isinstance(one, str) else one for one in frame[name]]
        frame.to_csv(text, index=False, header=rows == 0)
        rows += len(frame)
    return rows, text.getvalue()


def _recording(out: zipfile.ZipFile, session: JsonObject) -> int:
    path = Path(str(session["path"] or ""))
    if not session["path"] or session["kind"] == "live" or not path.is_file():
        return 0
    out.write(path, f"recordings/{session['session_id']}{path.suffix}", zipfile.ZIP_STORED)
    return 1


def _faces(out: zipfile.ZipFile, store: Store, session_id: str) -> int:
    try:
        kept = read_kept(store.home, session_id)
    except StoreError as damaged:
        out.writestr(f"faces/{session_id}/damaged.txt", damaged.message)
        return 1
    for frame, viewer, crop in zip(kept.frame, kept.viewer, kept.crops):
        png = cv2.imencode(".png", crop)[1].tobytes()
        out.writestr(f"faces/{session_id}/{frame:06d}-viewer-{viewer}.png", png)
    return len(kept)


def listed(store: Store, study_id: str | None = None) -> list[JsonObject]:
    """Every respondent's label with the sessions and the responses that bear it."""
    found = store.frame(
        """
        SELECT respondent, sum(session)::INTEGER AS sessions, sum(response)::INTEGER AS responses
        FROM (SELECT respondent, 1 AS session, 0 AS response FROM sessions
              WHERE respondent <> '' AND ($s IS NULL OR study_id = $s)
              UNION ALL
              SELECT respondent, 0, 1 FROM responses WHERE
              respondent <> 'R' || lpad(number::VARCHAR, 3, '0') AND
              ($s IS NULL OR link_id IN (SELECT link_id FROM links WHERE study_id = $s)))
        GROUP BY respondent ORDER BY respondent LIMIT 10000
        """,
        {"s": study_id},
    )
    return [
        {"respondent": str(a), "sessions": int(b), "responses": int(c)}
        for a, b, c in found.itertuples(index=False)
    ]
