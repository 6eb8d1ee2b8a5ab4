"""Clips whose motion is known, and how near to it what was found is."""
