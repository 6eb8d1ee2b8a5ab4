"""Whites of the eyes, teeth and lashes: what is neither skin nor hair, and no photo shows well enough to be painted."""
