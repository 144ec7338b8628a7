"""Short films out of studies and sessions: the moments that the numbers choose, with the curve."""
