"""Photos that ask too much of what finds hair: drawn maps of parts, so that the truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn_parts import parts_with, photo, seen_of
from facing_params import SIDE

from facegpt.encode.parts import HAIR, MAP_PX, SKIN, FaceParts
from facegpt.hair.from_photo.found import hair_from_photo
from facegpt.hair.from_photo.seen import hair_seen
from facegpt.hair.presets import PRESETS
from facegpt.morphable.base import head_vertices


@pytest.fixture(scope="module")
def bob(model, params):
    """What is seen of a bob, and its parts."""
    return seen_of(model, params, PRESETS["bob"].groom)


def masks_of(parts: FaceParts) -> tuple[np.ndarray, np.ndarray]:
    """Where hair and skin are, (96, 96)."""
    return tuple(parts.probabilities[::2, ::2, part] > 0.5 for part in (HAIR, SKIN))  # type: ignore[return-value]


def moved(mask: np.ndarray, right: int) -> np.ndarray:
    """A mask that lies so many pixels further right."""
    out = np.zeros_like(mask)
    out[:, right:] = mask[:, : mask.shape[1] - right]
    return out


def points_of(model, params, right_px: float = 0.0) -> np.ndarray:
    """MediaPipe's points of a head in its picture, moved right."""
    points = model.embedding("mediapipe478")(head_vertices(model, params))
    return params.camera.project(params.pose.apply(points)) + np.array([right_px, 0.0])


@pytest.mark.parametrize("style", ["bob", "long", "short"])
def test_hair_that_touches_another_heads_hair_ends_where_that_begins(model, params, style):
    seen, parts = seen_of(model, params, PRESETS[style].groom)
    hair, skin = masks_of(parts)
    width = np.ptp(np.flatnonzero(hair.any(0))) - 1  # the two overlap a little
    both = parts_with(hair | moved(hair, width), skin | moved(skin, width))
    other = points_of(model, params, width * SIDE / 96)
    together = hair_seen(model, params, both)
    alone = hair_seen(model, params, both.apart_from(points_of(model, params), [other]))
    assert (together.mask & ~seen.mask).sum() > 0.2 * seen.mask.sum()  # taken for one head of hair before
    assert (alone.mask ^ seen.mask).sum() < 0.05 * seen.mask.sum()
    assert alone.rooted == pytest.approx(seen.rooted, abs=0.05)


def test_a_face_that_is_alone_or_far_off_changes_nothing(model, params, bob):
    _, parts = bob
    own = points_of(model, params)
    assert parts.apart_from(own, []) is parts
    assert parts.apart_from(own, [own + np.array([40 * SIDE, 0])]) is parts


def test_a_bald_man_beside_long_hair_stays_bald(model, params, bob):
    seen, parts = bob
    hair, skin = masks_of(parts)
    width, bald = np.ptp(np.flatnonzero((hair | skin).any(0))) - 8, seen.view.head
    both = parts_with(moved(hair, width), bald | moved(skin, width))
    parted = both.apart_from(points_of(model, params), [points_of(model, params, width * SIDE / 96)])
    found = hair_from_photo(photo(both, (60, 40, 30)), model, params, parted)
    assert found.hair is None and "bald" in found.worn.hair and not found.worn.headwear


def test_wet_hair_is_dark_and_flat_and_still_hair(model, params):
    flat = replace(PRESETS["short"].groom, lift_mm=0.0, frizz=0.0, stand=0.0)
    seen, parts = seen_of(model, params, flat)
    image = photo(parts, (14, 13, 13))
    image[::5, ::3] = 150  # wet strands glint
    found = hair_from_photo(image, model, params, parts)
    assert seen.rooted > 0.5 and found.hair is not None and not found.worn.headwear
    assert max(found.hair.colour) < 0.05  # linear: no grey of the glints
    assert PRESETS[found.hair.style].family != "long"


def test_hair_over_the_face_is_found_and_no_headwear(model, params, bob):
    _, parts = bob
    hair, skin = masks_of(parts)
    columns = np.arange(96)[None] < np.flatnonzero(skin.any(0)).mean()
    over = hair | (skin & columns)
    covered = parts_with(over, skin & ~over)
    found = hair_from_photo(photo(covered, (60, 40, 30)), model, params, covered)
    assert found.hair is not None and not found.worn.headwear
    assert np.isfinite(found.agreement) and found.agreement > 0.3


def test_an_infant_with_down_on_its_crown_is_given_no_long_hair(model, params):
    thin = replace(PRESETS["crew"].groom, density=0.4, top_mm=12.0, sides_mm=6.0, back_mm=6.0)
    small = params.replace(pose=replace(params.pose, translation=np.array([0.0, 0.0, 1300.0])))
    seen, parts = seen_of(model, small, thin)
    found = hair_from_photo(photo(parts, (150, 120, 90)), model, small, parts)
    assert found.hair is None or PRESETS[found.hair.style].groom.sides_mm < 60
    assert np.isfinite(seen.highest_mm)


def test_a_drawing_without_strands_gives_hair_of_its_outline_and_colour(model, params, bob):
    seen, parts = bob
    found = hair_from_photo(photo(parts, (200, 40, 160)), model, params, parts)  # one flat pink
    assert found.hair is not None and found.agreement > 0.8
    assert found.hair.colour[0] > 2 * found.hair.colour[1] < found.hair.colour[2]
    assert seen.rooted > 0.5


def test_a_grey_photo_gives_hair_of_a_colour_that_hair_has(model, params, bob):
    _, parts = bob
    for level in (25, 90, 200):
        found = hair_from_photo(photo(parts, (level,) * 3), model, params, parts, "fast")
        red, green, blue = found.hair.colour
        assert red >= green >= blue * 0.95  # neither blue nor green


def test_a_face_of_40_px_gets_a_plain_style_of_that_length(model, params):
    _, parts = seen_of(model, params, PRESETS["long"].groom)
    factor = 40 / hair_seen(model, params, parts).face_px
    small = params.replace(camera=params.camera.scaled(factor))
    shrunk = FaceParts(parts.probabilities, parts.seen, parts.to_map / [[factor, factor, 1]])
    step = int(1 / factor)
    found = hair_from_photo(photo(parts, (60, 40, 30))[::step, ::step], model, small, shrunk)
    assert found.hair is not None and found.hair.groom is None and "small" in found.worn.hair
    assert found.hair.style in ("shoulder", "long")


def test_hair_that_the_photos_sides_cut_off_is_hair_still(model, params, bob):
    seen, parts = bob
    kept = np.zeros((MAP_PX, MAP_PX), bool)
    kept[:, MAP_PX // 3 : -MAP_PX // 3] = True
    beliefs = np.where(kept[..., None], parts.probabilities, np.eye(9, dtype=np.float32)[0])
    found = hair_from_photo(
        photo(parts, (60, 40, 30)), model, params, replace(parts, probabilities=beliefs, seen=parts.seen & kept)
    )
    assert found.hair is not None and not found.worn.headwear
    assert seen.rooted > 0.5
