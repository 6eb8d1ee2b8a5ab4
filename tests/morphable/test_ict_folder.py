"""The folder FaceXModel of OBJ files gives the head that the single file gives, shown on a small made-up one."""

from __future__ import annotations

import numpy as np
import pytest
from made_up_user_heads import write_ict

from facegpt.morphable import ict, ict_folder
from facegpt.morphable.ict_folder import Layout, arrays_of_folder
from facegpt.types import AssetError


def write_obj(path, vertices_mm, uv, triangles, uv_triangles):
    lines = [f"v {x:.9f} {y:.9f} {z:.9f}" for x, y, z in vertices_mm / 10]  # centimetres
    lines += [f"vt {u:.9f} {v:.9f}" for u, v in uv]
    corners = zip(triangles + 1, uv_triangles + 1, strict=True)
    lines += ["f " + " ".join(f"{a}/{b}" for a, b in zip(*pair, strict=True)) for pair in corners]
    path.write_text("mtllib none.mtl\n" + "\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The single file, and a folder with the same numbers; polygons sorted by part, as the layout wants them."""
    folder = tmp_path_factory.mktemp("ict")
    single = write_ict(folder)
    with np.load(single) as arrays:
        a = {name: arrays[name] for name in arrays.files}
    order = np.argsort(a["part_id"], kind="stable")
    ends = np.searchsorted(a["part_id"][order], np.arange(len(a["part_names"])), side="right")
    names = [str(name) for name in a["part_names"]]
    layout = Layout(len(order), tuple(zip(names, ends.tolist(), strict=True)), ("iris_L", "iris_R"))
    models = folder / "FaceXModel"
    models.mkdir()
    mean = a["mean_vertices"].astype(np.float64)
    mesh = a["uv"], a["triangles"][order], a["uv_triangles"][order]
    write_obj(models / "generic_neutral_mesh.obj", mean, *mesh)
    for k, mode in enumerate(a["identity_basis"][:2]):
        write_obj(models / f"identity{k:03d}.obj", mean + mode, *mesh)
    for name, unit in zip(a["expression_names"], a["expression_basis"].astype(np.float64), strict=True):
        if name in ("jawOpen", "mouthSmile_L", "browInnerUp_L", "browInnerUp_R"):
            write_obj(models / f"{name}.obj", mean + unit * float(a["expression_scale"]), *mesh)
    return single, models, layout


def test_the_folder_holds_the_same_head(both, monkeypatch):
    single, folder, layout = both
    monkeypatch.setattr(ict_folder, "LAYOUT", layout)
    monkeypatch.setattr(ict, "arrays_of_folder", lambda path: arrays_of_folder(path, layout))
    one, other = ict.read(single), ict.read(folder)
    assert np.abs(one.vertices - other.vertices).max() < 1e-3  # mm
    assert np.abs(one.identity[:2] - other.identity).max() < 1e-2
    rows = [k for k, unit in enumerate(other.units) if unit.any()]
    assert len(rows) == 3  # browInnerUp is one unit of two files
    assert np.abs(one.units[rows] - other.units[rows]).max() < 1e-2
    assert np.abs(one.eye_centres - other.eye_centres).max() < 2.0  # mm: from the made-up iris balls themselves
    assert sorted(map(tuple, np.sort(one.triangles, 1))) == sorted(map(tuple, np.sort(other.triangles, 1)))


def test_a_quad_is_split_along_its_shorter_diagonal(tmp_path):
    from facegpt.morphable.ict_folder import _triangles

    vertices = np.array([[0, 0, 0], [3, 0, 0], [4, 1, 0], [0, 1.0, 0]])  # 1-3 is shorter than 0-2
    polygons = [[(k, k) for k in range(4)]]
    triangles, _, part = _triangles(vertices, polygons, Layout(1, (("face", 1),)))
    assert {frozenset(t) for t in triangles.tolist()} == {frozenset({1, 2, 3}), frozenset({1, 3, 0})}
    assert part.tolist() == [0, 0]


def test_a_folder_that_is_something_else_is_refused(tmp_path, both):
    with pytest.raises(AssetError, match="generic_neutral_mesh"):
        ict.read(tmp_path)
    with pytest.raises(AssetError, match="polygons"):
        ict.read(both[1])  # its mesh is not the one of the repository
