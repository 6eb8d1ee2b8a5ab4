"""The map of occlusion and roughness says of each part of a head what is known of that part."""

import io

import numpy as np
from PIL import Image

import facegpt
from facegpt.export.surface import PARTS, SKIN, surface_map

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
