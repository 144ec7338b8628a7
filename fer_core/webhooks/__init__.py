"""Webhooks: other programs are told when something is done here; off until an address is named."""
