"""Kill and starve Rapt at moments of chance: nothing acknowledged is lost, doubled or back.

``make attack`` runs the long form (``python -m tests.faults 300 20``), the suite a short one. Each
round works on a home that earlier rounds have used: a server, a client that changes things, a
recorder of shards, deletions, backups, forgetting and an analysis run at once; after a moment of
chance one of them is killed (-9), or the disk under the home is filled. Then the store is opened
again and everything that was acknowledged before is looked up. A seed chooses the same moments
again, as far as a machine's speed allows.
"""
