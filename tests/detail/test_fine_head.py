"""The head that files have with its relief as geometry: it folds as the model does, and no unit tears it."""

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.detail.fold_groups import GROUPS
from facegpt.detail.network import detail_network
from facegpt.detail.relief import Detail, split
from facegpt.detail.skin_window import HEIGHT, WIDTH
from facegpt.detail.subdivision import Subdivision
from facegpt.export.bundle import Folds, from_model
from facegpt.export.detail_files import as_skin_detail
from facegpt.export.gltf.fine_head import fine_head
from facegpt.morphable.base import head_vertices
from facegpt.types import Mesh
from facegpt_lab.synthesis.relief.canvas import Canvas
from facegpt_lab.synthesis.relief.folds import sculpted
from facegpt_lab.train.detail.examples import Studio

UNITS = np.eye(len(ARKIT_NAMES), dtype=np.float32)


@pytest.fixture(scope="module")
def person(head):
    """Somebody of the studio at rest, with deep sculpted folds that half stay: (parameters, detail)."""
    rng = np.random.default_rng(12)
    params = Studio.ready().person(rng)
    params = params.replace(expression=np.zeros(len(ARKIT_NAMES), np.float32), joints=np.zeros_like(params.joints))
    smile = UNITS[ARKIT_NAMES.index("mouthSmileLeft")] + UNITS[ARKIT_NAMES.index("mouthSmileRight")]
    relief = 0.6 * sculpted(Canvas(head), rng, dict.fromkeys(GROUPS, 1.0)) * detail_network().mask.numpy()
    static, dynamic = split(relief, smile, 50.0)
    return params, Detail(static, dynamic, smile, invented=0.6)


@pytest.fixture(scope="module")
def fine(head, person):
    """The subdivided head, and its smooth twin without a relief."""
    params, detail = person
    export = from_model(head, params, np.full((8, 8, 4), 255, np.uint8))
    told = as_skin_detail(head, export.mesh(export.posed), params, detail, with_folds=True)
    none = np.zeros((HEIGHT, WIDTH), np.float32)
    return fine_head(export, told.folds), fine_head(export, Folds(none, none, (none,) * len(ARKIT_NAMES)))


@pytest.mark.parametrize("unit", ["browDownLeft", "mouthSmileRight", "browInnerUp", "jawOpen"])
def test_a_unit_of_the_fine_head_folds_its_skin_as_the_model_does(head, person, fine, unit):
    params, detail = person
    k = ARKIT_NAMES.index(unit)
    vertices = head_vertices(head, params.replace(expression=UNITS[k]))
    mesh = Mesh(vertices, head.triangles, head.uv, head.uv_triangles, head.part, head.part_names)
    told = Subdivision.of(mesh).vertices(vertices, detail.displacement(UNITS[k]))
    assert np.abs(fine[0].neutral + fine[0].expression_basis[k] - told).max() < 1e-3  # mm


def test_a_frown_folds_the_skin_and_a_smiles_folds_leave_it_at_rest(fine, person):
    detailed, smooth = fine
    folds = np.linalg.norm(detailed.expression_basis - smooth.expression_basis, axis=-1)  # mm, by unit
    for unit in ("browDownLeft", "browDownRight", "browInnerUp", "mouthSmileLeft"):
        assert 0.1 < folds[ARKIT_NAMES.index(unit)].max() < 4.0, unit
    resting, seen = (np.abs(person[1].displacement(e)).mean() for e in (0 * person[1].seen, person[1].seen))
    assert resting < 0.95 * seen


def test_no_unit_turns_the_skin_over_or_tears_it(fine):
    """Beside its smooth twin at the same unit: no triangle that the coarse head leaves whole flips or is stretched."""
    detailed, smooth = fine
    skin = detailed.triangles[detailed.part == 0]
    for unit in range(len(ARKIT_NAMES)):
        shapes = [each.neutral + each.expression_basis[unit] for each in (detailed, smooth)]
        sides = [np.stack([shape[skin[:, (k + 1) % 3]] - shape[skin[:, k]] for k in range(3)]) for shape in shapes]
        ours, theirs = (np.cross(side[0], side[1]) for side in sides)
        area = np.linalg.norm([ours, theirs], axis=-1)  # mm², twice
        cosine = (ours * theirs).sum(-1) / np.maximum(area.prod(0), 1e-9)
        whole = area[1] > 0.05  # lips that a coarse head rolls in leave less
        assert cosine[whole].min() > 0.26, ARKIT_NAMES[unit]  # 75°
        longer = np.linalg.norm(sides[0], axis=-1) - np.linalg.norm(sides[1], axis=-1)
        assert longer.max() < 1.0, ARKIT_NAMES[unit]  # mm
