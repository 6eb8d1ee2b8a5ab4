"""Hair of the default head: MakeHuman's meshes (CC0), which follow the head's shape. Data: built by runs/hair."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from facegpt import assets
from facegpt.conventions import linear_to_srgb
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.normals import vertex_normals
from facegpt.morphable.proxies import RestProxy
from facegpt.morphable.warp import Warp
from facegpt.types import Array, AssetError, FaceGPTError, FaceParams, Hair

ASSET = "makehuman_hair.npz"
FORMAT = 1
#: Styles without a mesh: nothing, and hair painted on the scalp.
PAINTED_STYLES = ("bald", "cropped")
#: Styles with a mesh.
MESH_STYLES = (
    *("short", "short_tousled", "short_parted", "short_swept", "bob", "bob_layered", "long", "ponytail", "braid"),
    "curly",
)
HAIR_STYLES = PAINTED_STYLES + MESH_STYLES
#: Linear albedo of white hair.
WHITE = (0.30, 0.29, 0.275)
#: Size of what counts as a strand in the texture, texels; how much the share of white hairs varies between strands.
STRAND_TEXELS, WHITE_SPREAD = 5.0, 0.22
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


def styles_of(model: MorphableModel) -> tuple[str, ...]:
    """The hair styles that a head model can wear; ("bald",) for models without hair."""
    return HAIR_STYLES if model.model_id.startswith("makehuman-head/") else ("bald",)


def check_style(model: MorphableModel, style: str) -> None:
    """Raise FaceGPTError for a style that the model lacks."""
    if style not in styles_of(model):
        raise FaceGPTError(f"there is no hair style '{style}'; there are: {', '.join(styles_of(model))}")


def hair(model: MorphableModel, params: FaceParams) -> RestProxy | None:
    """Grow the hair of `params.hair` on the person at rest; None for bald, cropped or unknown hair."""
    if params.hair is None:
        return None
    check_style(model, params.hair.style)
    if params.hair.style in PAINTED_STYLES:
        return None
    style = load_style(params.hair.style)
    skin = model.mean_vertices + np.tensordot(np.asarray(params.identity, np.float32), model.identity_basis, 1)
    return RestProxy(
        name="hair",
        vertices=grown_on(
            style,
            skin,
            getattr(model, "population_mean", model.mean_vertices),
            model.triangles[model.part == model.part_names.index("skin")],
        ),
        normals=style.normals,
        triangles=style.triangles,
        uv=style.uv,
        uv_triangles=style.uv_triangles,
        texture=coloured(style, params.hair),
        joint="head",
        roughness=0.55,
        glass=False,
        open_to_light=style.open_to_light,
        head_open_to_light=style.head_open_to_light,
    )


def grown_on(style: HairStyle, skin: Array, mean: Array, skin_triangles: NDArray[np.integer]) -> Array:
    """Lay a style on a head (V, 3) mm: (P, 3). A smooth warp carries it from the mean; then the skin lifts it."""
    anchors = _asset()["anchors"]
    vertices = style.vertices + style.follow @ (skin[anchors] - mean[anchors])
    normals = vertex_normals(skin, skin_triangles)[style.skin_vertex]
    height = ((vertices - skin[style.skin_vertex]) * normals).sum(1)
    wanted = np.maximum(style.height, 0.0)
    lift = np.where(near_skin(style, mean), np.maximum(wanted - height, 0.0), 0.0)
    return (vertices + lift[:, None] * normals).astype(np.float32)


def near_skin(style: HairStyle, mean: Array) -> NDArray[np.bool_]:
    """(P,) whether hair lies on the skin of the mean head (V, 3) mm, and does not hang below the end of its neck."""
    away = np.linalg.norm(style.vertices - mean[style.skin_vertex], axis=1)
    return (np.abs(style.height) < NEAR_MM) & (away < HANGS_MM)


def coloured(style: HairStyle, look: Hair) -> NDArray[np.uint8]:
    """Colour a style's texture: (H, W, 4) uint8 sRGB with alpha. White hairs are strands among the others.

    How white a texel is follows its strand against its surroundings, never the broad light bands of the texture: those
    would be sheets of metal.
    """
    strand = style.strands - gaussian_filter(style.strands, STRAND_TEXELS)
    strand = strand / max(float(strand[style.alpha > 0.5].std()), 1e-6)
    share = np.clip(look.grey + WHITE_SPREAD * np.sqrt(look.grey * (1 - look.grey)) * strand, 0.0, 1.0)[..., None]
    colour, white = np.asarray(look.colour), np.asarray(WHITE)
    # Between the average of the light and that of its logarithm: a texel holds both kinds of hair, side by side.
    albedo = 0.5 * ((1 - share) * colour + share * white) + 0.5 * colour ** (1 - share) * white**share
    linear = np.clip(albedo * style.strands[..., None] ** (1 - 0.55 * look.grey), 0.0, 0.9)
    return np.round(np.dstack([linear_to_srgb(linear), style.alpha]) * 255).astype(np.uint8)


def mean_colour(look: Hair) -> Array:
    """The average linear RGB albedo (3,) of hair of a colour with its white hairs."""
    return np.asarray(look.colour) * (1 - look.grey) + np.asarray(WHITE) * look.grey


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
