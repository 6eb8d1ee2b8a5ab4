"""Shapes that words ask for: identities changed, and what goes beyond them."""
