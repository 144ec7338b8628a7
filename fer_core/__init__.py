"""Rapt's core: a video in, an emotion timeline out. No Streamlit in here."""

__version__ = "0.1.0"
