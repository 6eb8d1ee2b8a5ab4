"""Pictures for people: one head, supersampled, with highlights, lashes, glasses and hair, on a transparent background.

Not differentiable; for fitting use a Renderer. Frames and units: conventions.py; light: render/base.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from weakref import finalize

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.conventions import linear_to_srgb
from facegpt.morphable.normals import vertex_normals
from facegpt.morphable.proxies import HEADWEAR, SHIRT, Proxy
from facegpt.render.base import Renderer
from facegpt.render.blend import Veil, lay_over, light_on
from facegpt.render.bust import fade, opacity_of_neck, share_at
from facegpt.render.cloth import lay_cloth
from facegpt.render.drawn import Drawn, add_sheen, draw_in_each, draw_in_window, draw_with_room, highlights, placed
from facegpt.render.glasses import GlassesView
from facegpt.render.lid_shadow import ROOM_MM, by_name, darken_eyes, darken_hollows
from facegpt.render.lighting import default_studio_lighting, lamp_share, lighting_from_lamps
from facegpt.render.scalar import JIT, ONE
from facegpt.render.see_through import see_through
from facegpt.render.shelter import kept_shelter, light_left
from facegpt.render.srgb_bytes import encode_samples, planes_of_bytes
from facegpt.render.strand_light import light_beyond_face
from facegpt.render.strands import Strands, lay_strands
from facegpt.render.texture_levels import Levels
from facegpt.runtime import registry
from facegpt.types import Array, Camera, CutMesh, Mesh, Pose

#: Highlights by a word in the part's name: strength of the lobe, exponent of Blinn and Phong, how far the highlight is
#: drawn towards the viewer, for a lamp so large that its near edge shows (a catch-light below the lid). Skin is last.
HIGHLIGHTS = {
    "lash": (0.0, 1.0, 0.0),
    "cornea": (0.9, 700.0, 1.0),
    "eye": (0.8, 500.0, 1.0),
    "teeth": (0.20, 60.0, 0.0),
    "tongue": (0.15, 40.0, 0.0),
    "": (0.07, 14.0, 0.0),
}

#: Roughness of hair up to which its highlights are whole.
SMOOTH_HAIR = 0.6

#: The window that corneas mirror in light that comes from nowhere: eyes without a glint look dull.
WINDOW = lighting_from_lamps((((-0.35, -0.55, -0.76), (0.8, 0.8, 0.8)),))

#: Share of the light before it that an eye shows as a veil over iris and pupil, and where that comes from: a cornea
#: mirrors .025 of what is there, of which much is lashes, face and ground. Photos' pupils are as much paler than black.
VEIL, TOWARDS_VIEWER = 0.006, np.array([[0.0, 0.0, -1.0]], np.float32)

#: Linear albedo of a mesh without a texture, by a word in the part's name; 0 is left out. Skin is the default.
PLAIN_ALBEDO = {"lash": 0.0, "eye": 0.55, "teeth": 0.55, "tongue": 0.30, "": 0.42}


def draw_picture(
    mesh: Mesh,
    pose: Pose,
    camera: Camera,
    lighting: Array | None = None,
    supersample: int = 2,
    worn: Sequence[Proxy] = (),
    renderer: Renderer | None = None,
    shiny_skin: bool = True,
    as_portrait: bool = False,
    sheen: bool = False,
) -> NDArray[np.uint8]:
    """Draw a textured mesh and what it wears: (H, W, 4) uint8 sRGB with straight alpha, H and W those of the camera.

    lighting: (9, 3); the studio light when None. A mesh without a texture is drawn in grey. worn: hair, glasses,
    corneas. renderer: draws the head, the registry's default when None; see-through layers are laid over it here.
    shiny_skin: give skin a highlight; without, where the texture has what its surface sends back. as_portrait: darken
    what the head's own shape keeps from the light, and fade the end of its neck (bust.py).
    sheen: the light is a photo's, estimated from its face: draw what the skin's surface sends back all over, which it
    was estimated with, and bound it where it falls on hair (`light_beyond_face`).
    """
    drawn = draw_in_hairs(mesh, pose, camera, [worn], lighting, supersample, renderer, shiny_skin, as_portrait, sheen)
    return drawn[0]


def draw_in_hairs(
    mesh: Mesh,
    pose: Pose,
    camera: Camera,
    worns: Sequence[Sequence[Proxy]],
    lighting: Array | None = None,
    supersample: int = 2,
    renderer: Renderer | None = None,
    shiny_skin: bool = True,
    as_portrait: bool = False,
    sheen: bool = False,
) -> list[NDArray[np.uint8]]:
    """Draw one head in several colours of its hair, a picture each, as `draw_picture` draws one; the head once.

    worns: what it wears in each: alike but for the pictures of the hair.
    """
    light = np.ascontiguousarray(default_studio_lighting() if lighting is None else lighting, np.float32)
    below = _below_hair(mesh, pose, camera, light, supersample, worns[0], renderer, shiny_skin, as_portrait, sheen)
    on_hair = light_beyond_face(light, pose.rotation) if sheen else light
    pictures = []
    for left, worn in zip(range(len(worns) - 1, -1, -1), worns, strict=True):
        color, coverage, depth = (layer.copy() if left else layer for layer in below)
        for proxy in worn:
            if proxy.is_hair:
                lay_hair(proxy, pose, on_hair, camera, supersample, depth, color, coverage)
        pictures.append(encode_samples(color, coverage, supersample))
    return pictures


def _below_hair(
    mesh: Mesh, pose: Pose, camera: Camera, lighting: Array, supersample: int, worn: Sequence[Proxy],
    renderer: Renderer | None, shiny_skin: bool, as_portrait: bool, sheen: bool,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Colour (H, W, 3), coverage and depth (H, W) of the samples of a picture, all but the hair laid on."""
    fine = camera.scaled(supersample)
    fine = Camera(fine.focal_px, fine.principal_px, camera.width * supersample, camera.height * supersample)
    if mesh.texture is None:
        mesh = _with_plain_texture(mesh)
    texture = planes_of_bytes(np.asarray(mesh.texture))
    clear = see_through(mesh)
    vertices = np.ascontiguousarray(pose.apply(mesh.vertices), np.float32)
    renderer = renderer or _default_renderer()
    # Lids darken what lies ROOM_MM around them.
    image, near, place = draw_with_room(renderer, mesh, ~clear, vertices, texture, lighting, fine, ROOM_MM)
    color, coverage, depth = image.color, image.coverage, image.depth
    del texture  # tens of MB, and made again in a millisecond
    opaque = np.flatnonzero(~clear)
    if sheen:
        add_sheen(color, image, _is_skin(mesh, opaque), lighting)
    (shine,) = _shaded(mesh, opaque, image, pose, near, [lighting], worn, renderer, shiny_skin, as_portrait, [color])
    color += shine
    clothed = any(proxy.name == SHIRT for proxy in worn)
    if as_portrait and not clothed and (left := opacity_of_neck(mesh)) is not None:
        fade(image.triangle, image.barycentric, left[mesh.triangles[opaque]], color, coverage, depth)
    del image, shine  # samples of a large picture are tens of MB
    color, coverage, depth = (placed(each, place, fine) for each in (color, coverage, depth))
    for proxy in worn:
        if proxy.name in (HEADWEAR, SHIRT):
            lay_cloth(proxy, pose, lighting, fine, renderer, depth, color, coverage)
    glasses = [GlassesView(proxy, pose, lighting, fine, renderer) for proxy in worn if proxy.surfaces]
    for each in glasses:
        each.lay_frame(depth, color, coverage)
    lit = light_on(vertex_normals(vertices, mesh.triangles), lighting)
    texture = planes_of_bytes(np.asarray(mesh.texture))
    lay_over(_lashes(mesh, np.flatnonzero(clear), vertices, texture, lit), fine, depth, color, coverage)
    for each in glasses:
        each.lay_lenses(depth, color, coverage)
    return color, coverage, depth


def draw_in_skins(
    mesh: Mesh,
    skins: Sequence[Sequence[NDArray[np.uint8]]],
    pose: Pose,
    camera: Camera,
    lights: Sequence[Array],
    renderer: Renderer | None,
) -> list[list[NDArray[np.uint8]]]:
    """Draw a bare head in several lights, and in each in several skins, as `draw_picture` draws portraits.

    One sample a pixel. What all have in common is found once.

    Args:
        mesh: head frame.
        skins: for each light the skins, (S, S, 4) uint8 sRGB, whose alpha is the same.
        pose: head → camera.
        camera: of the pictures.
        lights: (9, 3) each.
        renderer: the default one when None.
    """
    lights, renderer = [np.ascontiguousarray(light, np.float32) for light in lights], renderer or _default_renderer()
    clear = see_through(replace(mesh, texture=skins[0][0]))
    opaque, behind = np.flatnonzero(~clear), np.flatnonzero(clear)
    vertices = np.ascontiguousarray(pose.apply(mesh.vertices), np.float32)
    planes = {id(skin): planes_of_bytes(skin) for in_light in skins for skin in in_light}
    drawn = [(planes[id(skin)], light) for light, in_light in zip(lights, skins, strict=True) for skin in in_light]
    image, others = draw_in_each(renderer, mesh, ~clear, vertices, drawn, camera)
    colors = iter((image.color, *others))
    shares = [np.ones_like(image.color) for _ in lights]
    shines = _shaded(mesh, opaque, image, pose, camera, lights, (), renderer, True, True, shares)
    left, normals = opacity_of_neck(mesh), vertex_normals(vertices, mesh.triangles)
    pictures: list[list[NDArray[np.uint8]]] = []
    for light, in_light, share, shine in zip(lights, skins, shares, shines, strict=True):
        lit = light_on(normals, light)
        pictures.append([])
        for skin in in_light:
            layers = next(colors) * share + shine, image.coverage.copy(), image.depth.copy()
            if left is not None:
                fade(image.triangle, image.barycentric, left[mesh.triangles[opaque]], *layers)
            color, coverage, depth = layers
            lay_over(_lashes(mesh, behind, vertices, planes[id(skin)], lit), camera, depth, color, coverage)
            pictures[-1].append(encode_samples(color, coverage, 1))
    return pictures


def _shaded(
    mesh: Mesh, opaque: NDArray, image: Drawn, pose: Pose, fine: Camera, lights: Sequence[Array],
    worn: Sequence[Proxy], renderer: Renderer, shiny_skin: bool, as_portrait: bool, colors: Sequence[Array],
) -> list[Array]:  # fmt: skip
    """Scale colors (H, W, 3) of a head drawn in lights by what of each reaches it, in place; give its highlights."""
    part = _part_of_pixels(mesh, opaque, image)
    darken_hollows(mesh, part, image.depth, fine.focal_px, *colors)
    strengths = _strengths(mesh, part, shiny_skin)
    shines = [highlights(strengths, image, light, fine) for light in lights]
    below, dull = _left_by_worn(mesh, opaque, worn), _shine_below(mesh, opaque, worn)
    own: list[Array] = []
    if as_portrait and pose.apply(mesh.vertices)[:, 2].min() > 1.0:
        own = _left_by_shape(mesh, opaque, pose.rotation, lights)
    for k, pair in enumerate(zip(colors, shines, strict=True)):
        if (shares := [*below, *own[k : k + 1]]) or len(dull):
            given = np.stack(shares) if shares else np.zeros((0, *dull.shape[1:]), np.float32)
            _scale(image.triangle, image.barycentric, given, dull, *pair)
    eyes = darken_eyes(part, mesh.part_names, image.depth, pose.rotation, fine.focal_px, *colors, *shines)
    for proxy in worn:
        if proxy.glass:
            for light, shine in zip(lights, shines, strict=True):
                _mirror_on_glass(renderer, proxy, pose, light, fine, image, mesh, part, shine)
    for light, shine in zip(lights, shines, strict=True):
        for window, share in eyes:  # past the lids, as the rest of their light
            shine[window] += VEIL * light_on(TOWARDS_VIEWER, light) * share
    return shines


def _is_skin(mesh: Mesh, drawn: NDArray) -> NDArray[np.bool_]:
    """Which of the triangles that are drawn (their numbers) are skin: (F,)."""
    return np.array([name == "skin" for name in mesh.part_names] or [False])[mesh.part[drawn]]


def _with_plain_texture(mesh: Mesh) -> Mesh:
    """Each part one grey: a texture with a column per part."""
    count = max(len(mesh.part_names), 1)
    greys = [by_name(PLAIN_ALBEDO, name) for name in mesh.part_names] or [PLAIN_ALBEDO[""]]
    shown = np.array(greys) > 0
    row = np.concatenate([np.repeat(linear_to_srgb(greys)[:, None], 3, 1), shown[:, None]], 1)
    texture = np.repeat(np.round(row * 255).astype(np.uint8)[None], 4, axis=0).repeat(8, axis=1).repeat(2, axis=0)
    uv = np.stack([(np.arange(count) + 0.5) / count, np.full(count, 0.5)], 1)
    corners = np.repeat(mesh.part.astype(np.int32)[:, None], 3, 1)
    return Mesh(mesh.vertices, mesh.triangles, uv, corners, mesh.part, mesh.part_names, texture)


@cache
def _default_renderer() -> Renderer:
    renderer: Renderer = registry.load("render")
    return renderer


def _part_of_pixels(mesh: Mesh, opaque: NDArray, image: Drawn) -> NDArray[np.int16]:
    """The number of the part that each pixel shows (H, W), -1 for none."""
    part = np.full(image.triangle.shape, -1, np.int16)
    if len(opaque):
        _look_up(image.triangle, mesh.part[opaque].astype(np.int16), part)
    return part


@njit(**JIT)
def _look_up(triangle, part, out):  # type: ignore[no-untyped-def]
    """Write the part (F,) of the triangle that each pixel (H, W) shows to out, where it shows any."""
    for y in range(triangle.shape[0]):
        for x in range(triangle.shape[1]):
            if triangle[y, x] >= 0:
                out[y, x] = part[triangle[y, x]]


def _left_by_worn(mesh: Mesh, opaque: NDArray, worn: Sequence[Proxy]) -> list[Array]:
    """The shares (F, 3) of the light that what a head wears leaves to the corners of what is drawn of it."""
    left = [np.asarray(proxy.head_open_to_light, np.float32) for proxy in worn]
    return [one[mesh.triangles[opaque]] for one in left if len(one) == len(mesh.vertices) and one.min() < 1.0]


def _shine_below(mesh: Mesh, opaque: NDArray, worn: Sequence[Proxy]) -> NDArray[np.float32]:
    """The shares (N, F, 3) of its highlight that a head has below what it wears, at the corners of what is drawn."""
    shares = [np.asarray(proxy.head_shine, np.float32) for proxy in worn if proxy.head_shine is not None]
    corners = mesh.triangles[opaque]
    found = [one[corners] for one in shares if len(one) == len(mesh.vertices)]
    return np.stack(found) if found else np.zeros((0, *corners.shape), np.float32)


def _left_by_shape(mesh: Mesh, opaque: NDArray, rotation: Array, lights: Sequence[Array]) -> list[Array]:
    """The shares (F, 3) of each light that brow, nose, lips and chin leave to the corners of skin; 1 elsewhere."""
    parts = [number for number, name in enumerate(mesh.part_names) if name == "skin" or name.endswith("_eye")]
    if not parts:
        return []
    whole, edges = (
        (mesh.whole, mesh.edges) if isinstance(mesh, CutMesh) and mesh.whole is not None else (mesh, mesh.triangles[:0])
    )
    outer, normals = whole.triangles[np.isin(whole.part, parts)], vertex_normals(whole.vertices, whole.triangles)
    shelter = kept_shelter(whole.vertices, normals, outer, rotation).with_middles(edges)
    if len(edges):
        normals = vertex_normals(mesh.vertices, mesh.triangles)
    skin = _is_skin(mesh, opaque)[:, None]
    left = light_left(shelter, normals, rotation, lights)
    return [np.where(skin, one[mesh.triangles[opaque]], np.float32(1)) for one in left]


@njit(**JIT)
def _scale(triangle, barycentric, shares, dull, color, shine):  # type: ignore[no-untyped-def]
    """Scale color and shine (H, W, 3) by all shares (N, F, 3) at the corners of the triangles (H, W) that are drawn.

    dull: (M, F, 3) shares of the shine alone.
    """
    for y in range(triangle.shape[0]):
        for x in range(triangle.shape[1]):
            f = triangle[y, x]
            if f < 0:
                continue
            share = ONE
            for n in range(len(shares)):
                share *= share_at(shares[n], barycentric, f, y, x)
            left = share * share  # a lamp is a narrower light than the sky
            for n in range(len(dull)):
                left *= share_at(dull[n], barycentric, f, y, x)
            for k in range(3):
                color[y, x, k] *= share
                shine[y, x, k] *= left


def _strengths(mesh: Mesh, part: NDArray[np.int16], shiny_skin: bool) -> Array:
    """HIGHLIGHTS of the part that each drawn pixel shows: (drawn pixels, 3)."""
    told = HIGHLIGHTS if shiny_skin else {**HIGHLIGHTS, "": (0.0, 1.0, 0.0)}
    table = np.array([by_name(told, name) for name in mesh.part_names] or [told[""]], np.float32)
    return table.take(part[part >= 0], 0)


def _lid_free(mesh: Mesh, part: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Pixels (H, W) that no lid hides: of eyeballs, or of no part; everywhere on a mesh without eyeballs."""
    eyes = [name.endswith("_eye") for name in mesh.part_names]
    return np.array([not any(eyes) or eye for eye in eyes] + [True])[part]  # -1, no part, is the last


def _mirror_on_glass(
    renderer: Renderer, proxy: Proxy, pose: Pose, lighting: Array, camera: Camera, image: Drawn,
    head: Mesh, part: NDArray[np.int16], shine: Array,
) -> None:  # fmt: skip
    """Put a clear mesh's highlight into shine (H, W, 3) in place of the one of the surface behind it.

    part: (H, W) of the head, which tells where it may: corneas bulge more than lids do, and would shine through lowered
        ones.
    """
    vertices = np.ascontiguousarray(pose.apply(proxy.mesh.vertices), np.float32)
    every = np.ones(len(proxy.mesh.triangles), bool)
    texture = np.zeros((3, 4, 4), np.float32)
    found = draw_in_window(renderer, proxy.mesh, every, vertices, texture, lighting, camera)
    if found is None:
        return
    glass, window, place = found
    drawn = glass.triangle >= 0
    strengths = np.tile(np.array(HIGHLIGHTS["cornea"], np.float32), (int(drawn.sum()), 1))
    lamps = lighting if lamp_share(lighting) > 0 else WINDOW
    behind = image.depth[place]
    seen = drawn & _lid_free(head, part[place]) & ((behind <= 0) | (glass.depth < behind + 0.05))
    shine[place][seen] = highlights(strengths, glass, lamps, window)[seen]


def _lashes(mesh: Mesh, clear: NDArray, vertices: Array, texture: Array, lit: Array) -> Veil:
    """The see-through triangles of the head itself, whose vertices get light `lit` (V, 3)."""
    triangles, uv_triangles = mesh.triangles[clear], mesh.uv_triangles[clear]
    return Veil(
        vertices, triangles, mesh.uv, uv_triangles, texture, lit, np.zeros_like(lit), np.ones(len(lit)), through_mm=0.2
    )


def lay_hair(
    proxy: Proxy, pose: Pose, lighting: Array, camera: Camera, block: int, depth: Array, color: Array, coverage: Array
) -> None:
    """Hair, lit through its outer layers, with the highlights of strands, over the image in place."""
    mesh, turn = proxy.mesh, np.asarray(pose.rotation, np.float32).T
    texture, colour = _strand_texture(proxy)
    tangents = proxy.tangents if proxy.tangents is not None else mesh.vertices - mesh.vertices.mean(0)
    hair = Strands(
        pose.apply(mesh.vertices).astype(np.float32), proxy.normals @ turn, tangents @ turn,
        mesh.triangles, mesh.uv, mesh.uv_triangles, texture, colour, proxy.open_to_light, proxy.tint,
        min(1.0, (1.0 - proxy.roughness) / (1.0 - SMOOTH_HAIR)),
    )  # fmt: skip
    lay_strands(hair, lighting, camera, depth, color, coverage, block)


#: Of hair textures that live, by their id: what `_strand_texture` gives.
_textures: dict[int, tuple[Levels, Array]] = {}


def _strand_texture(proxy: Proxy) -> tuple[Levels, Array]:
    """A proxy's texture as linear RGB and alpha (`Levels`), and its mean colour (3,); kept while the texture lives.

    Posed anew from frame to frame, a proxy keeps its texture.
    """
    texture = np.asarray(proxy.mesh.texture)
    if id(texture) not in _textures:
        planes = planes_of_bytes(texture)
        colour = (planes[:3] * planes[3]).sum((1, 2)) / max(float(planes[3].sum()), 1e-6)
        _textures[id(texture)] = (Levels(planes.transpose(1, 2, 0)), colour)
        finalize(texture, _textures.pop, id(texture), None)
    return _textures[id(texture)]
