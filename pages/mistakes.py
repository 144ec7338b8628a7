"""Where does it go wrong?"""

from __future__ import annotations

from dashboard.components.lab_mistakes_page import page
from dashboard.components.lab_parts import lab_style
from dashboard.components.page import heading

lab_style()
heading("Where does it go wrong?", "The faces behind the numbers, the most surely wrong first.")
page()
