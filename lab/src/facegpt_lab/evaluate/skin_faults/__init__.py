"""Texels of a finished skin that are unlike skin: found, counted by kind, and drawn."""
