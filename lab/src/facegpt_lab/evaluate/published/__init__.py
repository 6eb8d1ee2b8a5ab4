"""Published sets of which the user has a copy: one file a protocol."""
