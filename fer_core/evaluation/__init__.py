"""How good a model is: metrics, calibration, and models run over labelled faces."""

from fer_core.evaluation.calibration import fit_temperature
from fer_core.evaluation.metrics import Scores, score
from fer_core.evaluation.report import Report, evaluate, validation_split
from fer_core.evaluation.runner import (
    Evaluation,
    agreed,
    milliseconds_per_face,
    run_model,
    score_labels,
    score_votes,
)

__all__ = [
    "Evaluation",
    "Report",
    "Scores",
    "agreed",
    "evaluate",
    "fit_temperature",
    "milliseconds_per_face",
    "run_model",
    "score",
    "score_labels",
    "score_votes",
    "validation_split",
]
