"""Heads of one's own: from clips of a person to an avatar."""
