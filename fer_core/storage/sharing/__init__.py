"""How several processes share one store: one owner, the others its clients."""
