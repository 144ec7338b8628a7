"""Does a camera reach this server?"""

from __future__ import annotations

from dashboard import cache
from dashboard.components.connection import connection
from dashboard.components.connection_parts import servers
from dashboard.components.page import heading
from dashboard.services.connection_routes import token
from dashboard.services.network import rtc_configuration

heading(
    "Does a camera reach this server?",
    "What the live page and respondents need, tried from this browser.",
)
house = cache.house()
connection(token=token(house.guard), servers=rtc_configuration(house.store))
servers()
