"""A feature's component for the browser, made of the files beside its module."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.shared.assets import script, text

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer


def component(
    beside: str, name: str, *, html: str = "", isolate_styles: bool = True
) -> ComponentRenderer:
    """The component ``rapt_NAME`` of ``NAME.js``, ``NAME.css`` and ``NAME.html``; call it to mount.

    ``beside`` is the module's ``__file__``. ``html`` stands in for the file where a line is
    enough; the style sheet may be missing.
    """
    css = Path(beside).with_name(f"{name}.css")
    return st.components.v2.component(
        f"rapt_{name}",
        html=html or text(beside, f"{name}.html"),
        css=text(beside, css.name) if css.is_file() else None,
        js=script(beside, f"{name}.js"),
        isolate_styles=isolate_styles,
    )
