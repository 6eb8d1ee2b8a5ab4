"""Errors with a message for a human. Only the standard library: they are told before anything else is loaded."""

from __future__ import annotations


class FaceGPTError(Exception):
    """An error with a message for a human: what was wrong, with which file, and what to do."""


class ImageError(FaceGPTError):
    """A picture that cannot be read."""


class VideoError(FaceGPTError):
    """A clip that cannot be read."""


class AssetError(FaceGPTError):
    """A data file of the package, or one that the user supplied, that is missing, damaged or of another format."""


class ShapeError(FaceGPTError, ValueError):
    """Arrays whose shapes do not fit each other."""
