"""What does it see?"""

from __future__ import annotations

from dashboard.lab.inside.view import page
from dashboard.lab.models.parts import lab_style
from dashboard.shared.page import heading

lab_style()
heading("What does it see?", "One face through one model, from the crop to the answer.")
page()
