"""Readers of photos, folders and patterns."""
