"""Sculpted skin: strokes are as deep and wide as told, groups lie where they belong, photos show what they say."""

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.detail.fold_groups import GROUPS
from facegpt.detail.observation import observe
from facegpt.detail.skin_window import HEIGHT, WIDTH
from facegpt.morphable.normals import vertex_normals
from facegpt_lab.synthesis.relief.canvas import Canvas, Profile
from facegpt_lab.synthesis.relief.folds import group_folds
from facegpt_lab.synthesis.relief.level_lines import DEPTH_MM, level_lines
from facegpt_lab.synthesis.relief.other_folds import displaced, other_living_skin, refined
from facegpt_lab.train.detail.examples import Studio


@pytest.fixture(scope="module")
def canvas(head):
    return Canvas(head)


def test_a_stroke_is_as_deep_and_as_wide_as_its_profile(canvas):
    field = np.zeros((HEIGHT, WIDTH), np.float32)
    path = canvas.curve(np.array([[-30.0, 60.0], [0.0, 60.0], [30.0, 60.0]]))
    canvas.stroke(field, path, Profile(-0.5, 3.0), np.ones(len(path)))
    middle = round(float(path[len(path) // 2, 1]))
    across = field[:, middle]
    assert abs(across.min() + 0.5) < 0.02  # mm
    place = canvas.place[:, middle]
    at = int(across.argmin())
    third = np.flatnonzero(across < -0.5 / np.e)
    half_widths = [np.linalg.norm(place[k] - place[at]) for k in (third[0], third[-1])]
    assert all(abs(width - 3.0) < 1.2 for width in half_widths)  # mm, to a texel


def test_groups_of_folds_lie_where_faces_have_them(canvas):
    x, y = canvas.place[..., 0], canvas.place[..., 1]
    places = {}
    for name in GROUPS:
        drawn = np.abs(group_folds(canvas, np.random.default_rng(1), name))
        places[name] = ((np.abs(x) * drawn).sum() / drawn.sum(), (y * drawn).sum() / drawn.sum())
    assert places["forehead"][1] > 45 and 10 < places["frown"][1] < 50 and places["frown"][0] < 20
    assert places["squint"][0] > 20 and -60 < places["smile"][1] < -20 and places["chin"][1] < -55
    assert abs(places["pucker"][1] + 45) < 15


def test_the_second_sculptor_folds_any_place_within_its_bounds():
    drawn = np.stack([level_lines(np.random.default_rng(seed)) for seed in range(12)])
    assert np.array_equal(drawn[3], level_lines(np.random.default_rng(3)))
    assert drawn.min() > -4 * 2 * DEPTH_MM[1] and drawn.min() < -0.3  # mm: valleys, of at most four layers
    places = (drawn < -0.05).mean(0)
    quarters = [
        places[r, c].mean() for r in (slice(0, 168), slice(168, None)) for c in (slice(0, 192), slice(192, None))
    ]
    assert min(quarters) > 0.3 * max(quarters)


def test_an_example_is_the_same_for_its_seed_and_shows_its_relief():
    studio = Studio.ready()
    one, other = studio.example(5), studio.example(5)
    assert np.array_equal(one.observation.channels, other.observation.channels)
    assert np.array_equal(one.relief, other.relief)
    none = np.zeros((HEIGHT, WIDTH), np.float32)
    smooth = studio.example(5, none)
    assert np.abs(smooth.relief).max() == 0 and np.abs(one.relief).max() > 0.1
    seen = (one.observation.weight > 0.6) & (one.relief < np.quantile(one.relief, 0.01))
    change = (one.observation.channels[:3] - smooth.observation.channels[:3]).mean(0)
    assert change[seen].mean() < -0.2  # the deepest places are darker than smooth skin, tenths of a log unit


def test_observing_a_photo_of_another_fit_needs_no_other_shape():
    studio = Studio.ready()
    example = studio.example(9)
    seen = observe(studio.model, example.photo.image, example.photo.params)
    assert seen.channels.shape == example.observation.channels.shape and np.isfinite(seen.channels).all()


def test_the_other_sculptors_cut_keeps_the_surface():
    vertices = np.array([[0, 0, 0], [4, 0, 0], [0, 4, 0], [4, 4, 0]], float)
    triangles = np.array([[0, 1, 2], [1, 3, 2]])
    fine, cut, colours = refined(vertices, triangles, np.eye(4, 3), np.array([True, True]), 2)
    assert len(cut) == 32 and len(fine) == 25 and len(colours) == 25
    corners = fine[cut]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum() / 2
    assert abs(area - 16) < 1e-9
    lifted = displaced(fine, cut, np.zeros_like(fine), np.full(len(fine), 0.3))
    assert np.allclose(lifted - fine, 0.3 * vertex_normals(fine, cut), atol=1e-6)


def test_skin_at_rest_is_its_static_part_and_folds_deepen_with_the_press(head):
    skin = other_living_skin(head, np.random.default_rng(1), 40.0)
    rest, smile = np.zeros(len(ARKIT_NAMES), np.float32), np.zeros(len(ARKIT_NAMES), np.float32)
    assert np.array_equal(skin.relief(rest), skin.static)
    made = []
    for weight in (0.2, 0.5, 0.9):
        smile[[ARKIT_NAMES.index(f"mouthSmile{side}") for side in ("Left", "Right")]] = weight
        made.append(np.abs(skin.made(smile)).sum())
    assert made[0] < made[1] < made[2]


def test_old_skin_keeps_more_of_its_folds_at_rest(head):
    """The rest are folds at a full press, by the same hand at the same seeds; lines of scars apart."""

    def share(age):
        people = [other_living_skin(head, np.random.default_rng(seed), age) for seed in range(6)]
        total = [np.abs(one.folds).sum() for one in people]
        whole = [np.abs(one.static).sum() for one in people]
        return np.median(np.array(whole) / (np.array(whole) + total))

    assert share(80.0) > 1.5 * share(20.0)


def test_the_other_sculptors_smile_folds_one_side_when_that_side_smiles(head, canvas):
    skin = other_living_skin(head, np.random.default_rng(3), 50.0)
    weights = np.zeros(len(ARKIT_NAMES), np.float32)
    weights[ARKIT_NAMES.index("mouthSmileLeft")] = 1.0
    made, x = np.abs(skin.made(weights)), canvas.place[..., 0]
    assert made[x > 10].sum() > 5 * made[x < -10].sum()
    assert skin.made(weights).min() < -0.05  # mm
