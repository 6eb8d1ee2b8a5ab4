"""Addresses, one file a kind of thing."""
