"""The second engine of the studio: the same scenes, path traced by Mitsuba 3 (pip install -e ".[mitsuba]").

People, camera, light and labels are those of the first engine; what differs is what a renderer decides: cast shadows
of every lamp, light between surfaces, reflections, strands that light passes through. Nothing of our shading is used.
Units: mm in the camera frame; colours linear RGB; light as in photo_scene (a lamp's colour is the light that a white
surface facing it gives back).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from facegpt.conventions import srgb_to_linear
from facegpt.render.lighting import sh_basis
from facegpt.types import Array
from facegpt_lab.synthesis.studio.draw import (
    Assembly,
    Radiance,
    Stage,
    assemble,
    card_texture,
    eye_colours,
    face_level,
    flesh_paints,
    gaze_directions,
    lash_alpha,
)
from facegpt_lab.synthesis.studio.materials import CARD, EYE, FLESH, LASH, LENS, MOUTH, PAINT, SHELL, SKIN, TEETH
from facegpt_lab.synthesis.studio.mitsuba_scene import directions, load_mitsuba, sensor, upright
from facegpt_lab.synthesis.studio.raster import reduce_by_half_again
from facegpt_lab.synthesis.studio.scene import PhotoScene
from facegpt_lab.synthesis.studio.skins import SkinPool

#: Paths per pixel, and how often a path may be scattered (holes do not count).
SAMPLES, BOUNCES = 8, 3
#: Samples per pixel of the maps by which noise is smoothed.
GUIDE_SAMPLES = 2
#: Rows of the light from around; half the columns.
SKY_ROWS = 24
#: Radius (rad) over which a lamp without a hard shadow is spread.
SOFT_LAMP = 0.17
#: Radius of the iris on the unit eyeball, and how much rounder the cornea is than the ball.
IRIS, CORNEA = 0.47, 0.65
#: What is smoothed together: SD of normals, of depth, of the surface's colour and of relative brightness.
NORMAL_SD, DEPTH_SD_MM, COLOUR_SD, BRIGHTNESS_SD = 0.25, 3.0, 0.12, 0.8
#: Texels of painted eyes and fabrics.
EYE_TEXELS, CLOTH_TEXELS = 96, 96
_LUT = srgb_to_linear(np.arange(256) / 255.0).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Surface:
    """Triangles of one material, corners apart (C = 3 F).

    Attributes:
        rows: (F,) triangles of the assembly. uv: (C, 2), (0, 0) is the first texel's corner, rows downwards.
        bsdf: Mitsuba's description. edge: (C,) opacity given at the corners, or None. normals: (C, 3) or None for
            those of the assembly.
    """

    rows: NDArray[np.intp]
    uv: Array
    bsdf: dict[str, Any]
    edge: Array | None = field(default=None)
    normals: Array | None = field(default=None)


def trace_stage(
    scene: PhotoScene, stage: Stage, backdrop: Array, pool: SkinPool, seen: Radiance, samples: int = SAMPLES
) -> Radiance:
    """Draw a stage before a backdrop (h, w, 3) linear at SUPERSAMPLE times the picture's size, by Mitsuba's light.

    seen: what `render_stage` gave; its labels are kept.

    Raises:
        FaceGPTError: if Mitsuba is not installed.
    """
    light, coverage = trace(scene, stage, pool, samples)
    behind = np.empty_like(light)
    reduce_by_half_again(np.ascontiguousarray(backdrop, np.float32), behind)
    light += (1 - coverage[..., None]) * behind
    rows = np.linspace(0, len(seen.part) - 1, len(light)).round().astype(int)
    level = face_level(light, seen.part[np.ix_(rows, rows)])
    return replace(seen, light=np.ascontiguousarray(light, np.float32), level=level)


def trace(
    scene: PhotoScene, stage: Stage, pool: SkinPool, samples: int = SAMPLES
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Trace a stage before nothing: light (H, W, 3), premultiplied by the coverage (H, W) in 0..1."""
    mi = load_mitsuba()
    mesh = assemble(stage)
    items: dict[str, Any] = {
        "type": "scene",
        "integrator": {"type": "volpath", "max_depth": BOUNCES, "rr_depth": 8, "hide_emitters": True},
        "sensor": _camera(mi, stage, samples),
        "sky": {"type": "envmap", "bitmap": mi.Bitmap(sky(scene)), "to_world": upright(mi)},
    }
    for k, lamp in enumerate(scene.lamps):
        if lamp.shadow:
            strength = {"type": "rgb", "value": [float(np.pi * c) for c in lamp.colour]}
            towards = [-float(d) for d in lamp.direction]
            items[f"lamp{k}"] = {"type": "directional", "direction": towards, "irradiance": strength}
    for k, surface in enumerate(_surfaces(mi, mesh, scene, stage, pool)):
        if len(surface.rows):
            items[f"surface{k}"] = _shape(mi, f"surface{k}", mesh, surface)
    built, seed = mi.load_dict(items), scene.seed % 2**31
    picture = np.asarray(mi.render(built, spp=samples, seed=seed), np.float32)
    guide = mi.load_dict({"type": "aov", "aovs": "colour:albedo,facing:sh_normal,away:depth"})
    maps = np.asarray(mi.render(built, integrator=guide, spp=GUIDE_SAMPLES, seed=seed), np.float32)
    light = quietened(picture[..., :3], maps[..., :3], maps[..., 3:6], maps[..., 6])
    return light, np.clip(picture[..., 3], 0, 1)


def quietened(light: Array, albedo: Array, normals: Array, depth: Array) -> NDArray[np.float32]:
    """Take the noise of few paths out of light (H, W, 3): what falls on a surface is averaged along it.

    The light is divided by the colour of the surface, smoothed over 3 × 3 and then 3 × 3 every second pixel where
    normal, depth (mm), colour and brightness agree (Dammertz et al. 2010), and multiplied again.
    """
    colour = np.clip(albedo, 0.08, 1)
    falling = light / colour
    for step in (1, 2):
        grey = falling.mean(-1)
        total, weights = np.zeros_like(falling), np.zeros(grey.shape, np.float32)
        for dy, dx in np.ndindex(3, 3):
            shift = (step * (dy - 1), step * (dx - 1))
            near, near_grey, near_depth = _shifted(falling, shift), _shifted(grey, shift), _shifted(depth, shift)
            apart = ((_shifted(normals, shift) - normals) ** 2).sum(-1) / NORMAL_SD**2
            apart += ((near_depth - depth) / (step * DEPTH_SD_MM)) ** 2
            apart += ((_shifted(colour, shift) - colour) ** 2).sum(-1) / COLOUR_SD**2  # holes: of what, none can say
            apart += ((near_grey - grey) / (BRIGHTNESS_SD / step * (near_grey + grey) + 1e-3)) ** 2
            weight = np.exp(-0.5 * apart) * np.float32((2 - abs(dy - 1)) * (2 - abs(dx - 1)))
            total += weight[..., None] * near
            weights += weight
        falling = total / weights[..., None]
    return (falling * colour).astype(np.float32)


def _shifted(picture: Array, shift: tuple[int, int]) -> Array:
    """Move a picture (H, W, ...) by (rows, columns) px, repeating its edge."""
    rows = np.clip(np.arange(picture.shape[0]) + shift[0], 0, picture.shape[0] - 1)
    columns = np.clip(np.arange(picture.shape[1]) + shift[1], 0, picture.shape[1] - 1)
    return picture[rows][:, columns]


def sky(scene: PhotoScene) -> NDArray[np.float32]:
    """The light from around and of soft lamps: (SKY_ROWS, 2 SKY_ROWS, 3) radiance, Mitsuba's directions, y down.

    The scene's ambient is the light that a white surface gives back, by its normal: radiance blurred by the cosine,
    whose bands shrink by 1, 2/3 and 1/4 (Ramamoorthi and Hanrahan 2001).
    """
    direction = directions(SKY_ROWS, 2 * SKY_ROWS) * (1, -1, -1)  # camera frame
    bands = np.repeat([1.0, 1.5, 4.0], [1, 3, 5])
    harmonics = sh_basis(direction.reshape(-1, 3)) * bands
    light = np.maximum(harmonics @ np.asarray(scene.ambient, np.float64), 0).reshape(*direction.shape[:2], 3)
    area = np.hypot(direction[..., :1], direction[..., 2:]) * (np.pi / SKY_ROWS) ** 2
    for lamp in scene.lamps:
        if not lamp.shadow:
            lobe = np.exp((direction @ np.asarray(lamp.direction) - 1) / SOFT_LAMP**2)[..., None]
            light = light + lobe * np.pi * np.asarray(lamp.colour) / (lobe * area).sum()
    return light.astype(np.float32)


def _camera(mi: Any, stage: Stage, samples: int) -> dict[str, Any]:
    seen_by = sensor(mi, stage.camera, samples)
    film = {**seen_by["film"], "pixel_format": "rgba", "rfilter": {"type": "box"}}
    return {**seen_by, "film": film, "sampler": {"type": "multijitter", "sample_count": samples}}


def _shape(mi: Any, name: str, mesh: Assembly, surface: Surface) -> Any:
    """Make Mitsuba's mesh of a surface."""
    corners = mesh.triangles[surface.rows].ravel()
    properties = mi.Properties()
    properties["bsdf"] = mi.load_dict(surface.bsdf)
    count = len(corners)
    shape = mi.Mesh(
        name, count, len(surface.rows), has_vertex_normals=True, has_vertex_texcoords=True, props=properties
    )
    if surface.edge is not None:
        shape.add_attribute("vertex_edge", 1, np.ascontiguousarray(surface.edge, np.float32))
    normals = mesh.normals[corners] if surface.normals is None else surface.normals
    values = mi.traverse(shape)
    values["vertex_positions"] = mesh.vertices[corners].astype(np.float32).ravel()
    values["vertex_normals"] = _unit(normals).astype(np.float32).ravel()
    values["vertex_texcoords"] = np.asarray(surface.uv, np.float32).ravel()
    values["faces"] = np.arange(count, dtype=np.uint32)
    values.update()
    return shape


def _surfaces(mi: Any, mesh: Assembly, scene: PhotoScene, stage: Stage, pool: SkinPool) -> Iterator[Surface]:
    """All surfaces of a scene."""
    yield from _head(mi, mesh, scene, stage, pool)
    yield from _hair(mi, mesh, scene)
    first = pool.textures[pool.index(scene.skin.first)]
    paints = flesh_paints(mesh, scene, first)
    for paint in np.unique(mesh.paint[np.isin(mesh.material, (PAINT, FLESH))]):
        for kind in (PAINT, FLESH):
            rows = np.flatnonzero((mesh.paint == paint) & (mesh.material == kind))
            if len(rows):
                yield _cloth(mi, mesh, rows, paints[paint])
    glass = scene.glasses
    if glass is not None:
        rows = np.flatnonzero(mesh.material == LENS)
        pane = {"type": "principled", "base_color": _rgb(glass.tint), "roughness": 0.1, "specular": 0.9}
        shown = {"type": "mask", "opacity": float(max(glass.dark, 0.03)), "nested": _both_sides(pane)}
        yield Surface(rows, _corner_uv(mesh, rows), shown)


def _head(mi: Any, mesh: Assembly, scene: PhotoScene, stage: Stage, pool: SkinPool) -> Iterator[Surface]:
    """Skin, mouth, teeth, eyes and lashes."""
    look = scene.skin
    first = _LUT[pool.textures[pool.index(look.first)]]
    second = _LUT[pool.textures[pool.index(look.second)]]
    skin = (first + look.mix * (second - first)) * np.asarray(look.gain, np.float32)
    lash = np.asarray(scene.eyes.lash * np.array([1.0, 0.8, 0.7]))
    roughness = (2 / (look.exponent + 2)) ** 0.25
    for kind, bsdf in (
        (SKIN, _shiny(_bitmap(mi, skin), roughness, min(0.25 + 2.5 * look.gloss, 0.7), flatness=0.3)),
        (MOUTH, _shiny(_bitmap(mi, first), 0.35, 0.5)),
        (TEETH, _shiny(_bitmap(mi, first * np.asarray(scene.eyes.teeth, np.float32)), 0.25, 0.5)),
        (LASH, _cut(mi, _shiny(_rgb(lash), 0.6, 0.3), lash_alpha())),
    ):
        rows = np.flatnonzero(mesh.material == kind)
        yield Surface(rows, _atlas_uv(mesh, rows), bsdf if kind == LASH else _both_sides(bsdf))
    rows = np.flatnonzero(mesh.material == EYE)
    place = _corner_uv(mesh, rows)
    painted = _bitmap(mi, eye_texture(eye_colours(scene)))
    bsdf = _both_sides(_shiny(painted, 0.07, 0.5))
    normals = _cornea_normals(mesh, rows, place, gaze_directions(scene, stage))
    yield Surface(rows, 0.5 + 0.5 * place, bsdf, normals=normals)


def _hair(mi: Any, mesh: Assembly, scene: PhotoScene) -> Iterator[Surface]:
    """Hair: cards with holes, or a smooth mass with a soft edge."""
    colour = np.asarray(scene.hair.colour, np.float32)
    gloss = min(0.2 + scene.hair.gloss, 0.7)
    rows = np.flatnonzero(mesh.material == CARD)
    if len(rows):
        card = card_texture(scene.hair.style)
        bright, alpha = card[..., 0].astype(np.float32), card[..., 1]
        shown = bright[..., None] / max(float(bright[alpha > 128].mean()), 1.0) * colour
        yield Surface(rows, _atlas_uv(mesh, rows), _cut(mi, _shiny(_bitmap(mi, shown), 0.45, gloss), alpha))
    rows = np.flatnonzero(mesh.material == SHELL)
    if len(rows):
        rng = np.random.default_rng([scene.seed, 5])
        strands, locks = rng.random((32, 256)), np.repeat(np.repeat(rng.random((8, 32)), 4, 0), 8, 1)
        shown = (0.45 + 0.75 * strands * (0.6 + 0.8 * locks))[..., None] * colour
        strand = _shiny(_bitmap(mi, shown, "repeat"), 0.45, gloss)
        edge = np.clip(mesh.extra[mesh.triangles[rows].ravel()], 0, 1)
        opacity = {"type": "mesh_attribute", "name": "vertex_edge"}
        bsdf = {"type": "mask", "opacity": opacity, "nested": _both_sides(strand)}
        yield Surface(rows, _corner_uv(mesh, rows) * [210 / 256, 16 / 32], bsdf, edge=edge)


def _cloth(mi: Any, mesh: Assembly, rows: NDArray[np.intp], paint: Array) -> Surface:
    """Triangles of one fabric: its pattern over their part of the plane, as a texture."""
    uv = _corner_uv(mesh, rows)
    low, span = uv.min(0), np.maximum(np.ptp(uv, axis=0), 1e-3)
    steps = (np.arange(CLOTH_TEXELS) + 0.5) / CLOTH_TEXELS
    share = _pattern(int(paint[6]), (low[0] + span[0] * steps) * paint[7], (low[1] + span[1] * steps) * paint[7])
    texture = paint[:3] + share[..., None] * (paint[3:6] - paint[:3])
    plain = int(paint[6]) == 0
    colour = _rgb(paint[:3]) if plain else _bitmap(mi, texture.astype(np.float32))
    roughness, specular = (0.35, 0.5) if paint[8] > 0.1 else (0.8, 0.2)
    return Surface(rows, (uv - low) / span, _both_sides(_shiny(colour, roughness, specular)))


def _pattern(kind: int, u: Array, v: Array) -> Array:
    """The share (len(v), len(u)) of the second colour of a fabric: stripes, checks or blots."""
    across, along = np.floor(u)[None] % 2 == 0, np.floor(v)[:, None] % 2 == 0
    if kind == 1:
        return (along + 0.0 * across).astype(np.float32)
    if kind == 2:
        return (0.5 * along + 0.5 * across).astype(np.float32)
    if kind == 3:
        blots, places = np.random.default_rng(5).random((32, 32)), np.meshgrid(v, u, indexing="ij")
        return map_coordinates(blots, places, order=1, mode="grid-wrap").astype(np.float32)
    return np.zeros((len(v), len(u)), np.float32)


def eye_texture(eye: Array) -> NDArray[np.float32]:
    """Paint an eyeball seen from the front: (n, n, 3) linear over x, y in -1..1 of the unit ball, rows along y.

    eye: (8,) iris 3, sclera 3, radius of the pupil in irises, redness of the white.
    """
    middle = (np.arange(EYE_TEXELS) + 0.5) / EYE_TEXELS * 2 - 1
    x, y = np.meshgrid(middle, middle)
    away = np.hypot(x, y)
    ring, turn = away / IRIS, np.arctan2(y, x)
    fibre = 1.0 + 0.25 * np.sin(23 * turn + 3 * np.sin(5 * turn)) + 0.15 * np.sin(9 * turn + 7 * ring)
    rim = np.clip((1 - ring) * 4, 0.12, 1) * np.clip((ring - eye[6]) * 9, 0, 1)
    iris = eye[:3] * (fibre * (0.75 + 0.5 * ring) * rim)[..., None] + 0.003
    red = np.clip((away - 0.55) * 1.4, 0, 1)[..., None] * eye[7] * np.array([0.0, 0.45, 0.5])
    white = eye[3:6] * (1 - red)
    inside = np.clip((1 - ring) * IRIS * EYE_TEXELS / 3, 0, 1)[..., None]
    return (white + inside * (iris - white)).astype(np.float32)


def _cornea_normals(mesh: Assembly, rows: NDArray[np.intp], place: Array, gaze: Array) -> Array:
    """Bend the normals (C, 3) inside the iris outwards: the cornea is rounder than the ball. gaze: see photo_render."""
    corners = mesh.triangles[rows].ravel()
    normals = mesh.normals[corners].astype(np.float64)
    left = mesh.vertices[corners] @ gaze[2, :3] > gaze[2, 3]
    axis = np.where(left[:, None], gaze[0, :3], gaze[1, :3])
    inside = (np.linalg.norm(place, axis=1) < IRIS) & ((normals * axis).sum(1) > 0)
    return normals + CORNEA * inside[:, None] * (_unit(normals) - axis)


def _shiny(colour: dict[str, Any], roughness: float, specular: float, flatness: float = 0.0) -> dict[str, Any]:
    """Describe a surface by Disney's principled model (Burley 2012)."""
    bsdf = {"type": "principled", "base_color": colour, "roughness": float(roughness), "specular": float(specular)}
    return {**bsdf, "flatness": flatness} if flatness else bsdf


def _cut(mi: Any, bsdf: dict[str, Any], alpha: NDArray[np.uint8]) -> dict[str, Any]:
    """Let light through where alpha (h, w) is low."""
    opacity = _bitmap(mi, (alpha / 255.0).astype(np.float32)[..., None])
    return {"type": "mask", "opacity": opacity, "nested": _both_sides(bsdf)}


def _both_sides(bsdf: dict[str, Any]) -> dict[str, Any]:
    return {"type": "twosided", "nested": bsdf}


def _rgb(colour: Any) -> dict[str, Any]:
    return {"type": "rgb", "value": [float(np.clip(c, 0.0, 0.95)) for c in colour]}


def _bitmap(mi: Any, texels: Array, wrap: str = "clamp") -> dict[str, Any]:
    """Make a texture of (h, w, C) linear values."""
    bitmap = mi.Bitmap(np.ascontiguousarray(np.clip(texels, 0.0, 0.98), np.float32))
    return {"type": "bitmap", "bitmap": bitmap, "raw": True, "wrap_mode": wrap}


def _corner_uv(mesh: Assembly, rows: NDArray[np.intp]) -> Array:
    return mesh.corner_uv[rows].reshape(-1, 2)


def _atlas_uv(mesh: Assembly, rows: NDArray[np.intp]) -> Array:
    """Texture coordinates (C, 2) with rows downwards."""
    return _corner_uv(mesh, rows) * [1, -1] + [0, 1]


def _unit(vectors: Array) -> Array:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
