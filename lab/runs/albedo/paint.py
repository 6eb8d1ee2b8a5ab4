"""What no photo gives: eyes, teeth, gums, tongue, lashes, brow hairs and fine skin detail, painted from geometry.

Colours are linear RGB albedo. All randomness is seeded, so a rebuild gives the same bytes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.makehuman.painted_hair import brow_picture, brow_reduction, sample_brow
from facegpt.types import Array
from lab.runs.albedo.canvas import Canvas, distance_to_line, noise, smooth_step

LIMBUS_DEG, PUPIL_SHARE = 27.7, 0.34
IRIS_OUTER, IRIS_INNER = np.array([0.040, 0.018, 0.008]), np.array([0.095, 0.043, 0.018])
SCLERA, SCLERA_RIM = np.array([0.37, 0.33, 0.30]), np.array([0.26, 0.155, 0.13])
ENAMEL, GUM = np.array([0.72, 0.67, 0.57]), np.array([0.42, 0.15, 0.13])
TONGUE, MOUTH, SOCKET = np.array([0.40, 0.13, 0.12]), np.array([0.13, 0.036, 0.030]), np.array([0.42, 0.17, 0.14])
LASH, BROW = np.array([0.012, 0.009, 0.007]), np.array([0.034, 0.018, 0.010])
TEETH = 14


def eye_texels(canvas: Canvas, model: MakeHumanHead) -> tuple[NDArray, Array, Array]:
    """Mask (H, W), polar angle in degrees and azimuth in radians (mirrored on the right) of eyeball texels."""
    polar, azimuth = np.full(canvas.atlas.texel.shape, 180.0), np.zeros(canvas.atlas.texel.shape)
    both = np.zeros(canvas.atlas.texel.shape, bool)
    for name, side in (("left_eye", 1.0), ("right_eye", -1.0)):
        own = canvas.of(name)
        centre = model.arrays["joint_centres"][model.joint_names.index(name)]
        offset = (canvas.position[own] - centre) * [side, 1, 1]
        polar[own] = np.degrees(np.arctan2(np.hypot(offset[:, 0], offset[:, 1]), offset[:, 2]))
        azimuth[own] = np.arctan2(offset[:, 1], offset[:, 0])
        both |= own
    return both, polar, azimuth


def paint_eyes(colour: Array, canvas: Canvas, model: MakeHumanHead) -> NDArray:
    """Paint sclera, iris and pupil into colour (H, W, 3); gives the iris mask (H, W) in 0..1."""
    own, polar, azimuth = eye_texels(canvas, model)
    radius = np.sin(np.radians(np.minimum(polar, 90))) / np.sin(np.radians(LIMBUS_DEG))
    around = np.stack([np.cos(azimuth), np.sin(azimuth), np.zeros_like(azimuth)], -1)
    fibre = noise(around * 60 + radius[..., None] * [0, 0, 1.5], 2.4, 11)
    fibre += 0.6 * noise(around * 60 + radius[..., None] * [0, 0, 4.0], 5.0, 12)
    iris = IRIS_OUTER + (IRIS_INNER - IRIS_OUTER) * smooth_step(1.0, 0.35, radius)[..., None]
    rim = 1 - 0.75 * smooth_step(0.84, 1.0, radius)
    iris = iris * (np.exp(0.30 * np.clip(fibre, -2.5, 2.5)) * rim)[..., None]
    iris = iris * smooth_step(PUPIL_SHARE - 0.05, PUPIL_SHARE + 0.03, radius)[..., None] + 0.004
    vein = smooth_step(1.1, 2.2, np.abs(noise(canvas.position, 1.6, 13))) * smooth_step(38, 75, polar)
    white = SCLERA + (SCLERA_RIM - SCLERA) * smooth_step(32, 72, polar)[..., None]
    white = white * (1 - 0.12 * vein[..., None] * [0.4, 1, 1])
    up = np.sin(azimuth) * np.sin(np.radians(np.minimum(polar, 90)))
    lid_shadow = 1 - 0.5 * smooth_step(0.06, 0.5, up) - 0.15 * smooth_step(0.25, 0.6, -up)
    edge = smooth_step(0.94, 1.06, radius)
    eye = (iris * (1 - edge[..., None]) + white * edge[..., None]) * lid_shadow[..., None]
    colour[own] = eye[own]
    ring = smooth_step(1.02, 0.94, radius) * smooth_step(PUPIL_SHARE - 0.03, PUPIL_SHARE + 0.03, radius)
    return np.where(own, ring, 0)


def paint_mouth(colour: Array, canvas: Canvas) -> None:
    """Paint teeth, gums, tongue, the inside of the mouth and the eye sockets into colour (H, W, 3)."""
    along, down = canvas.grid[..., 0], canvas.grid[..., 1]
    tooth = np.abs(np.mod(along * TEETH, 1.0) - 0.5) * 2  # 0 in the middle of a tooth, 1 at a gap
    line = 0.27 - 0.055 * (1 - tooth**2)  # the gum's edge is scalloped
    gum = np.maximum(smooth_step(line + 0.02, line - 0.02, down), smooth_step(0.84, 0.92, down))
    enamel = ENAMEL * (1 + 0.03 * noise(canvas.position, 2.0, 21))[..., None]
    enamel = enamel * (1 - 0.55 * smooth_step(0.86, 1.0, tooth) - 0.12 * smooth_step(0.45, 0.30, down))[..., None]
    teeth = enamel * (1 - gum[..., None]) + GUM * (0.85 + 0.15 * (1 - tooth[..., None])) * gum[..., None]
    deep = (1 - 0.75 * smooth_step(0.12, 0.5, np.abs(along - 0.5)))[..., None]
    own = canvas.of("upper_teeth", "lower_teeth")
    colour[own] = (teeth * deep)[own]
    lips = canvas.marks[[62, 66], 2].mean()
    depth = smooth_step(0, 45, lips - canvas.position[..., 2])
    rough = (1 + 0.06 * noise(canvas.position, 1.2, 22) + 0.05 * noise(canvas.position, 4.0, 23))[..., None]
    for name, base, dark in (("tongue", TONGUE, 0.7), ("mouth", MOUTH, 0.6)):
        own = canvas.of(name)
        colour[own] = (base * rough * (1 - dark * depth[..., None]))[own]
    own = canvas.of("left_socket", "right_socket")
    colour[own] = (SOCKET * rough)[own]


def paint_lashes(colour: Array, canvas: Canvas, model: MakeHumanHead) -> NDArray:
    """Paint lash colour into colour (H, W, 3); gives the opacity (H, W) in 0..1 of the whole atlas."""
    own = canvas.of("lashes")
    colour[own] = LASH
    along, across = canvas.grid[..., 0], canvas.grid[..., 1]
    opacity = np.ones(own.shape, np.float32)
    for upper, count, reach in ((False, 25, 0.55), (True, 38, 0.92)):
        strip = own & ((across >= 1.5) == upper)
        from_root = across - 2 * upper  # across is 0..1 on lower lashes, 2..3 on upper ones
        if not _root_is_low(model, upper):
            from_root = 1 - from_root
        picture = _lash_picture(count, reach, seed=31 + upper)
        rows = np.clip(from_root[strip] * picture.shape[0], 0, picture.shape[0] - 1).astype(int)
        columns = np.clip(along[strip] * picture.shape[1], 0, picture.shape[1] - 1).astype(int)
        opacity[strip] = picture[rows, columns]
    return opacity


def _root_is_low(model: MakeHumanHead, upper: bool) -> bool:
    """Whether lashes grow from the strip edge with the smaller `across`: the edge nearer to the eyeball."""
    grid = model.arrays["grid"]
    lashes = np.unique(model.triangles[model.part == model.part_names.index("lashes")])
    across = grid[lashes, 1] - 2 * upper
    own = (across >= 0) & (across <= 1)
    centre = model.arrays["joint_centres"][model.joint_names.index("left_eye")]
    places = model.mean_vertices[lashes] * np.where(model.mean_vertices[lashes, :1] < 0, [[-1, 1, 1]], 1)
    gap = np.linalg.norm(places - centre, axis=1)
    return bool(gap[own & (across < 0.01)].mean() < gap[own & (across > 0.99)].mean())


def _lash_picture(count: int, reach: float, seed: int) -> NDArray[np.float32]:
    """Draw one strip of lashes as tapering wedges, roots in row 0: opacity (64, 160), about the island's texels."""
    rng = np.random.default_rng(seed)
    scale, width, height = 8, 160, 64
    image = Image.new("L", (width * scale, height * scale), 0)
    draw = ImageDraw.Draw(image)
    for k in range(count):
        root = (k + rng.uniform(0.25, 0.75)) / count
        length = reach * rng.uniform(0.7, 1.0) * (0.45 + 0.55 * np.sin(np.pi * np.clip(root, 0.06, 0.94)))
        lean = (root - 0.5) * 0.12 + rng.normal(0, 0.008)
        steps = np.linspace(0, 1, 12)
        x, y = (root + lean * steps**1.6) * width * scale, steps * length * height * scale
        half = (1.7 * (1 - steps) + 0.35) * scale
        outline = [*zip(x - half, y, strict=True), *zip((x + half)[::-1], y[::-1], strict=True)]
        draw.polygon([(float(px), float(py)) for px, py in outline], fill=255)
    picture = np.asarray(image.reduce(scale), np.float32) / 255
    column = np.arange(width) / (width - 1)
    band = 0.14 * height * np.sqrt(np.clip(np.sin(np.pi * column), 0, 1))  # the dark line at the lid's edge
    picture = np.maximum(picture, np.clip(band[None] - np.arange(height)[:, None], 0, 1))
    return (picture * smooth_step(0.0, 0.05, np.minimum(column, 1 - column))).astype(np.float32)


def brow_coordinates(canvas: Canvas) -> tuple[Array, Array]:
    """Brow coordinates of every texel.

    Place (H, W), 0..1 from the inner to the outer end of the nearer brow (a little beyond both), and height (H, W) in
    mm above its middle line (99 far from it).
    """
    place, above = np.zeros(canvas.position.shape[:2]), np.full(canvas.position.shape[:2], 99.0)
    front = canvas.of("skin") & (canvas.position[..., 2] > canvas.brow[2, 2] - 30)
    points = np.abs(canvas.position[..., :1]) * [1, 0] + canvas.position[..., 1:2] * [0, 1]
    line = canvas.brow[:, :2] + BROW_ENDS
    steps = np.diff(line, axis=0)
    ends = [steps[k] / np.linalg.norm(steps[k]) * BEYOND_MM for k in (0, -1)]
    line = np.concatenate([line[:1] - ends[0], line, line[-1:] + ends[1]])
    length = np.r_[0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
    gap, along = distance_to_line(points, line)
    height = points[..., 1] - np.interp(along, length / length[-1], line[:, 1])
    own = (along * length[-1] - BEYOND_MM) / (length[-1] - 2 * BEYOND_MM)
    place[front], above[front] = own[front], (np.sign(height) * gap)[front]
    return place, above


#: How far the hairs' middle line leaves MediaPipe's points, mm, and how far past its ends coordinates are known.
BROW_ENDS = np.array([[-1.0, 0], [0, 0], [0, 0.6], [0, 0.4], [3.5, -1.5]])
BEYOND_MM = 6.0


def brow_mask(canvas: Canvas) -> NDArray:
    """The soft shape (H, W) of both brows in 0..1."""
    place, above = brow_coordinates(canvas)
    half = np.interp(place, [0, 0.12, 0.5, 0.8, 1], [2.6, 3.6, 3.2, 2.0, 0.7])
    ends = smooth_step(-0.03, 0.07, place) * smooth_step(1.03, 0.88, place)
    return smooth_step(half * 1.35, half * 0.35, np.abs(above)) * ends


def brow_zone(canvas: Canvas) -> NDArray:
    """Where brow hairs may lie (H, W) in 0..1: wider than the brows of the mean."""
    place, above = brow_coordinates(canvas)
    return smooth_step(9.0, 6.0, np.abs(above)) * smooth_step(-0.1, -0.03, place) * smooth_step(1.1, 1.03, place)


def paint_brows(log_colour: Array, canvas: Canvas) -> None:
    """Darken log_colour (H, W, 3) where brow hairs run, as groom.py draws them."""
    place, above = brow_coordinates(canvas)
    cover, _ = sample_brow(place, above, brow_picture(0.0, brow_reduction(len(place))))
    log_colour += np.minimum(np.log(BROW) - log_colour, 0) * np.clip(0.95 * cover, 0, 0.9)[..., None]


def lip_mask(canvas: Canvas) -> NDArray:
    """The lips (H, W) in 0..1: skin within the outer mouth contour of the mean head, seen from the front."""
    outer = canvas.marks[48:60, :2]
    image = Image.new("L", (1200, 800), 0)
    to_pixel = lambda p: np.stack([(p[..., 0] + 60) * 10, (outer[:, 1].mean() + 40 - p[..., 1]) * 10], -1)  # noqa: E731
    ImageDraw.Draw(image).polygon([tuple(p) for p in to_pixel(outer)], fill=255)
    inside = np.asarray(image, np.float32) / 255
    at = to_pixel(canvas.position[..., :2])
    rows, columns = (np.clip(at[..., k], 0, side - 1).astype(int) for k, side in ((1, 800), (0, 1200)))
    front = canvas.of("skin") & (canvas.position[..., 2] > canvas.marks[[48, 54], 2].min() - 12)
    return np.where(front, inside[rows, columns], 0).astype(np.float32)


def paint_detail(log_colour: Array, canvas: Canvas, strength: Array) -> None:
    """Add pores and mottling to log_colour (H, W, 3) where strength (H, W) says so."""
    fine = 0.020 * noise(canvas.position, 0.55, 51) + 0.016 * noise(canvas.position, 1.1, 52)
    mottle = 0.018 * noise(canvas.position, 4.0, 53)[..., None] * [0.4, 1.0, 0.9]
    blotch = 0.022 * noise(canvas.position, 14.0, 54)[..., None] * [0.3, 1.0, 0.8]
    log_colour += (fine[..., None] + mottle + blotch) * strength[..., None]
