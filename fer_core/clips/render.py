"""Makes a clip of a study or a session, picture by picture."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import pandas as pd

from fer_core.clips.faces import Blur, hide
from fer_core.clips.film import Gif, Mp4, sound_of
from fer_core.clips.moments import Moment, audience_of, response_of
from fer_core.clips.panel import Line, Panel, caption
from fer_core.clips.spec import ClipSpec
from fer_core.errors import DataError
from fer_core.labels import DISPLAY_ORDER, EMOTIONS, PROBABILITY_COLUMNS
from fer_core.palette import A_COLOUR, EMOTION_COLOURS, GROUP_COLOURS
from fer_core.storage import Store
from fer_core.studies.audiences import Audience, last_second, within
from fer_core.studies.membership import Study, load_study
from fer_core.studies.response import Response, emotion_shares
from fer_core.studies.seconds import study_seconds
from fer_core.text import count
from fer_core.types import Bytes
from fer_core.video import Decoder

#: The longest side of a clip's picture, in pixels, and the panel's height beside its width.
LONG_SIDE: Final = 1280
PANEL: Final = 0.2
LEAST_PANEL: Final = 150
Tell = Callable[[int, int], None]
Out = Mp4 | Gif


@dataclass(frozen=True, slots=True)
class Rendered:
    """What came out: pictures in it, its length, and of a recording those blurred as a whole."""

    frames: int
    length_ms: int
    doubtful: int = 0


def render(store: Store, spec: ClipSpec, target: Path, tell: Tell = lambda *_: None) -> Rendered:
    """Write the clip. DataError in words where its film or recording is gone.

    ``tell`` hears how many ms of how many are done, and may raise to stop it.
    """
    spec = spec.checked()
    if spec.study is not None:
        return _study(store, spec, target, tell)
    return _session(store, spec, target, tell)


def _study(store: Store, spec: ClipSpec, target: Path, tell: Tell) -> Rendered:
    assert spec.study is not None
    study = load_study(store, spec.study)
    names = [spec.of] if spec.versus is None else [spec.of, spec.versus]
    people = [audience_of(study, name) for name in names]
    films = [film_of(store, one) for one in people]
    responses = [
        response_of(store, study, one, spec.measure, corrected=spec.corrected, minimum=spec.minimum)
        for one in people
    ]
    if not any(one.enough for one in responses):
        raise DataError(
            "The group is smaller than the minimum: no curve may be shown.",
            "Choose a larger audience, or a smaller minimum.",
        )
    shown = list(dict.fromkeys(films))
    shares = _shares(store, study, people[0], spec) if len(people) == 1 else {}
    colours = GROUP_COLOURS if len(people) > 1 else (A_COLOUR,)
    lines = [Line(one.name, found.curve, colour)
             for one, found, colour in zip(people, responses, colours)]  # fmt: skip
    note = _note(responses, study.simulated)

    def panel(size: tuple[int, int], span: Moment) -> Panel:
        return Panel(size, (span.from_ms, span.to_ms), spec.measure, lines, shares, note)

    return _write(spec, target, tell, shown, panel, lambda picture, t_ms, scale: picture)


def _session(store: Store, spec: ClipSpec, target: Path, tell: Tell) -> Rendered:
    assert spec.session is not None
    session = store.sessions.get(spec.session)
    if store.frame("SELECT 1 FROM responses WHERE session_id = $id", {"id": spec.session}).size:
        raise DataError(
            f"{session.name} came by a link: nobody there agreed to be shown.",
            "Make a clip of the study's film with the audience's curve.",
        )
    path = _there(
        session.path,
        f"The recording of {session.name} is gone: there is nothing to show.",
        "Only its numbers are left. Add the recording again on the page Analyze.",
    )
    rows = store.timeline.rows(spec.session, edited=True)
    frames = store.timeline.frames(spec.session)["t_ms"].to_numpy(np.float64)
    size = (session.width or 0, session.height or 0)
    blur = Blur(rows, frames, size)
    over = _Overlay(rows, _viewers(store, spec.session))
    doubtful = 0

    def dress(picture: Bytes, t_ms: int, scale: float) -> Bytes:
        nonlocal doubtful
        boxes, whole = blur.at(t_ms)
        if not spec.faces:
            doubtful += whole
            picture = hide(picture, boxes, whole, scale)
        return over.draw(picture, t_ms, scale) if spec.boxes else picture

    made = _write(spec, target, tell, [path], None, dress)
    return Rendered(made.frames, made.length_ms, doubtful)


def film_of(store: Store, one: Audience) -> Path:
    """The film that an audience watched; DataError in words where it is none or gone."""
    found = store.studies.stimulus(one.film) if one.film else None
    if found is None:
        raise DataError(
            f"The viewers of {one.name} watched several films, or nobody said which.",
            "Choose the audience of one film.",
        )
    return _there(
        found.path,
        f"The film {found.title!r} is gone from this machine, or was never added.",
        "Add it on the study's page.",
    )


def _there(path: str | None, gone: str, hint: str) -> Path:
    """The film at a path; DataError with these words where there is none."""
    if not path or not Path(path).is_file():
        raise DataError(gone, hint)
    return Path(path)


def _shares(store: Store, study: Study, one: Audience, spec: ClipSpec) -> dict[str, pd.DataFrame]:
    seconds = study_seconds(store, study.counted, PROBABILITY_COLUMNS, corrected=spec.corrected)
    found = emotion_shares(within(seconds, one), last_second(one.length_ms), minimum=spec.minimum)
    return {name: found[name] for name in DISPLAY_ORDER if name != "neutral"}


def _note(responses: list[Response], simulated: bool) -> str:
    said = " and ".join(count(one.viewers, "viewer") for one in responses)
    return f"{said}{', simulated' if simulated else ''}; band: 95 %"


def _write(
    spec: ClipSpec,
    target: Path,
    tell: Tell,
    films: list[Path],
    panel: Callable[[tuple[int, int], Moment], Panel] | None,
    dress: Callable[[Bytes, int, float], Bytes],
) -> Rendered:
    """Span after span into one file, from one film or two side by side."""
    whole = sum(one.to_ms - one.from_ms for one in spec.spans)
    side = LONG_SIDE // len(films)
    wide, high, scale = _size(films[0], side)
    across = wide * len(films)
    below = 0
    if panel is not None:
        below = max(LEAST_PANEL, round(across * PANEL))
        below += (high + below) % 2
    size = (across, high + below)
    done, frames = 0, 0
    out: Out = Gif(target) if spec.form == "gif" else Mp4(target, size, sound=True)
    with out:
        for span in spec.spans:
            strip = panel((across, below), span) if panel is not None else None
            begun, last = done, span.from_ms
            for t_ms, pictures in _together(films, span, (wide, high), side):
                picture = np.concatenate([dress(one, t_ms, scale) for one in pictures], axis=1)
                if len(spec.spans) > 1:
                    picture = caption(picture, span.name)
                if strip is not None:
                    picture = np.concatenate([picture, strip.at(t_ms)])
                out.add(picture, begun + t_ms - span.from_ms)
                if t_ms - last >= 1000:
                    out.sound(sound_of(films[0], last, t_ms))
                    last = t_ms
                frames += 1
                tell(begun + t_ms - span.from_ms, whole)
            out.sound(sound_of(films[0], last, span.to_ms))
            done += span.to_ms - span.from_ms
    if not frames:
        raise DataError("The film ends before this moment.", "Choose one within it.")
    return Rendered(frames, done)


def _together(
    films: list[Path], span: Moment, size: tuple[int, int], side: int
) -> Iterator[tuple[int, list[Bytes]]]:
    """The first film's pictures of a span, each with the others' picture of that moment."""
    first, *others = films
    beside = [_Follower(one, span, size, side) for one in others]
    try:
        for t_ms, picture in _pictures(first, span, size, side):
            yield t_ms, [picture, *(one.at(t_ms) for one in beside)]
    finally:
        for one in beside:
            one.close()


class _Follower:
    """A film whose picture of any moment is asked for in order."""

    def __init__(self, path: Path, span: Moment, size: tuple[int, int], side: int) -> None:
        self._frames = _pictures(path, span, size, side)
        self._now: Bytes = np.zeros((size[1], size[0], 3), np.uint8)
        self._next = next(self._frames, None)

    def at(self, t_ms: int) -> Bytes:
        while self._next is not None and self._next[0] <= t_ms:
            self._now, self._next = self._next[1], next(self._frames, None)
        return self._now

    def close(self) -> None:
        self._frames.close()


def _pictures(
    path: Path, span: Moment, size: tuple[int, int], side: int
) -> Generator[tuple[int, Bytes]]:
    with Decoder(path, long_side=side) as decoder:
        for frame in decoder:
            if frame.t_ms >= span.to_ms:
                return
            if frame.t_ms >= span.from_ms:
                yield frame.t_ms, _fitted(frame.rgb, size)


def _fitted(rgb: Bytes, size: tuple[int, int]) -> Bytes:
    """The picture at exactly this size, black where its shape is another."""
    wide, high = size
    if rgb.shape[:2] == (high, wide):
        return rgb
    share = min(wide / rgb.shape[1], high / rgb.shape[0])
    fit = (max(1, round(rgb.shape[1] * share)), max(1, round(rgb.shape[0] * share)))
    small = cv2.resize(rgb, fit, interpolation=cv2.INTER_AREA)
    made = np.zeros((high, wide, 3), np.uint8)
    top, left = (high - fit[1]) // 2, (wide - fit[0]) // 2
    made[top : top + fit[1], left : left + fit[0]] = small
    return made


def _size(path: Path, side: int) -> tuple[int, int, float]:
    """Even width and height of a film's picture, and its scale to the film's own."""
    with Decoder(path, long_side=side) as decoder:
        frame = next(decoder)
        wide, high = frame.rgb.shape[1] // 2 * 2, frame.rgb.shape[0] // 2 * 2
        return wide, high, frame.rgb.shape[1] / decoder.info.width


def _viewers(store: Store, session_id: str) -> dict[int, str]:
    people = store.timeline.viewers(session_id)
    return {
        int(viewer): str(name) if isinstance(name, str) and name else f"Viewer {int(viewer)}"
        for viewer, name in zip(people["viewer"], people["name"])
    }


class _Overlay:
    """Boxes, names and the leading expression over the faces of a recording."""

    def __init__(self, rows: pd.DataFrame, names: Mapping[int, str]) -> None:
        known = rows.dropna(subset=["x", "y", "w", "h"])
        self._rows = known[known["viewer"] >= 0]
        self._times = self._rows["t_ms"].to_numpy(np.int64)
        self._names = names

    def draw(self, picture: Bytes, t_ms: int, scale: float) -> Bytes:
        begin = int(np.searchsorted(self._times, t_ms - 120))
        end = int(np.searchsorted(self._times, t_ms, "right"))
        if begin == end:
            return picture
        made = picture.copy()
        near = self._rows.iloc[begin:end].drop_duplicates("viewer", keep="last")
        for row in near.to_dict("records"):
            self._face(made, row, scale)
        return made

    def _face(self, picture: Bytes, row: dict[Any, Any], scale: float) -> None:
        x, y, w, h = (round(scale * float(row[key])) for key in ("x", "y", "w", "h"))
        shown = [float(row[f"p_{name}"]) for name in EMOTIONS]
        read = bool(np.isfinite(shown).all())
        best = EMOTIONS[int(np.argmax(shown))] if read else ""
        colour = _rgb(EMOTION_COLOURS[best]) if read else (201, 206, 214)
        thick = max(2, picture.shape[1] // 400)
        cv2.rectangle(picture, (x, y), (x + w, y + h), (10, 12, 16), thick + 2, cv2.LINE_AA)
        cv2.rectangle(picture, (x, y), (x + w, y + h), colour, thick, cv2.LINE_AA)
        said = self._names.get(int(row["viewer"]), "")
        said += f" · {best} {100 * max(shown):.0f} %" if read else ""
        size = picture.shape[1] / 1600
        ascii_only = said.replace("·", "-").encode("ascii", "replace").decode()
        cv2.putText(picture, ascii_only, (x, max(14, y - 8)), cv2.FONT_HERSHEY_SIMPLEX,
                    max(0.4, size), (10, 12, 16), thick + 2, cv2.LINE_AA)  # fmt: skip
        cv2.putText(picture, ascii_only, (x, max(14, y - 8)), cv2.FONT_HERSHEY_SIMPLEX,
                    max(0.4, size), (255, 255, 255), max(1, thick - 1), cv2.LINE_AA)  # fmt: skip
        if read:
            left = x
            for name, share in zip(EMOTIONS, shown):
                right = left + round(w * share)
                cv2.rectangle(picture, (left, y + h + 3), (right, y + h + 9),
                              _rgb(EMOTION_COLOURS[name]), -1)  # fmt: skip
                left = right


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue
