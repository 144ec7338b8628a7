"""Baseline correction: a resting face that reads sad or angry is taken back to neutral.

baseline/1 is a prior shift: p' is proportional to p · (u / b), where b is the viewer's
mean over the usable frames of the pre-roll and u the reference that a resting face should
give. Here are its settings; the store works it out (``storage.timeline.corrected``). Raw
numbers stay as they are.
"""

from __future__ import annotations

import numpy as np

from fer_core.analytics.frame_time import Span
from fer_core.labels import EMOTIONS, NEUTRAL
from fer_core.types import Array

PRE_ROLL = Span(0, 3000)
#: What a resting face gives: mostly neutral, the rest shared evenly (decision 072).
REFERENCE: Array = np.where(np.arange(len(EMOTIONS)) == NEUTRAL, 0.7, 0.05)
#: No part of the viewer's mean counts as less: dividing by almost nothing would turn a
#: trace of an emotion that the pre-roll happened not to show into the whole answer.
SMALLEST = 0.01
