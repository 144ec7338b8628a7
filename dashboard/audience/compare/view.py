"""Groups of a study compared: whom, the sentence, curves, scenes, spread."""

from __future__ import annotations

from collections.abc import Hashable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.audience.compare import cached, charts, data
from dashboard.audience.compare.data import CompareView, Group
from dashboard.audience.studies.view import no_studies
from dashboard.audience.study.cached import study as kept_study
from dashboard.audience.study.versions import versions_note
from dashboard.audience.study.view import simulated_note
from dashboard.shared import exports
from dashboard.shared.charts import tables
from dashboard.shared.charts.figure import STILL, expect_figure, figure, figure_json
from dashboard.shared.definitions import definitions
from dashboard.shared.export_menu import comparison_exports
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import current_theme, heading, show_errors
from dashboard.shared.segments import only
from dashboard.shared.widgets import filters
from dashboard.shared.widgets.filters import Choice
from dashboard.state import app_state
from fer_core.analytics.compare import Comparison
from fer_core.reports import units
from fer_core.reports.figures import sizes
from fer_core.studies.comparison import tested_with
from fer_core.studies.groups import FEWEST, usual_kind, usual_reference
from fer_core.studies.membership import Study
from fer_core.text import shorten

SHADED = "; shaded where the two differ, in the colour of the higher one"
KINDS = {"condition": "Conditions", "stimulus": "Stimuli", "session": "Sessions"}
EXPLAINED = (
    "engagement", "attention", "valence", "audience", "difference_over_time",
    "difference_in_scene", "effect", "baseline",
)  # fmt: skip


def show() -> None:
    heading("Compare", "Did B do better? Two to six groups of viewers, second by second.")
    expect_figure()
    names = {row.study_id: row.name for row in app_state().store.studies.list()}
    if not names:
        no_studies()
        return
    given = st.query_params.get("study", "")
    chosen = st.selectbox(
        "Study",
        list(names),
        index=list(names).index(given) if given in names else 0,
        format_func=lambda key: shorten(names[key], 80),
        key="compared-study",
    )
    study = kept_study(chosen or next(iter(names)))
    if study is None:
        return
    simulated_note(study)
    versions_note(study)
    above, below = st.container(), st.container()
    if study.attributes:
        with show_errors(), below:
            study = only(study)
    kinds = data.kinds(study)
    if not kinds:
        _nothing_to_compare(study)
        return
    with above:
        groups = _choose_groups(study, kinds)
    columns = st.columns([3, 2, 2], vertical_alignment="bottom")
    choice = filters.choose(*columns, offered=study.measures)
    if len(groups) < 2:
        st.info("Choose at least two to compare.", icon=":material/compare_arrows:")
        return
    with show_errors():
        _comparison(study, groups, choice)


def _choose_groups(study: Study, kinds: dict[str, list[Group]]) -> list[Group]:
    """Groups of one kind, six at the most."""
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    kind = left.selectbox(
        "Compare", list(kinds), index=list(kinds).index(usual_kind(study) or next(iter(kinds))),
        format_func=lambda one: KINDS.get(one, one), key="kind", bind="query-params",
    )  # fmt: skip
    groups = {one.name: one for one in kinds[kind or next(iter(kinds))]}
    chosen = right.multiselect(
        "Two to six of them",
        list(groups),
        default=_asked_for(groups) or list(groups)[:2],
        format_func=lambda name: shorten(name, 60),
        max_selections=6,
        key=f"groups-{study.study_id}-{kind}",
    )
    return [groups[name] for name in chosen]


def _asked_for(groups: dict[str, Group]) -> list[str]:
    """The groups of the sessions that the address names."""
    asked = set(st.query_params.get("sessions", "").split(","))
    return [name for name, one in groups.items() if asked & set(one.sessions["session_id"])][:6]


def _sentence(found: CompareView) -> None:
    """What was found, before anything is drawn."""
    st.html(tables.sentences(*found.compared.sentences))
    tested = found.compared.tested
    if not tested:  # the sentence says why
        return
    together = ", ".join(units.name(one).lower() for one in tested_with(found.measure))
    pairs = f" and {len(tested)} pairs" if len(tested) > 1 else ""
    how = "the same respondents, as pairs" if found.compared.paired else "different viewers"
    st.caption(f"Tested together: {together}{pairs}; {how}; p under 0.05 after correction.")


def _choose_pair(found: CompareView, left: DeltaGenerator, right: DeltaGenerator) -> Comparison:
    """Whose difference is drawn: the reference's, and of several others one."""
    names = list(found.compared.names)
    usual = usual_reference(names)
    key = "-".join(names)
    reference = left.selectbox(
        "Reference",
        names,
        index=names.index(usual),
        format_func=lambda name: shorten(name, 60),
        key=f"reference-{key}",
        help="Differences are the other minus the reference.",
    )
    reference = reference or usual
    others = [name for name in names if name != reference]
    other = others[0]
    if len(others) > 1:
        chosen = right.selectbox(
            "Against it",
            others,
            format_func=lambda name: shorten(name, 60),
            key=f"other-{key}-{reference}",
        )
        other = chosen or other
    pairs = found.compared.pairs
    two = (other, reference)
    return pairs[two if two in pairs else (reference, other)].minus(reference)


def _curves(found: CompareView, one: Comparison, key: tuple[Hashable, ...]) -> None:
    """Curves, and below them the difference of one pair; that pair is the answer."""
    st.html(
        tables.finding(
            charts.finding(one, found.measure),
            f"{units.note(found.measure)}: means with their 95 % ranges"
            + SHADED * (not one.too_few),
        )
    )
    st.html(
        tables.key(charts.colours(found.compared.names), sizes(found.compared.lines[found.measure]))
    )
    if found.compared.scenes:
        st.html(tables.scene_strip(found.compared.scenes, (), found.compared.length_ms))
    theme = current_theme()
    drawing = figure_json(
        lambda: charts.figure(
            found.curves,
            one,
            found.measure,
            viewers=found.compared.viewers(found.measure),
            scenes=found.compared.scenes,
            length_ms=found.compared.length_ms,
            theme=theme,
        ),
        "compared", *key, one.a, one.b, theme.name,
    )  # fmt: skip
    figure(drawing, alt=one.sentence, key="compare")


def _scenes(found: CompareView, one: Comparison, key: tuple[Hashable, ...]) -> None:
    if len(one.scenes):
        st.subheader("Scene by scene", anchor=False)
        st.html(tables.differences(one.scenes, one.a, one.b, found.measure))
        st.caption(tables.HOW_DIFFERENCES)
    if found.spread.empty:
        return
    st.subheader("Every viewer's mean", anchor=False)
    whom = (
        "one shape per group, wide where there are many viewers"
        if charts.crowded(found.spread)
        else "one dot per viewer"
    )
    st.caption(
        f"{units.name(found.measure)}: {whom}; the box holds the middle half, its line the median"
    )
    st.html(tables.key(charts.colours(found.compared.names), {}))
    theme = current_theme()
    drawing = figure_json(
        lambda: charts.spread(found.spread, found.compared.names, found.measure, theme),
        "spread", *key, theme.name,
    )  # fmt: skip
    said = f"{units.name(found.measure)} of every viewer by scene."
    figure(drawing, alt=said, key="spread", config=STILL)


def _comparison(study: Study, groups: list[Group], choice: Choice) -> None:
    names = f"{study.study_id} {'|'.join(one.name for one in groups)}"
    key = (study.stamp, names, choice)
    found = cached.compared(study, groups, *key)
    _sentence(found)
    left, middle, right = st.columns([2, 2, 3], vertical_alignment="bottom")
    one = _choose_pair(found, left, middle)
    with right if len(groups) > FEWEST else middle:
        comparison_exports(study, _told(found, choice, one.b), "compared")
    _curves(found, one, key)
    _scenes(found, one, key)
    definitions(EXPLAINED, eyes=study.eyes)


def _told(found: CompareView, choice: Choice, reference: str) -> exports.ReportOptions:
    """What the report tells: the groups and the measures that the page compares."""
    return exports.ReportOptions(
        measures=tested_with(found.measure),
        compare=found.compared.names,
        by=None if (kind := st.session_state.get("kind")) in KINDS else kind,
        reference=reference,
        corrected=choice.corrected,
        minimum=choice.minimum,
    )


def _nothing_to_compare(study: Study) -> None:
    st.info(
        f"{escape_markdown(shorten(study.name, 60))} has no two groups to compare yet: "
        "give its sessions conditions, or stimuli, in the study's view «Sessions».",
        icon=":material/info:",
    )
