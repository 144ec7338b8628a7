"""An audience's response from a plain matrix of its viewers' values."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fer_core.studies.audiences import Audience
from fer_core.studies.response import Response, respond


def seconds_of(values: np.ndarray, measure: str = "engagement") -> pd.DataFrame:
    """The store's seconds of viewers (rows) over seconds (columns); NaN: no row."""
    viewer, second = np.nonzero(~np.isnan(values))
    return pd.DataFrame(
        {
            "session_id": [f"s{one:03}" for one in viewer],
            "viewer": 0,
            "second": second,
            measure: values[viewer, second],
        }
    )


def response_of(values: np.ndarray, *, minimum: int = 1, measure: str = "engagement") -> Response:
    """The response of viewers (rows) over seconds (columns); NaN: not known."""
    ids = tuple(f"s{one:03}" for one in range(len(values)))
    whole = Audience("All viewers", ids, (), (), 1000 * values.shape[1])
    return respond(seconds_of(values, measure), whole, measure, minimum=minimum)
