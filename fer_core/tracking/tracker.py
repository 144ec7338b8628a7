"""The tracker: gives each face the number of its viewer, from frame to frame."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fer_core.tracking.association import (
    appearance_log_odds,
    cosines,
    cover,
    lead,
    overlap,
    position_log_odds,
)
from fer_core.tracking.motion import Motion, box_state
from fer_core.tracking.state import TrackerState, track_of, track_state
from fer_core.tracking.track import Track, TrackerSettings, remember
from fer_core.types import Array, Faces, Float, Int


class Tracker:
    """Follows the faces of one film or camera. All its state is its own."""

    def __init__(self, settings: TrackerSettings | None = None) -> None:
        # A quarter of a second: not for whoever only imports this, and not at the first frame.
        from scipy.optimize import linear_sum_assignment

        self._assign = linear_sum_assignment
        self.settings = settings or TrackerSettings()
        self._tracks: list[Track] = []
        self._next_viewer = 1
        self._last_ms: int | None = None
        self._size: tuple[int, int] | None = None

    def reset(self) -> None:
        """Forget everyone; the next viewer is number 1 again."""
        self.restore({"next_viewer": 1, "last_ms": None, "size": None, "tracks": []})

    @property
    def missing(self) -> int:
        """Viewers out of sight who may still come back under their number."""
        return sum(t.viewer > 0 and t.seen_ms != self._last_ms for t in self._tracks)

    @property
    def doubtful(self) -> int:
        """Faces seen that have no number yet."""
        return sum(t.viewer == 0 and t.seen_ms == self._last_ms for t in self._tracks)

    def predict(self, t_ms: int) -> tuple[Int, Float]:
        """Where the visible faces should be now. A viewer of 0 is a face not yet believed."""
        rows = self._expected(t_ms)
        viewers = np.array([self._tracks[row].viewer for row in rows], np.int32)
        boxes = [self._tracks[row].motion.at(t_ms).box for row in rows]
        return viewers, np.array(boxes, np.float32).reshape(-1, 4)

    def update(
        self,
        t_ms: int,
        faces: Faces,
        appearances: Float | None,
        *,
        from_detection: bool,
        cut: bool = False,
        size: tuple[int, int] | None = None,
    ) -> Int:
        """The viewer of each face; -1: not yet believed, or no face of its own.

        ``size`` is the picture's width and height: who leaves at an edge is not expected
        there, and a face that the edge cuts does not look like itself.

        With ``from_detection=False`` row i is the answer for row i of ``predict(t_ms)``,
        its score 0 where nothing was found; no one new can appear.
        """
        expected = [self._tracks[row] for row in self._expected(t_ms)]
        if not from_detection and len(faces) != len(expected):
            raise ValueError(f"{len(faces)} faces for {len(expected)} expected ones")
        self._size = size or self._size
        self._forget(t_ms)
        if cut:
            self._tracks = [replace(t, before_cut=True) for t in self._tracks if t.viewer]
        boxes = np.asarray(faces.boxes, np.float64)
        seen = None if appearances is None else np.asarray(appearances, np.float64)
        own = self._distinct(boxes, faces.scores)
        now = [track.motion.at(t_ms) for track in self._tracks]
        if from_detection:
            pairs = self._match(t_ms, now, boxes, seen, own, list(range(len(now))), None)
        else:
            rows = {id(track): row for row, track in enumerate(self._tracks)}
            asked = [rows[id(track)] for track in expected]
            pairs = self._match(t_ms, now, boxes, seen, own, asked, asked)
        viewers = self._move(t_ms, now, faces.scores, boxes, seen, pairs)
        if from_detection:
            # Where nothing came shortly before, waiting for a second sight would lose a row.
            fresh = cut or self._last_ms is None or t_ms - self._last_ms >= 250
            matched = {face for _, face in pairs}
            new = [face for face in own if face not in matched]
            self._meet(t_ms, faces.scores, boxes, seen, new, viewers, at_once=fresh)
        self._last_ms = t_ms
        self._count_missed(t_ms, from_detection)
        return viewers

    def snapshot(self) -> TrackerState:
        """All state as JSON values; floats keep their last bit."""
        return {
            "next_viewer": self._next_viewer,
            "last_ms": self._last_ms,
            "size": self._size,
            "tracks": [track_state(track) for track in self._tracks],
        }

    def restore(self, state: TrackerState) -> None:
        """Go on from what ``snapshot`` gave."""
        self._next_viewer = int(state["next_viewer"])
        self._last_ms = None if state["last_ms"] is None else int(state["last_ms"])
        self._size = None if state["size"] is None else (state["size"][0], state["size"][1])
        self._tracks = [track_of(one) for one in state["tracks"]]

    def _expected(self, t_ms: int) -> list[int]:
        return [
            row
            for row, track in enumerate(self._tracks)
            if not track.before_cut
            and (track.seen_ms == self._last_ms or t_ms - track.seen_ms <= self.settings.search_ms)
        ]

    def _forget(self, t_ms: int) -> None:
        s = self.settings
        self._tracks = [
            track
            for track in self._tracks
            if track.seen_ms == self._last_ms
            or t_ms - track.seen_ms <= (s.keep_ms if track.viewer else s.doubt_ms)
        ]

    def _count_missed(self, t_ms: int, from_detection: bool) -> None:
        """Drop the old tracks of viewers who are back; the unseen were missed by a detection."""
        back = {track.viewer for track in self._tracks if track.viewer and track.seen_ms == t_ms}
        self._tracks = [
            track
            if track.seen_ms == t_ms or not from_detection
            else replace(track, missed=track.missed + 1)
            for track in self._tracks
            if track.seen_ms == t_ms or track.viewer not in back
        ]

    def _distinct(self, boxes: Array, scores: Float) -> list[int]:
        """Rows that are faces of their own: of two boxes on one face the better one."""
        found = [row for row in range(len(boxes)) if scores[row] > 0]
        if len(found) < 2:
            return found
        same = overlap(boxes, boxes) > self.settings.same_face
        if same[np.ix_(found, found)].sum() == len(found):
            return found
        kept: list[int] = []
        for row in sorted(found, key=lambda r: (-float(scores[r]), r)):
            if not same[row, kept].any():
                kept.append(row)
        return sorted(kept)

    def _match(
        self,
        t_ms: int,
        now: list[Motion],
        boxes: Array,
        seen: Array | None,
        own: list[int],
        candidates: list[int],
        asked: list[int] | None,
    ) -> list[tuple[int, int]]:
        """Pairs of (track, face). ``asked``: face i was looked for at track asked[i]."""
        if not own or not candidates:
            return []
        if asked is not None and len(candidates) == 1 and _plain(now[asked[0]], boxes[0]):
            return [(asked[0], 0)]
        s = self.settings
        tracks = [self._tracks[row] for row in candidates]
        unseen = [t_ms - track.seen_ms for track in tracks]
        place = position_log_odds([now[row] for row in candidates], unseen, boxes[own])
        alike = appearance_log_odds(
            [t.appearance for t in tracks],
            [t.missed for t in tracks],
            None if seen is None else seen[own],
            s.appearance,
        )
        if alike.shape[1] == 0:
            alike = np.zeros_like(place)
        for row, track in enumerate(tracks):
            if not track.appearances:
                alike[row] = np.clip(alike[row], -s.vague, s.vague)
            if track.missed and self._at_edge(track.motion.box):
                place[row] = np.minimum(place[row], s.gone_out)
        gain = place + alike - s.accept
        # Film people stay where the camera frames them: the same place in another shot is no
        # evidence, only a likeness is.
        cut = [row for row, track in enumerate(tracks) if track.before_cut]
        gain[cut] = self._gain_after_cut(
            [tracks[row] for row in cut], None if seen is None else seen[own], len(own)
        )
        gain[[not track.viewer for track in tracks]] -= 1.0
        if asked is not None:
            for column, face in enumerate(own):
                gain[candidates.index(asked[face]), column] += 2.0
        chosen = self._assign(-np.maximum(gain, 0))
        return [
            (candidates[row], own[column])
            for row, column in zip(*chosen, strict=True)
            if gain[row, column] > 0
        ]

    def _move(
        self,
        t_ms: int,
        now: list[Motion],
        scores: Float,
        boxes: Array,
        seen: Array | None,
        pairs: list[tuple[int, int]],
    ) -> Int:
        """Move the paired tracks to their faces; believe those that were seen enough."""
        viewers = np.full(len(boxes), -1, np.int32)
        by_track = dict(pairs)
        crowded = self._crowded(t_ms, now, boxes, by_track)
        partial = {row: crowded[row] or self._at_edge(boxes[by_track[row]]) for row in by_track}
        for row in sorted(by_track, key=lambda r: float(boxes[by_track[r]][0])):
            face = by_track[row]
            old = self._tracks[row]
            anew = old.before_cut or t_ms - old.seen_ms > 1000
            motion = Motion.begin(t_ms, boxes[face]) if anew else now[row].corrected(boxes[face])
            track = replace(
                old,
                motion=motion,
                hits=old.hits + 1,
                doubts=old.doubts + 1 - float(min(scores[face], 1)),
                missed=0,
                before_cut=False,
            )
            if seen is not None and (old.appearance is None or not crowded[row]):
                track = remember(track, seen[face], whole=not partial[row])
            if not track.viewer:
                track = self._maybe_believe(
                    t_ms, track, None if seen is None else seen[face], partial=partial[row]
                )
            self._tracks[row] = track
            viewers[face] = track.viewer or -1
        return viewers

    def _at_edge(self, box: Array) -> bool:
        x, y, w, h = (float(v) for v in box)
        if min(x, y) < 0.02 * w:
            return True
        if self._size is None:
            return False
        return x + 1.02 * w > self._size[0] or y + 1.02 * h > self._size[1]

    def _crowded(
        self, t_ms: int, now: list[Motion], boxes: Array, by_track: dict[int, int]
    ) -> dict[int, bool]:
        """Which faces stand so close to another that their appearance may be the other's."""
        rows = [
            row
            for row, track in enumerate(self._tracks)
            if row in by_track or (track.viewer and t_ms - track.seen_ms < 1000)
        ]
        if len(rows) < 2:
            return dict.fromkeys(by_track, False)
        places = np.array([boxes[by_track[r]] if r in by_track else now[r].box for r in rows])
        near = cover(places, places)
        np.fill_diagonal(near, 0)
        close = near.max(axis=1) > 0.1
        return {row: bool(close[k]) for k, row in enumerate(rows)}

    def _maybe_believe(
        self, t_ms: int, track: Track, appearance: Array | None, *, partial: bool
    ) -> Track:
        """A number for a face that was seen often enough; the face as it is where it was not."""
        s = self.settings
        # Two good scores (together 1.7) are enough; each further whole of doubt costs a hit.
        needed = s.believe_hits + max(0.0, track.doubts - 0.3)
        if track.hits < needed:
            return track
        gone = [t for t in self._tracks if t.viewer and t.seen_ms < track.born_ms]
        if appearance is None and any(t.appearance is not None for t in gone):
            return track  # whether it is one of them shows at the next detection
        found = self._known(t_ms, track, appearance)
        if found:
            return replace(track, viewer=found)
        # It may be a missing viewer who does not look like herself yet, half hidden above all.
        wait = s.doubt_partial_ms if partial else s.doubt_whole_ms
        if gone and t_ms - track.born_ms < wait:
            return track
        return self._numbered(track)

    def _believe(self, t_ms: int, track: Track, appearance: Array | None) -> Track:
        """A number: that of a missing viewer whom its appearance fits, or a new one."""
        found = self._known(t_ms, track, appearance)
        return replace(track, viewer=found) if found else self._numbered(track)

    def _numbered(self, track: Track) -> Track:
        viewer = self._next_viewer
        self._next_viewer += 1
        return replace(track, viewer=viewer)

    def _known(self, t_ms: int, track: Track, appearance: Array | None) -> int:
        """The missing viewer whom a face's appearance fits; 0 where there is none."""
        here = {other.viewer for other in self._tracks if other.seen_ms == t_ms}
        # Whoever was seen beside this face is not this face.
        gone = [
            other
            for other in self._tracks
            if other.viewer and other.viewer not in here and other.seen_ms < track.born_ms
        ]
        if gone and appearance is not None and track.appearance is not None:
            s = self.settings
            known, vain = [old.appearance for old in gone], [0] * len(gone)
            # The first appearances may have been half hidden: the best counts.
            both = np.stack([track.appearance, appearance])
            likeness = appearance_log_odds(known, vain, both, s.appearance).max(axis=1)
            unseen = [t_ms - old.seen_ms for old in gone]
            now = [old.motion.at(t_ms) for old in gone]
            place = position_log_odds(now, unseen, track.motion.box[None])[:, 0]
            cut = [row for row, old in enumerate(gone) if old.before_cut]
            gain = np.minimum(place, 3) + likeness - s.accept
            gain[cut] = self._gain_after_cut([gone[row] for row in cut], both, 2).max(axis=1)
            gain[likeness <= -1] = -1
            best = int(gain.argmax())
            if gain[best] > 0:
                return gone[best].viewer
        return 0

    def _gain_after_cut(self, tracks: list[Track], seen: Array | None, faces: int) -> Array:
        """(tracks, faces): above 0 where a face is surely the viewer from before the cut."""
        if seen is None or not seen.shape[1]:
            return np.full((len(tracks), faces), -1.0)
        s = self.settings
        known = [track.appearance if track.appearances else None for track in tracks]
        alike = np.nan_to_num(cosines(known, seen), nan=-1.0)
        # A hundredth of a likeness beyond what is enough weighs as much as odds of e.
        return 100 * np.minimum(alike - s.same_after_cut, lead(alike) - s.lead_after_cut)

    def _meet(
        self,
        t_ms: int,
        scores: Float,
        boxes: Array,
        seen: Array | None,
        new: list[int],
        viewers: Int,
        *,
        at_once: bool,
    ) -> None:
        """Faces that nobody claimed: the start of new tracks, leftmost first."""
        taken = [t.motion.box for t in self._tracks if t.seen_ms == t_ms]
        for face in sorted(new, key=lambda f: float(boxes[f][0])):
            if taken and cover(boxes[[face]], np.array(taken)).max() > 0.7:
                continue  # a second box inside a face that is known
            score = float(scores[face])
            track = Track(0, Motion.begin(t_ms, boxes[face]), 1, 1 - min(score, 1), None, 0, t_ms)
            if seen is not None:
                track = remember(track, seen[face], whole=not self._at_edge(boxes[face]))
            if at_once and score >= self.settings.sure_score:
                track = self._believe(t_ms, track, None if seen is None else seen[face])
                viewers[face] = track.viewer
            self._tracks.append(track)
            taken.append(track.motion.box)


def _plain(expected: Motion, box: Array) -> bool:
    """A lone face where it was expected needs no weighing: a third of the time is saved."""
    size = expected.size
    off = float(np.abs(box_state(box)[:2] - expected.place[:2]).max())
    return off < 0.25 * size and 0.8 < float(np.sqrt(box[2] * box[3])) / size < 1.25
