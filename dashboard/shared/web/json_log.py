"""The loggers of Streamlit and of its web server give what they say to the log of JSON lines."""

from __future__ import annotations

import streamlit.logger
import uvicorn.config

from fer_core.keeping import log_lines


def take_over() -> None:
    """Once, before the web server is made: both would else print in their own form."""
    log_lines.install()
    # each logger of Streamlit asks this for a handler when it is made
    streamlit.logger.setup_formatter = log_lines.to_json_lines
    # its lines name paths and addresses
    uvicorn.config.LOGGING_CONFIG["loggers"] = {"uvicorn.access": {"level": "WARNING"}}
