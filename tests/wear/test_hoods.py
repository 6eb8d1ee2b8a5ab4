"""Hoods: a thick rim before the hair within, cloth that is another's below, and a cord that stays where it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.encode.parts import HAIR, HAT, NOSE_TIP
from facegpt.types import FaceGPTError
from facegpt.wear.cloth import HEIGHT, WIDTH
from facegpt.wear.cloth_mask import like_cloth, scarf_below, unlike_rest
from facegpt.wear.from_photo import headwear_from_photo
from facegpt.wear.headwear_json import headwear_from_json, headwear_to_json
from facegpt.wear.pattern import ClothGrid, completed
from facegpt.wear.shell import MIDDLE, cloth_mm, directions_of
from facegpt.wear.worn import headwear_of, person_below
from tests.wear.test_headwear import SCARF, covered, facing, picture_of

HOOD = replace(SCARF, off_mm=(25.0,), rim_deg=tuple(each - 15 for each in SCARF.edge_deg))


def test_a_rim_stands_off_the_hair_within_and_its_mesh_is_whole(head):
    params = facing(head)
    below, turn = person_below(head, params, "hood"), np.array([0.1, 0.25, 0.75, 0.9])
    rim, edge = (np.interp(turn * 8, np.arange(9), [*v, v[0]]) for v in (HOOD.rim_deg, HOOD.edge_deg))
    outside, within = (cloth_mm(HOOD, below, polar, turn) for polar in (rim - 7, (rim + edge) / 2))
    assert (outside - within > 10).all()
    flush = cloth_mm(replace(HOOD, rim_deg=()), below, rim - 7, turn)
    assert (outside >= flush).all() and outside.max() > flush.max() + 1
    mesh, plain = (headwear_of(head, params.replace(headwear=one)) for one in (HOOD, SCARF))
    assert mesh.vertices.shape == plain.vertices.shape and np.isfinite(mesh.normals).all()
    lines = mesh.uv[:, 1].reshape(-1, 97)
    assert (np.diff(lines, axis=0) <= 1e-9).all()


@pytest.mark.parametrize("hairy", [True, False])
def test_a_rim_is_found_where_hair_is_seen_within_a_hood(head, hairy):
    params = facing(head).replace(headwear=SCARF)
    image, parts = picture_of(head, params)
    inner = replace(SCARF, edge_deg=tuple(each - 16 for each in SCARF.edge_deg))
    hair = covered(head, params) & ~covered(head, params.replace(headwear=inner))
    if hairy:
        image[hair] = (30, 22, 18)
        parts.probabilities[hair] = 0
        parts.probabilities[hair, HAIR] = 1
    found = headwear_from_photo(image, head, params, parts)
    assert bool(found.rim_deg) == hairy


def test_rims_come_back_from_json_and_damaged_ones_are_told_of():
    assert headwear_from_json(headwear_to_json(HOOD), "anna.json") == HOOD
    assert "rim_deg" not in headwear_to_json(SCARF)
    with pytest.raises(FaceGPTError, match="anna"):
        headwear_from_json(headwear_to_json(HOOD) | {"rim_deg": [500.0]}, "anna.json")


def test_a_scarf_of_another_colour_is_no_hood(head):
    image, parts = picture_of(head, facing(head).replace(headwear=SCARF))
    crop, cloth = image.astype(np.float32) / 255, parts.share(HAT)
    chin = int(parts.points[:468, 1].max())
    assert (like_cloth(crop, cloth, parts)[cloth > 0.5] > 0.9).mean() > 0.9
    crop[chin:] = (0.1, 0.15, 0.5)
    alike = like_cloth(crop, cloth, parts)
    assert alike[: chin + 1].min() == 1 and alike[chin + 12 :].max() < 0.1


def test_what_is_unlike_most_of_a_cloth_is_told():
    crop, cloth = np.full((40, 40, 3), 0.8, np.float32), np.ones((40, 40), np.float32)
    crop[30:] = 0.1
    told = unlike_rest(crop, cloth)
    assert told[:26].max() == 0 and told[34:].min() == 1


def test_a_cord_does_not_dye_what_no_photo_shows():
    polar, turn = np.meshgrid(np.linspace(2, 118, 48), (np.arange(64) + 0.5) / 64, indexing="ij")
    ways = directions_of("hood", polar, turn)
    grid = ClothGrid(MIDDLE + 240.0 * ways, ways, polar, turn)
    logs, weight = np.full((HEIGHT, WIDTH, 3), -0.3), np.zeros((HEIGHT, WIDTH))
    weight[HEIGHT // 2 :] = 1.0
    logs[HEIGHT // 2 : HEIGHT // 2 + 24] = -4.0  # a black cord beside what is hidden
    told = completed(logs, weight, grid, [])
    assert told[: HEIGHT // 2 - 12].min() > -1.0 and told[HEIGHT // 2 + 12].max() < -3.0


def test_what_hangs_beside_the_face_tells_the_cloth_where_most_of_what_is_seen_is_cord_and_hair():
    polar, turn = np.meshgrid(np.linspace(2, 118, 48), (np.arange(64) + 0.5) / 64, indexing="ij")
    ways = directions_of("hood", polar, turn)
    grid = ClothGrid(MIDDLE + 240.0 * ways, ways, polar, turn)
    logs, weight = np.full((HEIGHT, WIDTH, 3), -0.3), np.zeros((HEIGHT, WIDTH))
    weight[HEIGHT // 8 : HEIGHT // 2] = weight[HEIGHT // 4 :, : WIDTH // 12] = 1.0
    beside = np.kron(grid.places[..., 1] < -40, np.ones((HEIGHT // 48, WIDTH // 64))) > 0
    logs[(weight > 0) & ~beside & (np.arange(WIDTH) > WIDTH // 12)] = -4.0
    assert (logs[weight > 0] < -3).mean() > 0.5
    told = completed(logs, weight, grid, [])
    assert np.median(told[weight == 0]) > -0.5 and told[weight > 0].min() == -4.0
    logs[logs < -3], logs[beside] = 0.7, -1.2  # a pale scarf over a darker one is not dyed by it
    assert completed(logs, weight, grid, []).max() > 0.6
    assert np.quantile(completed(logs, weight, grid, [])[weight == 0], 0.7) > 0.0


def test_a_hood_over_a_scarf_of_another_colour_is_open_before_the_neck(head):
    image, parts = picture_of(head, facing(head).replace(headwear=SCARF))
    assert scarf_below(image.astype(np.float32) / 255, parts) is None
    nose = int(parts.points[NOSE_TIP, 1])
    image[nose + 8 :][parts.share(HAT)[nose + 8 :] > 0.5] = (25, 35, 120)
    other = scarf_below(image.astype(np.float32) / 255, parts)
    assert other is not None and other[: nose + 1].max() == 0
    assert other[nose + 16 :][parts.share(HAT)[nose + 16 :] > 0.9].min() > 0.9
    found = headwear_from_photo(image, head, facing(head), parts)
    assert found.edge_deg[len(found.edge_deg) // 2] < 90 < min(SCARF.edge_deg)
    assert found.colour[0] > 2 * found.colour[2]  # of what is above alone
