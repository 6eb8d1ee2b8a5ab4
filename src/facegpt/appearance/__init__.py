"""Albedo, light and texture of a head."""
