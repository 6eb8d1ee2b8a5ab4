"""Synthetic photos with exact truth."""
