"""Queries on one session's or a few sessions' rows: timeline, frames, seconds, viewers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from fer_core.errors import StoreError
from fer_core.labels import EMOTIONS
from fer_core.measures import HEADLINES, SECOND_COLUMNS, TIMELINE_COLUMNS, find_measure
from fer_core.storage.codec import Row
from fer_core.storage.reading import Queries
from fer_core.storage.timeline.corrected import seconds_sql
from fer_core.storage.timeline.seconds import EDITED_TIMELINE, column_sql
from fer_core.storage.timeline.viewers import ViewerEdit

_ALL = 2_147_483_647


@dataclass(frozen=True, slots=True)
class Film:
    """Sessions whose viewers watched one film, and the film's last second.

    eyes: False takes attention and engagement as version 1 had them.
    """

    session_ids: tuple[str, ...]
    last: int
    eyes: bool = True


@dataclass(frozen=True, slots=True)
class _Edits(Row):
    merged: bool
    excluded: bool


@dataclass(frozen=True, slots=True)
class _Share(Row):
    emotion: str
    share: float | None


class Timeline(Queries):
    """``store.timeline``: times of one session are ms of its recording, seconds are the
    stimulus' own (second 0 begins at the session's offset)."""

    def rows(
        self,
        session_id: str,
        *,
        columns: Sequence[str] | None = None,
        viewers: Sequence[int] | None = None,
        from_ms: int = 0,
        to_ms: int = _ALL,
        edited: bool = False,
    ) -> pd.DataFrame:
        """Rows by frame and viewer. ``edited`` applies merges, splits and exclusions."""
        wanted = list(columns or TIMELINE_COLUMNS)
        unknown = [name for name in wanted if name not in TIMELINE_COLUMNS]
        if unknown:
            raise StoreError(f"The timeline has no column {', '.join(map(repr, unknown))}.")
        source = EDITED_TIMELINE if edited else _RAW
        return self._frame(
            f"""
            SELECT {", ".join(wanted)} FROM ({source}) AS rows_of_it
            WHERE t_ms >= $from_ms AND t_ms < $to_ms
              AND ($viewers IS NULL OR viewer IN (SELECT unnest($viewers::INTEGER[])))
            ORDER BY frame, viewer
            """,
            session_id=session_id, from_ms=from_ms, to_ms=to_ms,
            viewers=None if viewers is None else list(viewers),
        )  # fmt: skip

    def frames(self, session_id: str) -> pd.DataFrame:
        """Every analysed frame, also without a face: session_id, frame, t_ms, faces."""
        return self._frame(
            "SELECT * FROM frames WHERE session_id = $id ORDER BY frame", id=session_id
        )

    def last_ms(self, session_id: str) -> int | None:
        """The time of the last analysed frame; None where there is none."""
        last: int | None = self._value(
            "SELECT max(t_ms) FROM frames WHERE session_id = $id", id=session_id
        )
        return last

    def count(self, session_id: str) -> int:
        """How many rows a session's timeline has."""
        found = self._value("SELECT count(*) FROM timeline WHERE session_id = $id", id=session_id)
        return int(found)

    def seconds(
        self,
        session_ids: str | Sequence[str],
        *,
        columns: Sequence[str] = SECOND_COLUMNS,
        eyes: bool = True,
    ) -> pd.DataFrame:
        """Each viewer's seconds (``seconds/2``) on the stimulus' clock, edits applied.

        The columns are SECOND_COLUMNS: n usable frames, seen, away, and the measures. With
        ``eyes`` False attention and engagement are those of version 1 in every session.
        """
        ids = [session_ids] if isinstance(session_ids, str) else list(session_ids)
        unknown = [name for name in columns if name not in SECOND_COLUMNS]
        if unknown:
            raise StoreError(f"Seconds have no column {', '.join(map(repr, unknown))}.")
        return self._frame(
            f"""
            SELECT {", ".join(column_sql(name, eyes=eyes) for name in columns)} FROM seconds
            WHERE session_id IN (SELECT unnest($ids::VARCHAR[]))
            ORDER BY session_id, viewer, second
            """,
            ids=ids,
        )

    def corrected_seconds(
        self,
        session_ids: Sequence[str],
        *,
        columns: Sequence[str],
        eyes: bool = True,
        **rules: object,
    ) -> pd.DataFrame:
        """The same with baseline correction; ``rules`` are what ``corrected`` binds."""
        ids = list(session_ids)
        unknown = [name for name in columns if name not in SECOND_COLUMNS]
        if unknown:
            raise StoreError(f"There is no corrected {', '.join(map(repr, unknown))}.")
        ours = "session_id IN (SELECT unnest($ids::VARCHAR[]))"
        edits = self._first(
            _Edits,
            f"""
            SELECT EXISTS (SELECT 1 FROM viewers WHERE shown <> viewer AND {ours}) AS merged,
                   EXISTS (SELECT 1 FROM exclusions WHERE {ours}) AS excluded
            """,
            ids=ids,
        )
        assert edits is not None  # two sub-queries always give one row
        sql = seconds_sql(tuple(columns), merged=edits.merged, excluded=edits.excluded, eyes=eyes)
        first, last = min(ids, default=""), max(ids, default="")
        return self._frame(sql, ids=ids, first=first, last=last, **rules)

    def audience_means(self, films: Sequence[Film], measure: str) -> pd.DataFrame:
        """Each film's audience curve, without a band: ``film, second, mean, n, viewers``.

        ``film`` is the place among ``films``; n the viewers of a second, viewers all of those
        who have any. One query for many studies.
        """
        key = find_measure(measure).key
        pairs = [
            (at, one, film.last, film.eyes)
            for at, film in enumerate(films)
            for one in film.session_ids
        ]
        earlier = column_sql(key, eyes=False).removesuffix(f" AS {key}")
        return self._frame(
            f"""
            WITH wanted AS (
                SELECT unnest($film::INTEGER[]) AS film, unnest($ids::VARCHAR[]) AS session_id,
                       unnest($last::INTEGER[]) AS last, unnest($eyes::BOOLEAN[]) AS eyes),
            known AS (
                SELECT film, session_id, viewer, second,
                       CASE WHEN eyes THEN {key} ELSE {earlier} END AS value
                FROM seconds JOIN wanted USING (session_id)
                WHERE second BETWEEN 0 AND last AND {key} IS NOT NULL),
            people AS (
                SELECT film, count(*) AS viewers
                FROM (SELECT DISTINCT film, session_id, viewer FROM known) GROUP BY film)
            SELECT film, second, avg(value) AS mean, count(*) AS n, any_value(viewers) AS viewers
            FROM known JOIN people USING (film) GROUP BY film, second ORDER BY film, second
            """,
            film=[at for at, _, _, _ in pairs],
            ids=[one for _, one, _, _ in pairs],
            last=[last for _, _, last, _ in pairs],
            eyes=[eyes for _, _, _, eyes in pairs],
        )

    def eye_spans(self, session_id: str) -> pd.DataFrame:
        """Blinks, closed eyes and eyes away, edits applied, in the recording's milliseconds.

        Columns: viewer, kind (``blink``, ``closed``, ``away``), from_ms, to_ms (its last frame).
        """
        return self._frame(
            f"""
            WITH flags AS (
                SELECT viewer, frame, t_ms, unnest(['blink', 'closed', 'away']) AS kind,
                       unnest([blink, eyes_closed, eyes_away]) AS holds
                FROM ({EDITED_TIMELINE}) AS edited WHERE score IS NOT NULL),
            numbered AS (
                SELECT *, row_number() OVER (PARTITION BY viewer, kind ORDER BY frame)
                    - row_number() OVER (PARTITION BY viewer, kind, holds ORDER BY frame) AS span
                FROM flags)
            SELECT viewer, kind, min(t_ms) AS from_ms, max(t_ms) AS to_ms FROM numbered
            WHERE holds GROUP BY viewer, kind, span ORDER BY viewer, from_ms, kind
            """,
            session_id=session_id,
        )

    def emotion_shares(
        self, session_id: str, *, from_ms: int = 0, to_ms: int = _ALL
    ) -> dict[str, float]:
        """Share of the usable face time in which each emotion was the likeliest.

        A frame speaks for the time until the next, for a second at most (or three usual
        intervals); 0 everywhere where no face was usable.
        """
        found = self._all(
            _Share,
            f"""
            WITH steps AS (
                SELECT frame, lead(t_ms) OVER (ORDER BY frame) - t_ms AS step FROM frames
                WHERE session_id = $session_id),
            usual AS (SELECT coalesce(median(step), 1) AS usual FROM steps),
            times AS (
                SELECT frame, CASE WHEN step IS NULL THEN usual
                    ELSE least(step, greatest(1000, 3 * usual)) END AS ms
                FROM steps, usual)
            SELECT emotion, sum(ms) / sum(sum(ms)) OVER () AS share
            FROM ({EDITED_TIMELINE}) AS edited JOIN times USING (frame)
            WHERE usable AND score IS NOT NULL AND emotion IS NOT NULL
              AND t_ms >= $from_ms AND t_ms < $to_ms
            GROUP BY emotion
            """,
            session_id=session_id,
            from_ms=from_ms,
            to_ms=to_ms,
        )
        shares = {row.emotion: row.share or 0.0 for row in found}
        return {name: shares.get(name, 0.0) for name in EMOTIONS}

    def viewers(self, session_id: str) -> pd.DataFrame:
        """Viewers as shown after edits, with name, span and means.

        Columns: viewer, name, rows, usable_rows, from_ms, to_ms, usable_share, engagement,
        attention, valence.
        """
        return self._frame(
            f"""
            WITH seen AS (
                SELECT viewer, count(*) AS rows, count(*) FILTER (WHERE usable) AS usable_rows,
                       min(t_ms) AS from_ms, max(t_ms) AS to_ms
                FROM ({EDITED_TIMELINE}) AS edited GROUP BY viewer),
            named AS (
                SELECT shown AS viewer, max(name) AS name FROM viewers
                WHERE session_id = $session_id GROUP BY shown),
            means AS (
                SELECT viewer, {", ".join(f"avg({name}) AS {name}" for name in HEADLINES)}
                FROM seconds WHERE session_id = $session_id GROUP BY viewer)
            SELECT viewer, name, rows, usable_rows, from_ms, to_ms,
                   usable_rows / rows AS usable_share, {", ".join(HEADLINES)}
            FROM seen LEFT JOIN named USING (viewer) LEFT JOIN means USING (viewer)
            ORDER BY viewer
            """,
            session_id=session_id,
        )

    def edits(self, session_id: str) -> list[ViewerEdit]:
        """The log of corrections by hand, oldest first, undone ones included."""
        return self._all(
            ViewerEdit,
            "SELECT * FROM viewer_edits WHERE session_id = $id ORDER BY created, edit_id",
            id=session_id,
        )

    def exclusions(self, session_id: str) -> pd.DataFrame:
        """Spans that a person left out, by viewer as shown: viewer, from_ms, to_ms."""
        return self._frame(
            """
            SELECT viewer, from_ms, to_ms FROM left_out WHERE session_id = $id ORDER BY ALL
            """,
            id=session_id,
        )


_RAW = "SELECT * FROM timeline WHERE session_id = $session_id"
