"""Words to other programs when something is done here: off until an address is named."""
