"""`facegpt eval`: one file a protocol."""
