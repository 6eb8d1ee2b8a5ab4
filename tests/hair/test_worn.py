"""Hair as a face wears it: told, drawn over the head, painted on the scalp."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from dressed_people import person

from facegpt.face import Face
from facegpt.hair.presets import STYLES
from facegpt.hair.scalp import scalp_of
from facegpt.hair.worn import worn as proxies
from facegpt.render import plots as pictures
from facegpt.types import FaceGPTError, Hair

GREEN = (0.02, 0.4, 0.02)


def test_unknown_and_bald_hair_is_no_mesh_and_a_wrong_name_lists_the_right_ones(head):
    for style in (None, "bald", "cropped"):
        assert {proxy.name for proxy in proxies(head, person(head, style))} == {"left_cornea", "right_cornea"}
    with pytest.raises(FaceGPTError, match=r"no hair style 'beehive'.*bald.*long"):
        proxies(head, person(head, "beehive"))
    assert {"bald", "cropped", "short", "bob", "long", "curly"} <= set(STYLES)


def test_a_picture_shows_the_hair_on_the_head_and_the_face_below_it(head):
    bald = Face(head, person(head, "bald"))
    haired = replace(bald, params=bald.params.replace(hair=Hair("short_swept", GREEN)))
    skin, hair = (
        pictures.draw_over(f.mesh, f.params.pose, f.params.camera, f.params.lighting, np.zeros((512, 512, 3), np.uint8),
                           worn=f.proxies).astype(int) for f in (bald, haired)
    )  # fmt: skip
    green = (hair[..., 1] > hair[..., 0] + 20) & (hair[..., 1] > hair[..., 2] + 20)
    top = int(np.flatnonzero(skin.any((1, 2)))[0])
    assert green[top + 4 : top + 24, 246:266].mean() > 0.95
    mouth, eyes = bald.landmarks("ibug68")[48:60], bald.landmarks("ibug68")[36:48]
    for x, y in np.rint(np.concatenate([mouth, eyes])).astype(int):
        assert not green[y, x]


def test_the_scalp_below_hair_is_painted_and_the_face_is_not(head):
    bald, haired = Face(head, person(head, "bald")), Face(head, person(head, "short"))
    changed = np.abs(bald.texture.astype(int) - haired.texture).max(2) > 30
    scalp = scalp_of(head)
    face = head.triangles[head.part == head.part_names.index("skin")]
    front = face[(head.mean_vertices[face, 2] > 60).all(1) & (head.mean_vertices[face, 1] < 70).all(1)]
    uv_of = {int(v): head.uv[u] for v, u in zip(head.triangles.ravel(), head.uv_triangles.ravel(), strict=True)}

    def texels(corners, weights):
        uv = np.einsum("nk,nkc->nc", weights, np.array([[uv_of[int(v)] for v in row] for row in corners]))
        return ((1 - uv[:, 1]) * len(changed)).astype(int), (uv[:, 0] * len(changed)).astype(int)

    inner = np.flatnonzero(scalp.inside > 14)[:400]
    assert changed[texels(scalp.corners[inner], scalp.weights[inner])].mean() > 0.85
    assert changed[texels(front, np.full((len(front), 3), 1 / 3))].mean() < 0.02


def test_a_face_tells_what_hair_it_wears(head):
    assert Face(head, person(head, None)).hair is None
    told = Face(head, person(head, "bob")).hair
    assert (told.style, told.length) == ("bob", "chin") and len(told.meshes) == 1
    assert Face(head, person(head, "cropped")).hair.meshes == ()


def test_a_saved_texture_is_never_painted(head):
    saved = np.full((64, 64, 4), 128, np.uint8)
    assert Face(head, person(head, "short"), photo_texture=saved, rooted=True).texture is saved
