"""How good a model is: metrics, calibration and the runner over labelled faces."""

from fer_core.evaluation.calibration import fit_temperature
from fer_core.evaluation.metrics import Scores, score
from fer_core.evaluation.runner import (
    Evaluation,
    agreed,
    milliseconds_per_face,
    run,
    score_labels,
    score_votes,
)

__all__ = [
    "Evaluation",
    "Scores",
    "agreed",
    "fit_temperature",
    "milliseconds_per_face",
    "run",
    "score",
    "score_labels",
    "score_votes",
]
