"""Waves, curls and frizz: what a strand does around the middle line of its lock. Lengths mm."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.hair.lines.guides import arc_mm, resampled
from facegpt.hair.lines.kernels import carry_frames, frizz, swells
from facegpt.types import Array, Groom

#: Turns shorter than this are painted on the cards, mm; of hair that stands off, those shorter than that.
PAINTED_TURN_MM, STANDING_TURN_MM = 14.0, 24.0
#: Points of a tight turn of a helix and of a wide one (see TIGHT_MM, SHARED_TURN_MM), and the most that a lock has.
POINTS_A_TURN, MOST = (6.0, 6.4), 34
#: What of a curl a card follows: so much of its radius, in turns so many times as long. Its strands show the rest: a
#: card that winds as they do looks like a wood shaving.
CARD_RADIUS, CARD_TURN = 0.8, 1.5
#: Cards turn with turns as short as this, mm, and less with longer ones.
TIGHT_MM = 38.0
#: Locks that wind in longer turns than this lie in their neighbours' waves; how far apart roots are that do not, mm.
SHARED_TURN_MM, NEIGHBOURS_MM = 75.0, 70.0
#: How far locks bend with their neighbours, as a share of how far they bend on their own.
ALIKE = 0.7


@lru_cache(maxsize=256)
def of_cards(groom: Groom) -> Groom:
    """The groom whose curls are what the cards of a groom follow of its own: wider and flatter."""
    return replace(
        groom, curl_radius_mm=CARD_RADIUS * groom.curl_radius_mm, curl_pitch_mm=CARD_TURN * groom.curl_pitch_mm
    )


def winds(groom: Groom) -> bool:
    """Whether curls are modelled; narrower coils are painted on the cards."""
    least = STANDING_TURN_MM if groom.stand > 0.6 else PAINTED_TURN_MM
    return groom.curl_radius_mm > 0 and groom.curl_pitch_mm >= least


def is_tight(groom: Groom) -> bool:
    """Whether curls of cards turn so tightly that neighbours don't share their turns."""
    return winds(groom) and of_cards(groom).curl_pitch_mm < SHARED_TURN_MM


def stands_coily(groom: Groom) -> bool:
    """Whether hair stands off in coils: an afro of any length."""
    return groom.stand > 0.6 and groom.curl_radius_mm > 0 and not winds(groom)


def stretch(radius_mm: float, pitch_mm: float) -> float:
    """Length along a helix per length of its axis."""
    return float(np.hypot(1.0, 2 * np.pi * radius_mm / pitch_mm)) if radius_mm > 0 and pitch_mm > 0 else 1.0


def frames(lines: Array) -> tuple[Array, Array, Array]:
    """Tangents and two normals (N, K, 3) of lines (N, K, 3), carried along without twist (Bishop 1975)."""
    places = np.ascontiguousarray(lines)
    tangent, first, second = (np.empty_like(places) for _ in range(3))
    carry_frames(places, tangent, first, second)
    return tangent, first, second


def plain_frames(lines: Array) -> tuple[Array, Array, Array]:
    """`frames`, the slow way."""
    tangent = np.gradient(lines, axis=1)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=2, keepdims=True), 1e-9)
    helper = np.where(np.abs(tangent[:, 0, 1:2]) < 0.9, [[0.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]])
    first = np.empty_like(tangent)
    normal = np.cross(helper, tangent[:, 0])
    for k in range(lines.shape[1]):
        normal = normal - (normal * tangent[:, k]).sum(1, keepdims=True) * tangent[:, k]
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
        first[:, k] = normal
    return tangent, first, np.cross(tangent, first)


def curled(lines: Array, radius: Array, pitch: Array, phase: Array, start: float, hand: Array) -> tuple[Array, Array]:
    """Lines (N, K, 3) wound to helices of radius and pitch (N,) mm, from a phase (N,) radians on, to a hand (N,) ±1.

    Returns them and what is outside of the curl (N, K, 3): unit, shorter where the curl is not full, or wide.

    The radius grows from 0 over the share `start` of each line, and over the first turn at least.
    """
    _, first, second = frames(lines)
    along = arc_mm(lines)
    turn = 2 * np.pi * along / pitch[:, None] * hand[:, None] + phase[:, None]
    ramp = np.clip(along / np.maximum(start * along[:, -1:], 0.5 * pitch[:, None]), 0, 1)
    reach = (radius[:, None] * ramp * ramp * (3 - 2 * ramp))[..., None]
    away = (np.cos(turn)[..., None] * first + np.sin(turn)[..., None] * second).astype(np.float32)
    tight = np.minimum(1.0, TIGHT_MM / pitch)[:, None, None] * (ramp * ramp * (3 - 2 * ramp))[..., None]
    return (lines + reach * away).astype(np.float32), (away * tight).astype(np.float32)


def points_of_curl(groom: Groom, length: float, least: int, detail: float) -> int:
    """Points that a curled lock of `length` mm along its strand needs."""
    return int(np.clip(_needed(groom, length) * detail, least, MOST))


def _needed(groom: Groom, length: float) -> float:
    """Points that all turns of such a lock need, however many these are."""
    axis = length / stretch(groom.curl_radius_mm, groom.curl_pitch_mm)
    return float(axis / groom.curl_pitch_mm * np.interp(groom.curl_pitch_mm, (TIGHT_MM, SHARED_TURN_MM), POINTS_A_TURN))


def _swells(roots: Array, count: int) -> Array:
    """Numbers (count, N), -0.9..0.9, that neighbouring roots (N, 3) nearly share and distant ones do not."""
    out = np.empty((count, len(roots)))
    swells(np.ascontiguousarray(roots, np.float64), NEIGHBOURS_MM, out)
    return out


def wound(
    lines: Array, groom: Groom, points: int, detail: float, chance: Array, rounded: bool = True
) -> tuple[Array, Array]:
    """Lines (N, K, 3) wound as a groom asks, with at least so many points, by chances (N, 8); as `curled` returns.

    rounded: locks of more turns than their points can show have longer ones: four points a turn make polygons.
    """
    longest = float(np.quantile(arc_mm(lines)[:, -1], 0.9)) * stretch(groom.curl_radius_mm, groom.curl_pitch_mm)
    fine = points_of_curl(groom, longest, points, detail)
    if rounded:
        groom = replace(groom, curl_pitch_mm=max(_needed(groom, longest) / MOST, 1.0) * groom.curl_pitch_mm)
    lines = resampled(lines, np.ones(len(lines)), fine)
    apart = float(np.clip((SHARED_TURN_MM - groom.curl_pitch_mm) / 30.0, 0.12, 1.0))
    own = 0.5 + 0.5 * apart
    alike = _swells(lines[:, 0], 3)
    wide, long = (own * (chance[:, 3 + k] - 0.5) + (1 - own) * 0.5 * alike[k] for k in (1, 2))
    radius, pitch = groom.curl_radius_mm * (1 + 0.5 * wide), groom.curl_pitch_mm * (1 + 0.3 * long)
    phase = 2 * np.pi * (apart * chance[:, 6] + (1 - apart) * alike[0])
    hand = np.where(chance[:, 6] < 0.5 * apart, -1.0, 1.0)
    return curled(lines, radius, pitch, phase, groom.curl_start, hand)


def frizzed(
    lines: Array, amount_mm: Array, rng: np.random.Generator, apart: float = 1.0, like: NDArray[np.intp] | None = None
) -> NDArray[np.float32]:
    """Lines (N, K, 3) bent at random, smoothly, by about amount (N,) mm at their tips; never faster than K can show.

    apart: 0..1, how much each bends on its own, or as the one does that it follows (`like`, (N,)); for the rest those
    of neighbouring roots bend alike.
    """
    count = lines.shape[1]
    share = np.linspace(0, 1, count)
    rates = [f for f in (0.7, 1.6, 3.1) if 4 * f < count - 1 or f < 1]
    chance = rng.random((len(rates), len(lines), 3, 1))
    along = 2 * np.pi * np.outer(rates, share)
    waves = np.stack([np.sin(along), np.cos(along)], 1) / np.reshape(rates, (-1, 1, 1))
    places, out = np.ascontiguousarray(lines, np.float32), np.empty(lines.shape, np.float32)
    amount, followed = np.asarray(amount_mm, np.float64), np.arange(len(lines)) if like is None else like
    each = chance[..., 0], followed, _phases_alike(places[:, 0], len(rates))
    frizz(places, amount, *each, waves, share**0.7, float(apart), float(ALIKE * (1 - apart)), out)
    return out


def _phases_alike(roots: Array, count: int) -> Array:
    """Phases (count, N, 3), turns, that neighbouring roots (N, 3) share nearly."""
    return np.ascontiguousarray(_swells(roots, 3 * count).reshape(count, 3, -1).transpose(0, 2, 1))
