"""Photos of heads whose relief is known: the skin's light is computed texel by texel, painted on, and drawn.

The light here is not the model's that looks at these photos: lamps with shadows, hollows that less light reaches,
highlights, light that spreads inside the skin, and a camera with its tone curve, blur, noise and compression.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from facegpt.conventions import linear_to_srgb, rotation_from_euler_deg
from facegpt.detail.shading import HOLLOW_TEXELS
from facegpt.detail.skin_window import HEIGHT, LEFT, SIDE, TOP, WIDTH, Maps, skin_geometry, skin_window, unit
from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.render.base import AMBIENT_WHITE, Renderer, Topology, View
from facegpt.render.lighting import lighting_from_lamps, sh_basis
from facegpt.render.uv import depth_map
from facegpt.types import Array, Camera, FaceParams, Pose

#: Distance of lamps for their shadow maps, mm; side of these maps, pixels; depth behind which a place is in shadow, mm.
_LAMP_MM, _SHADOW_PX, _BIAS_MM = 6000.0, 200, 4.0
#: How far light spreads in skin, mm, by colour (after Jensen et al. 2001).
_SPREAD_MM = (1.1, 0.6, 0.35)


@dataclass(frozen=True, eq=False)
class Lamps:
    """The light of one photo: sky (9, 3), and lamps as direction towards each, camera frame (L, 3), strength (L, 3)."""

    sky: Array
    directions: Array
    strengths: Array


@dataclass(frozen=True, eq=False)
class ReliefPhoto:
    """A photo with its truth.

    Attributes:
        image: (H, W, 3) uint8 sRGB. params: the head, its lighting unknown.
        relief: (HEIGHT, WIDTH) mm. texel: (H, W, 2) row and column in the window of the skin seen, nan for none.
    """

    image: NDArray[np.uint8]
    params: FaceParams
    relief: Maps
    texel: Maps


def draw_lamps(rng: np.random.Generator) -> Lamps:
    """Draw a light: a sky of broad lamps, and none to two small ones."""

    def direction() -> Array:
        drawn = rng.normal(0, 1, 3) * [1.0, 0.7, 0.6] + [0, -0.35, -0.8]
        return np.asarray(drawn / np.linalg.norm(drawn))

    tint = np.exp(rng.normal(0, 0.06, 3))
    broad = [(tuple(direction()), tuple(rng.uniform(0.1, 0.8) * tint)) for _ in range(int(rng.integers(1, 4)))]
    sky = lighting_from_lamps(tuple(broad), tuple(rng.uniform(0.1, 0.6) * tint))
    count = int(rng.choice([0, 1, 1, 2]))
    directions = np.array([direction() for _ in range(count)]).reshape(-1, 3)
    strengths = rng.uniform(0.2, 1.2, (count, 1)) * np.exp(rng.normal(0, 0.08, (count, 3)))
    return Lamps(sky, directions, strengths)


def draw_view(rng: np.random.Generator) -> tuple[Pose, Camera]:
    """Draw pose and camera: faces of 0.9 to 4 pixels a mm, turned by up to some 40°."""
    rotation = rotation_from_euler_deg(rng.normal(0, 17), rng.normal(0, 8), rng.normal(0, 6))
    distance, pixels_per_mm = float(np.exp(rng.uniform(5.9, 7.6))), float(np.exp(rng.uniform(np.log(0.9), np.log(4.0))))
    side = int(np.clip(pixels_per_mm * 205, 96, 720))
    middle = (side - 1) / 2
    offset = np.array([rng.normal(0, 6), rng.normal(0, 6), distance])
    pose = Pose(rotation, offset - rotation @ np.array([0.0, 0.0, 70.0]))
    return pose, Camera(pixels_per_mm * distance, (middle, middle), side, side)


def relief_photo(
    model: MakeHumanHead,
    renderer: Renderer,
    params: FaceParams,
    relief: Maps,
    marks: Maps,
    open_to_light: Array,
    lamps: Lamps,
    rng: np.random.Generator,
) -> ReliefPhoto:
    """Make a photo of a head.

    Args:
        model: the head.
        renderer: draws it.
        params: its identity, expression, pose, albedo and camera.
        relief: (HEIGHT, WIDTH) mm.
        marks: (HEIGHT, WIDTH, 3) change of log albedo.
        open_to_light: (V,) 0..1, share of the light from around that reaches each vertex.
        lamps: the light.
        rng: draws gloss, background and the camera's faults.
    """
    vertices = np.asarray(params.pose.apply(head_vertices(model, params)), np.float32)
    with torch.no_grad():
        texture = model.albedo.texture(torch.as_tensor(np.asarray(params.albedo, np.float32))[None], SIDE)[0].numpy()
    painted = texture.transpose(1, 2, 0) * lamps_mean(lamps)
    rows, columns = slice(TOP, TOP + HEIGHT), slice(LEFT, LEFT + WIDTH)
    albedo = np.clip(texture.transpose(1, 2, 0)[rows, columns] * np.exp(marks), 0.002, 0.95)
    painted[rows, columns] = lit_skin(model, vertices, albedo, relief, open_to_light, lamps, rng)
    drawn, uv, coverage = _draw(model, renderer, vertices, painted, params.camera)
    image = _camera_faults(drawn, coverage, rng)
    texel = np.stack([(1 - uv[..., 1]) * SIDE - 0.5 - TOP, uv[..., 0] * SIDE - 0.5 - LEFT], -1)
    return ReliefPhoto(image, params, relief, np.where(coverage[..., None] > 0.99, texel, np.nan).astype(np.float32))


def lamps_mean(lamps: Lamps) -> Array:
    """What the light does to a surface on the whole (3,)."""
    return np.asarray(lamps.sky[0] / AMBIENT_WHITE + 0.3 * lamps.strengths.sum(0), np.float32)


def lit_skin(
    model: MakeHumanHead, vertices: Array, albedo: Maps, relief: Maps, open_to_light: Array, lamps: Lamps,
    rng: np.random.Generator,
) -> Maps:  # fmt: skip
    """The light (HEIGHT, WIDTH, 3) that skin with a relief sends back; vertices: (V, 3) camera frame."""
    window = skin_window(model)
    geometry = skin_geometry(window, vertices)
    normal = geometry.displaced_normal(relief)
    place = window.interpolate(vertices)
    sky = window.interpolate(open_to_light[:, None])[..., 0]
    hollow = sum(np.maximum(gaussian_filter(relief, texels) - relief, 0) for texels in HOLLOW_TEXELS)
    reached = (0.2 + 0.8 * sky) / (1 + rng.uniform(0.6, 2.2) * hollow)
    light = np.maximum(sh_basis(normal) @ lamps.sky, 0.02).astype(np.float32) * reached[..., None]
    towards_camera = -unit(place)
    gloss, exponent, shine = rng.uniform(0, 0.12), rng.uniform(6, 40), np.zeros_like(light)
    for direction, strength in zip(lamps.directions, lamps.strengths, strict=True):
        open_ = _shadow(window.triangles, vertices, place, direction, rng.uniform(0.6, 4.0))
        cosine = np.maximum(normal @ direction.astype(np.float32), 0) * open_
        light += cosine[..., None] * strength.astype(np.float32)
        half = unit(towards_camera + direction.astype(np.float32))
        lobe = np.maximum((normal * half).sum(-1), 1e-3) ** exponent * open_ * gloss
        shine += lobe[..., None] * strength.astype(np.float32)
    amount = rng.uniform(0, 1.2)
    spread = [gaussian_filter(light[..., k], amount * mm / 0.7, truncate=3) for k, mm in enumerate(_SPREAD_MM)]
    return albedo * np.stack(spread, -1) + shine


def _shadow(triangles: NDArray[np.int32], vertices: Array, place: Maps, direction: Array, soft: float) -> Maps:
    """The share (HEIGHT, WIDTH) of a lamp's light that no other part of the head stops; soft: blur in texels."""
    side = np.cross(direction, [0.0, 0.0, 1.0] if abs(direction[2]) < 0.9 else [1.0, 0.0, 0.0])
    side /= np.linalg.norm(side)
    frame = np.stack([side, np.cross(-direction, side), -direction])  # looking along the light
    middle = vertices.mean(0)
    placed = (vertices - middle) @ frame.T + [0, 0, _LAMP_MM]
    focal = _SHADOW_PX * _LAMP_MM / 330
    camera = Camera(focal, ((_SHADOW_PX - 1) / 2,) * 2, _SHADOW_PX, _SHADOW_PX)
    depth = depth_map(placed, triangles, camera)
    seen = (place.reshape(-1, 3) - middle) @ frame.T + [0, 0, _LAMP_MM]
    pixel = np.clip(np.rint(camera.project(seen)), 0, _SHADOW_PX - 1).astype(int)
    lit = seen[:, 2] < depth[pixel[:, 1], pixel[:, 0]] + _BIAS_MM
    return gaussian_filter(lit.reshape(HEIGHT, WIDTH).astype(np.float32), soft)


def _draw(
    model: MakeHumanHead, renderer: Renderer, vertices: Array, painted: Array, camera: Camera
) -> tuple[Array, Array, Array]:
    """Colours (H, W, 3), texture coordinates (H, W, 2) and coverage (H, W) of the head without lashes."""
    kept = np.asarray(model.part) != model.part_names.index("lashes")
    topology = _topology(model, kept)
    ambient = torch.zeros(1, 9, 3)
    ambient[0, 0] = AMBIENT_WHITE
    view = View(
        torch.tensor([camera.focal_px], dtype=torch.float32),
        torch.tensor([camera.principal_px], dtype=torch.float32),
        camera.height,
        camera.width,
    )
    texture = torch.from_numpy(np.ascontiguousarray(painted.transpose(2, 0, 1), np.float32))[None]
    with torch.no_grad():
        drawn = renderer.render(
            torch.from_numpy(np.ascontiguousarray(vertices))[None], topology, texture, ambient, view
        )
    return drawn.color[0].numpy(), drawn.uv[0].numpy(), drawn.coverage[0].numpy()


_topologies: dict[int, Topology] = {}


def _topology(model: MakeHumanHead, kept: NDArray[np.bool_]) -> Topology:
    if id(model) not in _topologies:
        parts = (model.triangles[kept], model.uv, model.uv_triangles[kept])
        _topologies[id(model)] = Topology(*(torch.from_numpy(np.ascontiguousarray(a)) for a in parts))
    return _topologies[id(model)]


def _camera_faults(drawn: Array, coverage: Array, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Expose, add a background, and do what cameras and their files do: (H, W, 3) uint8 sRGB."""
    background = rng.uniform(0.02, 0.8) * np.exp(rng.normal(0, 0.2, 3))
    skin = np.quantile(drawn[coverage > 0.9], 0.75) if (coverage > 0.9).any() else 0.5
    picture = drawn * (np.exp(rng.normal(np.log(0.45), 0.35)) / max(skin, 1e-3)) + background * (
        1 - coverage[..., None]
    )
    picture = gaussian_filter(picture, (*(rng.uniform(0.0, 1.1),) * 2, 0))
    shown = linear_to_srgb(np.clip(picture, 0, 1)) ** np.exp(rng.normal(0, 0.08))
    shown = shown + rng.uniform(-0.25, 0.45) * shown * (1 - shown) * (2 * shown - 1)  # a camera's S-shaped curve
    shown = shown + rng.normal(0, rng.uniform(0.001, 0.02), shown.shape)
    if rng.random() < 0.05:
        shown = np.repeat(shown.mean(-1, keepdims=True), 3, -1)
    image = Image.fromarray(np.round(np.clip(shown, 0, 1) * 255).astype(np.uint8))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=int(rng.integers(55, 98)))
    return np.asarray(Image.open(buffer).convert("RGB"))
