"""Quantiles and tails of the distributions that the statistics rest on.

SciPy's special functions take a quarter of a second to load: they come with the first that is
asked for, not with whatever imports a statistic.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from fer_core.types import Array


def student_quantile(df: ArrayLike, p: float) -> Array:
    """What Student's t with ``df`` degrees of freedom stays below with probability ``p``."""
    from scipy.special import stdtrit

    return np.asarray(stdtrit(df, p))


def normal_quantile(p: float) -> float:
    """What the standard normal distribution stays below with probability ``p``."""
    from scipy.special import ndtri

    return float(ndtri(p))


def beta_quantile(a: ArrayLike, b: ArrayLike, p: ArrayLike) -> Array:
    """What the beta distribution stays below with probability ``p``."""
    from scipy.special import betaincinv

    return np.asarray(betaincinv(a, b, p))


def f_tail(df_between: float, df_within: float, f: Array) -> Array:
    """How likely F is at least as large."""
    from scipy.special import fdtrc

    return np.asarray(fdtrc(df_between, df_within, f))
