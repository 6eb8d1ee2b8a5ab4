"""What each part of a head feels like to light: the occlusion-roughness-metal texture that glTF and USD share."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from facegpt.export.bundle import HeadExport
from facegpt.export.images import png_bytes

#: Skin, and every part that is not named below: light that reaches it from around, and roughness.
SKIN = (1.0, 0.6)
#: (occlusion, roughness) of the others. Viewers without shadows would light the inside of the mouth as brightly as the
#: cheeks; occlusion, 1 for open and 0 for closed off, dims the light from around there.
PARTS = {
    **{"left_eye": (0.9, 0.1), "right_eye": (0.9, 0.1), "left_socket": (0.4, 0.9), "right_socket": (0.4, 0.9)},
    **{"upper_teeth": (0.65, 0.25), "lower_teeth": (0.65, 0.25), "gums": (0.5, 0.35), "tongue": (0.6, 0.45)},
    **{"mouth": (0.2, 0.95), "lashes": (1.0, 0.9), "brows": (1.0, 0.9), "hair": (0.9, 0.8)},
}


def surface_map(head: HeadExport, size: int = 512) -> bytes:
    """Draw the texture as PNG, (size, size): red occlusion, green roughness, blue metal (none), as glTF packs them."""
    image = Image.new("RGB", (size, size), _color(*SKIN))
    draw = ImageDraw.Draw(image)
    corners = (np.asarray(head.uv) * (1, -1) + (0, 1)) * size - 0.5
    for index, name in enumerate(head.part_names):
        if name in PARTS:
            color = _color(*PARTS[name])
            for triangle in corners[head.uv_triangles[head.part == index]].reshape(-1, 6).tolist():
                draw.polygon(triangle, fill=color, outline=color)
    return png_bytes(np.asarray(image))


def _color(occlusion: float, roughness: float) -> tuple[int, int, int]:
    return round(255 * occlusion), round(255 * roughness), 0
