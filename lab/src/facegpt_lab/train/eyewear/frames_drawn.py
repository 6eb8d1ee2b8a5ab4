"""Glasses drawn at random into windows of photos: what the network of eyewear learns from.

Convention: head frame of the canonical face, mm (x to the subject's left, y up, z out); u and v of a frame's front as
in facegpt.glasses.frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from facegpt.glasses.contour import ALIKE, BOUNDS, STYLE_CONTOURS, contour_outline
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array

#: Masks are drawn this much finer than the window.
FINER = 3
#: Pupils and corneas of the canonical face, mm: to the side, up, out; where ears begin.
PUPIL, CORNEA_MM, EAR = (31.5, 26.0), 42.0, (76.0, 12.0, -20.0)
#: Out by so many mm for each that a frame is worn lower: the slope of the nose.
NOSE = 0.45
#: Colours of frames, sRGB, and how often: black, brown, grey, silver, gold, rose, pale, any.
COLOURS = ((25, 25, 27), (80, 50, 35), (95, 95, 98), (170, 170, 172), (190, 150, 85), (190, 130, 115), (215, 200, 185))
SHARES = (0.34, 0.14, 0.12, 0.1, 0.1, 0.05, 0.05, 0.1)
#: How often frames are worn low, are half-rims, tortoiseshell; lenses are dark, or mirror a light.
LOW, HALF, PATTERN, DARK, GLARE = 0.25, 0.1, 0.15, 0.2, 0.4
#: Widths of rims, mm: of wire, thin and thick frames; how often.
RIMS_MM, RIM_SHARES = ((0.6, 1.6), (1.5, 3.0), (3.0, 6.0)), (0.5, 0.25, 0.25)


@dataclass(frozen=True, eq=False)
class View:
    """A head in a window: rotation (3, 3) head → camera (y down), scale px a mm, origin (2,) px of (0, 0, 0)."""

    rotation: Array
    scale: float
    origin: Array

    def place(self, points: Array) -> Array:
        """Points (N, 3) mm in pixels (N, 2)."""
        return np.asarray(self.scale * np.asarray(points) @ self.rotation[:2].T + self.origin)

    def towards(self, side: float) -> float:
        """How far the subject's left (1) or right (-1) is turned to the camera, -1..1."""
        return float(-side * self.rotation[2, 0])


@dataclass(frozen=True, eq=False)
class Masks:
    """What glasses cover in a window (H, W) each, 0..1: rims with bridge and temples, areas of the lenses and rims."""

    rims: NDArray[np.float32]
    lenses: NDArray[np.float32]


class DrawnFrame:
    """One frame at random."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Draw its numbers."""
        self.rng = rng
        low, high = np.array(BOUNDS[:ALIKE]).T
        own = np.array(STYLE_CONTOURS[str(rng.choice(list(STYLE_CONTOURS)))])
        own = own + rng.normal(0, 1, 6) * (0.08, 0.5, 0.5, 0.05, 0.03, 0.04)
        self.lens = tuple(np.clip(own, low, high).tolist())
        self.bridge = float(rng.uniform(13, 24))
        self.width = float(rng.uniform(43, 62))
        kind = rng.choice(len(RIMS_MM), p=RIM_SHARES)
        below, above = rng.uniform(*RIMS_MM[kind], 2)
        below = above if kind == 0 or rng.random() < 0.5 else min(below, above)
        self.rims_mm = (0.0 if rng.random() < HALF else below, above)
        low_worn = rng.random() < LOW
        self.drop = float(rng.uniform(6, 26) if low_worn else rng.normal(3.5, 3.0))
        self.out = float(rng.uniform(9, 15))
        self.tilt = np.radians(rng.normal(9, 4))
        self.aside, self.roll = float(rng.normal(0, 1.2)), float(np.radians(rng.normal(0, 2.0)))
        self.hinge, self.temple = float(rng.uniform(0.2, 0.75)), float(max(above, 1.2) * rng.uniform(0.8, 1.4))
        self.rise = float(rng.uniform(-2, 4))
        self.bars = rng.random() < 0.12

    def place(self, uv: Array) -> Array:
        """Points (N, 2) of the front in the head frame (N, 3)."""
        cosine, sine = np.cos(self.roll), np.sin(self.roll)
        u, v = uv[:, 0] * cosine - uv[:, 1] * sine + self.aside, uv[:, 0] * sine + uv[:, 1] * cosine
        z = CORNEA_MM + self.out + NOSE * max(self.drop, 0.0) - u**2 / 600 + v * np.sin(self.tilt)
        return np.stack([u, PUPIL[1] - self.drop - 1.5 + v * np.cos(self.tilt), z], 1)

    def edges(self) -> tuple[Array, Array]:
        """Inner and outer line (N, 2) of the left rim."""
        middle = np.array([(self.width + self.bridge) / 2, 0.0])
        edge = contour_outline(self.lens, self.width)
        along = np.roll(edge, -1, 0) - np.roll(edge, 1, 0)
        outward = np.stack([along[:, 1], -along[:, 0]], 1) / np.linalg.norm(along, axis=1, keepdims=True)
        share = np.clip(0.5 + edge[:, 1] / np.ptp(edge[:, 1]), 0, 1)
        if not self.rims_mm[0]:
            share = np.clip((share - 0.5) / 0.2, 0, 1)
        wide = self.rims_mm[0] + (self.rims_mm[1] - self.rims_mm[0]) * share
        return edge + middle, edge + middle + outward * wide[:, None]

    def masks(self, view: View, shape: tuple[int, int]) -> Masks:
        """What it covers of a window (H, W)."""
        size = (shape[1] * FINER, shape[0] * FINER)
        rims, lenses = (Image.new("L", size) for _ in range(2))
        on_rims, on_lenses = ImageDraw.Draw(rims), ImageDraw.Draw(lenses)
        inner, outer = self.edges()
        for side in (1.0, -1.0):
            ends = [self._fine(view, line * [side, 1.0]) for line in (outer, inner)]
            on_rims.polygon(ends[0], fill=255)
            on_lenses.polygon(ends[0], fill=255)
            on_rims.polygon(ends[1], fill=0)
        for side in (1.0, -1.0):
            self._temple(view, on_rims, side)
        self._bridges(view, on_rims)
        covered = [(np.asarray(each.reduce(FINER)) / 255).astype(np.float32) for each in (rims, lenses)]
        return Masks(covered[0], covered[1])

    def _fine(self, view: View, uv: Array) -> list[tuple[float, float]]:
        return [(float(x), float(y)) for x, y in (view.place(self.place(uv)) + 0.5) * FINER - 0.5]

    def _temple(self, view: View, draw: ImageDraw.ImageDraw, side: float) -> None:
        """The temple of a side, where that is not turned away."""
        if view.towards(side) < -0.15:
            return
        half = self.width + self.bridge / 2 + 4.0
        height = self.hinge * self.lens[0] * self.width / 2
        hinge = self.place(np.array([[side * (half - 5), height], [side * half, height]]))
        ear = np.array([side * EAR[0], EAR[1] + 3.0, EAR[2]])
        bow = (hinge[1] + ear) / 2 + [side * 2.0, 2.0, 0.0]
        places = view.place(np.vstack([hinge, bow, ear]))
        line = [(float(x), float(y)) for x, y in places * FINER]
        draw.line(line, fill=255, width=max(int(self.temple * view.scale * FINER), 2), joint="curve")

    def _bridges(self, view: View, draw: ImageDraw.ImageDraw) -> None:
        """The bridge, a second bar on top, and pads of wire."""
        wide = max(int(max(self.rims_mm[1] * 0.9, 0.8) * view.scale * FINER), 2)
        tall = self.lens[0] * self.width / 2
        for bar in range(1 + self.bars):
            height = (0.35 if not bar else 0.85) * tall
            u = np.linspace(-1, 1, 9) * (self.bridge / 2 + 1.5)
            v = height + (self.rise if not bar else 0.0) * (1 - np.linspace(-1, 1, 9) ** 2)
            draw.line(self._fine(view, np.stack([u, v], 1)), fill=255, width=wide)


def painted(
    image: NDArray[np.float32], frame: DrawnFrame, masks: Masks, scale: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """A window (3, H, W), sRGB 0..1, with a frame on; scale: px a mm."""
    image = image.copy()
    light = float(np.clip(np.median(image[:, 40:100, 50:140]) / 0.55, 0.3, 1.3))
    image = _lenses(image, masks, light, rng)
    fallen = np.roll(masks.rims, (int(rng.uniform(1, 5) * scale), int(rng.normal(0, 2) * scale)), (0, 1))
    image *= 1 - rng.uniform(0, 0.4) * np.asarray(gaussian_blur(fallen, max(1.2 * scale, 0.8)))
    colour = _colours(image.shape[1:], rng) * light
    alpha = masks.rims * (1.0 if rng.random() < 0.85 else rng.uniform(0.4, 0.9))
    return np.asarray(image * (1 - alpha) + np.clip(colour, 0, 1) * alpha, np.float32)


def _lenses(image: NDArray[np.float32], masks: Masks, light: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Tint lenses, and let them mirror a light."""
    height, width = image.shape[1:]
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    turn = rng.uniform(0, 2 * np.pi)
    ramp = np.clip(0.5 + rng.uniform(0.5, 4) * (x * np.cos(turn) + y * np.sin(turn) + rng.normal(0, 0.3)), 0, 1)
    if rng.random() < DARK:
        tint = rng.uniform(0, 0.35, 3) if rng.random() < 0.8 else rng.uniform(0.1, 0.9, 3)
        alpha = masks.lenses * rng.uniform(0.5, 1.0) * (1 - rng.uniform(0, 0.4) * ramp)
        image = image * (1 - alpha) + light * tint[:, None, None] * alpha
    elif rng.random() < 0.5:
        alpha = masks.lenses * rng.uniform(0, 0.15)
        image = image * (1 - alpha) + rng.uniform(0.2, 1, 3)[:, None, None] * alpha
    if rng.random() < GLARE:
        image = image + masks.lenses * ramp * rng.uniform(0.02, 0.35) * rng.uniform(0.7, 1, 3)[:, None, None]
    return np.asarray(np.clip(image, 0, 1), np.float32)


def _colours(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float64]:
    """Colours (3, H, W) of a frame's pixels: plain or tortoiseshell, shaded, with lights on it."""
    kind = rng.choice(len(SHARES), p=SHARES)
    colour = np.array(COLOURS[kind]) / 255 if kind < len(COLOURS) else rng.uniform(0.05, 0.9, 3)
    pixels = np.broadcast_to(np.clip(colour * np.exp(rng.normal(0, 0.2)), 0, 1)[:, None, None], (3, *shape)).copy()
    if rng.random() < PATTERN:
        spots = np.asarray(gaussian_blur(rng.normal(0, 1, shape), rng.uniform(1.5, 4)))
        spots = (spots > np.quantile(spots, rng.uniform(0.3, 0.7)))[None]
        pixels = np.where(spots, pixels, np.array([0.45, 0.27, 0.12])[:, None, None] * rng.uniform(0.5, 1.3))
    shade = np.asarray(gaussian_blur(rng.normal(0, 1, shape), rng.uniform(4, 10)))
    pixels *= np.exp(rng.uniform(0, 0.5) * shade / max(float(shade.std()), 1e-6))
    shine = np.asarray(gaussian_blur(rng.normal(0, 1, shape), 2.0))
    shine = np.clip(shine / max(float(shine.std()), 1e-6) - rng.uniform(1.2, 3.0), 0, 1)
    return np.asarray(pixels + shine * rng.uniform(0, 0.8))


def strands(image: NDArray[np.float32], scale: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """A window (3, H, W) with curves that are no glasses: strands of hair, folds, scratches."""
    height, width = image.shape[1:]
    mask = Image.new("L", (width * FINER, height * FINER))
    draw = ImageDraw.Draw(mask)
    turn = np.linspace(0, 1, 24)[:, None]
    for _ in range(rng.integers(1, 7)):
        points = rng.uniform(-0.1, 1.1, (3, 2)) * [width, height] * FINER
        curve = (1 - turn) ** 2 * points[0] + 2 * turn * (1 - turn) * points[1] + turn**2 * points[2]
        wide = max(int(rng.uniform(0.3, 2.0) * scale * FINER), 1)
        draw.line([(float(x), float(y)) for x, y in curve], fill=255, width=wide)
    alpha = np.asarray(mask.reduce(FINER), np.float32) / 255 * rng.uniform(0.3, 1.0)
    colour = rng.uniform(0.02, 0.4) * np.array([1.0, 0.8, 0.6]) if rng.random() < 0.7 else rng.uniform(0.5, 1.0, 3)
    return np.asarray(image * (1 - alpha) + colour[:, None, None] * alpha, np.float32)
