"""The headwear that a head wears as a mesh of its own, and the hair that gives way to it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from facegpt.bust.worn import bust_of
from facegpt.conventions import linear_to_srgb
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.local_shapes import shaped
from facegpt.morphable.normals import vertex_normals
from facegpt.morphable.proxies import HEADWEAR, RestProxy
from facegpt.types import Array, FaceParams, Headwear
from facegpt.wear.brim import with_brim
from facegpt.wear.brim_shade import open_cloth, open_skin
from facegpt.wear.cloth import unpacked
from facegpt.wear.shell import COLUMNS, MIDDLE, NO_PLACES, Underneath, angles_of, cloth_mm, edge_of, shell, underneath

#: Cloth is dull. Hair lies this far below it, and comes out from below over so many degrees.
ROUGHNESS, BELOW_MM, OUT_DEG = 0.95, 1.5, 10.0
#: The same of crowns that stand steeply on a brim.
BELOW_BRIM_MM = 5.0
#: How far from the neck's axis a hood or scarf falls on the shoulders, and how far down on the chest, mm.
FALLS_MM, DOWN_MM = 135.0, -265.0


def wears_headwear(model: MorphableModel) -> bool:
    """Whether headwear can be fitted to a head model: only to the default one."""
    return model.model_id.startswith("makehuman-head/")


def headwear_of(model: MorphableModel, params: FaceParams) -> RestProxy | None:
    """The headwear of a person at rest; None where there is none."""
    if params.headwear is None or not wears_headwear(model):
        return None
    model, identity = shaped(model, params.local), np.asarray(params.identity, np.float32).tobytes()
    return _cover(model, identity, params.headwear)  # type: ignore[arg-type]


def person_below(model: MorphableModel, params: FaceParams, kind: str) -> Underneath:
    """What headwear of a kind lies on: the person of some parameters. The last ones are kept."""
    model, identity = shaped(model, params.local), np.asarray(params.identity, np.float32).tobytes()
    return _below(model, identity, kind)  # type: ignore[arg-type]


@lru_cache(maxsize=4)
def _below(model: MorphableModel, identity: bytes, kind: str) -> Underneath:
    weights = np.frombuffer(identity, np.float32)
    vertices = _at_rest(model, weights)
    return underneath(model, vertices, kind, _shoulders(model, weights) if kind == "hood" else NO_PLACES)


def _at_rest(model: MorphableModel, identity: Array) -> Array:
    return np.asarray(model.mean_vertices + np.tensordot(identity, model.identity_basis, 1))


def _shoulders(model: MorphableModel, identity: Array) -> Array:
    """Places (N, 3) of the shirt that a hood or scarf falls on."""
    bust = bust_of(model, identity)
    if bust is None:
        return NO_PLACES
    places = bust.shirt.vertices
    beside = np.hypot(places[:, 0], places[:, 2] - bust.torso.axis[2])
    return places[(beside < FALLS_MM) & (places[:, 1] > DOWN_MM)]


@lru_cache(maxsize=4)
def _cover(model: MorphableModel, identity: bytes, look: Headwear) -> RestProxy:
    below = _below(model, identity, look.kind)  # type: ignore[arg-type]
    crown = shell(look, below)
    vertices, triangles, uv, corners = with_brim(look, below, crown, COLUMNS)
    vertices = vertices.astype(np.float32)
    head: Array = np.ones(model.sizes.vertices)
    if look.brim_mm:
        head = open_skin(look, below, _at_rest(model, np.frombuffer(identity, np.float32)))
    if look.cloth:
        picture = unpacked(look.cloth)
    else:
        plain = np.round(linear_to_srgb(np.array(look.colour)) * 255)
        picture = np.broadcast_to(plain.astype(np.uint8), (4, 4, 3))
    texture = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
    return RestProxy(
        name=HEADWEAR,
        vertices=vertices,
        normals=vertex_normals(vertices, triangles),
        triangles=triangles,
        uv=uv,
        uv_triangles=corners,
        texture=texture,
        joint="head",
        roughness=ROUGHNESS,
        glass=False,
        open_to_light=open_cloth(look, below, len(crown[0]) // COLUMNS, COLUMNS).astype(np.float32),
        head_open_to_light=head.astype(np.float32),
    )


def is_wrapped(params: FaceParams) -> bool:
    """Whether a scarf or hood leaves nothing of the hair to be seen."""
    return params.headwear is not None and params.headwear.kind == "hood"


def beneath(rest: RestProxy, model: MorphableModel, params: FaceParams) -> RestProxy:
    """Hair pressed below the headwear that is worn over it; what hangs out from below it stays."""
    look = params.headwear
    if look is None or not wears_headwear(model):
        return rest
    below = person_below(model, params, look.kind)
    places = np.asarray(rest.vertices, np.float64) - MIDDLE
    reach = np.linalg.norm(places, axis=1)
    polar, turn = angles_of(look.kind, places)
    edge = edge_of(look, turn)
    most = cloth_mm(look, below, np.minimum(polar, edge), turn) - (BELOW_BRIM_MM if look.brim_mm else BELOW_MM)
    over = np.clip((polar - edge) / OUT_DEG, 0, 1) if look.kind == "cap" else np.where(polar > edge, 1.0, 0.0)
    pressed = np.minimum(reach, most) * (1 - over) + reach * over
    moved = MIDDLE + places * (pressed / np.maximum(reach, 1e-6))[:, None]
    return replace(rest, vertices=moved.astype(np.float32))
