"""The same analysis over many recordings: which ones, what is left to do, all cores at work."""
