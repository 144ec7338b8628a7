"""Does a camera reach this server?"""

from __future__ import annotations

from dashboard import cache
from dashboard.camera.connection.component import connection
from dashboard.camera.connection.network import rtc_configuration
from dashboard.camera.connection.routes import token
from dashboard.camera.connection.view import servers
from dashboard.shared.page import heading

heading(
    "Does a camera reach this server?",
    "What the live page and respondents need, tried from this browser.",
)
house = cache.house()
connection(token=token(house.guard), servers=rtc_configuration(house.store))
servers()
