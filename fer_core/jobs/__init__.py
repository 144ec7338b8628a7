"""Jobs: the queue of long work, its supervisor, and a worker process for each job."""
