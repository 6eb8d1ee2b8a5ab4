"""The sentences on what a head leaves out of its photo, and where they are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from facegpt.conventions import euler_deg_from_rotation
from facegpt.describe.hair_words import SEEN_BEARD
from facegpt.describe.scene import LEAST_SHARE
from facegpt.encode.over_eyes import covers_eyes
from facegpt.encode.parts import HAIR, HAND, FaceParts, map_crop
from facegpt.face import Face
from facegpt.hair.from_photo.missed_headwear import misses_headwear
from facegpt.hair.presets import PRESETS
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.reconstruct.left_out import cloth
from facegpt.reconstruct.left_out.across import lies_across
from facegpt.reconstruct.left_out.at_ears import at_ears, sides_told
from facegpt.reconstruct.left_out.held import hands_of, held_at
from facegpt.reconstruct.left_out.jewellery import NECKLACE, odds_at_neck
from facegpt.reconstruct.left_out.light import colour_of_light, painted_share
from facegpt.reconstruct.left_out.living import is_flat, is_stone
from facegpt.reconstruct.left_out.outline import nose_off_mm
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.render.portrait import draw_in_hairs
from facegpt.runtime.stages import stage
from facegpt.types import Array, FaceParams, Worn
from facegpt.wear.cloth_mask import scarf_below

#: Longer side of the picture of the head that is compared with the map of parts, px.
DRAWN_PX = 256
#: Hair that is not drawn: its share of all hair, and its area over the face's box.
LOST_SHARE, LOST_AREA = 0.15, 0.1
#: Yaw from which the outline of the nose stands against what is behind, degrees; how far off it is spoken of, mm.
ASIDE_DEG, NOSE_OFF_MM = 45.0, 2.0
#: Yaw from which half of a face is hardly seen, degrees.
PROFILE_DEG = 48.0

#: Share of the skin of a face in colours that skin has in no white light from which it is spoken of (of 295 CC0
#: pictures one painted face has .35, the others .03 and less).
PAINTED = 0.1

#: How many sizes of the face another one's middle is away at most where their heads touch.
TOUCHING = 1.3

#: Gives where the head and what it wears are drawn on the map of parts (S, S).
Drawn = Callable[[], NDArray[np.bool_]]


@stage("what is left out")
def with_left_out(face: Face, seen: SeenFace) -> Face:
    """The same head, whose `ignored` and `params.worn` say what of its photo it does not show.

    A head that no network looked at closely says nothing.
    """
    parts = seen.parts
    if parts is None or not isinstance(face.model, MakeHumanHead):
        return face
    worn = face.params.worn or Worn()
    said = tuple(dict.fromkeys([*worn.left_out, *_sentences(face, seen, parts)]))
    worn = replace(worn, left_out=said)
    return replace(face, ignored=[*face.ignored, *said], params=face.params.replace(worn=worn))


def _sentences(face: Face, seen: SeenFace, parts: FaceParts) -> Iterator[str]:
    drawn = cache(lambda: _drawn(face, seen, parts))
    yield from _of_headwear(face, seen, parts, drawn)
    sides = () if _is_hooded(face) or seen.quick else _at_ears(face, seen, parts)
    if len(sides) == 2:
        yield "Earrings, or what looks like them, are seen and not made."
    elif sides:
        yield f"An earring, or what looks like one, is seen at the {sides[0]} ear and not made."
    if not (_is_hooded(face) or seen.quick) and _has_necklace(face, seen, parts):
        yield "A necklace, or what looks like one, is seen and not made."
    if not _is_hooded(face) and _has_neck_covered(face, seen, parts):
        yield "What covers the neck isn't on the head: a scarf, a collar or a hand."
    if _covered(parts) >= LEAST_SHARE[HAND]:
        yield f"A hand or a thing {held_at(parts)} is left out."
    elif lies_across(parts, seen.dense, _is_bearded(face)):
        things = "a veil, hair, a hand or a thing" if _is_hooded(face) else "hair, a hand or a thing"
        yield f"What lies across the face is left out: {things}."
    yield from _of_hair(face, seen, parts, drawn)
    yield from _of_view(face, seen, parts)
    yield from _of_what_it_is(face, seen, parts)


def _of_headwear(face: Face, seen: SeenFace, parts: FaceParts, drawn: Drawn) -> Iterator[str]:
    look = face.params.headwear
    if look is None:
        if cloth.is_lost(parts) or misses_headwear(seen.levels, parts):
            yield "Something on or beside the head is left out, perhaps a hat or a cloth."
        return
    if not seen.quick and cloth.hangs(parts, drawn()):
        yield "A part of what is worn on the head is left out: what hangs down or stands out."
    if look.kind == "hood" and scarf_below(map_crop(seen.levels, parts), parts) is not None:
        yield "What lies below the hood in another colour is left out: a scarf or a collar."
    if cloth.is_patterned(look):
        yield "The pattern of the headwear is the photo's in front only; behind, it is a guess."


def _at_ears(face: Face, seen: SeenFace, parts: FaceParts) -> tuple[str, ...]:
    assert isinstance(face.model, MakeHumanHead)
    return sides_told(at_ears(seen.levels, face.model, _small(face, seen), parts))


def _has_necklace(face: Face, seen: SeenFace, parts: FaceParts) -> bool:
    assert isinstance(face.model, MakeHumanHead)
    return odds_at_neck(seen.levels, face.model, _small(face, seen), parts) > NECKLACE


def _has_neck_covered(face: Face, seen: SeenFace, parts: FaceParts) -> bool:
    assert isinstance(face.model, MakeHumanHead)
    return cloth.is_at_neck(parts) and cloth.lies_on_neck(face.model, _small(face, seen), parts)


def _small(face: Face, seen: SeenFace) -> FaceParams:
    """The parameters of a face in pixels of its photo as it is kept."""
    return face.params.replace(camera=face.params.camera.scaled(seen.photo.scale))


def _of_hair(face: Face, seen: SeenFace, parts: FaceParts, drawn: Drawn) -> Iterator[str]:
    hair = face.params.hair
    if hair is None or seen.quick or PRESETS[hair.style].family != "gathered":
        return
    shown = parts.seen & (parts.share(HAIR) > 0.5)
    lost = shown & ~binary_dilation(drawn(), iterations=cloth.NEAR_PX)
    if lost.sum() > LOST_SHARE * shown.sum() and cloth.area(parts, lost) > LOST_AREA:
        yield "A part of the hair is left out: it is drawn tied, and the photo shows more of it."
    else:
        yield "How the hair is tied behind the head is a guess."


def _of_view(face: Face, seen: SeenFace, parts: FaceParts) -> Iterator[str]:
    yaw = float(euler_deg_from_rotation(np.asarray(face.params.pose.rotation))[0])
    if abs(yaw) > PROFILE_DEG:
        away = "left" if yaw > 0 else "right"
        guessed = f"the {away} side of its face and the nose's shape from the front are guesses"
        yield f"The head is turned {abs(yaw):.0f}°: {guessed}."
    if abs(yaw) > ASIDE_DEG and not seen.quick:
        assert isinstance(face.model, MakeHumanHead)
        off = nose_off_mm(face.model, _small(face, seen), seen.photo.pixels, seen.dense)
        if off is not None and off > NOSE_OFF_MM:
            yield f"The outline of the nose lies about {off:.0f} mm beside the photo's: its shape is a guess."
    if seen.as_taken is not None:
        yield "The photo has no colours: those of skin, hair and eyes are guesses."
    elif colour := colour_of_light(seen.levels, parts):
        yield f"The face is {colour} in the photo, by light or paint, so the skin's own colour is a guess."
    elif painted_share(seen.levels, parts) > PAINTED:
        yield "Parts of the face have colours that no skin has, by paint or light: what is below them is a guess."


def _of_what_it_is(face: Face, seen: SeenFace, parts: FaceParts) -> Iterator[str]:
    stone, covered = seen.as_taken is None and is_stone(seen.levels, parts), covers_eyes(parts)
    flat = not stone and is_flat(seen.levels, parts)
    if any(_faces_apart(seen.detection.box, other.box) < TOUCHING for other in seen.others):
        yield "Another head touches this one: hair and what is worn may be that one's in part."
    if covered:
        yield "Hair or cloth hangs over the eyes, which are guesses."
    if stone:
        yield "The face has one tone only: it may be drawn, a statue's or behind tinted glass, and no skin's colour."
    if flat:
        yield "Much of the face is as flat as in drawings: it may be drawn, a doll's or behind a visor."
    if (covered or stone or flat) and face.params.glasses is not None:
        yield "Whether there are glasses is a guess: the eyes are covered, or no living ones."


def _faces_apart(box: Array, other: Array) -> float:
    """How far the middles of two faces are apart, in longer sides of the first one's box."""
    sides = np.asarray(box[2:] - box[:2], float)
    return float(np.linalg.norm(box[:2] + box[2:] - other[:2] - other[2:]) / (2 * max(sides.max(), 1e-6)))


def _is_bearded(face: Face) -> bool:
    return face.params.hair is not None and face.params.hair.beard >= SEEN_BEARD


def _is_hooded(face: Face) -> bool:
    look = face.params.headwear
    return look is not None and look.kind == "hood"


def _covered(parts: FaceParts) -> float:
    """The share of what is seen that a hand or a thing covers."""
    return float(hands_of(parts).sum() / max(parts.seen.sum(), 1))


def _drawn(face: Face, seen: SeenFace, parts: FaceParts) -> NDArray[np.bool_]:
    """Where on the map of parts (S, S) the head and what it wears are drawn."""
    params = face.params
    small = min(1.0, DRAWN_PX / max(params.camera.width, params.camera.height))
    camera = params.camera.scaled(small)
    (picture,) = draw_in_hairs(face.mesh, params.pose, camera, [face.proxies], params.lighting, 1, face.renderer)
    rows, columns = np.indices(parts.seen.shape)
    places = parts.to_photo(np.column_stack([columns.ravel(), rows.ravel()]))
    at = np.rint((places + 0.5) * (small / seen.photo.scale) - 0.5).astype(int)
    inside = (at >= 0).all(1) & (at[:, 0] < camera.width) & (at[:, 1] < camera.height)
    x, y = np.clip(at, 0, [camera.width - 1, camera.height - 1]).T
    return np.asarray((inside & (picture[y, x, 3] > 127)).reshape(parts.seen.shape))
