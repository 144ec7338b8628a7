"""A camera or a stream measured while it runs, by the same chain as a file."""
