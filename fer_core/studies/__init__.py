"""From the store's rows to analytics' tables: who is in a study, its seconds, its groups.

Pages, commands and reports ask here, so that the same study has the same numbers wherever
it is shown. Nothing is worked out here; ``analytics`` does that.
"""
