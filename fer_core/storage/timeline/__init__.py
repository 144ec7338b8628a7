"""The timeline: shards on the disk, their way into the store, seconds, and queries of them."""
