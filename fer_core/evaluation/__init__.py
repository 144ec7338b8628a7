"""How good a model is: metrics, calibration, and models run over labelled faces.

Each name is imported when it is asked for: ``evaluation.metrics`` needs NumPy alone, what runs
models needs OpenCV and LiteRT, which a machine that only trains may not have.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_MODULES = {
    "fit_temperature": "calibration",
    "Scores": "metrics",
    "score": "metrics",
    "Report": "report",
    "evaluate": "report",
    "validation_split": "report",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_MODULES.get(name, 'runner')}")
    return getattr(module, name)
