"""Glasses: eight frames fitted to a head in millimetres, worn as a mesh of their own, and found in photos."""
