"""Leading expressions as a coloured strip."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.shared.charts import ribbon
from fer_core.palette import EMOTION_COLOURS, LIGHT


def test_a_cell_of_the_ribbon_carries_emotion_and_strength() -> None:
    z = ribbon.levels(pd.Series(["happy", "happy", None]), pd.Series([1.0, 0.15, np.nan]))
    assert z[0] == ribbon.STEPS - 1
    assert z[1] == 0
    assert np.isnan(z[2])
    scale = ribbon.colour_scale(LIGHT)
    assert scale[0][0] == 0
    assert scale[-1][0] == 1
    assert scale[2 * (ribbon.STEPS - 1)][1].upper() == EMOTION_COLOURS["happy"]
