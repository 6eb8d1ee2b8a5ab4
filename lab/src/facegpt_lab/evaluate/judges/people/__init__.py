"""Clips of people and how well heads follow them."""
