"""Verbs that this package adds to the command `facegpt`; each is an entry point of the group `facegpt.verbs`."""
