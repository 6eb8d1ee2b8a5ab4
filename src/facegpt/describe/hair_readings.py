"""Readings of hair, brows and beard off the record `Hair`, in the steps of LABELS.md.

generate/draw_hair.py goes the other way.
"""

from __future__ import annotations

import numpy as np

from facegpt.cielab import lab_from_linear, linear_from_lab
from facegpt.hair.presets import groom_of
from facegpt.types import Array, Groom, Hair

#: Attributes of attributes.csv that are read off a Hair record.
HAIR_ATTRIBUTES = (
    *("brow_thickness", "brow_arch", "beard", "moustache"),
    *("hair_length", "hair_lightness", "hair_redness", "hair_greyness"),
)
#: How far hair hangs over ears and nape as it is curled, mm → reading of hair_length (bald -2, short -1, to the jaw 0,
#: to the shoulders 1, longer 2). Tight coils hang to half their length, curls to three quarters.
HANGING = (np.array([0.0, 3.0, 12.0, 28.0, 65.0, 116.0, 160.0, 200.0, 300.0, 385.0, 600.0]),
           np.array([-2.0, -1.5, -1.2, -1.0, -0.7, 0.0, 0.55, 1.0, 1.4, 1.7, 2.0]))  # fmt: skip
_COIL_MM, _CURL_MM = (22.0, 0.5), (45.0, 0.76)
#: Reading of hair that is gathered: long, though it does not hang.
_GATHERED = 0.6
#: Lightness reading → CIE L*, and the a* and b* of ordinary hair of that lightness.
LIGHTNESS = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
ORDINARY_LAB = np.array([[8, 1, 1], [20, 6, 8], [39, 9, 18], [62, 6, 24], [80, 2, 14]], float)
#: Redness reading → what is added to a* (and REDNESS_B_SHARE of it to b*).
REDNESS, REDNESS_A = np.array([-2.0, -1.0, 0.0, 1.0, 2.0]), np.array([-9.0, -5.0, 0.0, 14.0, 26.0])
REDNESS_B_SHARE = 0.7
#: CIE L* of grey and white hairs.
WHITE_L = 78.0
#: Amount → reading, for grey, beard and moustache (both ways).
GREY = (np.array([0.0, 0.12, 0.35, 0.65, 1.0]), np.array([-0.8, 0.0, 0.5, 1.0, 2.0]))
BEARD = (np.array([0.0, 0.3, 0.8, 1.0]), np.array([-1.0, 0.5, 1.0, 2.0]))


def shown_linear(lab: Array) -> Array:
    """Linear sRGB (3,) of hair of a CIE L*a*b* (3,), as far as it can be shown."""
    return np.clip(linear_from_lab(lab), 0.002, 1.0)


def hair_colour(lightness: float, redness: float) -> tuple[float, float, float]:
    """The linear RGB of hair without grey by its readings."""
    lab = np.array([np.interp(lightness, LIGHTNESS, ORDINARY_LAB[:, k]) for k in range(3)])
    added = float(np.interp(redness, REDNESS, REDNESS_A))
    # Very dark or very light hair has no room for red: it is read as what it can show.
    rgb = shown_linear(lab + np.array([0, added, REDNESS_B_SHARE * added]))
    return float(rgb[0]), float(rgb[1]), float(rgb[2])


def read_hair(hair: Hair) -> dict[str, float]:
    """The readings of HAIR_ATTRIBUTES (see LABELS.md and attributes.csv for their steps)."""
    lightness, a, _ = lab_from_linear(np.array(hair.colour))
    usual_a = np.interp(lightness, ORDINARY_LAB[:, 0], ORDINARY_LAB[:, 1])
    seen = (1 - hair.grey) * lightness + hair.grey * WHITE_L
    return {
        "brow_thickness": hair.brow_thickness,
        "brow_arch": hair.brow_arch,
        "beard": float(np.interp(hair.beard, *BEARD)),
        "moustache": float(np.interp(hair.moustache, *BEARD)),
        "hair_length": _length(groom_of(hair)),
        "hair_lightness": float(np.interp(seen, ORDINARY_LAB[:, 0], LIGHTNESS)),
        "hair_redness": float(np.interp((1 - hair.grey) * (a - usual_a), REDNESS_A, REDNESS)),
        "hair_greyness": float(np.interp(hair.grey, *GREY)),
    }


def _length(groom: Groom) -> float:
    """The reading of hair_length of a groom."""
    mm = max(groom.sides_mm, groom.back_mm)
    if groom.curl_radius_mm > 0 and groom.curl_pitch_mm < _CURL_MM[0]:
        mm *= _COIL_MM[1] if groom.curl_pitch_mm < _COIL_MM[0] else _CURL_MM[1]
    if groom.gather not in ("none", "half_up", "locs", "box_braids"):
        return _GATHERED
    if groom.top_mm > 15:  # long on top of bare sides is short hair still
        mm = max(mm, 12.0)
    return float(np.interp(mm, *HANGING))
