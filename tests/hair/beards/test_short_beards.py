"""Short beards as hair: as long as asked, only where they are told to grow, and found where a photo's skin is dense."""

from __future__ import annotations

import numpy as np
import pytest
from dressed_people import person
from made_up_head import made_up_head, made_up_params

from facegpt.appearance.atlas import atlas_of
from facegpt.export.params_json import params_from_json, params_to_json
from facegpt.face import Face
from facegpt.generate.look_of_hair import with_beard
from facegpt.hair.beard import CARDS_MM, facial_hair
from facegpt.hair.from_photo.beards.short import cover_of, with_short_beard
from facegpt.hair.from_photo.beards.tone import TonedBeard
from facegpt.hair.lines.guides import arc_mm
from facegpt.hair.whiskers import beard_share, cover_share, whiskers_of
from facegpt.language.hair_wish import HairWish
from facegpt.morphable.makehuman.head import load
from facegpt.types import BEARD_GRID, FaceGPTError, Hair

HEAD = load()
NOBODY = np.zeros(HEAD.sizes.identity, np.float32)
SIDE = 256
DARK = (0.03, 0.02, 0.015)


def places_of_texels():
    """The place (S, S, 3) mm of each texel on the mean head."""
    return atlas_of(HEAD, SIDE).interpolate(np.asarray(HEAD.population_mean, np.float32))


def roots(proxy):
    """Where each card of a proxy is widest at its root (N, 3), on a head of nobody."""
    first = np.unique(proxy.rooted.card, return_index=True)[1]
    return proxy.vertices[first]


def toned(density):
    return TonedBeard(np.zeros((SIDE, SIDE, 4), np.uint8), DARK, np.asarray(density, np.float32))


@pytest.mark.parametrize("mm", [4.0, 6.0, 8.0])
def test_a_short_beard_is_hair_as_long_as_asked(mm):
    (beard,) = facial_hair(Hair("bald", beard=0.5, beard_mm=mm), HEAD, NOBODY)
    points = int((beard.rooted.card == 0).sum()) // 2
    lines = (0.5 * (beard.vertices[0::2] + beard.vertices[1::2])).reshape(-1, points, 3)
    chin = lines[:, 0, 2] > 85
    assert abs(np.quantile(arc_mm(lines[chin])[:, -1], 0.7) - mm) < 0.25 * mm
    assert facial_hair(Hair("bald", beard=0.5, beard_mm=CARDS_MM - 0.5), HEAD, NOBODY) == ()


def test_hairs_of_short_beards_are_finer_and_more():
    def width_and_count(mm):
        (beard,) = facial_hair(Hair("bald", beard=0.85, beard_mm=mm), HEAD, NOBODY)
        across = np.linalg.norm(beard.vertices[0::2] - beard.vertices[1::2], axis=1)
        return np.median(across), int(beard.rooted.card.max()) + 1

    (fine, many), (wide, few) = width_and_count(6.0), width_and_count(20.0)
    assert fine < 0.75 * wide and many > 1.3 * few


def test_a_file_of_a_short_beard_is_no_larger_than_that_of_a_long_one(tmp_path):
    sizes = {}
    for mm in (6.0, 20.0):
        face = Face(HEAD, person(HEAD, None, hair=Hair("bald", beard=0.85, beard_mm=mm)))
        face.save(tmp_path / f"{mm}.glb")
        sizes[mm] = (tmp_path / f"{mm}.glb").stat().st_size
    assert sizes[6.0] < 1.2 * sizes[20.0]


@pytest.mark.parametrize("shape", ["full", "goatee"])
def test_throats_are_shaved_so_that_no_wedge_hangs_below_the_chin(shape):
    (beard,) = facial_hair(Hair("bald", beard=0.85, beard_mm=6.0, beard_shape=shape), HEAD, NOBODY)
    assert roots(beard)[:, 1].min() > -116 > whiskers_of(HEAD, "beard").place[:, 1].min() + 5
    below = places_of_texels()[..., 1] < -116
    assert beard_share(HEAD, shape)[below].max() == 0


def test_a_beard_grows_where_it_is_told_to():
    left = cover_of(places_of_texels()[..., 0] > 0, HEAD)
    (beard,) = facial_hair(Hair("bald", beard=0.5, beard_mm=6.0, beard_cover=left), HEAD, NOBODY)
    assert (roots(beard)[:, 0] > -8).all() and (roots(beard)[:, 0] > 20).mean() > 0.5
    none = Hair("bald", beard=0.5, beard_mm=6.0, beard_cover=(0.0,) * len(left))
    assert facial_hair(none, HEAD, NOBODY) == ()


def test_cells_tell_the_density_that_they_were_made_of():
    low = np.clip((-60 - places_of_texels()[..., 1]) / 40, 0, 1)  # thickens downwards over 40 mm
    place = whiskers_of(HEAD, "beard").place
    told = cover_share(place, cover_of(low, HEAD))
    assert np.abs(told - np.clip((-60 - place[:, 1]) / 40, 0, 1)).mean() < 0.05
    assert (cover_share(place, ()) == 1).all()


def test_a_dense_beard_of_a_photo_stands_off_the_skin_and_a_thin_one_stays_painted():
    painted = Hair("short", (0.02, 0.014, 0.01), beard=0.45, moustache=0.45)
    grown = with_short_beard(painted, HEAD, toned(np.full((SIDE, SIDE), 0.6)), 0.0)
    assert CARDS_MM <= grown.beard_mm < 8 and np.min(grown.beard_cover) >= 0 and facial_hair(grown, HEAD, NOBODY)
    below = with_short_beard(painted, HEAD, toned(np.full((SIDE, SIDE), 0.6)), 5.0)
    assert grown.beard_mm < below.beard_mm < 10
    colour = np.array(grown.beard_colour)
    assert (colour > painted.colour).all() and (colour < DARK).all()
    for density in (np.full((SIDE, SIDE), 0.3), None):
        other = TonedBeard(np.zeros((SIDE, SIDE, 4), np.uint8), DARK, density)
        assert with_short_beard(painted, HEAD, other, 5.0) == painted
    shaven = Hair("short", painted.colour)
    assert with_short_beard(shaven, HEAD, toned(np.full((SIDE, SIDE), 0.6)), 5.0) == shaven


def test_another_beard_grows_where_beards_do():
    one = Hair("bald", beard=0.5, beard_mm=6.0, beard_cover=(0.0,) * (BEARD_GRID[0] * BEARD_GRID[1]))
    assert with_beard(one, HairWish({"beard": "full"}), False).beard_cover == ()
    longer = with_beard(one, HairWish({"beard_change": "longer"}), False)
    assert longer.beard_cover == one.beard_cover and longer.beard_mm > one.beard_mm
    less = with_beard(one, HairWish({"beard_change": "shorter"}), False)
    assert less.beard < one.beard and CARDS_MM <= less.beard_mm < one.beard_mm
    assert with_beard(less, HairWish({"beard_change": "shorter"}), False).beard_mm == 0


def test_where_a_beard_grows_is_kept_in_files_and_asked_for_whole():
    params = made_up_params(made_up_head())
    cover = tuple(np.linspace(0, 1, BEARD_GRID[0] * BEARD_GRID[1]).round(2).tolist())
    text = params_to_json(params.replace(hair=Hair("bald", beard=0.5, beard_mm=6.0, beard_cover=cover)))
    assert params_from_json(text, "a file").hair.beard_cover == cover
    assert "beard_cover" not in params_to_json(params.replace(hair=Hair("bald")))
    with pytest.raises(FaceGPTError, match="beard_cover"):
        params_from_json(text.replace("[0.0, 0.01, ", "["), "a file")
