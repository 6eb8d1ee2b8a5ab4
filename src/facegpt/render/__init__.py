"""Renderers: from a mesh to pixels, and gradients back."""
