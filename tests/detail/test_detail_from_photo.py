"""Detail of photos: light is explained, bad photos get none, textures lose the shading that the shape took over."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from glb_reader import Glb
from PIL import Image, ImageFilter

import facegpt
from facegpt.appearance.light import shading
from facegpt.conventions import ARKIT_NAMES, HEAD_TO_CAMERA_AXES
from facegpt.detail.fold_groups import GROUPS
from facegpt.detail.from_photo import lightens, relief_seen, resolved_share, skin_trust
from facegpt.detail.network import detail_network
from facegpt.detail.observation import light_gains, observe
from facegpt.detail.relief import fold_fields
from facegpt.detail.shading import ReliefLight, delit_texture, hollow_factor, light_factor, times
from facegpt.detail.skin_window import HEIGHT, LEFT, SIDE, TOP, WIDTH, skin_geometry, skin_window
from facegpt.detail.tangent_normals import normal_map
from facegpt.encode.parts import BEARD, PARTS, SKIN, FaceParts
from facegpt.face import Face
from facegpt.render.lighting import lighting_from_lamps
from facegpt.types import Camera, FaceGPTError, Pose
from facegpt_lab.evaluate.skin_relief.score import fine
from facegpt_lab.synthesis.relief.folds import sculpted as sculpted_folds
from facegpt_lab.synthesis.relief.relief_photo import Lamps, relief_photo
from facegpt_lab.train.detail.examples import Studio

#: What no test of detail needs on a head.
BARE = {"hair": "none", "glasses": "none", "headwear": "none"}
LIGHT = lighting_from_lamps((((0.6, -0.5, -0.6), (0.8, 0.7, 0.6)),), (0.3, 0.3, 0.3))


@pytest.fixture(scope="module")
def model():
    return facegpt.load()


@pytest.fixture(scope="module")
def sculpted():
    """A photo (size 440) of a head with deep sculpted folds, two pixels a mm, seen from the front, and its relief."""
    studio, rng = Studio.ready(), np.random.default_rng(3)
    relief = sculpted_folds(studio.canvas, rng, {name: 1.0 for name in GROUPS})
    pose, camera = Pose(HEAD_TO_CAMERA_AXES, np.array([0.0, 0.0, 900.0])), Camera(2.0 * 830, (219.5, 219.5), 440, 440)
    params = studio.person(rng).replace(pose=pose, camera=camera, expression=np.zeros(52, np.float32))
    lamps = Lamps(LIGHT, np.array([[0.5, -0.6, -0.6]]), np.full((1, 3), 0.6))
    none = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    return relief_photo(studio.model, studio.renderer, params, relief, none, studio.open_to_light, lamps, rng)


@pytest.fixture(scope="module")
def photo(sculpted):
    return sculpted.image


@pytest.fixture(scope="module")
def face(model, photo):
    facegpt.face.PREVIEW_SIZE = 64  # put back by the fixture picture_sizes
    return model.reconstruct(photo, detail="normal", **BARE)[0]


def bump(depth_mm=1.0):
    rows = np.mgrid[:HEIGHT, :WIDTH][0]
    return (depth_mm * np.exp(-(((rows - 60) / 4.0) ** 2))).astype(np.float32)


def turned(head):
    """The mean head as a camera sees it, from the front."""
    return head.mean_vertices * np.array([1, -1, -1], np.float32) + np.array([0, 0, 900], np.float32)


def test_gains_of_light_are_the_derivatives_of_its_logarithm(head):
    geometry = skin_geometry(skin_window(head), turned(head))
    grey = np.repeat(LIGHT.mean(1, keepdims=True), 3, 1)
    across, down = light_gains(geometry, grey)
    small = bump(0.01)
    change = np.log(light_factor(geometry, small, grey)).mean(-1)
    row, column = np.gradient(small)
    inside = np.s_[45:75, 120:260]
    assert np.corrcoef(change[inside].ravel(), (across * column + down * row)[inside].ravel())[0, 1] > 0.99


def test_a_texture_lit_and_delit_by_the_same_relief_is_what_it_was(head):
    rng = np.random.default_rng(0)
    texture = rng.integers(60, 140, (SIDE, SIDE, 4)).astype(np.uint8)
    geometry = skin_geometry(skin_window(head), turned(head))
    lit = times(texture, light_factor(geometry, bump(), LIGHT))
    back = delit_texture(lit, geometry, np.ones((HEIGHT, WIDTH), np.float32), bump(), LIGHT)
    assert np.abs(lit.astype(int) - texture).max() > 8
    assert np.abs(back.astype(int) - texture).max() <= 2  # rounding
    outside = np.ones((SIDE, SIDE), bool)
    outside[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH] = False
    assert (lit[outside] == texture[outside]).all()


def test_the_light_factor_is_the_ratio_of_two_shadings(head):
    geometry = skin_geometry(skin_window(head), turned(head))
    ratio = shading(geometry.displaced_normal(bump()), LIGHT) / shading(geometry.normal, LIGHT)
    assert np.allclose(light_factor(geometry, bump(), LIGHT), np.clip(ratio, 1 / 2.2, 2.2), atol=1e-5)


def test_a_fold_that_leaves_lets_the_light_back_in():
    valley, none = -bump(), np.zeros((HEIGHT, WIDTH), np.float32)
    assert np.allclose(hollow_factor(valley, valley), 1)
    lighter, darker = hollow_factor(none, valley), hollow_factor(valley, none)
    assert 1.1 < lighter[60, 190] < 1.2 and darker[60, 190] < 0.85
    assert np.allclose(lighter[200:], 1, atol=1e-3)


def test_detail_is_bounded_masked_and_explained_in_its_facts(face, tmp_path):
    mask = detail_network().mask.numpy()
    assert face.detail.share == 1.0
    assert np.abs(face.displacement).max() < 3.5 and (face.displacement[mask == 0] == 0).all()
    face.save_folder(tmp_path)
    again = Face.load(tmp_path, face.model)
    assert np.abs(again.displacement - face.displacement).max() < 4e-4  # mm: two 16-bit maps
    steps = np.asarray(Image.open(tmp_path / "displacement.png")).astype(float)
    posed = (steps[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH] - 32768) / 4000
    assert np.abs(posed - face.displacement).max() < 2e-4


def test_a_head_that_wears_anothers_folds_keeps_its_own_relief_in_its_folder(face, tmp_path):
    other = replace(face, detail=replace(face.detail, dynamic=face.detail.dynamic[:, ::-1] + bump(0.5)))
    worn = face.with_detail(2.0, folds_of=other)
    worn.save_folder(tmp_path)
    again = Face.load(tmp_path, face.model).detail
    assert np.abs(again.dynamic - worn.detail.dynamic).max() < 2e-4 and again.strength == 2.0  # mm
    assert np.abs(again.photographed() - face.displacement).max() < 4e-4
    (tmp_path / "displacement_own.png").unlink()  # as folders of before were written
    assert Face.load(tmp_path, face.model).detail.own is None
    worn.save_folder(tmp_path)
    face.save_folder(tmp_path)
    assert not (tmp_path / "displacement_own.png").exists()


def has_normals(material):
    """Whether a material has a map of normals; hair, of which a doubtful photo may have some, has one of its own."""
    return "normalTexture" in material and material["name"] != "hair"


def test_the_glb_has_the_normals_of_the_head_at_rest_on_its_skin_alone(face, tmp_path):
    glb = Glb(face.save(tmp_path / "head.glb")[0])
    mapped = [material for material in glb.json["materials"] if has_normals(material)]
    assert [material["name"] for material in mapped] == ["skin"]
    image = glb.json["images"][glb.json["textures"][mapped[0]["normalTexture"]["index"]]["source"]]
    view = glb.json["bufferViews"][image["bufferView"]]
    start = view.get("byteOffset", 0)
    shown = np.asarray(Image.open(io.BytesIO(glb.binary[start : start + view["byteLength"]])))
    rest = face.neutral()
    assert np.array_equal(shown, normal_map(face.model, rest.vertices(), rest.displacement))
    plain = Glb(replace(face, detail=None).save(tmp_path / "plain.glb")[0])
    assert not any(has_normals(material) for material in plain.json["materials"])


def test_the_mesh_of_the_detail_is_written_when_asked_for_and_removed_when_not(face, tmp_path):
    names = {path.name for path in replace(face, detail_mesh=True).save_folder(tmp_path)}
    assert {"face_detail.obj", "face_detail.glb", "displacement.png", "normal.png", "preview_detail.png"} <= names
    text = (tmp_path / "face_detail.obj").read_text("utf-8")
    assert text.count("\nv ") > 8 * text.count("\ng ") and "mtllib face.mtl" in text
    assert (tmp_path / "face_detail.glb").stat().st_size < 48e6
    glb = Glb(tmp_path / "face_detail.glb")
    assert not any(has_normals(material) for material in glb.json["materials"])  # the folds are geometry
    mesh = glb.json["meshes"][0]
    assert mesh["extras"]["targetNames"] == list(ARKIT_NAMES) and len(mesh["primitives"][0]["targets"]) == 52
    skin = mesh["primitives"][0]
    assert len(glb.numbers(skin["attributes"]["POSITION"])) > 8 * face.model.sizes.vertices
    replace(face, detail=None).save_folder(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert not left & {"face_detail.obj", "face_detail.glb", "displacement.png", "normal.png", "preview_detail.png"}


def test_a_damaged_displacement_is_an_error_with_its_name(face, tmp_path):
    face.save_folder(tmp_path)
    (tmp_path / "displacement_static.png").write_bytes(b"no picture")
    with pytest.raises(FaceGPTError, match="displacement_static"):
        Face.load(tmp_path, face.model)


def test_a_tiny_or_blurred_face_gets_no_detail_and_says_so(model, photo, tmp_path):
    small = np.asarray(Image.fromarray(photo).resize((128, 128), Image.Resampling.LANCZOS))
    tiny = model.reconstruct(small, detail="normal", **BARE)[0]
    assert tiny.detail.share < 0.2 and np.abs(tiny.displacement).max() < 0.1
    blurred = np.asarray(Image.fromarray(photo).filter(ImageFilter.GaussianBlur(5)))
    soft = model.reconstruct(blurred, detail="normal", **BARE)[0]
    assert soft.detail.share < 0.2
    for faded in (tiny, soft):
        faded.save_folder(tmp_path)
        said = json.loads((tmp_path / "params.json").read_text("utf-8"))["detail"]
        assert said["resolution"].startswith(("faded", "none")) and said["share"] < 0.2


def test_folds_of_a_sculpted_face_are_found_where_they_are(sculpted, face):
    """Through detector, fit and network: the deep folds of a head that we sculpted, in its own texels."""
    folds = fine(sculpted.relief)
    seen = (detail_network().mask.numpy() > 0.9) & (np.abs(face.displacement) > 0)
    assert np.corrcoef(fine(face.displacement)[seen], folds[seen])[0, 1] > 0.25
    deep = seen & (folds < -0.4)
    assert face.displacement[deep].mean() < -0.05  # mm


def test_a_dark_bar_over_the_face_is_no_skin(model, photo, face):
    params = face.params
    plain = observe(face.model, photo, params)
    barred = photo.copy()
    x0, y0, x1, y1 = np.rint(face.box).astype(int)
    barred[(2 * y0 + 3 * y1) // 5 : (y0 + 2 * y1) // 3, x0:x1] //= 8
    hidden = observe(face.model, barred, params)
    changed = (np.abs(hidden.channels[3] - plain.channels[3]) > 2.5) & (plain.weight > 0.5)
    mask = detail_network().mask.numpy()
    changed &= mask > 0.5
    assert changed.sum() > 500 and skin_trust(hidden, mask)[changed].mean() < 0.35
    assert resolved_share(plain) == 1.0
    found = relief_seen(hidden, detail_network())[0]
    assert np.abs(found).max() < 3.5


def test_a_grey_photo_gives_a_relief_like_that_of_the_coloured_one(model, photo, face):
    grey = np.asarray(Image.fromarray(photo).convert("L").convert("RGB"))
    found = model.reconstruct(grey, detail="normal")[0]
    one, two = (f.displacement[detail_network().mask.numpy() > 0.5] for f in (face, found))
    assert np.isfinite(two).all() and np.corrcoef(one, two)[0, 1] > 0.4


def beside(photo, face, change):
    """Reliefs of the photo and of a changed one, both for the fit to the first; and where the change is seen."""
    spoilt = change(photo.astype(np.float32), *np.clip(np.rint(face.box).astype(int), 0, len(photo)))
    spoilt = np.clip(np.round(spoilt), 0, 255).astype(np.uint8)
    views = [observe(face.model, image, face.params) for image in (photo, spoilt)]
    differs = np.abs(np.log((views[1].colour + 0.01) / (views[0].colour + 0.01))).mean(-1)
    reliefs = [relief_seen(view, detail_network())[0] for view in views]
    where = (views[0].weight > 0.5) & (detail_network().mask.numpy() > 0.5)
    return *reliefs, where & (differs > 0.2), where


def test_a_hard_shadow_presses_no_fold_along_its_edge(photo, face):
    def shadow(image, x0, y0, x1, y1):
        image[:, (x0 + x1) // 2 + 20 :] *= 0.3
        return image

    plain, found, _, where = beside(photo, face, shadow)
    assert np.abs(found - plain)[where].mean() < 0.05  # mm
    assert np.abs(found).max() < np.abs(plain).max() + 0.5


def test_a_highlight_is_no_bump(photo, face):
    def glare(image, x0, y0, x1, y1):
        rows, columns = np.mgrid[: len(image), : image.shape[1]]
        spot = np.exp(-((((rows - (2 * y0 + y1) / 3 - 40) / 14) ** 2 + ((columns - (x0 + 3 * x1) / 4) / 12) ** 2) ** 2))
        return image + 230 * spot[..., None]

    plain, found, changed, _ = beside(photo, face, glare)
    assert changed.sum() > 200
    assert np.abs(found)[changed].mean() < np.abs(plain)[changed].mean() + 0.15  # mm


def test_heavy_compression_adds_no_relief(photo, face):
    def compressed(image, *_):
        buffer = io.BytesIO()
        Image.fromarray(image.astype(np.uint8)).save(buffer, "JPEG", quality=12)
        return np.asarray(Image.open(buffer), np.float32)

    plain, found, _, where = beside(photo, face, compressed)
    assert np.sqrt((found[where] ** 2).mean()) < 1.3 * np.sqrt((plain[where] ** 2).mean())
    assert np.corrcoef(found[where], plain[where])[0, 1] > 0.5


def test_a_beard_gets_hardly_any_relief(photo, face):
    def beard(image, x0, y0, x1, y1):
        rough = np.random.default_rng(0).lognormal(-1.2, 1.0, (y1 - (y0 + 2 * y1) // 3, x1 - x0, 1))
        image[(y0 + 2 * y1) // 3 : y1, x0:x1] *= rough
        return image

    _, found, changed, _ = beside(photo, face, beard)
    assert changed.sum() > 500 and np.abs(found)[changed].mean() < 0.08  # mm


def framed(image, points):
    """A photo with the dark frame of glasses drawn on: two rings of 5 px and their bridge."""
    rows, columns = np.mgrid[: len(image), : image.shape[1]]
    eyes = [points[36:42].mean(0), points[42:48].mean(0)]
    for x, y in eyes:
        image[np.abs(np.hypot(rows - y, columns - x) - 38) < 2.5] = 12
    between = (columns > eyes[0][0] + 36) & (columns < eyes[1][0] - 36)
    image[between & (np.abs(rows - (eyes[0][1] + eyes[1][1]) / 2) < 3)] = 12
    return image


def test_the_frame_of_glasses_is_no_fold(photo, face):
    points = face.landmarks("ibug68", space="image")
    _, found, changed, _ = beside(photo, face, lambda image, *_: framed(image, points))
    assert changed.sum() > 300 and np.abs(found)[changed].mean() < 0.01  # mm


def test_glasses_are_told_from_bare_noses_by_their_bridge(photo, face):
    points = face.landmarks("ibug68", space="image")
    y = skin_window(face.model).interpolate(face.model.mean_vertices)[..., 1]
    bare, worn = (observe(face.model, image, face.params).weight for image in (photo, framed(photo.copy(), points)))
    eyes, chin = (y > -10) & (y < 30), y < -40
    assert (bare[eyes] > 0.5).any() and worn[eyes].max() == 0
    assert np.array_equal(bare[chin], worn[chin]) and (worn[chin] > 0.5).any()


def test_a_beard_that_the_network_of_parts_sees_is_not_looked_at(photo, face):
    kinds = np.zeros((8, 8, len(PARTS)), np.float32)
    kinds[:4, :, SKIN], kinds[4:, :, BEARD] = 1, 1  # the lower half of the photo
    to_map = np.array([[8 / 440, 0, 0], [0, 8 / 440, 0]]) + [[0, 0, -0.5]] * 2
    told = FaceParts(kinds, np.ones((8, 8), bool), to_map)
    bare, seen = (observe(face.model, photo, face.params, parts=parts).weight for parts in (None, told))
    y = skin_window(face.model).interpolate(face.model.mean_vertices)[..., 1]
    assert seen[y < -60].max() == 0 and np.allclose(seen[y > 50], bare[y > 50]) and (bare[y < -60] > 0.5).any()


def test_a_relief_that_explains_no_light_is_dropped(photo, face):
    seen = observe(face.model, photo, face.params)
    trust = np.ones((HEIGHT, WIDTH), np.float32)
    relief = relief_seen(seen, detail_network())[0]
    assert lightens(seen, relief, trust) and not lightens(seen, -3 * relief, trust)


def test_pictures_show_the_detail_and_strength_0_shows_none(face):
    strong, none = face.with_detail(3.0).render(256), face.with_detail(0.0).render(256)
    plain = np.asarray(none[..., :3], int)
    assert np.abs(np.asarray(strong[..., :3], int) - plain).max() > 3
    assert (np.abs(np.asarray(face.render(256)[..., :3], int) - plain) > 0).any()


def test_expressions_are_checked_and_fold(face):
    frowning = face.with_expression({"browDownLeft": 1.0, "browDownRight": 1.0})
    assert (
        frowning.blendshapes["browDownLeft"] == 1.0 and np.abs(frowning.displacement - face.displacement).max() > 0.02
    )
    with pytest.raises(FaceGPTError, match="ARKit"):
        face.with_expression({"frown": 1.0})
    with pytest.raises(FaceGPTError, match="ARKit"):
        face.with_expression({"browDownLeft": 1.5})


def test_another_heads_folds_come_with_its_expressions(face):
    """The other's smile folds this skin by as much as the other's, and nearly leaves when it rests."""
    smile = {f"mouthSmile{side}": 1.0 for side in ("Left", "Right")}
    fold = -0.5 * fold_fields().regions[list(GROUPS).index("smile")]
    seen = face.with_expression(smile).params.expression
    other = replace(face, detail=replace(face.detail, dynamic=fold, seen=seen, invented=0.0))
    worn = face.with_detail(folds_of=other)
    rest, moved = (one.displacement - face.detail.static for one in (worn.neutral(), worn.with_expression(smile)))
    assert np.abs(rest).mean() < 0.2 * np.abs(fold).mean()
    assert np.allclose(moved, other.with_expression(smile).displacement - other.detail.static, atol=1e-5)
    assert moved.min() < -0.3  # mm
    with pytest.raises(FaceGPTError, match="no detail"):
        face.with_detail(folds_of=replace(face, detail=None))


def test_photos_of_a_person_share_what_their_skin_has_at_rest(model, photo):
    noise = np.random.default_rng(1).normal(0, 4, photo.shape)
    noisy = np.clip(photo + noise, 0, 255).astype(np.uint8)
    views = model.reconstruct_person_views([photo, noisy], detail="normal", glasses="none", hair="none")
    assert np.array_equal(views[0].detail.static, views[1].detail.static)
    assert np.abs(views[0].detail.static).max() > 0.1  # mm


def test_many_photos_get_detail_when_asked_for(model, photo):
    (result,) = model.reconstruct_many([photo], detail="normal")
    assert result.error is None and np.abs(result.faces[0].displacement).max() > 0.1  # mm
    with pytest.raises(FaceGPTError, match="fast"):
        model.reconstruct_many([photo], "fast", detail="normal")


def test_a_head_has_its_detail_unless_it_is_fast_and_keeps_its_shape(model, photo, face):
    (unasked,), (smooth,), (fast,) = (
        model.reconstruct(photo, **how) for how in ({}, {"detail": "off", **BARE}, {"quality": "fast", **BARE})
    )
    assert np.array_equal(unasked.displacement, face.displacement) and not unasked.detail_mesh
    assert smooth.detail is None and fast.detail is None
    assert np.array_equal(unasked.vertices(), smooth.vertices()) and unasked.measure() == smooth.measure()


def test_a_relief_lights_the_texture_as_its_factor_says(model, face):
    texture, turned_head = face.texture, turned(model.head)
    relit = ReliefLight.of(model.head, texture, turned_head, face.detail, face.params.expression)
    geometry = skin_geometry(skin_window(model.head), turned_head)
    by_factor = times(texture, light_factor(geometry, face.displacement, LIGHT))
    assert np.abs(relit.lit(LIGHT).astype(int) - by_factor).max() <= 1  # of 255: sums are rounded in another order


def test_details_that_cannot_be_had_are_refused(model, astronaut):
    with pytest.raises(FaceGPTError, match="off, normal, mesh"):
        model.reconstruct(astronaut, detail="fine")
    with pytest.raises(FaceGPTError, match="fast"):
        model.reconstruct(astronaut, "fast", detail="normal")
    plain = model.reconstruct(astronaut, detail="off", **BARE)[0]
    assert plain.detail is None and plain.displacement is None
    with pytest.raises(FaceGPTError, match="no detail"):
        plain.with_detail(1.0)
