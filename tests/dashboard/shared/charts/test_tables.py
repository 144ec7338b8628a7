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


def test_scene_means_of_several_audiences_stand_in_one_table() -> None:
    def scenes(*means: float) -> pd.DataFrame:
        ends = {"low": [50.0, np.nan], "high": [70.0, np.nan]}
        times = {"from_ms": [0, 5000], "to_ms": [5000, 9000]}
        return pd.DataFrame({"scene": ["Opening", "<Turn>"], "mean": means, **ends, **times})

    found = {"A": scenes(60, 40), "<B>": scenes(61, np.nan)}
    html = tables.scene_means(found, "engagement")
    assert "<td><b>60</b> <small>50 to 70</small></td><td><b>61</b>" in html
    assert "<td><b>40</b></td><td><b>–</b></td>" in html
    assert "&lt;B&gt;" in html
    assert "&lt;Turn&gt;" in html
