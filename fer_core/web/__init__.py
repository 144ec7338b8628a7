"""The chain in a browser: its runtime, its networks, the table that says how to use them."""
