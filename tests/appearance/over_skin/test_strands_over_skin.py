"""Strands drawn over a known skin are filled with that skin; lines across the face and spots stay."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from facegpt.appearance.over_skin.line_traces import curved
from facegpt.appearance.over_skin.strands import without_strands
from facegpt.detect.geometry import canonical_face
from facegpt.encode.parts import HAIR, MAP_PX, PARTS, SKIN, FaceParts, parts_window

SIDE, SCALE = 640, 2.4


def face_points():
    """The detector's points (478, 3) of a level face in a photo, px."""
    points = canonical_face().points
    points = np.vstack([points, np.repeat(points[:1], 478 - len(points), 0)])
    return np.column_stack([SIDE / 2 + SCALE * points[:, 0], SIDE / 2 - SCALE * points[:, 1], points[:, 2]])


def forehead():
    """A place (x, y) px on the middle of the plain forehead, and the row where the hair begins."""
    points = face_points()
    return points[151, :2], int(points[10, 1] - 10)


def parts_of(hairline):
    """Hair above a row of the photo, skin everywhere below."""
    points = face_points()
    window = parts_window(points)
    to_photo = window.of_pixels(MAP_PX)
    rows = to_photo[1, 1] * np.arange(MAP_PX) + to_photo[1, 2]
    told = np.zeros((MAP_PX, MAP_PX, len(PARTS)), np.float32)
    told[rows < hairline, :, HAIR] = 1
    told[rows >= hairline, :, SKIN] = 1
    to_map = np.linalg.inv(np.vstack([to_photo, [0, 0, 1]]))[:2]
    return FaceParts(told, np.ones((MAP_PX, MAP_PX), bool), to_map, None, points)


def skin_photo():
    """A bare face (SIDE, SIDE, 3) uint8: skin that grows darker to one side, with a grain."""
    shade = np.linspace(1.05, 0.8, SIDE)[None, :, None]
    grain = np.random.default_rng(3).normal(0, 1.5, (SIDE, SIDE, 1))
    return np.clip(np.array([205, 160, 135]) * shade + grain, 0, 255).astype(np.uint8)


def drawn(bare, lines, width=2):
    picture = Image.fromarray(bare)
    draw = ImageDraw.Draw(picture)
    for line in lines:
        draw.line([tuple(map(float, place)) for place in line], fill=(50, 35, 30), width=width)
    return np.asarray(picture)


def far(one, other, where):
    return float(np.abs(one[where].astype(float) - other[where]).mean())


@pytest.mark.parametrize("factor", [1, 2])
def test_a_strand_out_of_the_hair_is_filled_with_the_skin_below_it(factor):
    bare, (middle, hairline) = skin_photo(), forehead()
    strand = [(middle[0] + 20 + 0.25 * k, hairline - 20 + k) for k in range(0, 75, 5)]
    photo = drawn(bare, [strand])
    rows = np.arange(SIDE)[:, None] - hairline
    below = (photo != bare).any(-1) & (rows > 14) & (rows < 40)
    small = [np.asarray(Image.fromarray(each).reduce(factor)) for each in (photo, bare)]
    below = below[factor - 1 :: factor, factor - 1 :: factor]
    cleaned = without_strands(small[0], parts_of(hairline), float(factor))
    assert far(small[0], small[1], below) > 25
    assert far(cleaned, small[1], below) < 6


def test_lines_across_the_forehead_and_spots_stay():
    bare, (middle, hairline) = skin_photo(), forehead()
    across = [(middle[0] - 60, hairline + 30), (middle[0] + 60, hairline + 34)]
    photo = drawn(bare, [across])
    x, y = (int(value) for value in face_points()[50, :2])
    photo = photo.copy()
    photo[y - 3 : y + 4, x - 3 : x + 4] = (60, 40, 35)
    assert np.array_equal(without_strands(photo, parts_of(hairline)), photo)


def test_a_line_that_comes_from_no_hair_stays():
    bare, (middle, _) = skin_photo(), forehead()
    photo = drawn(bare, [[(middle[0] + 20, middle[1] - 30), (middle[0] + 30, middle[1] + 10)]])
    assert np.array_equal(without_strands(photo, parts_of(-1000)), photo)


def test_nothing_is_changed_where_nobody_looked():
    photo = skin_photo()
    assert without_strands(photo, None) is photo


def test_the_strength_of_lines_is_that_of_plain_curvatures():
    smooth = np.random.default_rng(0).normal(0, 1, (12, 15)).astype(np.float32)
    strength, across = np.zeros((12, 15), np.float32), np.zeros((12, 15, 2), np.float32)
    curved(smooth, np.float32(2.0), np.ones((12, 15), bool), strength, across)
    for y in range(1, 11):
        for x in range(1, 14):
            near = smooth[y - 1 : y + 2, x - 1 : x + 2].astype(float)
            xx, yy = near[1] @ [1, -2, 1], near[:, 1] @ [1, -2, 1]
            xy = (near[2, 2] + near[0, 0] - near[0, 2] - near[2, 0]) / 4
            (small, large), vectors = np.linalg.eigh([[xx, xy], [xy, yy]])
            assert strength[y, x] == pytest.approx(max(2 * (large - abs(small)), 0), abs=1e-4)
            if strength[y, x] > 1e-3:
                assert abs(across[y, x] @ vectors[:, 1]) == pytest.approx(1, abs=1e-3)
