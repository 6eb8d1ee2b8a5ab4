"""Earrings, earphones and necklaces drawn at random, to be laid over photos: colours and how much they cover.

Shapes are signed distances in pixels; balls are shaded by a lamp, metal has streaks of its surroundings.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from facegpt.types import Array

#: sRGB of gold, brass, silver, steel, pearl, ivory, black, copper; and whether it shines as metal.
USUAL = (
    *(((0.85, 0.65, 0.25), True), ((0.95, 0.8, 0.45), True), ((0.75, 0.75, 0.78), True), ((0.6, 0.6, 0.62), True)),
    *(((0.9, 0.88, 0.84), False), ((0.97, 0.95, 0.92), False), ((0.06, 0.06, 0.07), False), ((0.8, 0.5, 0.4), True)),
)
UNUSUAL, WHITE, BLACK = 0.32, np.full(3, 0.95), np.full(3, 0.06)
Place = tuple[float, float]


@dataclass(frozen=True)
class Stuff:
    """What something is made of: sRGB (3,), and whether it shines as metal."""

    colour: NDArray[np.float64]
    metal: bool

    @staticmethod
    def some(random: Generator) -> Stuff:
        """Gold, silver or pearl mostly, else of any colour."""
        if random.random() < 1 - UNUSUAL:
            colour, metal = USUAL[random.integers(len(USUAL))]
        else:
            colour = colorsys.hsv_to_rgb(random.random(), 0.5 + 0.5 * random.random(), 0.25 + 0.7 * random.random())
            metal = bool(random.random() < 0.3)
        return Stuff(np.clip(np.array(colour) * (0.6 + 0.6 * random.random()), 0, 1), metal)


@dataclass
class Canvas:
    """A picture that is drawn on.

    Attributes:
        size: height and width. px_per_mm: its scale. light: how bright white is there. random: tells all that varies.
        colours: (H, W, 3). covers: (H, W) 0..1. lamp: (3,) towards it, x right, y down, z to the camera.
    """

    size: tuple[int, int]
    px_per_mm: float
    light: float
    random: Generator
    colours: Array = field(init=False)
    covers: Array = field(init=False)
    lamp: Array = field(init=False)

    def __post_init__(self) -> None:
        self.colours, self.covers = np.zeros((*self.size, 3)), np.zeros(self.size)
        self.rows, self.columns = np.indices(self.size).astype(float)
        lamp = [0.5 * self.random.normal(), -0.5 - 0.5 * self.random.random(), 0.6 + 0.4 * self.random.random()]
        self.lamp = np.array(lamp) / np.linalg.norm(lamp)

    def mm(self, least: float, most: float) -> float:
        """A length between two, mm, in pixels."""
        return float(self.random.uniform(least, most)) * self.px_per_mm

    def ball(self, at: Place, radius: float, stuff: Stuff, wide: float = 1.0) -> None:
        """A ball, or one that is `wide` times as wide as high."""
        x, y = (self.columns - at[0]) / wide, self.rows - at[1]
        across, down = x / max(radius, 0.5), y / max(radius, 0.5)
        out = np.sqrt(np.clip(1 - across**2 - down**2, 0, 1))
        lit = np.clip(across * self.lamp[0] + down * self.lamp[1] + out * self.lamp[2], 0, 1)
        if stuff.metal:
            streaks = np.abs(np.sin(3.1 * (across * self.lamp[0] + down * self.lamp[1]) + 1.3 * out))
            shade, gleam = 0.35 + 0.85 * streaks, 0.7 * lit**5
        else:
            shade, gleam = 0.5 + 0.65 * lit, 0.5 * lit**12
        self._lay(np.hypot(x, y) - radius, stuff.colour * shade[..., None] + gleam[..., None])

    def line(self, away: Array, half: float, stuff: Stuff, phase: Array, faint: bool = True) -> None:
        """What lies within `half` pixels of a line, `away` (H, W) from it; phase (H, W) of its streaks along it."""
        wave = np.sin(phase)
        shade = 0.5 + 0.65 * np.abs(wave) if stuff.metal else 0.6 + 0.4 * wave
        gleam = 0.35 * (shade > 0.95) * stuff.metal
        thin = min(1.0, 0.4 + half) if faint and half < 0.5 else 1.0
        self._lay(away - half, np.clip(stuff.colour * shade[..., None] + gleam[..., None], 0, 1), thin)

    def _lay(self, distance: Array, colours: Array, share: float = 1.0) -> None:
        over = share * np.clip(0.5 - distance, 0, 1)
        self.colours = self.colours * (1 - over[..., None]) + self.light * colours * over[..., None]
        self.covers = np.maximum(self.covers, over)

    def from_stick(self, start: Place, end: Place) -> Array:
        """How far pixels (H, W) are from a stick."""
        x, y = end[0] - start[0], end[1] - start[1]
        along = ((self.columns - start[0]) * x + (self.rows - start[1]) * y) / max(x * x + y * y, 1e-6)
        along = np.clip(along, 0, 1)
        return np.hypot(self.columns - start[0] - along * x, self.rows - start[1] - along * y)


def draw_earring(canvas: Canvas, lobe: Place) -> None:
    """Draw something at a lobe, px: studs, a hoop, a drop, beads or an earphone."""
    kinds: list[tuple[Callable[[Canvas, Place], None], float]] = [(_studs, 0.29), (_hoop, 0.26), (_drop, 0.32)]
    kinds += [(_beads, 0.08), (_earphone, 0.05)]
    which = canvas.random.choice(len(kinds), p=[share for _, share in kinds])
    kinds[which][0](canvas, lobe)


def _studs(canvas: Canvas, at: Place) -> None:
    random, stuff = canvas.random, Stuff.some(canvas.random)
    for k in range(1 if random.random() < 0.83 else int(random.integers(2, 4))):
        place = (at[0] + k * canvas.mm(1, 4), at[1] - k * canvas.mm(4, 7))
        canvas.ball(place, canvas.mm(1.4, 5.5), stuff, 1.0 if random.random() < 0.6 else random.uniform(0.5, 1))


def _hoop(canvas: Canvas, at: Place) -> None:
    random, stuff = canvas.random, Stuff.some(canvas.random)
    radius = float(np.exp(random.uniform(np.log(4.5), np.log(28)))) * canvas.px_per_mm
    narrow, half = random.uniform(0.25, 1), max(canvas.mm(0.35, 1.7), 0.35)
    x, y = at[0] + 0.12 * random.normal() * radius, at[1] + 0.92 * radius
    across, down = (canvas.columns - x) / narrow, canvas.rows - y
    from_middle = np.maximum(np.hypot(across, down), 1e-6)
    away = np.abs(from_middle - radius) * np.hypot(across * narrow, down) / from_middle
    turn = np.arctan2(down, across)
    behind = np.abs(turn + np.pi / 2) < random.uniform(0.3, 1) * random.random()
    stuff = Stuff(stuff.colour, stuff.metal or bool(random.random() < 0.7))
    canvas.line(np.where(behind, 9, away), half, stuff, turn * int(random.integers(1, 6)) + 6 * random.random())
    for each in np.linspace(0.3, 2.8, int(random.integers(3, 8))) if random.random() < 0.15 else ():
        place = (x + narrow * radius * np.cos(each), y + radius * np.sin(each) + canvas.px_per_mm)
        canvas.ball(place, canvas.mm(1, 2.5), Stuff.some(random))


def _drop(canvas: Canvas, at: Place) -> None:
    random, stuff = canvas.random, Stuff.some(canvas.random)
    long, hooked = random.random() < 0.22, random.random() < 0.16
    length = canvas.mm(20, 45) if long else canvas.mm(8, 20) if hooked else canvas.mm(4, 16)
    end = (at[0] + 0.12 * random.normal() * length, at[1] + length)
    start = (at[0], at[1] - 4 * canvas.px_per_mm * hooked)
    phase = canvas.rows / canvas.px_per_mm * random.uniform(1, 4)
    canvas.line(canvas.from_stick(start, end), canvas.mm(0.3, 0.8), Stuff.some(random), phase)
    if random.random() < 0.6:
        canvas.ball(at, canvas.mm(1.2, 3.5), stuff)
    _pendant(canvas, end, canvas.mm(1.5, 4) if hooked else canvas.mm(1.8, 9), stuff)


def _pendant(canvas: Canvas, at: Place, size: float, stuff: Stuff) -> None:
    random, scale = canvas.random, canvas.px_per_mm
    x, y = canvas.columns - at[0], canvas.rows - at[1]
    kind = int(random.integers(5))
    if kind < 2:
        canvas.ball(at, size, stuff, random.uniform(0.35, 1.1))
    elif kind == 2:
        phase = (canvas.columns + canvas.rows) / scale * random.uniform(0.3, 1)
        canvas.line(np.maximum(np.abs(x) + 0.6 * np.abs(y) - size, 0), 0.5, stuff, phase)
    elif kind == 3:
        down = np.clip((y + size) / (2 * size), 0, 1)
        away = np.maximum(np.abs(x) - 0.9 * size * np.sin(np.pi * down**1.5), np.abs(y) - size)
        canvas.line(np.maximum(away, 0), 0.5, stuff, canvas.rows / scale * random.uniform(0.2, 2))
    else:
        for _ in range(int(random.integers(3, 9))):
            place = (at[0] + 0.6 * size * random.normal(), at[1] + size * abs(random.normal()))
            canvas.ball(place, canvas.mm(0.9, 2.4), Stuff.some(random) if random.random() < 0.3 else stuff)


def _beads(canvas: Canvas, at: Place) -> None:
    random, stuff, y = canvas.random, Stuff.some(canvas.random), at[1]
    swing = 0.12 * random.normal()
    for _ in range(int(random.integers(2, 7))):
        radius = canvas.mm(1.2, 4)
        place = (at[0] + swing * (y - at[1]), y)
        canvas.ball(place, radius, Stuff.some(random) if random.random() < 0.4 else stuff)
        y += radius * random.uniform(1.6, 2.6)


def _earphone(canvas: Canvas, at: Place) -> None:
    random = canvas.random
    stuff = Stuff(WHITE if random.random() < 0.6 else BLACK, False)
    place = (at[0] - canvas.mm(0, 4), at[1] - canvas.mm(10, 20))
    if random.random() < 0.8:
        end = (place[0] + 4 * random.normal() * canvas.px_per_mm, place[1] + canvas.mm(15, 70))
        canvas.line(canvas.from_stick(place, end), canvas.mm(0.6, 2.6), stuff, np.full(canvas.size, np.pi / 2))
    canvas.ball(place, canvas.mm(3.5, 7), stuff)


def draw_necklace(canvas: Canvas, chin: Place) -> None:
    """Draw a chain, a cord or beads that hang about a neck, below a chin, px."""
    random, stuff, scale = canvas.random, Stuff.some(canvas.random), canvas.px_per_mm
    half, low, sag = canvas.mm(42, 80), canvas.mm(28, 110), canvas.mm(15, 95)
    power, tilt, middle = random.uniform(1.4, 3.2), 0.06 * random.normal(), chin[0] + 7 * scale * random.normal()
    along = np.linspace(-1, 1, 400)
    x = middle + half * along
    y = chin[1] + low - sag * np.abs(along) ** power + tilt * half * along
    length = np.append(0, np.cumsum(np.hypot(np.diff(x), np.diff(y))))
    kind = random.choice(["chain", "beads", "cord", "thick"], p=[0.5, 0.25, 0.1, 0.15])
    if kind == "beads":
        radius, other = canvas.mm(1.3, 4.5), Stuff.some(random) if random.random() < 0.3 else stuff
        for k, each in enumerate(np.arange(0, length[-1], radius * random.uniform(1.9, 3))):
            place = (float(np.interp(each, length, x)), float(np.interp(each, length, y)))
            canvas.ball(place, radius * random.uniform(0.85, 1.1), stuff if k % 2 else other)
    else:
        reach = np.abs(canvas.columns - middle) / half
        near = np.minimum(reach, 1.05)
        slope = tilt - sag * power * near ** (power - 1) / half * np.sign(canvas.columns - middle)
        curve = chin[1] + low - sag * near**power + tilt * (canvas.columns - middle)
        away = np.where(reach <= 1.05, np.abs(canvas.rows - curve) / np.sqrt(1 + slope**2), 9)
        thick = {"chain": canvas.mm(0.3, 0.9), "cord": canvas.mm(0.6, 1.4), "thick": canvas.mm(1, 3.2)}[str(kind)]
        stuff = Stuff(BLACK * random.uniform(0.5, 3), False) if kind == "cord" else stuff
        canvas.line(away, thick, stuff, np.interp(canvas.columns, x, length) / scale * random.uniform(1, 5))
    if random.random() < 0.3:
        place = (middle, chin[1] + low + canvas.mm(2, 6))
        canvas.ball(place, canvas.mm(1.5, 7), stuff, random.uniform(0.5, 1))
