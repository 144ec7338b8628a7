"""What does it see?"""

from __future__ import annotations

from dashboard.components.lab_inside_page import page
from dashboard.components.lab_parts import lab_style
from dashboard.components.page import heading

lab_style()
heading("What does it see?", "One face through one model, from the crop to the answer.")
page()
