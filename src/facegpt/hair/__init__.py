"""Parametric hair of the default head: settings, presets, and what grows from them."""
