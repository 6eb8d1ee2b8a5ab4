"""Faults of a skin: clean skins have none, faults that are painted on are found, and as what they are."""

from dataclasses import asdict

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from facegpt.appearance.prior import model_texture
from facegpt.conventions import linear_to_srgb
from facegpt.morphable.makehuman import head as makehuman
from facegpt_lab.evaluate.skin_faults.detection import GRID, KINDS, faults_of, has_fault, places_of

SIDE = 2 * GRID


@pytest.fixture(scope="module")
def head():
    return makehuman.load()


@pytest.fixture(scope="module")
def skins(head):
    """Clean skins of the model, from dark to light, sRGB (S, S, 3) uint8."""
    out = []
    for tone in (-1.5, 0.0, 1.5):
        albedo = np.zeros(head.sizes.albedo)
        albedo[0] = tone
        out.append(np.round(linear_to_srgb(np.clip(model_texture(head, albedo, SIDE), 0, 1)) * 255).astype(np.uint8))
    return out


def middle_of(at):
    """The texel (row, column) of the full texture that lies deepest in places (GRID, GRID)."""
    row, column = np.unravel_index(np.argmax(distance_transform_edt(at)), at.shape)
    return 2 * row, 2 * column


def disc(row, column, radius):
    y, x = np.mgrid[:SIDE, :SIDE]
    return (y - row) ** 2 + (x - column) ** 2 <= radius**2


def cheek(head):
    """The bare skin of one cheek."""
    bare = places_of(head).bare.copy()
    bare[:, : GRID // 2 + 60] = False
    bare[: GRID // 3] = False
    return bare


def planted(head, skin, kind):
    """The skin with one fault of a kind."""
    places, out = places_of(head), skin.copy()
    row, column = middle_of(cheek(head))
    if kind == "lid_burns":
        out[disc(*middle_of(places.lids[0]), 16)] = (235, 228, 225)
    elif kind == "lid_marks":
        r, c = middle_of(places.lids[0])
        for step in range(-18, 19, 6):
            out[r - 8 : r + 8, c + step : c + step + 3] = out[r - 8 : r + 8, c + step : c + step + 3] // 3
    elif kind == "cracks":
        out[row - 2 : row + 2, column - 30 : column + 30] = out[row - 2 : row + 2, column - 30 : column + 30] // 4
    elif kind == "dots":
        at = disc(row, column, 5)
        out[at] = out[at] // 5
    elif kind == "glints":
        out[disc(row, column, 5)] = (250, 250, 250)
    elif kind == "lip_red":
        big = np.kron(places.beside & (np.mgrid[:GRID, :GRID][0] > 283), np.ones((2, 2), bool))
        lips = np.kron(places.lips, np.ones((2, 2), bool))
        out[big] = np.median(skin[lips], axis=0).astype(np.uint8)
    else:
        at = disc(row, column, 24)
        out[at] = np.clip(out[at].astype(int) + np.array([-35, 0, 40]), 0, 255).astype(np.uint8)
    return out


def test_clean_skins_from_dark_to_light_have_no_faults(head, skins):
    for skin in skins:
        assert not any(has_fault(faults_of(head, skin)).values()), faults_of(head, skin)


@pytest.mark.parametrize("kind", KINDS)
def test_a_painted_fault_is_found_as_what_it_is(head, skins, kind):
    for clean in skins[1:]:
        before, after = faults_of(head, clean), faults_of(head, planted(head, clean, kind))
        assert has_fault(after)[kind]
        grown = {name: asdict(after)[name] - asdict(before)[name] for name in KINDS}
        if kind == "lid_burns":
            del grown["lid_marks"]  # its rim is one
        assert grown[kind] == max(grown.values())
