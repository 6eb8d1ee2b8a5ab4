"""Hair as curves in a USD file: one cubic curve a strand, with widths and colours, for Blender, Unreal and renderers.

The root's variant set "hair" has "cards" (the mesh, as it opens), "strands" (these curves) and "none".
"""

from __future__ import annotations

from typing import Any

import numpy as np

from facegpt.hair.strands import Strands
from facegpt.types import Hair

CARDS, STRANDS = "/face/hair", "/face/hair_strands"
#: Linear colour of white hairs.
_WHITE = (0.40, 0.385, 0.36)


def write_strands(stage: Any, strands: Strands, hair: Hair) -> Any:
    """Write strands (mm) as /face/hair_strands: cubic Catmull-Rom curves in metres."""
    from pxr import Gf, UsdGeom, Vt

    points, widths = np.asarray(strands.points, np.float32) / 1000, np.asarray(strands.widths, np.float32) / 1000
    count, length = points.shape[:2]
    curves = UsdGeom.BasisCurves.Define(stage, STRANDS)
    curves.CreateTypeAttr(UsdGeom.Tokens.cubic)
    curves.CreateBasisAttr(UsdGeom.Tokens.catmullRom)
    curves.CreateWrapAttr(UsdGeom.Tokens.pinned)
    curves.CreateCurveVertexCountsAttr(Vt.IntArray([length] * count))
    flat = np.ascontiguousarray(points.reshape(-1, 3))
    curves.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(flat))
    curves.CreateWidthsAttr(Vt.FloatArray.FromNumpy(np.ascontiguousarray(widths.ravel())))
    curves.SetWidthsInterpolation(UsdGeom.Tokens.vertex)
    room = float(widths.max()) / 2
    low, high = flat.min(0) - room, flat.max(0) + room
    curves.CreateExtentAttr([Gf.Vec3f(*low.tolist()), Gf.Vec3f(*high.tolist())])
    colours = np.ascontiguousarray(strand_colours(strands, hair), np.float32)
    shown = curves.CreateDisplayColorPrimvar(UsdGeom.Tokens.uniform)
    shown.Set(Vt.Vec3fArray.FromNumpy(colours))
    return curves


def strand_colours(strands: Strands, hair: Hair) -> np.ndarray:
    """(S, 3) linear RGB: grey and highlighted strands by their chance."""
    chance = np.asarray(strands.chance)[:, None]
    colour = np.where((chance * 7.3) % 1.0 < hair.highlights, hair.highlight_colour, hair.colour)
    grey = hair.grey + max(hair.temples - hair.grey, 0.0) * np.asarray(strands.temple)[:, None]
    return np.asarray(np.where(chance < grey, _WHITE, colour))


def write_choice(stage: Any, root: Any, has_cards: bool) -> None:
    """The variant set "hair" of the root: the other kind is switched off, not only hidden."""
    choice = root.GetPrim().GetVariantSets().AddVariantSet("hair")
    for name, off in {"cards": (STRANDS,), "strands": (CARDS,), "none": (CARDS, STRANDS)}.items():
        choice.AddVariant(name)
        choice.SetVariantSelection(name)
        with choice.GetVariantEditContext():
            for path in off:
                if path == STRANDS or has_cards:
                    stage.OverridePrim(path).SetActive(False)
    choice.SetVariantSelection("cards" if has_cards else "strands")
