"""The map of occlusion and roughness says of each part of a head what is known of that part."""

import io
from dataclasses import replace

import numpy as np
from PIL import Image

import facegpt
from facegpt.export.surface import PARTS, SKIN, surface_map
from facegpt.types import Hair

SIZE = 512


def test_every_part_has_its_own_occlusion_and_roughness():
    head = facegpt.load().mean_face()._export(None)
    bare = head.__class__(**{**head.__dict__, "worn": (), "roughness": None})
    picture = np.asarray(Image.open(io.BytesIO(surface_map(bare, SIZE)))).astype(float)
    corners = np.asarray(head.uv)[head.uv_triangles] * (SIZE, -SIZE) + (0, SIZE)
    (ax, ay), (bx, by) = (corners[:, 1] - corners[:, 0]).T, (corners[:, 2] - corners[:, 0]).T
    large = np.abs(ax * by - bx * ay) > 12  # holds its middle's texel whole
    column, row = np.floor(corners.mean(1)).astype(int).T
    for index, name in enumerate(head.part_names):
        chosen = large & (np.asarray(head.part) == index)
        occlusion, roughness = PARTS.get(name, SKIN)
        found = picture[row[chosen], column[chosen]]
        assert np.allclose(found, np.round([255 * occlusion, 255 * roughness, 0]), atol=1), name


def test_scalp_below_painted_roots_is_rough_and_the_face_is_as_rough_as_without_hair():
    face = facegpt.load().mean_face()
    heads = [replace(face, params=face.params.replace(hair=Hair(style)))._export() for style in ("bob", "bald")]
    hair, bald = (np.asarray(Image.open(io.BytesIO(surface_map(head, SIZE)))).astype(int) for head in heads)
    middles = np.asarray(heads[0].neutral)[heads[0].triangles].mean(1)
    column, row = np.floor(np.asarray(heads[0].uv)[heads[0].uv_triangles].mean(1) * (SIZE, -SIZE) + (0, SIZE)).T
    crown, nose = (
        (int(row[k]), int(column[k]), 1)
        for k in (np.linalg.norm(middles - place, axis=1).argmin() for place in ((25, 125, 0), (0, 0, 200)))
    )
    assert hair[crown] > 235 > bald[crown]
    assert hair[nose] == bald[nose]
