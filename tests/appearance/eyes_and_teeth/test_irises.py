"""Irises whose colour is known, in pictures that mirror, shade and hide them."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from facegpt.appearance.hiding import SeenLids
from facegpt.appearance.iris import OWN, SKIN_COLUMNS, iris_features, iris_reader, skin_features, with_iris_colour
from facegpt.appearance.posed_head import pose_head
from facegpt.appearance.prior import prior_of
from facegpt.appearance.seen_irises import EyePhoto, irises_from_photos
from facegpt.appearance.texture import texture_from_photo, tone_from_photo, tone_light
from facegpt.cielab import lab_from_linear
from facegpt.encode.parts import MAP_PX, SKIN, FaceParts
from facegpt.morphable.base import head_vertices
from facegpt.types import FaceParams
from facegpt_lab.synthesis.studio.sample import StudioSettings, photograph
from facegpt_lab.synthesis.studio.scene import draw_scene

SETTINGS = StudioSettings("crop", 400)
DARK, BLUE = (0.020, 0.010, 0.006), (0.075, 0.13, 0.22)
#: What fibres and limbus leave of an iris' colour in the studio.
RING = 0.75


def picture(iris, seed=971_000_003):
    """A face of the studio with irises of a colour (3,), sharp and before a plain lens."""
    scene = draw_scene(seed, "crop", 400)
    lens = replace(scene.lens, grey=False, defocus_px=0, blur_px=0, motion_px=0, noise=0, scale=1.0, jpeg=0)
    scene = replace(scene, lens=lens, glasses=None, hat=None, occluders=(), yaw_deg=8.0, pitch_deg=0.0)
    calm = np.zeros_like(scene.expression)
    skin = replace(scene.skin, first=0.1, mix=0.0, gain=(1.2, 1.2, 1.2))
    scene = replace(scene, eyes=replace(scene.eyes, iris=iris), skin=skin, expression=calm, joints=0 * scene.joints)
    return photograph(scene, SETTINGS)


def drawn_iris(head, image, params: FaceParams):
    """The median colour of the irises that are put on the head, CIELAB."""
    light, prior = tone_light(image, head, params), prior_of(head, 256)
    albedo, rest = with_iris_colour(image, pose_head(head, params), head, prior, light)
    logs = prior.expected(albedo) + rest
    pupil = prior.eyes & (prior.mean_log.max(-1) < np.log(0.012))
    assert np.exp(logs[pupil]).max() < 0.05  # pupils stay black
    return lab_from_linear(np.exp(np.median(logs[prior.irises[1]], 0)))


@pytest.fixture(scope="module")
def photos():
    return {name: picture(iris) for name, iris in (("dark", DARK), ("blue", BLUE))}


def test_dark_irises_stay_dark_and_blue_ones_blue(head, photos):
    dark, blue = (drawn_iris(head, photos[name].image, photos[name].params) for name in ("dark", "blue"))
    assert np.linalg.norm(dark - lab_from_linear(RING * np.array(DARK))) < 10  # ΔE
    assert blue[0] > dark[0] + 8 and blue[2] < dark[2] - 5  # lighter by L*, bluer by b*


def test_a_veil_of_white_light_over_the_eye_makes_no_dark_iris_blue(head, photos):
    """What a cornea mirrors, as sRGB levels added to the darkest pixels of the picture (eyes and brows)."""
    photo = photos["dark"]
    image = photo.image.astype(float)
    veiled = np.where(image.max(-1, keepdims=True) < 60, image + 18, image).clip(0, 255).astype(np.uint8)
    assert np.linalg.norm(drawn_iris(head, veiled, photo.params) - lab_from_linear(RING * np.array(DARK))) < 12


def test_hidden_irises_are_those_that_go_with_the_skin(head, photos):
    photo = photos["blue"]
    light, posed = tone_light(photo.image, head, photo.params), pose_head(head, photo.params)
    assert iris_features(photo.image, posed, head, light) is not None
    assert iris_features(photo.image, posed, head, light, lambda places: np.ones(len(places))) is None
    reader = iris_reader()
    usual = np.exp(reader.read_skin(reader.mean[SKIN_COLUMNS]))
    assert usual[0] > 1.5 * usual[2]  # most people's irises are brown


def test_features_end_with_what_the_skin_says(head, photos):
    photo = photos["dark"]
    light = tone_light(photo.image, head, photo.params)
    found = iris_features(photo.image, pose_head(head, photo.params), head, light)
    assert np.allclose(found[SKIN_COLUMNS], skin_features(light.albedo))


def test_fast_tells_the_irises_as_well(head, photos):
    names = [tone_from_photo(photos[name].image, head, photos[name].params)[0] for name in ("dark", "blue")]
    prior = prior_of(head, 256)
    dark, blue = (np.tensordot(albedo, prior.tones.basis[:, prior.irises[1]].mean(1), 1) for albedo in names)
    assert blue[2] - blue[0] > dark[2] - dark[0] + 0.5  # log units


def test_irises_have_one_colour_in_every_quality(head, photos):
    """The photo is sharper than `fast` looks at skin: irises there are 8 px wide, and 3 in its small picture."""
    for name in ("dark", "blue"):
        image, params = photos[name].image, photos[name].params
        prior = prior_of(head, 256)
        albedos = [tone_from_photo(image, head, params)[0]]
        albedos += [texture_from_photo(image, head, params, size).albedo for size in (256, 1024)]
        drawn = [np.median(prior.tones.change(albedo)[prior.irises[1]], 0) for albedo in albedos]
        assert np.ptp(drawn, axis=0).max() < 0.25  # log units


def test_sharpness_does_not_tell_whether_irises_are_light():
    reader = iris_reader()
    sharper = np.array([0.0, 0.0, 0.0, 1.0, 0.0])  # log of px per mm
    assert float(sharper @ reader.real) == 0.0


def seen_points(head, params: FaceParams):
    """MediaPipe's points of a face where they truly are, (478, 2) px."""
    points = head.embedding("mediapipe478")(head_vertices(head, params))
    return params.camera.project(params.pose.apply(points))


def test_only_places_between_the_lids_of_the_photo_are_of_the_eye(head, photos):
    params = photos["blue"].params
    points = seen_points(head, params)
    lids = SeenLids(points, params.camera)
    vertices = params.pose.apply(head_vertices(head, params))
    middles = [vertices[list(pair)].mean(0) for pair in _lid_middles(head)]
    assert lids.before(np.array(middles)).tolist() == [0.0, 0.0]
    assert lids.before(np.add(middles, (0, 12.0, 0))).tolist() == [1.0, 1.0]  # mm: the cheeks
    assert lids.before(np.mean(middles, 0)[None]).tolist() == [1.0]  # the bridge of the nose


def _lid_middles(head):
    """The vertices nearest to the middles of upper and lower lid, of each eye."""
    points = head.embedding("mediapipe478")(head.mean_vertices)
    nearest = [int(np.linalg.norm(head.mean_vertices - points[k], axis=1).argmin()) for k in (386, 374, 159, 145)]
    return (nearest[:2], nearest[2:])


def test_irises_are_read_between_the_lids_though_the_head_lies_beside_them(head, photos):
    """A head 4 mm too low has its irises on the lower lids of the photo, which are skin."""
    photo = photos["blue"]
    light = tone_light(photo.image, head, photo.params)
    low = replace(photo.params.pose, translation=np.add(photo.params.pose.translation, (0, 4.0, 0)))
    params = photo.params.replace(pose=low, albedo=light.albedo, lighting=light.lighting)
    posed, lids = pose_head(head, params), SeenLids(seen_points(head, photo.params), params.camera)
    truth = lab_from_linear(RING * np.array(BLUE))
    off = [
        np.linalg.norm(lab_from_linear(np.exp(features[OWN])) - truth)
        for features in (
            iris_features(photo.image, posed, head, light),
            iris_features(photo.image, posed, head, light, lids.before),
        )
    ]
    assert off[1] < off[0] - 3  # ΔE


def eye_photo(head, photo, lightness=62.0):
    """A picture of the studio with what networks say of it: a lightness of the skin, and bare skin about the eyes."""
    bare = np.eye(9, dtype=np.float32)[np.full((MAP_PX, MAP_PX), SKIN)]
    to_map = np.eye(2, 3) * MAP_PX / photo.image.shape[0]
    parts = FaceParts(bare, np.ones((MAP_PX, MAP_PX), bool), to_map, points=seen_points(head, photo.params))
    dense = SimpleNamespace(belief=SimpleNamespace(skin_lightness=lightness))
    return EyePhoto(photo.image, photo.params, dense, parts)


def test_the_albedo_takes_the_irises_that_its_photos_show(head, photos):
    found, drawn, prior = {}, {}, prior_of(head, 256)
    chosen = prior.irises[0]
    for name, photo in photos.items():
        albedo, seen = tone_light(photo.image, head, photo.params).albedo, eye_photo(head, photo)
        grey = np.repeat(photo.image.mean(-1, keepdims=True).astype(np.uint8), 3, -1)
        found[name], beyond = irises_from_photos(head, [seen, seen, replace(seen, image=grey)], albedo)
        rest = np.setdiff1d(np.arange(len(albedo)), chosen)
        assert np.allclose(found[name][rest], albedo[rest], atol=1e-6)
        assert not beyond[~prior.eyes].any()
        drawn[name] = lab_from_linear(np.exp(np.median((prior.expected(found[name]) + beyond)[prior.irises[1]], 0)))
        for nothing in ([], [replace(seen, image=grey)], [replace(seen, parts=None)]):
            same, none = irises_from_photos(head, nothing, albedo)
            assert np.allclose(same, albedo, atol=1e-6) and not none.any()
    dark, blue = drawn["dark"], drawn["blue"]
    assert dark[1] > 2 and np.linalg.norm(dark - lab_from_linear(RING * np.array(DARK))) < 12  # ΔE; brown
    assert blue[0] > dark[0] + 8 and blue[2] < dark[2] - 5  # lighter by L*, bluer by b*
