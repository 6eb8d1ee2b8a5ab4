"""Kinds of hair that pixels tell where the outline does not: plaits beside coils, white hair beside skin."""
