"""From the description of a scene to meshes in the camera frame, and to a picture by our own kernels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import rotation_from_euler_deg, rotation_from_rotvec, srgb_to_linear
from facegpt.detect.geometry import upright_roll_rad
from facegpt.render.numba_cpu.forward import facings, project, rasterize, vertex_normals
from facegpt.render.numba_cpu.shade import fill_buffers
from facegpt.types import Array, Camera, Pose
from facegpt_lab.synthesis.studio.assembly import Assembly, Stage, assemble
from facegpt_lab.synthesis.studio.materials import (
    BARE,
    CLOTHES,
    FLESH,
    GLASSES,
    HAIR,
    HAND,
    HAT,
    LASH,
    OCCLUDER,
    SHELL,
    SKIN_PART,
)
from facegpt_lab.synthesis.studio.props import Piece, body, card_hair, glasses, hat, occluder, shell_hair, studio_style
from facegpt_lab.synthesis.studio.raster import lay_lenses, part_map, rasterize_holes, reduce_by_half_again
from facegpt_lab.synthesis.studio.scene import PhotoScene
from facegpt_lab.synthesis.studio.shade import shade
from facegpt_lab.synthesis.studio.skins import SkinPool
from facegpt_lab.synthesis.studio.studio_head import StudioHead, studio_head

#: The picture is drawn this much larger and averaged.
SUPERSAMPLE = 1.5
#: Side of the lamp's depth map.
SHADOW_PX = 176
_LUT = srgb_to_linear(np.arange(256) / 255.0).astype(np.float32)


def build_stage(scene: PhotoScene, framing: str, size_px: int) -> Stage:
    """Evaluate the person, dress her, place the camera."""
    studio = studio_head()
    neutral = studio.neutral(scene.identity)
    centres = studio.joint_centres(scene.identity)
    head = studio.vertices(neutral, scene.identity, scene.expression, scene.joints, centres)
    points = studio.points(head)
    pose, camera = _place_camera(scene, framing, size_px, points)
    placed = pose.apply(points)
    pieces, head_open, turn = _dress(scene, studio, neutral, centres)
    pieces = [piece.moved(pose.rotation, pose.translation) for piece in pieces]
    for held in scene.occluders:
        front = placed[:468]
        pieces += [replace(piece, thing=HAND) for piece in occluder(held, front[min(int(held.target * 468), 467)])]
    return Stage(
        *(head, pose, camera, tuple(pieces), camera.project(placed), placed[:, 2], head_open, turn),
        centres,
    )


def _place_camera(scene: PhotoScene, framing: str, size_px: int, points: Array) -> tuple[Pose, Camera]:
    """Choose pose and intrinsics so that the face sits in the picture as the framing says."""
    look = scene.framing
    rotation = rotation_from_euler_deg(scene.yaw_deg, scene.pitch_deg, 0.0)
    away = look.distance_mm
    translation = np.array([look.off_axis[0] * away, look.off_axis[1] * away, away])
    placed = points @ rotation.T + translation
    flat = placed[:, :2] / placed[:, 2:]
    spin = look.roll_deg if framing == "photo" else look.roll_deg - np.degrees(upright_roll_rad(flat))
    angle = np.radians(spin)
    roll = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    flat = flat[:468] @ roll[:2, :2].T
    low, high = flat.min(0), flat.max(0)
    box = float((high - low).max())
    middle, shift = 0.5 * (low + high), np.asarray(look.shift)
    if framing == "crop":
        side = 1.4 * box * look.margin
        centre = middle + shift * side
    else:
        side = box / look.margin
        centre = middle + shift * (side - box)
    focal = size_px / side
    principal = (size_px - 1) / 2 - focal * centre
    camera = Camera(float(focal), (float(principal[0]), float(principal[1])), size_px, size_px)
    return Pose(roll @ rotation, roll @ translation), camera


def _dress(scene: PhotoScene, studio: StudioHead, neutral: Array, centres: Array) -> tuple[list[Piece], Array, Array]:
    """All that the person wears, in the head frame, and how open to light it leaves the head."""
    mean = studio.mean.reshape(-1, 3)
    normals, lengths = np.empty_like(neutral), np.empty(len(neutral), np.float32)
    vertex_normals(neutral, studio.triangles, normals, lengths)
    rotation, shift = studio.head_move(centres, scene.joints)
    carried: list[Piece] = []
    head_open = studio.open
    look = scene.hair
    covered = scene.hat is not None and scene.hat.kind == "scarf"
    if look.style == "shell" and not covered:
        grown = shell_hair(look, mean, neutral, normals, studio.triangles, studio.scalp)
        carried.append(replace(grown, thing=HAIR))
    elif look.style and not covered:
        piece, style = card_hair(look, neutral, normals, scene.hat)
        carried.append(replace(piece, thing=HAIR))
        head_open = head_open * (0.35 + 0.65 * style.head_open_to_light)
    if scene.hat is not None:
        worn = hat(scene.hat, neutral, normals, mean, studio.triangles, studio.outer)
        thing = HAND if scene.hat.kind == "mask" else HAT
        carried += [replace(piece, thing=thing) for piece in worn]
    if scene.glasses is not None:
        marks = studio.ibug(neutral)
        rims, lenses = glasses(scene.glasses, centres[2:], marks[[16, 0]], marks[27])
        carried += [replace(piece, thing=GLASSES) for piece in rims + lenses]
    pieces = [piece.moved(rotation, shift) for piece in carried]
    if scene.body is not None:
        for piece in body(scene.body, neutral[studio.neck_rim]):
            pieces.append(replace(piece, thing=BARE if piece.material == FLESH else CLOTHES))
    return pieces, head_open, rotation


@dataclass(frozen=True, eq=False)
class Radiance:
    """A picture before the camera: light (H, W, 3) linear at the picture's size; fine maps at SUPERSAMPLE times it.

    Attributes:
        part: (h, w) uint8. nearest: (h, w) 1/z, 0 where nothing is. index: (h, w) triangle. level: of the face.
    """

    light: Array
    part: NDArray[np.uint8]
    nearest: Array
    index: NDArray[np.int32]
    level: float


def render_stage(scene: PhotoScene, stage: Stage, backdrop: Array, pool: SkinPool) -> Radiance:
    """Draw a stage before a backdrop (h, w, 3) linear at SUPERSAMPLE times the picture's size, which is overwritten."""
    mesh = assemble(stage)
    fine = stage.camera.scaled(SUPERSAMPLE)
    side = backdrop.shape[0]
    intrinsics = np.array([fine.focal_px, *fine.principal_px], np.float32)
    screen = np.empty_like(mesh.vertices)
    project(mesh.vertices, intrinsics, screen)
    index, nearest = np.empty((side, side), np.int32), np.empty((side, side), np.float32)
    _rasterize(mesh, screen, intrinsics, index, nearest)
    rasterize_holes(
        *(screen, mesh.triangles[: mesh.first_lens], mesh.first_hole, mesh.material, mesh.corner_uv, mesh.extra),
        *(lash_alpha(), card_texture(scene.hair.style), scene.seed % 9973, nearest, index),
    )
    first, second = pool.index(scene.skin.first), pool.index(scene.skin.second)
    skins = np.asarray(pool.textures[first]), np.asarray(pool.textures[second])  # kernels want no memmaps
    _shade(scene, stage, mesh, intrinsics, index, skins, backdrop)
    part = np.empty((side, side), np.uint8)
    part_map(index, mesh.part, part)
    if scene.glasses is not None:
        covered = np.zeros((side, side), np.uint8)
        look = scene.glasses
        lay_lenses(
            *(screen, mesh.triangles, mesh.first_lens, nearest, backdrop, covered),
            *(np.asarray(look.tint, np.float32), np.float32(look.dark), np.float32(look.mirror)),
        )
        if look.dark > 0.5:
            part[covered > 0] = OCCLUDER
    level = face_level(backdrop, part)
    light = np.empty((stage.camera.height, stage.camera.width, 3), np.float32)
    reduce_by_half_again(backdrop, light)
    return Radiance(light, part, nearest, index, level)


def _shade(
    scene: PhotoScene, stage: Stage, mesh: Assembly, intrinsics: Array, index: NDArray[np.int32],
    skins: tuple[NDArray, NDArray], color: Array,
) -> None:  # fmt: skip
    """Fill color (h, w, 3) where index is a triangle."""
    shadow, frame = _shadow_map(scene, stage, mesh)
    card = card_texture(scene.hair.style)
    lamps = np.array([[*lamp.direction, *lamp.colour] for lamp in scene.lamps], np.float32).reshape(-1, 6)
    shade(
        *(mesh.vertices, mesh.normals, mesh.triangles, mesh.corner_uv, mesh.material, mesh.paint, mesh.open),
        *(intrinsics, index, *skins, _LUT, card, flesh_paints(mesh, scene, skins[0])),
        *(_look(scene, shadow is not None), eye_colours(scene), lamps, np.asarray(scene.ambient, np.float32)),
        *(np.zeros((4, 4), np.float32) if shadow is None else shadow, frame),
        *(_crown(stage), gaze_directions(scene, stage), color),
    )


def _rasterize(mesh: Assembly, screen: Array, intrinsics: Array, index: NDArray[np.int32], nearest: Array) -> None:
    """Draw the opaque triangles."""
    triangles = mesh.triangles[: mesh.first_hole]
    facing, touched = np.empty(len(triangles), np.uint8), np.empty(len(triangles), np.uint8)
    facings(screen, triangles, facing)
    rasterize(mesh.vertices, screen, triangles, facing, intrinsics, nearest, index, touched, 0, len(index))


def normal_map(stage: Stage, seen: Radiance) -> NDArray[np.float32]:
    """The unit normals (h, w, 3), camera frame, of what a drawn stage shows; 0 where nothing is."""
    mesh, side = assemble(stage), len(seen.index)
    fine = stage.camera.scaled(SUPERSAMPLE)
    intrinsics = np.array([fine.focal_px, *fine.principal_px], np.float32)
    depth, normal = np.empty((side, side), np.float32), np.empty((side, side, 3), np.float32)
    places, weights = np.empty((side, side, 2), np.float32), np.empty((side, side, 3), np.float32)
    corners = np.arange(3 * len(mesh.triangles), dtype=np.uint32).reshape(-1, 3)
    fill_buffers(
        *(mesh.vertices, mesh.normals, mesh.triangles, mesh.corner_uv.reshape(-1, 2), corners, intrinsics),
        *(seen.index, depth, normal, places, weights, 0, side),
    )
    return normal


def _shadow_map(scene: PhotoScene, stage: Stage, mesh: Assembly) -> tuple[Array | None, Array]:
    """Draw the first lamp's depth map: nearest (n, n) and the way (3, 4) into it; None where it casts no shadow."""
    if not scene.lamps or not scene.lamps[0].shadow:
        return None, np.zeros((3, 4), np.float32)
    towards = np.asarray(scene.lamps[0].direction)
    side = np.cross(towards, [0.0, 1.0, 0.0] if abs(towards[1]) < 0.9 else [1.0, 0.0, 0.0])
    side /= np.linalg.norm(side)
    axes = np.stack([side, np.cross(towards, side), towards])
    centre = axes @ stage.pose.apply(np.array([[0.0, 0.0, 20.0]]))[0]
    scale = np.array([SHADOW_PX / 330.0, SHADOW_PX / 330.0, 1.0])
    shift = np.array([SHADOW_PX / 2, SHADOW_PX / 2, 1000.0]) - scale * centre
    frame = np.concatenate([axes * scale[:, None], shift[:, None]], 1).astype(np.float32)
    screen = mesh.vertices @ frame[:, :3].T + frame[:, 3]
    triangles = mesh.triangles[: mesh.first_lens]
    index, nearest = np.empty((SHADOW_PX, SHADOW_PX), np.int32), np.empty((SHADOW_PX, SHADOW_PX), np.float32)
    facing, touched = np.empty(len(triangles), np.uint8), np.empty(len(triangles), np.uint8)
    screen = np.ascontiguousarray(screen, np.float32)
    facings(screen, triangles, facing)
    facing[mesh.material[: mesh.first_lens] == LASH] = 3
    if scene.hair.style == "shell":
        facing[mesh.material[: mesh.first_lens] == SHELL] = 3
    rasterize(mesh.vertices, screen, triangles, facing, np.ones(3, np.float32), nearest, index, touched, 0, SHADOW_PX)
    return nearest, frame


def flesh_paints(mesh: Assembly, scene: PhotoScene, skin: NDArray[np.uint8]) -> Array:
    """The paints with bare skin (chest, hands) in the person's own colour: that of her neck."""
    paints = mesh.paints.copy()
    columns, rows = _neck_texels(len(skin))
    colour = _LUT[skin[rows, columns]].mean(0) * np.asarray(scene.skin.gain, np.float32)
    for kind in set(mesh.paint[mesh.material == FLESH].tolist()):
        paints[kind, :6] = np.concatenate([colour, colour])
        paints[kind, 6] = 0
    return paints


@lru_cache(maxsize=2)
def _neck_texels(side: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Columns and rows of places of the neck in a texture of that side."""
    texels = (studio_head().neck_places * side).astype(int).clip(0, side - 1)
    return np.ascontiguousarray(texels[:, 0]), np.ascontiguousarray(texels[:, 1])


def _look(scene: PhotoScene, shadow: bool) -> Array:
    skin, eyes, hair = scene.skin, scene.eyes, scene.hair
    look = np.zeros(24, np.float32)
    look[:9] = [skin.mix, *skin.gain, skin.gloss, skin.exponent, *skin.under]
    look[9:13] = [*eyes.teeth, eyes.lash]
    look[13:17] = [*hair.colour, hair.gloss]
    look[17] = 1 / _card_brightness(hair.style)
    look[18] = float(shadow)
    return look


def eye_colours(scene: PhotoScene) -> Array:
    """The eyes as the shading takes them: (8,) iris 3, sclera 3, pupil in irises, redness of the white."""
    eyes = scene.eyes
    return np.array([*eyes.iris, *eyes.sclera, eyes.pupil, 0.6], np.float32)


def _crown(stage: Stage) -> Array:
    return stage.pose.apply(np.array([[0.0, 120.0, -25.0]]))[0].astype(np.float32)


def gaze_directions(scene: PhotoScene, stage: Stage) -> Array:
    """Where both eyes look (2, 3), camera frame, and the plane (4,) that tells left from right: (3, 4)."""
    out = np.zeros((3, 4), np.float32)
    turn = stage.pose.rotation @ stage.joints_turn
    for k in range(2):
        out[k, :3] = turn @ rotation_from_rotvec(scene.joints[2 + k]) @ [0.0, 0.0, 1.0]
    side = turn @ [1.0, 0.0, 0.0]
    out[2, :3] = side
    out[2, 3] = side @ stage.pose.apply(stage.centres[2:].mean(0)[None])[0]
    return out


def face_level(color: Array, part: NDArray[np.uint8]) -> float:
    """The mean brightness of the visible skin, linear; of the whole picture where there is little."""
    rows = color[::3, ::3][part[::3, ::3] == SKIN_PART]
    if len(rows) < 20:
        rows = color[::3, ::3].reshape(-1, 3)
    return float(np.minimum(rows @ np.array([0.21, 0.72, 0.07], np.float32), 1.5).mean())


@lru_cache(maxsize=1)
def lash_alpha() -> NDArray[np.uint8]:
    """The opacity of the head's texture, 0 between lashes: (H, W) uint8."""
    return np.round(studio_head().model.opacity_texture() * 255).astype(np.uint8)


@lru_cache(maxsize=16)
def card_texture(style: str) -> NDArray[np.uint8]:
    """Brightness and opacity of a hair style's texture at 256 px: (256, 256, 2) uint8; zeros for others."""
    if style in ("", "shell"):
        return np.zeros((2, 2, 2), np.uint8)
    found = studio_style(style)
    both = np.stack([found.strands * found.alpha, found.alpha], -1)
    side = len(both) // 2
    small = both.reshape(side, 2, side, 2, 2).mean((1, 3))
    small[..., 0] /= np.maximum(small[..., 1], 0.02)
    return np.round(np.clip(small * [110, 255], 0, 255)).astype(np.uint8)


@lru_cache(maxsize=16)
def _card_brightness(style: str) -> float:
    """The mean brightness 1..255 of a hair style's texture where it is opaque; 1 for others."""
    card = card_texture(style)
    return max(float(card[..., 0][card[..., 1] > 128].mean()) if card.any() else 1.0, 1.0)
