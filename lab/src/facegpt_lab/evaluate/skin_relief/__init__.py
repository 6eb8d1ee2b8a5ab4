"""Judging a relief of skin: scores, and the rival of the network."""
