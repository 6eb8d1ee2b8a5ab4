"""A texture from a photo: known textures, rendered under known light, come back; what is no face stays out."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from made_up_head import made_up_head, made_up_params
from PIL import Image

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.gloss import gloss_of
from facegpt.appearance.prior import LUMINANCE, model_texture
from facegpt.appearance.texture import no_glasses, texture_from_photo, with_colours
from facegpt.conventions import linear_to_srgb, rotation_from_euler_deg, srgb_to_linear
from facegpt.encode.parts import SKIN, FaceParts
from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman import head as makehuman
from facegpt.morphable.makehuman.albedo import AlbedoModel
from facegpt.render.base import Topology, View
from facegpt.render.lighting import lighting_from_lamps
from facegpt.render.numba_cpu.renderer import NumbaRenderer
from facegpt.types import Camera, FaceParams, Pose, ShapeError, SkinSeen

SIZE = 256
#: Share of light that the surface of skin mirrors to the camera at a right angle: ((1.4 - 1) / (1.4 + 1))².
SHEEN = 0.028
LIGHT = lighting_from_lamps((((0.5, -0.5, -0.7), (0.5, 0.5, 0.5)),), (0.5, 0.5, 0.5))


@pytest.fixture(scope="module")
def head():
    return made_up_head()


def facing(head, yaw_deg=0.0, shift_mm=(0.0, 0.0)):
    params = made_up_params(head, 1)
    rotation = rotation_from_euler_deg(yaw_deg)
    return params.replace(pose=Pose(rotation, np.array([*shift_mm, 500.0])))


def patterned(head, seed=0):
    """Make a texture (3, S, S) that the model does not know: its mean times waves of 15 %."""
    with torch.no_grad():
        mean = head.albedo_texture(torch.zeros(1, head.sizes.albedo))
        mean = torch.nn.functional.interpolate(mean, (SIZE, SIZE), mode="bilinear")[0].numpy()
    y, x = np.mgrid[:SIZE, :SIZE] / SIZE
    return np.clip(mean * (1 + 0.15 * np.sin(x * 60 + seed) * np.sin(y * 60)), 0, 1).astype(np.float32)


def photograph(head, texture, params, light=LIGHT, background=0.2, without=()):
    vertices = params.pose.apply(head_vertices(head, params)).astype(np.float32)
    camera = params.camera
    shown = ~np.isin(head.part, [k for k, name in enumerate(head.part_names) if name in without])
    topology = Topology(
        torch.from_numpy(np.ascontiguousarray(head.triangles[shown])),
        torch.from_numpy(np.ascontiguousarray(head.uv, np.float32)),
        torch.from_numpy(np.ascontiguousarray(head.uv_triangles[shown])),
    )
    view = View(torch.tensor([camera.focal_px]), torch.tensor([camera.principal_px]), camera.height, camera.width)
    shiny = texture + np.float32(SHEEN)  # of any colour, white: what its surface mirrors
    arrays = (torch.from_numpy(np.ascontiguousarray(a))[None] for a in (vertices, shiny, light))
    vertices, texture, light = arrays
    with torch.no_grad():
        drawn = NumbaRenderer(threads=1).render(vertices, topology, texture, light, view)
    colour, cover = drawn.color[0].numpy(), drawn.coverage[0].numpy()[..., None]
    return np.round(linear_to_srgb(np.clip(colour + (1 - cover) * background, 0, 1)) * 255).astype(np.uint8)


def srgb_levels(texture):
    return linear_to_srgb(texture.transpose(1, 2, 0)) * 255


def pixel_of(head, params, point):
    """The pixel (x, y) of the skin vertex nearest to a point of the head frame."""
    vertices = head_vertices(head, params)
    skin = np.unique(head.triangles[head.part == head.part_names.index("skin")])
    nearest = skin[np.argmin(np.linalg.norm(vertices[skin] - point, axis=1))]
    return params.camera.project(params.pose.apply(vertices[nearest : nearest + 1]))[0]


def test_recovers_a_texture_it_does_not_know_where_the_photo_shows_it(head):
    params, truth = facing(head), patterned(head)
    found = texture_from_photo(photograph(head, truth, params), head, params, SIZE)
    seen = found.confidence > 0.95
    error = np.abs(found.texture[..., :3] - srgb_levels(truth)).mean(-1)
    assert seen.mean() > 0.1
    assert np.median(error[seen]) < 3 and np.quantile(error[seen], 0.95) < 9  # sRGB levels; the pattern's SD is 5


def test_takes_the_light_out(head):
    params, truth = facing(head), patterned(head)
    side = lighting_from_lamps((((-0.9, 0.0, -0.45), (0.7, 0.7, 0.7)),), (0.35, 0.35, 0.35))
    found = [texture_from_photo(photograph(head, truth, params, light), head, params, SIZE) for light in (LIGHT, side)]
    seen = np.minimum(found[0].confidence, found[1].confidence) > 0.95
    change = np.abs(found[0].texture[..., :3].astype(float) - found[1].texture[..., :3]).mean(-1)
    assert np.median(change[seen]) < 6  # sRGB levels; the two photos differ by some 40


def test_unseen_half_mirrors_the_seen_half(head):
    params, truth = facing(head, yaw_deg=50), patterned(head)
    found = texture_from_photo(photograph(head, truth, params), head, params, SIZE)
    mirrored = (found.confidence > 0.45) & (found.confidence < 0.55)
    assert mirrored.mean() > 0.01
    error = np.abs(found.texture[..., :3] - srgb_levels(truth)).mean(-1)
    assert np.median(error[mirrored]) < 14  # sRGB levels: right tone, detail of the other side


def test_never_seen_texels_come_from_the_albedo_model(head):
    params = facing(head)
    with torch.no_grad():
        mean = head.albedo_texture(torch.zeros(1, head.sizes.albedo))[0].numpy()
    found = texture_from_photo(photograph(head, mean, params), head, params, SIZE)
    back = (found.confidence == 0) & (atlas_of(head, SIZE).part == head.part_names.index("skin"))
    mean = torch.nn.functional.interpolate(torch.from_numpy(mean)[None], (SIZE, SIZE), mode="bilinear")[0].numpy()
    error = np.abs(found.texture[..., :3] - srgb_levels(mean)).mean(-1)
    assert np.median(error[back]) < 9  # sRGB levels; light and skin are both unknown


@pytest.mark.parametrize("colour", [(20, 160, 30), (15, 12, 10), (230, 230, 235)], ids=["green", "black", "white"])
def test_what_hides_the_cheek_does_not_get_painted_on_it(head, colour):
    params, truth = facing(head), patterned(head)
    clean = photograph(head, truth, params)
    x, _ = pixel_of(head, params, np.array([45.0, -20.0, 70.0]))
    hidden = clean.copy()
    hidden[:, int(x) - 7 : int(x) + 7] = colour  # a stripe from the top of the photo to its bottom
    found = texture_from_photo(hidden, head, params, SIZE).texture[..., :3].astype(float)
    skin = atlas_of(head, SIZE).part == head.part_names.index("skin")
    from_colour = np.abs(found - colour).mean(-1)[skin]
    assert (from_colour < 40).mean() < 0.002
    error = np.abs(found - srgb_levels(truth)).mean(-1)
    assert np.quantile(error[skin], 0.99) < 45  # sRGB levels


def test_a_grey_photo_gets_the_colours_of_the_statistics(head):
    params, truth = facing(head), patterned(head)
    photo = photograph(head, truth, params)
    grey = np.repeat((photo @ np.array([0.2126, 0.7152, 0.0722]))[..., None].astype(np.uint8), 3, axis=2)
    found = texture_from_photo(grey, head, params, SIZE)
    assert found.skin.grey
    seen = (found.confidence > 0.9) & (atlas_of(head, SIZE).part == head.part_names.index("skin"))
    given, true = found.texture[..., :3][seen].astype(float), srgb_levels(truth)[seen]
    without = np.repeat(given.mean(-1, keepdims=True), 3, -1)
    assert np.abs(given - true).mean() < 0.6 * np.abs(without - true).mean()
    assert np.corrcoef(given.mean(-1), true.mean(-1))[0, 1] > 0.8  # brightness stays the photo's
    assert np.ptp(found.lighting, axis=1).max() < 0.3  # the light is white within a few percent of its 3.5


def test_a_face_says_how_much_of_its_skin_the_photo_shows(head):
    params, truth = facing(head), patterned(head)
    front = photograph(head, truth, params)
    x, _ = pixel_of(head, params, np.array([0.0, 0.0, 90.0]))
    half = front.copy()
    half[:, int(x) :] = (20, 160, 30)
    told = {"front": texture_from_photo(front, head, params, SIZE).skin}
    told["half"] = texture_from_photo(half, head, params, SIZE).skin
    turned = facing(head, yaw_deg=50)
    told["profile"] = texture_from_photo(photograph(head, truth, turned), head, turned, SIZE).skin
    assert 0.25 < told["front"].seen < 0.5 and told["front"].mirrored < 0.05  # a photo may paint all of this round head
    assert 0.4 < told["half"].seen / told["front"].seen < 0.6  # the other half is hidden
    assert 0.3 < told["half"].mirrored / told["front"].seen < 0.6
    assert told["profile"].mirrored > 0.2 > 0.1 > told["front"].mirrored
    assert all(skin.seen + skin.mirrored <= 1 and skin.grey is False for skin in told.values())
    nowhere = facing(head, shift_mm=(3000.0, 0.0))
    assert texture_from_photo(front, head, nowhere, SIZE).skin == SkinSeen(0.0, 0.0, False)


def test_colours_are_taken_and_luminance_is_kept():
    rng = np.random.default_rng(0)
    grey, colours = (
        np.repeat(rng.integers(40, 130, (4, 5, 1)), 3, -1).astype(np.uint8),
        rng.uniform(0.3, 0.5, (4, 5, 3)),
    )
    luminance = np.array(LUMINANCE)
    found = srgb_to_linear(with_colours(grey, colours.astype(np.float32)) / 255.0)
    before = srgb_to_linear(grey / 255.0) @ luminance
    assert np.allclose(found @ luminance, before, atol=0.004)
    assert np.allclose(found / before[..., None], colours / (colours @ luminance)[..., None], rtol=0.12)


def test_face_partly_out_of_frame_is_completed(head):
    params, truth = facing(head, shift_mm=(120.0, 40.0)), patterned(head)
    found = texture_from_photo(photograph(head, truth, params), head, params, SIZE)
    skin = atlas_of(head, SIZE).part == head.part_names.index("skin")
    error = np.abs(found.texture[..., :3] - srgb_levels(truth)).mean(-1)
    assert np.quantile(error[skin], 0.95) < 30  # sRGB levels


def test_face_outside_the_photo_gives_the_models_texture(head):
    params = facing(head, shift_mm=(3000.0, 0.0))
    found = texture_from_photo(np.full((480, 640, 3), 90, np.uint8), head, params, SIZE)
    assert found.confidence.max() == 0 and np.isfinite(found.lighting).all()
    assert found.texture[..., :3].std() > 5


@pytest.mark.parametrize("value", [0, 255])
def test_black_and_white_photos_give_numbers(head, value):
    params = facing(head)
    found = texture_from_photo(np.full((480, 640, 3), value, np.uint8), head, params, SIZE)
    assert np.isfinite(found.lighting).all() and np.isfinite(found.albedo).all() and np.isfinite(found.confidence).all()


def gaps_at_cuts(head, texture, size):
    """Difference (N,) in sRGB levels between the texture coordinates that share a vertex of the skin."""
    skin = np.asarray(head.part) == head.part_names.index("skin")
    places: dict[int, set[int]] = {}
    for vertices, coordinates in zip(head.triangles[skin], head.uv_triangles[skin], strict=True):
        for vertex, coordinate in zip(vertices, coordinates, strict=True):
            places.setdefault(int(vertex), set()).add(int(coordinate))
    gaps = []
    for coordinates in places.values():
        uv = np.asarray(head.uv)[sorted(coordinates)]
        rows = np.clip(((1 - uv[:, 1]) * size).astype(int), 0, size - 1)
        columns = np.clip((uv[:, 0] * size).astype(int), 0, size - 1)
        gaps += list((texture[rows[1:], columns[1:]].astype(float) - texture[rows[0], columns[0]]).mean(-1))
    return np.array(gaps)


def test_photo_adds_no_step_at_the_cut_of_the_texture(head):
    params, truth = facing(head, yaw_deg=20), patterned(head)
    found = texture_from_photo(photograph(head, truth, params), head, params, SIZE)
    own = linear_to_srgb(model_texture(head, found.albedo, SIZE)) * 255  # its waves don't meet at the back
    gaps = gaps_at_cuts(head, found.texture[..., :3], SIZE) - gaps_at_cuts(head, own, SIZE)
    assert len(gaps) > 10 and np.abs(gaps).max() < 6  # sRGB levels


@pytest.mark.slow
def test_no_step_at_the_back_of_the_real_head_seen_from_the_side():
    head = makehuman.load()
    zeros = {name: np.zeros(getattr(head.sizes, name), np.float32) for name in ("identity", "expression", "albedo")}
    pose = Pose(rotation_from_euler_deg(50), np.array([0.0, 0.0, 700.0]))
    camera = Camera(900.0, (199.5, 199.5), 400, 400)
    joints = np.zeros((head.sizes.joints, 3), np.float32)
    params = FaceParams(head.model_id, joints=joints, pose=pose, lighting=LIGHT, camera=camera, **zeros)
    albedo = np.random.default_rng(4).normal(size=head.sizes.albedo)
    truth = np.ascontiguousarray(model_texture(head, albedo, 512).transpose(2, 0, 1))
    found = texture_from_photo(photograph(head, truth, params), head, params, 512)
    gaps = np.abs(gaps_at_cuts(head, found.texture[..., :3], 512))
    assert np.quantile(gaps, 0.9) < 12  # sRGB levels; stubble and pores of the mean differ by some 5 there
    error = np.abs(found.texture[..., :3] - srgb_levels(truth)).mean(-1)
    assert np.median(error[found.confidence > 0.95]) < 12  # sRGB levels, light and skin both unknown


def test_photo_of_another_size_is_refused(head):
    with pytest.raises(ShapeError):
        texture_from_photo(np.zeros((100, 100, 3), np.uint8), head, facing(head), SIZE)


def test_gloss_is_taken_off_and_what_skins_differ_by_stays():
    """The truth is made by the dichromatic model: the skin's own colour plus white."""
    skin = np.log(np.tile(np.array([0.12, 0.06, 0.036]), (32, 32, 1)))
    spread = np.tile(np.array([0.22, 0.07]), (32, 32, 1))
    shiny = np.zeros((32, 32, 1))
    shiny[8:24, 8:24] = 0.05
    seen = np.log(np.exp(skin) + shiny) - skin
    seen[:, 28:] = np.array([-0.04, 0.0, 0.04])  # only another hue
    change = gloss_of(seen, skin, spread, np.ones((32, 32)))
    inner = (slice(12, 20), slice(12, 20))
    assert np.abs((seen + change)[inner]).max() < 0.35 * np.abs(seen[inner]).max()
    assert change.max() <= 0
    assert np.abs(change[:4]).max() < 1e-6 and np.abs(change[:, 28:]).max() < 0.02
    assert not gloss_of(seen, skin, spread, np.zeros((32, 32))).any()


@pytest.mark.parametrize("glasses", [False, True], ids=["bare", "glasses"])
def test_brows_are_the_photos_unless_glasses_lie_on_them(glasses):
    head = makehuman.load()
    zeros = {name: np.zeros(getattr(head.sizes, name), np.float32) for name in ("identity", "expression", "albedo")}
    camera, joints = Camera(900.0, (191.5, 191.5), 384, 384), np.zeros((head.sizes.joints, 3), np.float32)
    pose = Pose(rotation_from_euler_deg(0.0), np.array([0.0, 0.0, 600.0]))
    params = FaceParams(head.model_id, joints=joints, pose=pose, lighting=LIGHT, camera=camera, **zeros)
    mean = model_texture(head, zeros["albedo"], 1024)
    brows = np.abs(enlarged(AlbedoModel.load().growth["brow"][1], 1024)) < 5
    bald = mean.copy()
    bald[brows] = np.median(mean[110:160, 480:540], axis=(0, 1))  # as the forehead
    image = photograph(head, np.ascontiguousarray(bald.transpose(2, 0, 1)), params)
    if glasses:
        eye = pixel_of(head, params, np.array([31.0, 16.0, 95.0]))
        row = int(eye[1])  # a dark bar with a glint across both eyes and the bridge of the nose
        image[row - 3 : row + 3], image[row + 3 : row + 6] = 20, 250
    sure = np.zeros((192, 192, 9), np.float32)
    sure[..., SKIN] = 1
    parts = FaceParts(sure, np.ones((192, 192), bool), np.array([[0.5, 0, 0], [0, 0.5, 0]]))
    found = texture_from_photo(image, head, params, 1024, parts=parts).texture[..., :3].astype(float)
    place, above = (enlarged(plane, 1024) for plane in AlbedoModel.load().growth["brow"])
    middle = (np.abs(above) < 1.5) & (place < 0.6)  # the tails of the model's brows thin out
    forehead = (slice(110, 160), slice(480, 540))
    darker, drawn = (
        levels[forehead].mean() - levels[middle].mean() for levels in (found, srgb_levels(mean.transpose(2, 0, 1)))
    )
    assert drawn > 15 and (darker > 0.5 * drawn if glasses else darker < 0.5 * drawn)


def test_the_grain_of_a_dark_nose_is_no_bridge_of_glasses():
    """The same dark skin, whose logarithm scatters most, with grain, and with frames that have a glint."""
    grain = np.random.default_rng(0).normal(0, 0.5, (64, 64, 1))
    skin = np.exp(np.log([0.05, 0.025, 0.015]) + grain)
    worn = skin.copy()
    worn[30:33], worn[33:35] = 0.004, 0.6
    bridge = np.zeros((64, 64), bool)
    bridge[22:44, 24:40] = True
    bare, glasses = (
        no_glasses(SimpleNamespace(weight=np.ones((64, 64)), colour=colour), SimpleNamespace(bridge=bridge))
        for colour in (skin, worn)
    )
    assert bare > 0.9 and glasses < 0.1


def enlarged(plane, side):
    return np.asarray(Image.fromarray(plane.astype(np.float32)).resize((side, side)))
