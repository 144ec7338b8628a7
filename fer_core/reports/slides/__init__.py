"""A report as slides: PowerPoint with charts that can be edited."""
