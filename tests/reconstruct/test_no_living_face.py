"""Faces that may be no living ones, and hair over the eyes: what is said of them, and of a plain photo nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

import facegpt
from facegpt.assets import asset_path
from facegpt.data.images import read_image
from facegpt.detect.geometry import EYE_CONTOURS
from facegpt.detect.windows import Photo
from facegpt.encode.over_eyes import covers_eyes, with_hair_over_eyes
from facegpt.encode.parts import HAIR, HAT
from facegpt.reconstruct.left_out.living import FLAT, STONE, flat_share, hues_of_face
from facegpt.reconstruct.photo import faces_seen

#: Dark and bright tones of marble, bronze and clay, sRGB.
STONES = {
    "marble": ((120, 118, 112), (250, 248, 240)),
    "bronze": ((25, 22, 15), (150, 125, 85)),
    "clay": ((90, 45, 30), (215, 150, 115)),
}


@pytest.fixture(scope="module")
def face():
    """The photo (H, W, 3) of a face, and what is seen of it."""
    picture = Image.open(asset_path("astronaut.png")).convert("RGB").crop((110, 0, 350, 240)).resize((720, 720))
    (seen, *_) = faces_seen(facegpt.load(), read_image(picture), quick=True)
    assert seen.parts is not None
    return seen.photo.pixels, seen.parts, np.asarray(seen.detection.points)[:468, :2]


def levels(photo):
    return Photo(np.ascontiguousarray(photo))


def pasted(photo, points, other):
    """The photo with another picture of the same size about the face, with a soft rim."""
    middle, reach = points.mean(0), 0.75 * np.ptp(points, axis=0)
    where = Image.new("L", photo.shape[1::-1])
    ImageDraw.Draw(where).ellipse([*(middle - reach), *(middle + reach)], fill=255)
    share = np.asarray(where.filter(ImageFilter.GaussianBlur(3)), float)[..., None] / 255
    return np.round(photo * (1 - share) + other * share).astype(np.uint8)


def carved(photo, points, tones):
    grey = np.asarray(Image.fromarray(photo).convert("L"), float)[..., None] / 255
    return pasted(photo, points, tones[0] + grey * np.subtract(tones[1], tones[0]))


def drawn(photo, points):
    """In few flat colours."""
    smooth = Image.fromarray(photo).filter(ImageFilter.GaussianBlur(2)).quantize(6, dither=Image.Dither.NONE)
    return pasted(photo, points, np.asarray(smooth.convert("RGB"), float))


def fringed(photo, points):
    """With strands of brown hair from above the forehead to below the eyes."""
    picture, rng = Image.fromarray(photo), np.random.default_rng(1)
    draw, wide = ImageDraw.Draw(picture), np.linalg.norm(points[33] - points[263])
    middle, top, bottom = points.mean(0)[0], points[10][1] - 0.4 * wide, points[[33, 263], 1].mean()
    for _ in range(700):
        x, dark = middle + rng.uniform(-1, 1) * wide, rng.uniform(0.6, 1.4)
        ends = [(x, top), (x + rng.normal(0, 0.1) * wide, bottom + rng.uniform(0.1, 0.35) * wide)]
        draw.line(ends, fill=tuple(int(level * dark) for level in (60, 42, 30)), width=max(1, round(wide / 70)))
    return np.asarray(picture)


def test_a_plain_photo_has_hues_and_grain(face):
    photo, parts, _ = face
    assert hues_of_face(levels(photo), parts) > 1.5 * STONE
    assert flat_share(levels(photo), parts) < FLAT / 2


@pytest.mark.parametrize("tones", STONES.values(), ids=STONES)
def test_a_face_of_stone_has_one_tone(face, tones):
    photo, parts, points = face
    assert hues_of_face(levels(carved(photo, points, tones)), parts) < STONE


def test_a_drawn_face_is_flat_and_one_in_the_dark_is_not(face):
    photo, parts, points = face
    assert flat_share(levels(drawn(photo, points)), parts) > 2 * FLAT
    assert flat_share(levels((photo * 0.15).astype(np.uint8)), parts) < FLAT


def test_what_is_believed_a_hat_over_both_eyes_is_hair_and_over_the_forehead_stays_a_hat(face):
    _, parts, _ = face
    rows = np.indices(parts.seen.shape)[0]
    eyes = parts.points[:, :2] @ parts.to_map[:, :2].T + parts.to_map[:, 2]
    lowest, highest = eyes[np.ravel(EYE_CONTOURS), 1].max(), eyes[np.ravel(EYE_CONTOURS), 1].min()
    assert not covers_eyes(parts)
    for end, is_hair in ((lowest + 8, True), (highest - 8, False)):
        hat = replace(parts, probabilities=parts.probabilities.copy())
        hat.probabilities[rows < end] = np.eye(9, dtype=np.float32)[HAT]
        assert covers_eyes(hat) == is_hair
        kept = with_hair_over_eyes(hat).probabilities
        assert (kept[rows < end][:, HAIR if is_hair else HAT] == 1).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda *face: face[0], ""),
        (lambda *face: carved(*face, STONES["marble"]), "one tone only"),
        (drawn, "may be drawn"),
        (fringed, "hangs over the eyes"),
    ],
    ids=["plain", "stone", "drawn", "fringe"],
)
def test_the_head_says_what_its_photo_may_be(face, change, sentence):
    """Whole photos; hair over the eyes is no cap."""
    photo, _, points = face
    (head, *_) = facegpt.load().reconstruct(change(photo, points), quality="balanced")
    odd = [told for told in head.ignored if any(each in told for each in ("one tone", "flat", "over the eyes"))]
    assert len(odd) == bool(sentence) and all(sentence in told for told in odd)
    assert head.headwear is None
