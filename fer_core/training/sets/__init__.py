"""Training sets prepared once, in shards: the same pictures on one machine and on many."""
