"""The emotions, in the one order that every array, column and file of Rapt uses.

The order is FER2013's. Data sets and models with other names or orders are mapped
once, at their own edge; nothing else may retype this list.
"""

from typing import Final

EMOTIONS: Final = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
NEUTRAL: Final = EMOTIONS.index("neutral")
PROBABILITY_COLUMNS: Final = tuple(f"p_{name}" for name in EMOTIONS)

#: The split that a model is measured on, and its best epoch chosen by, where nobody says which.
VALIDATION: Final = "publictest"

#: The order in which screens and reports list the emotions.
DISPLAY_ORDER: Final = ("happy", "surprise", "neutral", "sad", "fear", "disgust", "angry")
