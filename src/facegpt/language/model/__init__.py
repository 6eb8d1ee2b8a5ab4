"""The language model: base, adapters, heads, face and photo tokens."""
