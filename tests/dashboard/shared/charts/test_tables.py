"""Tables of scenes and differences as HTML."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.audience.compare import data
from dashboard.shared.charts import tables
from fer_core.studies.membership import Study


def test_tables_say_scenes_effects_and_too_few(study: Study, seconds: pd.DataFrame) -> None:
    groups = data.kinds(study)["condition"]
    (one,) = data.compared(study, seconds, groups, "engagement").compared.pairs.values()
    html = tables.differences(one.scenes, "A", "B", "engagement")
    assert html.count('class="rapt-clear"') == 2
    assert "large" in html
    few = one.scenes.assign(p_corrected=np.nan)
    assert "too few viewers" in tables.differences(few, "A", "B", "engagement")
    hostile = one.scenes.assign(scene="<img src=x>")
    assert "<img" not in tables.differences(hostile, "<b>A</b>", "B", "engagement")
