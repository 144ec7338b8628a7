"""What is kept and for how long: backups, restoring, retention, forgetting for good, repair."""
