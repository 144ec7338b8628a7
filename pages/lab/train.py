"""Train: can the model be made better?"""

from __future__ import annotations

from dashboard.lab.train.view import show

show()
