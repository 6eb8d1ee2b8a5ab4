"""Headwear of known shape, drawn on a head, found again in its picture; and what is kept of it."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from facegpt.encode.parts import BACKGROUND, HAIR, HAT, MAP_PX, PARTS, SKIN, FaceParts, map_crop
from facegpt.export.gltf.document import write_glb
from facegpt.export.hair_chain import with_hair
from facegpt.export.params_json import params_from_json, params_to_json
from facegpt.face import Face
from facegpt.hair.from_photo.looks import HairPhoto, look_at
from facegpt.hair.presets import PRESETS
from facegpt.hair.worn import worn
from facegpt.language.dialogue.made_heads import mean_head
from facegpt.morphable.base import head_vertices
from facegpt.morphable.proxies import HEADWEAR
from facegpt.render.portrait import draw_picture
from facegpt.types import Camera, FaceGPTError, Hair, Headwear, Pose
from facegpt.wear.cloth import HEIGHT, WIDTH, packed, unpacked
from facegpt.wear.cloth_mask import cloth_mask, hair_not_hat
from facegpt.wear.from_photo import cloth_over_hair, headwear_from_photo, kind_of
from facegpt.wear.headwear_json import headwear_from_json, headwear_to_json
from facegpt.wear.shell import MIDDLE, angles_of, cloth_mm, directions_of, edge_of
from facegpt.wear.worn import headwear_of, person_below

SIDE = MAP_PX
RED = (0.35, 0.04, 0.03)
#: A beanie that stands up behind, its edge low at the back: degrees from the crown, from the face to its left around.
BEANIE = Headwear("cap", (70.0, 80.0, 95.0, 112.0, 118.0, 112.0, 95.0, 80.0), (22.0, 12.0, 12.0, 12.0), 1, RED)
SCARF = Headwear("hood", (124.0, 122.0, 118.0, 122.0, 126.0, 122.0, 118.0, 122.0), (14.0,), 1, RED)
#: Even light of π on all sides.
EVEN = np.concatenate([np.full((1, 3), np.sqrt(4 * np.pi)), np.zeros((8, 3))]).astype(np.float32)


def facing(head, yaw_deg: float = 0.0):
    """Somebody in a picture of SIDE pixels, a metre away, turned to their left."""
    turn = np.radians(yaw_deg)
    across = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    pose = Pose(np.diag([1.0, -1.0, -1.0]) @ across, np.array([0.0, 0.0, 1000.0]))
    camera = Camera(0.5 * SIDE / 0.2, ((SIDE - 1) / 2, (SIDE - 1) / 2), SIDE, SIDE)
    return mean_head(head).params.replace(pose=pose, camera=camera, lighting=EVEN, hair=None)


def covered(head, params) -> np.ndarray:
    """Where cloth is drawn (SIDE, SIDE)."""
    face = Face(head, params)
    cloth = [proxy for proxy in worn(head, params, None) if proxy.name == HEADWEAR]
    drawn = [draw_picture(face.mesh, params.pose, params.camera, EVEN, worn=each) for each in ([], cloth)]
    return np.abs(drawn[1].astype(int) - drawn[0]).max(-1) > 24


def picture_of(head, params) -> tuple[np.ndarray, FaceParts]:
    """The head as a photo, and the map of its parts."""
    face, mask = Face(head, params), covered(head, params)
    bald = draw_picture(face.mesh, params.pose, params.camera, EVEN)
    cloth = [proxy for proxy in worn(head, params, None) if proxy.name == HEADWEAR]
    whole = draw_picture(face.mesh, params.pose, params.camera, EVEN, worn=cloth)
    kinds = np.where(mask, HAT, np.where(bald[..., 3] > 128, SKIN, BACKGROUND))
    beliefs = np.eye(len(PARTS), dtype=np.float32)[kinds]
    points = params.camera.project(params.pose.apply(head.embedding("mediapipe478")(head_vertices(head, params))))
    everywhere = np.ones((SIDE, SIDE), bool)
    return whole[..., :3], FaceParts(beliefs, everywhere, np.eye(2, 3), None, points)


def overlap(one, other) -> float:
    return float((one & other).sum() / (one | other).sum())


@pytest.mark.parametrize(("look", "yaw_deg"), [(BEANIE, 0.0), (BEANIE, 25.0), (SCARF, 0.0), (SCARF, 20.0)])
def test_headwear_of_a_picture_covers_the_same_of_it_again(head, look, yaw_deg):
    params = facing(head, yaw_deg).replace(headwear=look)
    image, parts = picture_of(head, params)
    found = headwear_from_photo(image, head, params, parts)
    assert found.kind == look.kind == kind_of(parts)
    plain = replace(look, edge_deg=(92.0 if look.kind == "cap" else 118.0,), off_mm=(7.0,))
    truth = covered(head, params)
    again, usual = (overlap(truth, covered(head, params.replace(headwear=one))) for one in (found, plain))
    assert again > 0.86 and again > usual + 0.03
    apart = np.log(np.array(found.colour) / np.array(RED))
    assert np.abs(apart).max() < 0.3


#: A turban whose edge lies on the forehead and goes down behind the ears.
BEHIND = (66.0, 66.0, 68.0, 70.0, 84.0, *[126.0] * 7, 84.0, 70.0, 68.0, 66.0)
TURBAN = replace(BEANIE, edge_deg=BEHIND, off_mm=(30.0,), columns=1)


def test_a_turban_comes_as_low_behind_as_is_seen_beside_the_head(head):
    found = headwear_from_photo(*_seen(head, facing(head).replace(headwear=TURBAN)))
    assert edge_of(found, 0.0) < 75
    assert np.abs(edge_of(found, np.array([0.4, 0.5, 0.6])) - 126).max() < 9  # usual is 102
    aside = facing(head, 90.0)
    truth, again = (covered(head, aside.replace(headwear=each)) for each in (TURBAN, found))
    assert overlap(truth, again) > 0.82


def test_hair_that_is_seen_before_a_turban_is_kept(head):
    lower = tuple(135.0 if each == max(BEHIND) else each for each in BEHIND)  # beside the cheeks as well
    params = facing(head).replace(headwear=replace(TURBAN, edge_deg=lower, off_mm=(45.0,)))
    image, parts = picture_of(head, params)
    hair = binary_dilation(parts.share(HAT) > 0.5, iterations=7) & (parts.share(SKIN) > 0.5)
    beliefs, picture = parts.probabilities.copy(), image.copy()
    beliefs[hair], picture[hair] = np.eye(len(PARTS))[HAIR], 150
    look = look_at(head, HairPhoto(picture, params, replace(parts, probabilities=beliefs)))
    assert look.worn.headwear and not look.why_none


#: Cloth that comes down over the forehead and leaves the jaws free enough to see where it ends there.
LOW = replace(SCARF, edge_deg=(158.0, 150.0, 126.0, 122.0, 122.0, 122.0, 126.0, 150.0))


@pytest.mark.parametrize("yaw_deg", [0.0, 20.0])
def test_a_scarf_that_comes_down_over_the_forehead_covers_it(head, yaw_deg):
    params = facing(head, yaw_deg).replace(headwear=LOW)
    found = headwear_from_photo(*_seen(head, params))
    above = np.array([0.0, 0.06, -0.06])
    assert np.abs(edge_of(found, above % 1) - edge_of(LOW, above % 1)).max() < 6
    assert overlap(covered(head, params), covered(head, params.replace(headwear=found))) > 0.86


def test_from_the_side_the_unseen_half_is_as_the_seen_one(head):
    truth = facing(head, 35.0).replace(headwear=BEANIE)
    found = headwear_from_photo(*_seen(head, truth))
    front = facing(head, -35.0)
    assert overlap(covered(head, front.replace(headwear=BEANIE)), covered(head, front.replace(headwear=found))) > 0.85


def _seen(head, params):
    image, parts = picture_of(head, params)
    return image, head, params, parts


def test_cloth_lies_outside_the_head_down_to_its_edge(head):
    params = facing(head)
    for look in (BEANIE, SCARF):
        below = person_below(head, params, look.kind)
        polar, turn = np.meshgrid(np.linspace(1, 60, 20), np.linspace(0, 1, 40), indexing="ij")
        assert (cloth_mm(look, below, polar, turn) > below.skin_mm(polar, turn)).all()
        mesh = headwear_of(head, params.replace(headwear=look))
        outward = ((mesh.vertices - MIDDLE) * mesh.normals).sum(1)
        assert (outward[:-200] > 0).mean() > 0.95  # the last rows are the hem, turned in


def test_directions_and_angles_are_each_others_inverse():
    polar, turn = np.meshgrid(np.linspace(5, 175, 18), np.arange(16) / 16, indexing="ij")
    for kind in ("cap", "hood"):
        found = angles_of(kind, directions_of(kind, polar, turn))
        np.testing.assert_allclose(found[0], polar, atol=1e-9)
        np.testing.assert_allclose(np.cos(2 * np.pi * (found[1] - turn)), 1, atol=1e-12)
    np.testing.assert_allclose(directions_of("cap", 0.0, 0.0), (0, 1, 0), atol=1e-12)
    np.testing.assert_allclose(directions_of("hood", 0.0, 0.0), (0, 0, -1), atol=1e-12)


def test_hair_lies_below_the_cloth_and_hangs_out_from_below_it(head):
    hair = Hair("long")
    params = facing(head).replace(hair=hair, headwear=BEANIE)
    bare, hatted = (
        next(p for p in worn(head, each, 2) if p.name == "hair").rest_vertices
        for each in (params.replace(headwear=None), params)
    )
    below = person_below(head, params, "cap")
    polar, turn = angles_of("cap", hatted - MIDDLE)
    over = polar < edge_of(BEANIE, turn) - 1
    reach = np.linalg.norm(hatted - MIDDLE, axis=1)
    assert (reach[over] < cloth_mm(BEANIE, below, polar[over], turn[over])).all()
    assert np.abs(bare[:, 1].min() - hatted[:, 1].min()) < 1.0  # mm: as long as it was
    assert PRESETS["long"].groom.back_mm > 100


def test_parameters_with_headwear_come_back_the_same(head):
    image, parts = picture_of(head, facing(head).replace(headwear=BEANIE))
    params = facing(head)
    params = params.replace(headwear=headwear_from_photo(image, head, params, parts))
    again = params_from_json(params_to_json(params))
    assert again.headwear == params.headwear and params.headwear.cloth
    one, other = headwear_of(head, params), headwear_of(head, again)
    np.testing.assert_array_equal(one.vertices, other.vertices)
    np.testing.assert_array_equal(one.texture, other.texture)


@pytest.mark.parametrize(
    "change",
    [{"kind": "crown"}, {"edge_deg": []}, {"off_mm": [1.0, 2.0, 3.0], "columns": 2}, {"cloth": "AAAA"}, {"colour": [2]},
     {"brim": 3}, {"edge_deg": [float("nan")]}, {"columns": 0}],
)  # fmt: skip
def test_damaged_headwear_is_told_of(change):
    content = headwear_to_json(BEANIE) | change
    with pytest.raises(FaceGPTError, match="anna"):
        headwear_from_json(content, "anna.json")
    assert headwear_from_json(None, "anna.json") is None
    assert headwear_from_json(asdict(SCARF), "anna.json") == SCARF


def test_headwear_is_a_node_of_its_own_in_files(head, tmp_path):
    import json

    params = facing(head).replace(headwear=SCARF)
    texture = np.full((64, 64, 4), 255, np.uint8)
    path = write_glb(tmp_path / "head.glb", with_hair(head, params, texture, 0, False))
    data = path.read_bytes()
    size = int.from_bytes(data[12:16], "little")
    names = [node.get("name") for node in json.loads(data[20 : 20 + size])["nodes"]]
    assert HEADWEAR in names


def test_a_mostly_haired_head_wears_a_cap_not_a_hood(head):
    image, parts = picture_of(head, facing(head).replace(headwear=SCARF))
    beliefs = parts.probabilities.copy()
    low = np.arange(SIDE)[:, None] > SIDE * 0.4
    beliefs[(beliefs[..., HAT] > 0.5) & low] = np.eye(len(PARTS), dtype=np.float32)[HAIR]
    assert kind_of(replace(parts, probabilities=beliefs)) == "cap"
    assert image.shape == (SIDE, SIDE, 3)


def test_a_head_takes_its_headwear_off_and_nothing_else(head):
    params = facing(head).replace(headwear=BEANIE, hair=Hair("long"))
    off = Face(head, params).bareheaded()
    assert off.headwear is None and off.params.hair == params.hair
    assert [p.name for p in off.proxies if p.name == HEADWEAR] == []


def with_leak(parts: FaceParts) -> tuple[FaceParts, np.ndarray]:
    """The parts with belief in headwear that runs out of its left side into what is behind, and where it does so."""
    kinds = parts.probabilities.argmax(-1)
    rows, columns = np.indices(kinds.shape)
    hat = kinds == HAT
    leak = (kinds == BACKGROUND) & (columns < SIDE / 2) & (rows > np.nonzero(hat.any(1))[0].min())
    leak &= rows < np.nonzero(hat.any(1))[0].max()
    beliefs = parts.probabilities.copy()
    beliefs[leak] = 0
    beliefs[leak, HAT], beliefs[leak, BACKGROUND] = 0.8, 0.2
    return replace(parts, probabilities=beliefs), leak


@pytest.mark.parametrize("look", [BEANIE, SCARF])
def test_sky_that_is_taken_for_cloth_is_told_from_it_by_its_colour(head, look):
    params = facing(head).replace(headwear=look)
    image, parts = picture_of(head, params)
    behind = parts.probabilities.argmax(-1) == BACKGROUND
    sky = np.where(behind[..., None], np.array([120, 170, 230]), image).astype(np.uint8)
    leaky, leak = with_leak(parts)
    truth = covered(head, params)
    before, after = leaky.share(HAT) > 0.5, cloth_mask(map_crop(sky, leaky), leaky) > 0.5
    assert overlap(truth, before) < 0.75 and overlap(truth, after) > 0.93
    assert after[leak].mean() < 0.03
    found = headwear_from_photo(sky, head, params, leaky)
    assert overlap(truth, covered(head, params.replace(headwear=found))) > 0.85
    red, _, blue = unpacked(found.cloth).reshape(-1, 3).astype(int).T
    assert (blue > red).mean() < 0.01  # none of the sky is on it


def test_a_hood_over_hair_is_headwear_although_hair_covers_the_scalp(head):
    params = facing(head).replace(headwear=SCARF)
    image, parts = picture_of(head, params)
    assert cloth_over_hair(image, parts) == "around"
    assert not cloth_over_hair(*picture_of(head, facing(head)))


@pytest.mark.parametrize("share", [1.15, 1.25])
def test_a_hood_stays_open_where_its_cloth_beside_the_face_is_taken_for_skin(head, share):
    low = replace(SCARF, edge_deg=(160.0, 154.0, 124.0, 118.0, 122.0, 118.0, 124.0, 154.0))
    params = facing(head).replace(headwear=low)
    image, parts = picture_of(head, params)
    kinds, points = parts.probabilities.argmax(-1), parts.points[:468]
    rows, columns = np.indices(kinds.shape)
    skin = (kinds == SKIN) & (rows < points[:, 1].max())
    beside = np.abs(columns - points[:, 0].mean()) < share * np.ptp(points[:, 0]) / 2
    beside &= (rows > points[[33, 263], 1].mean() - 8) & (rows < points[:, 1].max() - 14)
    beliefs = parts.probabilities.copy()
    beliefs[(kinds == HAT) & beside] = np.eye(len(PARTS), dtype=np.float32)[SKIN]
    found = headwear_from_photo(image, head, params, replace(parts, probabilities=beliefs))
    assert found.kind == "hood"
    assert (skin & covered(head, params.replace(headwear=found))).sum() < 0.02 * skin.sum()


def test_cloth_that_hangs_no_lower_than_the_ears_is_no_hood_and_has_no_brim(head):
    params = facing(head).replace(headwear=SCARF)
    image, parts = picture_of(head, params)
    beliefs, points = parts.probabilities.copy(), parts.points[:468, 1]
    low = np.arange(SIDE)[:, None] > points.min() + 0.55 * np.ptp(points)
    beliefs[(beliefs[..., HAT] > 0.5) & low] = np.eye(len(PARTS), dtype=np.float32)[BACKGROUND]
    image = np.where(beliefs[..., BACKGROUND, None] > 0.5, np.uint8(255), image)
    found = headwear_from_photo(image, head, params, replace(parts, probabilities=beliefs))
    assert found.kind == "cap" and not found.brim_mm


def test_pictures_of_older_files_are_read_and_others_are_not():
    import base64
    import zlib

    old = np.random.default_rng(0).integers(0, 256, (96, 128, 3), dtype=np.uint8)
    np.testing.assert_array_equal(unpacked(base64.b64encode(zlib.compress(old.tobytes())).decode()), old)
    smooth = np.broadcast_to(np.linspace(40, 200, WIDTH)[None, :, None], (HEIGHT, WIDTH, 3)).astype(np.uint8)
    assert np.abs(unpacked(packed(smooth)).astype(int) - smooth).max() <= 6
    with pytest.raises(FaceGPTError, match="anna"):
        unpacked(packed(np.zeros((2 * HEIGHT, WIDTH, 3), np.uint8)), "anna")


@pytest.mark.parametrize(("hat_colour", "is_hair"), [((70, 45, 30), True), ((150, 20, 30), False)])
def test_hair_cut_off_above_that_is_taken_for_a_hat_is_hair_by_its_colour(head, hat_colour, is_hair):
    image, parts = picture_of(head, facing(head).replace(headwear=SCARF))
    beliefs, points = parts.probabilities.copy(), parts.points[:468, 1]
    cloth = beliefs[..., HAT] > 0.5
    above = cloth & (np.arange(SIDE)[:, None] < points.min() + 0.25 * np.ptp(points))
    beliefs[cloth & ~above] = np.eye(len(PARTS), dtype=np.float32)[HAIR]
    noise = np.random.default_rng(0).integers(-12, 13, image.shape)
    colours = np.where(above[..., None], hat_colour, np.where(cloth[..., None], (70, 45, 30), image))
    image = np.clip(colours + noise, 0, 255).astype(np.uint8)
    told = hair_not_hat(image, replace(parts, probabilities=beliefs, doubted=np.float32(0.4) * above))
    assert (told.share(HAT)[above].max() < 0.1) == is_hair
    sure = hair_not_hat(image, replace(parts, probabilities=beliefs, doubted=None))
    assert sure.share(HAT)[above].min() > 0.9
