"""The film along the time axis, and the seconds at which viewers responded most and least."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from dashboard.audience.replay import media
from dashboard.audience.study import data
from dashboard.audience.study.data import StudyView
from dashboard.state import app_state
from fer_core.analytics.shape import Peak
from fer_core.reports import units
from fer_core.studies.membership import Study
from fer_core.text import clock

#: Pictures along the time axis; on a narrow screen every other one is left out.
FRAMES: Final = 10
#: Moments of each kind: of one audience and of two; of more, one each.
MOST: Final = 3


def film_strip(study: Study, film: str | None, length_ms: int) -> None:
    """Frames of the film under the time axis, where its file is known."""
    if film is None or not _has_file(study, film) or length_ms <= 0:
        return
    pictures = "".join(
        f'<img src="{_frame(film, at)}" alt="" loading="lazy">'
        for at in ((2 * place + 1) * length_ms // (2 * FRAMES) for place in range(FRAMES))
    )
    st.html(
        f'<div class="rapt-film" role="img" aria-label="Frames of the film">{pictures}</div>',
    )


def key_moments(
    study: Study,
    views: Sequence[StudyView],
    films: Mapping[str, str | None],
    colours: Mapping[str, str],
) -> None:
    """The highest and the lowest seconds of each curve; each opens the replay there.

    ``films``: what each audience watched, by its name.
    """
    most = MOST if len(views) <= 2 else 1
    found = [(one, *one.response.extremes(most)) for one in views]
    if not any(high or low for _, high, low in found):
        return
    st.subheader("Key moments", anchor=False)
    links = "; a click opens the replay of the viewer who stands out most" * bool(views[0].keys)
    st.caption(
        f"{units.name(views[0].measure)}: the highest and the lowest seconds of the curve{links}"
    )
    for view, high, low in found:
        if len(views) > 1:
            dot = f'<i style="background:{colours[view.name]}"></i>'
            st.html(f'<div class="rapt-key"><span>{dot}{escape(view.name)}</span></div>')
        film = films[view.name]
        shown = film if film is not None and _has_file(study, film) else None
        cards = [
            _card(study, view, one, shown, lowest=lowest)
            for moments, lowest in ((high, False), (low, True))
            for one in moments
        ]
        st.html(f'<div class="rapt-moments" role="list">{"".join(cards)}</div>')


def _card(study: Study, view: StudyView, one: Peak, film: str | None, *, lowest: bool) -> str:
    """A moment: the film's frame, its time and value, and in which scene it lies."""
    table, at_ms = view.response.scenes, 1000 * one.second + 500
    spans = zip(table["scene"], table["from_ms"], table["to_ms"])
    scene = escape(next((str(name) for name, a, b in spans if a <= at_ms < b), ""))
    picture = f'<img src="{_frame(film, at_ms)}" alt="" loading="lazy">' if film else ""
    kind = "lowest" if lowest else "highest"
    said = (
        f"{picture}<b>{clock(1000 * one.second)}</b>"
        f"<strong>{units.say(view.measure, one.value)}</strong>"
        f"<small>{kind}{f' · {scene}' if scene else ''}</small>"
    )
    who = data.moment([view], study, one.second, most=1, lowest=lowest)
    if not who:
        return f'<div role="listitem">{said}</div>'
    query = urlencode({"session": who[0].session_id, "t": f"{who[0].t_s:g}"})
    label = f"{kind} at {clock(1000 * one.second)}: replay of {who[0].label}"
    return (
        f'<div role="listitem"><a href="replay?{query}" target="_self" '
        f'aria-label="{escape(label)}">{said}</a></div>'
    )


def _has_file(study: Study, film: str) -> bool:
    path = next((one.path for one in study.stimuli if one.stimulus_id == film), None)
    return app_state().served and bool(path) and Path(path or "").is_file()


def _frame(film: str, t_ms: int) -> str:
    return media.frame_url(app_state().guard, film, t_ms)
