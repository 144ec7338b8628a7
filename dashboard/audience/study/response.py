"""How a study's audiences responded: the answer, the curves, key moments, scenes, viewers."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.audience.study import cached, charts, data
from dashboard.audience.study.data import Audience, StudyView
from dashboard.audience.study.moments import film_strip, key_moments
from dashboard.audience.study.told import told_curves
from dashboard.audience.study.viewers import together, viewers
from dashboard.navigation import page_of
from dashboard.shared.charts import tables
from dashboard.shared.charts.figure import expect_figure, figure, figure_json
from dashboard.shared.charts.panels import second_of
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import current_theme, show_errors
from dashboard.shared.segments import who
from dashboard.shared.widgets import filters
from dashboard.shared.widgets.filters import Choice
from fer_core.analytics.carried import SHARED
from fer_core.analytics.compare import Comparison
from fer_core.analytics.session import LEFT_OUT_UNDER
from fer_core.analytics.statistics import STATISTICS
from fer_core.measures import HEADLINES
from fer_core.reports import units
from fer_core.reports.findings import compared, how_many, norm
from fer_core.sentences import Label, Title
from fer_core.studies.audiences import by_attribute
from fer_core.studies.comparison import Compared
from fer_core.studies.groups import FEWEST, MOST, Group, usual_reference
from fer_core.studies.membership import Study
from fer_core.studies.segments import SMALLEST
from fer_core.text import clock, count, percent

#: Of several pairs no more are told here; the page Compare tells all.
MOST_SENTENCES = 3


def response(study: Study, answer: DeltaGenerator) -> None:
    """The answer above all else, in the place given for it; below it what it rests on."""
    if study.counted.empty:
        _nobody(study)
        return
    expect_figure()
    by = ""
    if study.attributes:
        with show_errors():
            study, by = who(study)
    found = cached.choices(study, study.study_id, study.stamp)
    name, choice = _choose(list(found), study.measures)
    whose = found[name]
    if by:
        parts = [part for one in whose for part in by_attribute(study, one, by)]
        if len(whose) > 1:
            st.caption(f"By «{by}» of one film alone: choose it above.")
        elif len(parts) < FEWEST:
            st.caption(f"By «{by}»: fewer than two groups of {SMALLEST} respondents and more.")
        else:
            name, whose = f"{name} by {by}", tuple(parts[:MOST])
    views = cached.audiences(study, whose, choice)
    side_by_side = None
    with answer, show_errors():
        if len(views) > 1:
            side_by_side = (
                cached.answer_of(study, _groups(study, whose), f"{study.stamp} {name}", choice)
                if by and name.endswith(by)
                else cached.answer(study, study.study_id, study.stamp, choice)
            )
            _sentences(side_by_side)
        else:
            st.html(tables.sentences(charts.alt_text(views[0].response)))
    _warnings(study, whose)
    key = (study.stamp, f"{study.study_id} {name}", choice)
    _curves(study, views, whose, side_by_side, key)
    if all(one.empty for one in views):
        return
    colours = charts.colours(views, current_theme())
    _numbers(views, colours)
    _scenes(views, whose, side_by_side)
    told_curves(views)
    key_moments(study, views, {one.name: one.film for one in whose}, colours)
    viewers(study, views, colours, choice.minimum)
    together(study, whose, choice)
    _norm(study, choice.measure)


def _groups(study: Study, whose: Sequence[Audience]) -> list[Group]:
    rows = study.counted
    return [Group(one.name, rows[rows["session_id"].isin(one.session_ids)]) for one in whose]


def _choose(names: list[str], offered: Sequence[str]) -> tuple[str, Choice]:
    """The filters, in one row above what they filter: measure, viewers, minimum, baseline."""
    one, two, three, four = st.columns([3, 3, 2, 3], vertical_alignment="bottom")
    choice = filters.choose(
        one, three, four,
        offered=offered,
        help_minimum="Seconds with fewer viewers are not shown. Reports "
        f"show {SHARED} and more unless told otherwise.",
        help_corrected="Takes each viewer's resting face out, as it was before the film or in the "
        "first three seconds. Raw numbers are kept.",
    )  # fmt: skip
    whose = two.selectbox("Viewers", names, key="viewers", bind="query-params")
    return whose or names[0], choice


def _sentences(found: Compared) -> None:
    """What Compare says: of several pairs first those that differ."""
    pairs = list(found.pairs.values())
    said = found.sentences
    order = sorted(
        range(len(pairs)), key=lambda at: not any(one.significant for one in pairs[at].clusters)
    )
    st.html(tables.sentences(*(said[at] for at in order[:MOST_SENTENCES])))
    if len(pairs) > MOST_SENTENCES:
        st.caption(f"The other {len(pairs) - MOST_SENTENCES} pairs are on the page «Compare».")


def _warnings(study: Study, whose: Sequence[Audience]) -> None:
    """What keeps viewers from being comparable second by second, or out of every curve."""
    if study.without_film:
        st.warning(
            f"{study.without_film} of {count(len(study.counted), 'session')} "
            f"{'names' if study.without_film == 1 else 'name'} no stimulus: their seconds may not "
            "be the same second. Say in the view «Sessions» what each watched.",
            icon=":material/sync_problem:",
        )
    shown = {key for one in whose for key in one.session_ids}
    if len(whose) > 1 and (rest := len(study.counted) - len(shown)):
        st.caption(f"{count(rest, 'session')} in none of these groups: see «Sessions».")


@st.fragment
def _curves(
    study: Study,
    views: Sequence[StudyView],
    whose: Sequence[Audience],
    side_by_side: Compared | None,
    key: tuple[Hashable, ...],
) -> None:
    theme = current_theme()
    clusters = _clusters(side_by_side)
    st.html(tables.finding(*_heading(views, side_by_side, key[-1])))
    if len(views) > 1:
        st.html(
            tables.key(
                charts.colours(views, theme),
                {one.name: how_many(one.response) for one in views},
            )
        )
    # scenes of different films are not the same stretch
    same = len({one.film for one in whose}) == 1
    scenes, markers = (whose[0].scenes, whose[0].markers) if same else ((), ())
    length_ms = max(one.length_ms for one in views)
    if scenes or markers:
        st.html(tables.scene_strip(scenes, markers, length_ms))
    drawing = figure_json(
        lambda: charts.figure(
            views, clusters=clusters, scenes=scenes, markers=markers, theme=theme
        ),
        "audience", *key, theme.name,
    )  # fmt: skip
    clicked = figure(drawing, alt=_told(views, side_by_side), key="audience", clicks=True)
    for film in dict.fromkeys(one.film for one in whose):
        film_strip(study, film, length_ms)
    if unseen := charts.unseen_expressions(views):
        st.caption(unseen)
    _moment(study, views, None if clicked is None else second_of(clicked))


def _heading(
    views: Sequence[StudyView], side_by_side: Compared | None, choice: Any
) -> tuple[Title, str]:
    """What the curves show, and how to read them."""
    measure = views[0].measure
    how = f"{units.note(measure)}, {'baseline corrected' if choice.corrected else 'raw'}"
    if len(views) == 1:
        said = how_many(views[0].response)
        return charts.finding(views[0].response), f"{how}: {said}; the band is the 95 % range"
    title: Title = Label(units.name(measure))
    shaded = ""
    if side_by_side is not None and len(side_by_side.pairs) == 1:
        (one,) = side_by_side.pairs.values()
        title = compared(one, measure)
        differ = any(found.measure == measure and found.significant for found in one.clusters)
        shaded = "; shaded where they differ, in the colour of the higher" * differ
    return title, f"{how}: means with their 95 % ranges{shaded}"


def _clusters(side_by_side: Compared | None) -> tuple[Any, ...]:
    """Where two audiences differ; of more, the page Compare shows it pair by pair."""
    if side_by_side is None or len(side_by_side.pairs) != 1:
        return ()
    (one,) = side_by_side.pairs.values()
    return one.clusters


def _told(views: Sequence[StudyView], side_by_side: Compared | None) -> str:
    """The curves for a screen reader."""
    if len(views) == 1:
        return charts.alt_text(views[0].response)
    said = [f"{one.name}: {charts.alt_text(one.response)}" for one in views]
    return " ".join([*(side_by_side.sentences if side_by_side else []), *said])


def _moment(study: Study, views: Sequence[StudyView], clicked: int | None) -> None:
    """Who showed most in the second that was clicked, else at the peak; each opens the replay."""
    second = clicked
    if second is None and len(views) == 1 and views[0].response.peak is not None:
        second = views[0].response.peak.second
    shown = [] if second is None else data.moment(views, study, second)
    if second is None or not shown:
        return
    where = clock(1000 * second) + (", the peak" if clicked is None else "")
    with st.container(horizontal=True, vertical_alignment="center", key="moment"):
        st.markdown(f"**Highest at {where}**")
        for one in shown:
            st.page_link(
                page_of("replay"),
                label=escape_markdown(f"{one.label} {units.say(views[0].measure, one.value)}"),
                icon=":material/play_circle:",
                query_params={"session": one.session_id, "t": f"{one.t_s:g}"},
            )
        st.caption("Click a second of the curve for another.")


def _numbers(views: Sequence[StudyView], colours: dict[str, str]) -> None:
    """The headline numbers: cards of one audience, a row each of several."""
    measure = views[0].measure
    if len(views) == 1:
        with st.container(horizontal=True, key="totals"):
            for statistic in STATISTICS:
                number = views[0].response.numbers[statistic.key]
                said = units.say_statistic(statistic, measure, number)
                when = units.say_second(number)
                st.metric(statistic.title, f"{said} {when}".rstrip(), border=True)
    else:
        st.html(tables.statistics({one.name: one.response for one in views}, colours))
    for one in views:
        found = one.response
        if note := units.hiding(found.minimum, found.hidden_seconds, found.hidden_numbers):
            st.caption(note if len(views) == 1 else f"{one.name}: {note}")


def _norm(study: Study, measure: str) -> None:
    """Where the whole study stands among the others of its kind; why not, where there are few."""
    if measure not in HEADLINES:
        return
    st.caption(norm(cached.norm(study, study.study_id, study.stamp, measure)))


def _scenes(
    views: Sequence[StudyView], whose: Sequence[Audience], side_by_side: Compared | None
) -> None:
    measure = views[0].measure
    if not any(len(one.response.scenes) for one in views):
        st.caption("Scenes and markers are set in the view «Film»; then they are counted here.")
        return
    pair = _pair(side_by_side)
    if pair is not None and len(pair.scenes):
        st.subheader("Scene by scene", anchor=False)
        st.html(tables.differences(pair.scenes, pair.a, pair.b, measure))
        st.caption(tables.HOW_DIFFERENCES)
    elif len(views) > 1 and len({one.film for one in whose}) == 1:
        st.subheader("Scene by scene", anchor=False)
        st.html(tables.scene_means({one.name: one.response.scenes for one in views}, measure))
    else:  # the scenes of different films are not the same
        for one in views:
            of = f", {one.name}" if len(views) > 1 else ""
            st.subheader(f"Scene by scene{of}", anchor=False)
            st.html(tables.scenes(one.response.scenes, measure))
    marks = [
        one.response.marks.assign(marker=one.response.marks["marker"] + f", {one.name}")
        if len(views) > 1
        else one.response.marks
        for one in views
        if len(one.response.marks)
    ]
    if marks:
        st.html(tables.markers(pd.concat(marks, ignore_index=True)))


def _pair(side_by_side: Compared | None) -> Comparison | None:
    """Of two audiences their comparison, the other minus the reference."""
    if side_by_side is None or len(side_by_side.pairs) != 1:
        return None
    (one,) = side_by_side.pairs.values()
    return one.minus(usual_reference((one.a, one.b)))


def _nobody(study: Study) -> None:
    """A study without a session that counts."""
    if len(study.sessions):
        st.info(
            "None of its sessions counts yet: they are still being analysed, or were left out. "
            "The view «Sessions» says why. "
            f" Under {percent(LEFT_OUT_UNDER)} quality a session is "
            "left out unless it is taken back.",
            icon=":material/info:",
        )
    else:
        st.info("This study has no sessions yet. Add them in the view «Sessions».")
    st.page_link(page_of("analyze"), label="Add recordings", icon=":material/upload:")
