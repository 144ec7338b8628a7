"""Model: what is this model worth?"""

from __future__ import annotations

from dashboard.lab.models.model_view import show

show()
