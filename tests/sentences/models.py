"""."""
CASES = []
