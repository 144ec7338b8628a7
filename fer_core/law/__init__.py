"""Papers that the law asks for before faces are measured, each filled from a study."""
