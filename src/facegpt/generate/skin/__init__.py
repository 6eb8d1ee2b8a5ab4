"""Colours that words ask for: skin and irises changed, lips painted, tints that nobody has."""
