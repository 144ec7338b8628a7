"""The third step: condition, film and respondent of each recording, of many at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final

import pandas as pd
import streamlit as st

from dashboard.audience.setup import data
from dashboard.audience.setup.data import Recording
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import notice, show_errors
from dashboard.state import app_state
from fer_core.storage.studies import Study
from fer_core.studies import names, respondents
from fer_core.text import count

#: What a table of recordings shows, by the column's head.
_COLUMNS: Final = {
    "Recording": "name", "Respondent": "respondent", "Condition": "condition", "Film": "stimulus",
    "State": "state",
}  # fmt: skip
_PROBLEMS: Final = 8


def who(study: Study) -> None:
    found = data.recordings(app_state().store, study)
    if not found:
        st.info("There are no recordings yet; drop them in the step before.")
        return
    _follow(study, len(found))
    st.markdown(f"**{escape_markdown(data.summary(found))}**")
    ways: dict[str, Callable[[Study, Sequence[Recording]], None]] = {
        "From the names": _by_names, "From a CSV file": _by_csv, "Select rows": _by_hand,
    }  # fmt: skip
    way = st.segmented_control(
        "How", list(ways), default=next(iter(ways)), key="way", bind="query-params",
        required=True, label_visibility="collapsed",
    )  # fmt: skip
    ways[way](study, found)


@st.fragment(run_every=2)
def _follow(study: Study, shown: int) -> None:
    """Draws the step anew when more recordings have come: uploads go on meanwhile."""
    if len(data.recordings(app_state().store, study)) != shown:
        st.rerun()


def _by_names(study: Study, found: Sequence[Recording]) -> None:
    """One name is explained; all that are like it are read the same way."""
    called = [one.name for one in found]
    example = st.selectbox(
        "Say how one name reads", list(dict.fromkeys(called)), key="example",
        help="All other names are read by the same pattern.",
    )  # fmt: skip
    unsaid = any(not (one.respondent and one.condition) for one in found)
    marked = _marks(study, called, example, unsaid=unsaid)
    read = names.read_by_example(called, example, marked)
    said = {one.session_id: fields for one, fields in zip(found, read) if fields}
    if not said:
        st.caption("Say which part of the name is the respondent, which the condition.")
        return
    st.caption(f"{len(said)} of {count(len(found), 'name')} read like this:")
    _preview(found, said)
    _assign(study, said)


def _marks(
    study: Study, called: Sequence[str], example: str, *, unsaid: bool
) -> dict[str, names.Part]:
    """Which part of the example is what; a guess at first, where anything is ``unsaid``."""
    found = names.parts(example)
    others = [name for name in called if name != example]
    guessed = names.guess([example, *others], study.conditions) if unsaid else {}
    kept: dict[str, int | None] = st.session_state.setdefault(f"parts-of-{example}", {})
    marked = {}
    for field, column in zip(names.FIELDS, st.columns(len(names.FIELDS))):
        if guessed.get(field) in found:  # perhaps only now: more recordings have come
            kept.setdefault(field, found.index(guessed[field]))
        key = f"part-{field}-{field in kept}-{example}"  # a box takes its first value once
        chosen = column.selectbox(
            f"{field.capitalize()} is", range(len(found)), index=kept.get(field),
            format_func=lambda place: _shown(example, found, place),
            placeholder="not in the name", key=key, on_change=_keep, args=(kept, field, key),
        )  # fmt: skip
        if chosen is not None:
            marked[field] = found[chosen]
    apart = sorted(marked.values())
    if any(one.end > after.start for one, after in pairwise(apart)):
        st.error("One part of a name cannot be both the respondent and the condition.")
        return {}
    return marked


def _keep(kept: dict[str, int | None], field: str, key: str) -> None:
    """What a person says of a name stands before any guess."""
    kept[field] = st.session_state[key]


def _shown(example: str, found: Sequence[names.Part], place: int) -> str:
    """A part of the name; where it says the same twice, with what stands before."""
    text = found[place].of(example)
    same = [one for one in found if one.of(example) == text]
    return text if len(same) == 1 else f"{text} (the {same.index(found[place]) + 1}. of them)"


def _by_csv(study: Study, found: Sequence[Recording]) -> None:
    given = st.file_uploader(
        "Columns: recording, respondent, condition, film. Those that are missing stay as they are.",
        type=["csv", "txt"],
        key="respondents-file",
    )
    if given is None:
        return
    with show_errors():
        read = respondents.from_csv(
            given.getvalue(),
            {one.session_id: one.name for one in found},
            [one.title for one in app_state().store.studies.stimuli(study.study_id)],
        )
        if read.problems:
            lines = [f"- {escape_markdown(one)}" for one in read.problems[:_PROBLEMS]]
            if len(read.problems) > _PROBLEMS:
                lines.append(f"- and {len(read.problems) - _PROBLEMS} more")
            title = f"{count(len(read.problems), 'line')} cannot be used:"
            st.warning("\n".join([title, "", *lines]))
        if read.said:
            st.caption(f"{count(len(read.said), 'recording')} of {len(found)} are in the file:")
            _preview(found, read.said)
            _assign(study, read.said)


def _by_hand(study: Study, found: Sequence[Recording]) -> None:
    """Rows are ticked, then one condition, film or respondent is set for all of them."""
    films = [one.title for one in app_state().store.studies.stimuli(study.study_id)]
    columns = st.columns(3)
    condition = columns[0].selectbox(
        "Condition", study.conditions, index=None, accept_new_options=True,
        placeholder="Stays", key="set-condition",
    )  # fmt: skip
    stimulus = columns[1].selectbox(
        "Film", films, index=None, placeholder="Stays", disabled=not films, key="set-film"
    )
    respondent = columns[2].text_input("Respondent", placeholder="Stays", key="set-respondent")
    picked = st.dataframe(
        _table(found), hide_index=True, key="recordings", on_select="rerun",
        selection_mode="multi-row", height=min(35 * len(found) + 38, 460),
    )  # fmt: skip
    ticked = [found[at].session_id for at in picked["selection"]["rows"]]
    fields = {
        "condition": condition or "", "stimulus": stimulus or "", "respondent": respondent.strip(),
    }  # fmt: skip
    if not ticked:
        st.caption("Tick rows at their left; the box in the heading ticks all of them.")
    elif not any(fields.values()):
        st.caption(f"{count(len(ticked), 'row')} ticked: say above what holds for them.")
    else:
        _assign(study, dict.fromkeys(ticked, fields))


def _preview(found: Sequence[Recording], said: Mapping[str, Mapping[str, str]]) -> None:
    """The table as it will be, before anything is stored."""
    table = _table(found)
    for at, one in enumerate(found):
        for head, field in _COLUMNS.items():
            if text := said.get(one.session_id, {}).get(field):
                table.loc[at, head] = text
    st.dataframe(
        table.drop(columns="State"), hide_index=True, height=min(35 * len(found) + 38, 380)
    )


def _table(found: Sequence[Recording]) -> pd.DataFrame:
    return pd.DataFrame(
        {head: [getattr(one, field) for one in found] for head, field in _COLUMNS.items()}
    )


def _assign(study: Study, said: Mapping[str, Mapping[str, str]]) -> None:
    if st.button(f"Assign {count(len(said), 'recording')}", type="primary"):
        with show_errors():
            done, problems = data.assign(app_state().store, study, said)
            notice(
                f"{count(done, 'recording')} assigned."
                + (f" {len(problems)} not: {problems[0]}" if problems else "")
            )
            st.rerun()
