"""The glasses that a head wears: one mesh, stiff on the head, with a surface for each of its parts."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from facegpt.glasses.build import parts_of
from facegpt.glasses.fit import WIRE_MM, Wearer, fit_front, wearer_of
from facegpt.glasses.frames import FRAMES, check_style
from facegpt.glasses.pieces import Piece
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.local_shapes import shaped
from facegpt.morphable.normals import vertex_normals
from facegpt.morphable.proxies import RestProxy, Surface
from facegpt.types import FaceGPTError, FaceParams, Glasses

#: Opacity of clear lenses: enough that a viewer shows a faint film, as a coating does.
CLEAR = 0.03
#: Lenses that keep at least so much of the light are sunglasses.
SUNGLASSES = 0.5
#: Colours of wires beside a frame of acetate, linear RGB.
_STEEL = (0.20, 0.20, 0.21)


def wears_glasses(model: MorphableModel) -> bool:
    """Whether glasses can be fitted to a head model: only to the default one."""
    return model.model_id.startswith("makehuman-head/")


def worn_with(model: MorphableModel, look: Glasses | None) -> Glasses | None:
    """The same glasses, if a head model wears any. Raises FaceGPTError where it does not."""
    if look is not None and not wears_glasses(model):
        raise FaceGPTError(f"glasses are fitted to the default head model only, not to '{model.model_id}'")
    return look


def glasses_of(model: MorphableModel, params: FaceParams) -> RestProxy | None:
    """The glasses of a person at rest; None where there are none.

    Raises:
        FaceGPTError: for a style that there is not.
    """
    if params.glasses is None or not wears_glasses(model):
        return None
    check_style(params.glasses.style)
    model, identity = shaped(model, params.local), np.asarray(params.identity, np.float32).tobytes()
    return _glasses(model, identity, params.glasses)  # type: ignore[arg-type]


@lru_cache(maxsize=4)
def _wearer(model: MorphableModel, identity: bytes) -> Wearer:
    return wearer_of(model, np.frombuffer(identity, np.float32))


def person_of(model: MorphableModel, params: FaceParams) -> Wearer:
    """What glasses are fitted to: the person of some parameters. The last ones are kept."""
    model, identity = shaped(model, params.local), np.asarray(params.identity, np.float32).tobytes()
    return _wearer(model, identity)  # type: ignore[arg-type]


@lru_cache(maxsize=8)
def _glasses(model: MorphableModel, identity: bytes, look: Glasses) -> RestProxy:
    wearer = _wearer(model, identity)  # type: ignore[arg-type]
    pieces = parts_of(fit_front(look, wearer), wearer)
    return together(pieces, look, model.sizes.vertices)


def together(pieces: list[Piece], look: Glasses, head_vertices: int) -> RestProxy:
    """One mesh of all pieces. Those of one name are one part, and keep the order in which they come."""
    names = tuple(dict.fromkeys(piece.name for piece in pieces))
    kinds = {piece.name: surfaces(look)[piece.surface] for piece in pieces}
    starts = np.cumsum([0, *(len(piece.vertices) for piece in pieces)])
    vertices = np.concatenate([piece.vertices for piece in pieces]).astype(np.float32)
    triangles = np.concatenate([p.triangles + k for p, k in zip(pieces, starts, strict=False)]).astype(np.int32)
    part = np.concatenate([np.full(len(p.triangles), names.index(p.name), np.uint8) for p in pieces])
    return RestProxy(
        name="glasses",
        vertices=vertices,
        normals=vertex_normals(vertices, triangles),
        triangles=triangles,
        uv=np.zeros((1, 2), np.float32),
        uv_triangles=np.zeros_like(triangles),
        texture=None,
        joint="head",
        roughness=0.3,
        glass=False,
        open_to_light=np.ones(len(vertices), np.float32),
        head_open_to_light=np.ones(head_vertices, np.float32),
        part=part,
        part_names=names,
        surfaces=tuple(kinds[name] for name in names),
    )


def surfaces(look: Glasses) -> dict[str, Surface]:
    """What each kind of piece looks like (`Piece.surface`)."""
    metal = max(look.rims_mm) < WIRE_MM if look.rims_mm else FRAMES[look.style].metal
    shiny = {"roughness": 0.28, "metallic": 0.6} if metal and look.style != "browline" else {"roughness": 0.35}
    wire = look.colour if metal and look.style != "browline" else _STEEL
    dark = float(np.clip(look.darkness, 0.0, 0.99))
    tint = tuple(float(value) for value in (look.tint if dark > CLEAR else (0.10, 0.11, 0.11)))
    return {
        "frame": Surface("glasses_frame", look.colour, **shiny),
        "metal": Surface("glasses_metal", wire, roughness=0.28, metallic=0.6),
        "pads": Surface("glasses_pads", (0.62, 0.58, 0.54), opacity=0.55, roughness=0.3),
        "lens_edge": Surface("glasses_lens_edge", (0.45, 0.47, 0.47), opacity=max(0.35, dark), roughness=0.1),
        "lenses": Surface("glasses_lenses", tint, opacity=max(CLEAR, dark), roughness=0.03),  # type: ignore[arg-type]
    }
