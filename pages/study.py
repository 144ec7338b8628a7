"""How did the audience respond?"""

from __future__ import annotations

import streamlit as st

from dashboard.audience.study import cached as study_cache
from dashboard.audience.study.film import film
from dashboard.audience.study.members import members
from dashboard.audience.study.view import VIEWS, actions, nobody, response, title
from dashboard.camera.respondents.links_view import links
from dashboard.navigation import page_of
from dashboard.shared.page import heading
from fer_core.studies.membership import Study


def show(study: Study) -> None:
    title(study)
    actions(study)
    view = st.segmented_control(
        "View", (*VIEWS, "Links"), default=VIEWS[0], key="view", bind="query-params", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    if view == "Sessions":
        members(study)
    elif view == "Film":
        film(study)
    elif view == "Links":
        links(study)
    elif study.counted.empty:
        nobody(study)
    else:
        response(study)


study_id = st.query_params.get("id", "")
found = study_cache.study(study_id) if study_id else None
if found is not None:
    show(found)
else:
    heading("This study is not here", "It may have been deleted, or the link is not complete.")
    st.page_link(page_of("studies"), label="All studies", icon=":material/arrow_back:")
