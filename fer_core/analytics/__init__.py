"""Timelines to an audience's numbers: pure functions, tables in, tables out, no storage.

Import from the modules: this package imports nothing, so that one number costs one module.
"""
