"""The loggers of Streamlit and of its web server give what they say to the log of JSON lines."""

from __future__ import annotations

import logging

import streamlit.logger
import uvicorn.config

from fer_core.keeping import log_lines


def take_over() -> None:
    """Before the web server is made, and again when it is: both would else print as they like."""
    log_lines.install()
    # each logger of Streamlit asks this for a handler when it is made
    streamlit.logger.setup_formatter = log_lines.to_json_lines
    uvicorn.config.LOGGING_CONFIG["loggers"] = {}
    # a line a request, of which nothing could be kept: they are paths and addresses
    logging.getLogger("uvicorn.access").disabled = True
