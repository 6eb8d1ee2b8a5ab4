"""What each part of a head feels like to light: the occlusion-roughness-metal texture that glTF and USD share."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.export.bundle import HeadExport
from facegpt.export.images import png_bytes
from facegpt.render.texel_grids import between_corners
from facegpt.render.uv import Atlas, rasterize_atlas

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

    Hair shades the skin below it: less light from around reaches it; and skin is dull where roots are painted on it.
    """
    uv = np.ascontiguousarray(head.uv, np.float64).tobytes()
    atlas = _atlas(uv, np.ascontiguousarray(head.uv_triangles, np.int64).tobytes(), size)
    packed = _by_part(head)[np.where(atlas.triangle >= 0, np.asarray(head.part)[atlas.triangle], len(head.part_names))]
    if head.roughness is not None:
        rough = Image.fromarray(np.asarray(head.roughness, np.float32)).resize((size, size), Image.Resampling.BOX)
        packed[..., 1] = np.round(np.asarray(rough) * 255)
    if head.cards:
        shares = np.stack([_left_by_hair(head), *_shines(head)])
        light, *shines = _at_texels(shares, head, atlas)
        packed[..., 0] = np.round(packed[..., 0] * light)
        for shine in shines:
            packed[..., 1] = np.round(255 - (255 - packed[..., 1]) * shine)
    return png_bytes(packed)


@lru_cache(maxsize=2)
def _atlas(uv: bytes, uv_triangles: bytes, size: int) -> Atlas:
    """The atlas of the last heads: those of one model share it."""
    corners = np.frombuffer(uv_triangles, np.int64).reshape(-1, 3)
    return rasterize_atlas(np.frombuffer(uv, np.float64).reshape(-1, 2), corners, size, size, margin=2)


def _by_part(head: HeadExport) -> NDArray[np.uint8]:
    """Colours of the head's parts, and of what lies outside of them last: (parts + 1, 3)."""
    kinds = [PARTS.get(name, SKIN) for name in (*head.part_names, "")]
    return np.array([(round(255 * occlusion), round(255 * roughness), 0) for occlusion, roughness in kinds], np.uint8)


def _left_by_hair(head: HeadExport) -> NDArray[np.float32]:
    """Share of the light from around that hair and beard leave to each vertex: (V,) in 0..1."""
    return np.asarray(np.prod([np.asarray(proxy.head_open_to_light, np.float32) for proxy in head.cards], axis=0))


def _shines(head: HeadExport) -> list[NDArray[np.float32]]:
    """Shares (V,) of the skin's highlight that roots of hair leave, for each that has such."""
    return [np.asarray(proxy.head_shine, np.float32) for proxy in head.cards if proxy.head_shine is not None]


def _at_texels(shares: NDArray[np.float32], head: HeadExport, atlas: Atlas) -> NDArray[np.float32]:
    """Shares (K, V) of vertices at each texel (K, size, size); 1 where there is no head, or nothing is taken."""
    out = np.ones((len(shares), *atlas.triangle.shape), np.float32)
    less = np.asarray((shares != 1).any(0))[head.triangles].any(1)
    shown = less[np.maximum(atlas.triangle, 0)] & (atlas.triangle >= 0)
    texels = np.asarray(head.triangles, np.int32), atlas.triangle[shown], atlas.barycentric[shown]
    out[:, shown] = between_corners(shares.T, *texels).T
    return out
