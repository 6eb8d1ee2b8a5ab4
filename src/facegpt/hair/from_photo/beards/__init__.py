"""Beards of photos: how much of one is worn, where it is seen, and its colour."""
