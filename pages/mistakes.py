"""Where does it go wrong?"""

from __future__ import annotations

from dashboard.lab.mistakes.view import page
from dashboard.lab.models.parts import lab_style
from dashboard.shared.page import heading

lab_style()
heading("Where does it go wrong?", "The faces behind the numbers, the most surely wrong first.")
page()
