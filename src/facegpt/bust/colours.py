"""Shirts as people ask for them."""

from __future__ import annotations

from PIL import ImageColor

from facegpt.conventions import srgb_to_linear
from facegpt.types import FaceGPTError, Shirt

#: What is said of a head from a photo that shows too little of what its person wears.
UNSEEN = "The shirt is plain, and its colour is not the photo's."


def shirt_like(color: str | None) -> Shirt | None:
    """A shirt of a colour: a name of CSS or "#rrggbb"; None without one. Raises FaceGPTError for another."""
    if color is None:
        return None
    try:
        values = ImageColor.getrgb(color)[:3]
    except ValueError:
        raise FaceGPTError(f"there is no colour '{color}' for a shirt; write a name or '#rrggbb'") from None
    red, green, blue = srgb_to_linear([value / 255 for value in values]).tolist()
    return Shirt((red, green, blue))
