"""Who may come in and do what: the start token, passwords, roles, the audit log."""
