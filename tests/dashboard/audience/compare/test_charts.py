"""What is drawn of a data."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.audience.compare import charts, data
from fer_core.palette import A_COLOUR, B_COLOUR, LIGHT, faded
from fer_core.studies.membership import Study


def test_the_compared_figure_shades_the_planted_spans_and_no_other(
    study: Study, seconds: pd.DataFrame
) -> None:
    groups = data.kinds(study)["condition"]
    found = data.compared(study, seconds, groups, "engagement")
    (one,) = found.compared.pairs.values()
    figure = charts.figure(
        found.curves,
        one,
        "engagement",
        viewers=found.compared.viewers("engagement"),
        scenes=(),
        length_ms=30_000,
        theme=LIGHT,
    )
    shaded = {
        (pd.Timestamp(s.x0).value // 10**9, pd.Timestamp(s.x1).value // 10**9, s.fillcolor)
        for s in figure.layout.shapes
    }
    assert shaded == {(12, 19, faded(B_COLOUR, 0.14)), (24, 28, faded(B_COLOUR, 0.14))}
    # the other minus the reference, where B did better above 0
    turned = one.minus("A")
    assert (turned.a, turned.b) == ("B", "A")
    drawn = charts.figure(
        found.curves, turned, "engagement", viewers=found.compared.viewers("engagement"),
        scenes=(), length_ms=30_000, theme=LIGHT,
    )  # fmt: skip
    line = next(curve for curve in drawn.data if curve.name == "B − A")
    better = found.curves["B"]["mean"] - found.curves["A"]["mean"]
    np.testing.assert_allclose(np.asarray(line.y, float), better)
    assert "B minus A" in drawn.layout.annotations[0].text
    assert charts.colours(found.compared.names) == {"A": A_COLOUR, "B": B_COLOUR}
    said = "Engagement is higher in B from 0:12 to 0:19, 0:24 to 0:28"
    assert charts.finding(one, "engagement") == said
    happy = data.compared(study, seconds, groups, "p_happy")
    (alone,) = happy.compared.pairs.values()
    assert [(c.from_ms, c.to_ms) for c in alone.clusters if c.significant] == [(24_000, 28_000)]
