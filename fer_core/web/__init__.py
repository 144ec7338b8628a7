"""Reading faces in a browser: the runtime, the networks, and the table of their constants."""
