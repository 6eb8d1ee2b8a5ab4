"""MakeHuman's hair meshes (CC0), worn by the studio's people. Built by lab/runs/hair; grown hair: facegpt.hair."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.morphable.warp import Warp
from facegpt.types import Array, AssetError
from facegpt_lab import assets

ASSET = "makehuman_hair.npz"
FORMAT = 1
#: Styles with a mesh.
MESH_STYLES = (
    *("short", "short_tousled", "short_parted", "short_swept", "bob", "bob_layered", "long", "ponytail", "braid"),
    "curly",
)
#: Hair within this distance of the skin keeps its distance on every head, mm.
NEAR_MM = 10.0
#: Hair farther than this from the vertex below it hangs free, mm; on the crown the mesh has 25 mm between vertices.
HANGS_MM = 25.0


@dataclass(frozen=True, eq=False)
class HairStyle:
    """One hair mesh on the mean head (P vertices), mm.

    Attributes:
        vertices, normals: (P, 3). triangles, uv_triangles: (F, 3). uv: (U, 2).
        strands: (H, W) relative brightness of the hair, 1 on average. alpha: (H, W) in 0..1.
        open_to_light: (P,), head_open_to_light: (V,): see Proxy.
        skin_vertex: (P,) the head's vertex below each of its own. height: (P,) mm above it along its normal.
        covered: (V,) 0..1, how much of the head's skin is under this hair.
        follow: (P, N) displacement of each vertex per displacement of the anchors.
    """

    vertices: Array
    normals: Array
    triangles: NDArray[np.integer]
    uv: Array
    uv_triangles: NDArray[np.integer]
    strands: Array
    alpha: Array
    open_to_light: Array
    head_open_to_light: Array
    covered: Array
    skin_vertex: NDArray[np.integer]
    height: Array
    follow: Array


def near_skin(style: HairStyle, mean: Array) -> NDArray[np.bool_]:
    """(P,) whether hair lies on the skin of the mean head (V, 3) mm, and does not hang below the end of its neck."""
    away = np.linalg.norm(style.vertices - mean[style.skin_vertex], axis=1)
    return (np.abs(style.height) < NEAR_MM) & (away < HANGS_MM)


@lru_cache(maxsize=1)
def _asset() -> dict[str, NDArray]:
    arrays = assets.load_arrays(ASSET)
    if int(arrays["format"]) != FORMAT:
        raise AssetError(f"{ASSET} has format {int(arrays['format'])}, this version reads {FORMAT}; reinstall facegpt")
    return arrays


@lru_cache(maxsize=1)
def _warp() -> Warp:
    return Warp(_asset()["anchor_places"], float(_asset()["stiffness_mm"]))


@lru_cache(maxsize=4)
def load_style(name: str) -> HairStyle:
    """Load one of MESH_STYLES; the same object each time."""
    stored = {key.removeprefix(f"{name}."): value for key, value in _asset().items() if key.startswith(f"{name}.")}
    vertices = stored["vertices"].astype(np.float32) * np.float32(_asset()["step_mm"])
    picture = np.asarray(Image.open(io.BytesIO(stored["texture_png"].tobytes())).convert("LA"), np.float32) / 255
    return HairStyle(
        vertices=vertices,
        normals=stored["normals"].astype(np.float32) / 127,
        triangles=stored["triangles"].astype(np.int32),
        uv=stored["uv"].astype(np.float32) / 65535,
        uv_triangles=stored["uv_triangles"].astype(np.int32),
        strands=picture[..., 0] * np.float32(_asset()["strand_range"]),
        alpha=picture[..., 1],
        open_to_light=stored["open_to_light"].astype(np.float32) / 255,
        head_open_to_light=stored["head_open_to_light"].astype(np.float32) / 255,
        covered=stored["covered"].astype(np.float32) / 255,
        skin_vertex=stored["skin_vertex"].astype(np.int64),
        height=stored["height"].astype(np.float32),
        follow=_warp().operator(vertices),
    )
