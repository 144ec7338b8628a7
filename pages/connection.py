"""Does a camera reach this server?"""

from __future__ import annotations

from dashboard.camera.connection.component import connection
from dashboard.camera.connection.network import rtc_configuration
from dashboard.camera.connection.routes import TOKEN
from dashboard.camera.connection.view import servers
from dashboard.shared.page import heading
from dashboard.state import app_state

heading(
    "Does a camera reach this server?",
    "What the live page and respondents need, tried from this browser.",
)
state = app_state()
connection(token=state.guard.sign(TOKEN), servers=rtc_configuration(state.store))
servers()
