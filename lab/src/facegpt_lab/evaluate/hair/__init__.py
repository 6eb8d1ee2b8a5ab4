"""Protocols of hair: from photos, and from words."""
