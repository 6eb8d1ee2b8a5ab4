"""The shirt that a head ends in, as a mesh of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.bust.shirt import Cut, collar_plane, cut, picture
from facegpt.bust.torso import Torso, breadth_mm, torso_of
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.local_shapes import shaped
from facegpt.morphable.neck import neck_of
from facegpt.morphable.proxies import SHIRT, Proxy, RestProxy, posed
from facegpt.types import Array, FaceParams

#: Cloth is dull. The band's shadow on the neck: its share of the light, and how far up it reaches, mm.
ROUGHNESS, BELOW, REACH_MM = 0.95, 0.35, 9.0


@dataclass(frozen=True, eq=False)
class Bust:
    """The bust of one person at rest.

    Attributes:
        torso: the shoulders. shirt: what lies on them. band: (3,) the plane y = a x + b z + c of its neck's upper end.
        shaded: (V,) share of the light that the shirt leaves its head.
    """

    torso: Torso
    shirt: Cut
    band: Array
    shaded: NDArray[np.float32]


def shirt_of(model: MorphableModel, params: FaceParams) -> tuple[Proxy, ...]:
    """The shirt of a head, posed with its neck; () where it wears none, or has no neck that ends openly."""
    if params.shirt is None:
        return ()
    model = shaped(model, params.local)
    bust = bust_of(model, params.identity)
    if bust is None or "neck" not in model.joint_names:
        return ()
    made = bust.shirt
    rest = RestProxy(
        name=SHIRT,
        vertices=made.vertices,
        normals=made.normals,
        triangles=made.triangles,
        uv=made.uv,
        uv_triangles=made.uv_triangles,
        texture=_picture(bust, params.shirt.colour),  # type: ignore[arg-type]
        joint="neck",
        roughness=ROUGHNESS,
        glass=False,
        open_to_light=np.ones(len(made.vertices), np.float32),
        head_open_to_light=bust.shaded,
    )
    return (posed(rest, model, params),)


def bust_of(model: MorphableModel, identity: Array) -> Bust | None:
    """The bust of a person (I,) at rest; None for a head without an open neck. The last ones are kept."""
    return _bust(model, np.asarray(identity, np.float32).tobytes())  # type: ignore[arg-type]


@lru_cache(maxsize=8)
def _bust(model: MorphableModel, identity: bytes) -> Bust | None:
    weights = np.frombuffer(identity, np.float32)
    vertices = np.asarray(model.mean_vertices + np.tensordot(weights, model.identity_basis, 1))
    neck = neck_of(vertices, model.triangles, model.part, tuple(model.part_names))
    if neck is None:
        return None
    torso = torso_of(neck, breadth_mm(model, weights))
    band = collar_plane(neck, torso.scale)
    return Bust(torso, cut(neck, torso), band, _shaded(vertices, band))


@lru_cache(maxsize=8)
def _picture(bust: Bust, colour: tuple[float, float, float]) -> NDArray[np.uint8]:
    return picture(bust.shirt.shade, colour)


def _shaded(vertices: Array, band: Array) -> NDArray[np.float32]:
    """The share (V,) of the light that the band leaves to the neck above it."""
    a, b, c = band
    above = vertices[:, 1] - (a * vertices[:, 0] + b * vertices[:, 2] + c)
    return np.asarray(1 - BELOW * np.exp(-np.maximum(above, 0) / REACH_MM) * (above < 60), np.float32)
