"""What each part of a head feels like to light: the occlusion-roughness-metal texture that glTF and USD share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from facegpt.export.bundle import HeadExport
from facegpt.export.images import png_bytes
from facegpt.render.uv import rasterize_atlas

#: Skin, and every part that is not named below: light that reaches it from around, and roughness.
SKIN = (1.0, 0.6)
#: (occlusion, roughness) of the others. Viewers without shadows would light the inside of the mouth as brightly as the
#: cheeks; occlusion, 1 for open and 0 for closed off, dims the light from around there.
PARTS = {
    **{"left_eye": (0.9, 0.1), "right_eye": (0.9, 0.1), "left_socket": (0.4, 0.9), "right_socket": (0.4, 0.9)},
    **{"upper_teeth": (0.65, 0.25), "lower_teeth": (0.65, 0.25), "gums": (0.5, 0.35), "tongue": (0.6, 0.45)},
    **{"mouth": (0.2, 0.95), "lashes": (1.0, 0.9), "brows": (1.0, 0.9)},
}


def surface_map(head: HeadExport, size: int = 512) -> bytes:
    """Draw the texture as PNG, (size, size): red occlusion, green roughness, blue metal (none), as glTF packs them.

    Hair shades the skin below it: less light from around reaches it.
    """
    image = Image.new("RGB", (size, size), _color(*SKIN))
    draw = ImageDraw.Draw(image)
    corners = (np.asarray(head.uv) * (1, -1) + (0, 1)) * size - 0.5
    for index, name in enumerate(head.part_names):
        if name in PARTS:
            color = _color(*PARTS[name])
            for triangle in corners[head.uv_triangles[head.part == index]].reshape(-1, 6).tolist():
                draw.polygon(triangle, fill=color, outline=color)
    packed = np.array(image)
    if head.roughness is not None:
        rough = Image.fromarray(np.asarray(head.roughness, np.float32)).resize((size, size), Image.Resampling.BOX)
        packed[..., 1] = np.round(np.asarray(rough) * 255)
    if head.cards:
        packed[..., 0] = np.round(packed[..., 0] * _left_by_hair(head, size))
    return png_bytes(packed)


def _left_by_hair(head: HeadExport, size: int) -> NDArray[np.float32]:
    """Share of the light from around that hair and beard leave to each texel: (size, size) in 0..1."""
    atlas = rasterize_atlas(head.uv, head.uv_triangles, size, size, margin=2)
    shares = [np.asarray(proxy.head_open_to_light, np.float32) for proxy in head.cards]
    left = np.prod(shares, axis=0)[:, None]
    return np.where(atlas.triangle >= 0, atlas.interpolate(left, head.triangles)[..., 0], 1.0)


def _color(occlusion: float, roughness: float) -> tuple[int, int, int]:
    return round(255 * occlusion), round(255 * roughness), 0
