"""Small scenes with known geometry for the contract suites of the renderers."""

from __future__ import annotations

import numpy as np
import torch

from facegpt.render.base import AMBIENT_WHITE, Topology, View
from facegpt.render.lighting import lighting_from_lamps
from facegpt.runtime import registry

#: Every renderer that is installed, of other packages too.
RENDERERS = sorted(registry.parts("render"), key=lambda part: part.name)
SIZE = 32
FOCAL = 100.0


def view(size: int = SIZE, focal: float = FOCAL, centre: float | None = None) -> View:
    middle = (size - 1) / 2 if centre is None else centre
    return View(torch.tensor([focal]), torch.tensor([[middle, middle]]), size, size)


def at_pixels(pixels: list[tuple[float, float]], depths: list[float], eye: View) -> torch.Tensor:
    """Place vertices (1, V, 3) so that they project to given pixels at given depths in mm."""
    depth = torch.tensor(depths)[:, None]
    slope = (torch.tensor(pixels) - eye.principal_px[0]) / eye.focal_px[0]
    return torch.cat([slope * depth, depth], 1)[None]


QUAD = Topology(
    torch.tensor([[0, 1, 2], [0, 2, 3]], dtype=torch.int32),
    torch.tensor([[0.0, 1.0], [0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]),
    torch.tensor([[0, 1, 2], [0, 2, 3]], dtype=torch.int32),
)


def quad(left: float, top: float, right: float, bottom: float, eye: View, depths=(200.0, 200.0, 200.0, 200.0)):
    """A rectangle in the image, its corners counter-clockwise seen from the camera: (1, 4, 3)."""
    return at_pixels([(left, top), (left, bottom), (right, bottom), (right, top)], list(depths), eye)


def sphere(rows: int, columns: int, radius: float, depth: float) -> tuple[torch.Tensor, Topology]:
    """A closed sphere on the optical axis with outward triangles: (1, V, 3) and its topology."""
    polar, azimuth = np.meshgrid(
        np.linspace(0, np.pi, rows + 1), 2 * np.pi * np.arange(columns) / columns, indexing="ij"
    )
    points = np.stack([np.sin(polar) * np.sin(azimuth), -np.cos(polar), -np.sin(polar) * np.cos(azimuth)], -1).reshape(
        -1, 3
    )
    here = np.arange((rows + 1) * columns).reshape(rows + 1, columns)
    here[0], here[-1] = here[0, 0], here[-1, 0]
    beside = np.roll(here, -1, 1)
    a, b, c, d = (part.reshape(-1) for part in (here[:-1], here[1:], beside[1:], beside[:-1]))
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    corners = [(triangles[:, i] != triangles[:, j]) for i, j in ((0, 1), (1, 2), (2, 0))]
    triangles = torch.from_numpy(triangles[np.all(corners, 0)].astype(np.int32))
    uv = torch.from_numpy(np.stack([azimuth / (2 * np.pi), 1 - polar / np.pi], -1).reshape(-1, 2).astype(np.float32))
    vertices = torch.from_numpy((points * radius + [0, 0, depth]).astype(np.float32))[None]
    return vertices, Topology(triangles, uv, triangles)


def white_light() -> torch.Tensor:
    light = torch.zeros(1, 9, 3)
    light[:, 0] = AMBIENT_WHITE
    return light


def smooth_texture(size: int = 16, seed: int = 0) -> torch.Tensor:
    """A texture (1, 3, size, size) that changes slowly from texel to texel."""
    small = torch.rand(1, 3, 4, 4, generator=torch.Generator().manual_seed(seed)) * 0.8 + 0.1
    return torch.nn.functional.interpolate(small, size=(size, size), mode="bilinear", align_corners=True)


def coloured_light() -> torch.Tensor:
    lamps = (((-0.5, -0.6, -0.6), (0.9, 0.8, 0.7)), ((0.8, 0.1, -0.5), (0.2, 0.3, 0.4)))
    return torch.from_numpy(lighting_from_lamps(lamps, (0.3, 0.3, 0.3)))[None]
