"""High dynamic range clips as sRGB: HLG and PQ, as phones record them, and BT.2020 primaries.

The curve, by the book: light by the transfer functions of ITU-R BT.2100 (HLG with its system gamma at 1,000 cd/m²);
the reference white of ITU-R BT.2408 (203 cd/m²: 75 % of HLG, 58 % of PQ) becomes the white of sRGB; primaries by ITU-R
BT.2087. Whatever is no brighter than paper white keeps its graded colour; brighter highlights are white.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import linear_to_srgb, srgb_to_linear

Floats = NDArray[np.float32]

#: Code points of ITU-T H.273: primaries of BT.2020; transfer characteristics of PQ and HLG.
BT2020, PQ, HLG = 9, 16, 18
#: What a clip's transfer is called.
NAMES = {PQ: "PQ", HLG: "HLG"}
#: Luminance of reference white and of the peaks of an HLG display and of PQ, cd/m².
REFERENCE_WHITE, HLG_PEAK, PQ_PEAK = 203.0, 1000.0, 10_000.0
_HLG_GAMMA = 1.2
#: Linear BT.2020 → linear BT.709 (BT.2087), and luminance of linear BT.2020.
_TO_709 = np.array(
    [[1.660491, -0.587641, -0.072850], [-0.124550, 1.132900, -0.008349], [-0.018151, -0.100579, 1.118730]], np.float32
)
_LUMINANCE = np.array([0.2627, 0.6780, 0.0593], np.float32)
#: Tables have a value for so many steps of a signal and of sRGB's light; so many rows are converted at a time.
_STEPS, _SRGB_STEPS, _ROWS = 4096, 16_384, 16


def needs_conversion(transfer: int, primaries: int) -> bool:
    """Whether frames with these code points (H.273) look wrong where they are taken for sRGB."""
    return transfer in NAMES or primaries == BT2020


def as_srgb(coded: NDArray[np.uint16], transfer: int, primaries: int) -> NDArray[np.uint8]:
    """Pixels (H, W, 3) in sRGB of full-range R'G'B' signals (H, W, 3), 0 to 65535, of these code points (H.273)."""
    out = np.empty(coded.shape, np.uint8)
    for top in range(0, len(coded), _ROWS):
        out[top : top + _ROWS] = _rows_as_srgb(coded[top : top + _ROWS], transfer, primaries)
    return out


def _rows_as_srgb(coded: NDArray[np.uint16], transfer: int, primaries: int) -> NDArray[np.uint8]:
    light = _light_table(transfer)[coded >> 4].reshape(-1, 3)
    if transfer == HLG:  # the system gamma of an HLG display works on luminance
        light *= _gain_table()[np.minimum(light @ _LUMINANCE * (_STEPS - 1), _STEPS - 1).astype(np.int32)][:, None]
    steps = _SRGB_STEPS - 1
    white = {HLG: HLG_PEAK / REFERENCE_WHITE, PQ: PQ_PEAK / REFERENCE_WHITE}.get(transfer, 1.0)
    light = light @ ((_TO_709 if primaries == BT2020 else np.eye(3, dtype=np.float32)).T * np.float32(white * steps))
    light += 0.5
    np.clip(light, 0, steps, out=light)
    return _srgb_table()[light.astype(np.int32)].reshape(coded.shape)


@cache
def _light_table(transfer: int) -> Floats:
    """Light, 0..1 of the peak, of each signal: the scene's for HLG, the display's for PQ and all others."""
    signal = np.linspace(0, 1, _STEPS)
    if transfer == HLG:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        return np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12).astype(np.float32)
    if transfer == PQ:
        m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
        power = signal ** (1 / m2)
        return ((np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1)).astype(np.float32)
    return srgb_to_linear(signal)


@cache
def _gain_table() -> Floats:
    """What light is multiplied by for each luminance of the scene, 0..1."""
    return (np.linspace(0, 1, _STEPS) ** (_HLG_GAMMA - 1)).astype(np.float32)


@cache
def _srgb_table() -> NDArray[np.uint8]:
    """sRGB, 0..255, of light, 0..1 of white."""
    return np.round(linear_to_srgb(np.linspace(0, 1, _SRGB_STEPS)) * 255).astype(np.uint8)
