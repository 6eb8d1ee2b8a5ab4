"""The beard of a photo's head, where the photo does not show it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from facegpt.hair.from_photo.looks import bearded
from facegpt.hair.painted import with_beard
from facegpt.morphable.makehuman.albedo import AlbedoModel
from facegpt.types import Hair, IdentityBelief

SIDE = 512
BLACK = Hair("short", (0.01, 0.008, 0.006), beard=0.8, moustache=0.8)


def skin():
    return np.full((SIDE, SIDE, 4), (200, 160, 140, 255), np.uint8)


def grows(least):
    density = AlbedoModel.load().growth["hair_density"][:2].max(0) / 255
    step = SIDE // len(density)
    return np.kron(density, np.ones((step, step))) > least


def test_beard_goes_on_where_the_photo_ends(head):
    shown = np.zeros((SIDE, SIDE), np.float32)
    shown[:, : SIDE // 2] = 1.0
    found = with_beard(head, skin(), BLACK, shown)[..., :3].mean(-1)
    left, right = found[:, : SIDE // 2], found[:, SIDE // 2 :]
    assert (left == skin()[0, 0, :3].mean()).all()  # what the photo shows stays
    assert right[grows(0.8)[:, SIDE // 2 :]].mean() < 100  # sRGB levels, of 167
    assert (right[~grows(0.0)[:, SIDE // 2 :]] > 160).mean() > 0.95


def test_a_goatee_goes_on_about_the_chin_only(head):
    unseen = np.zeros((SIDE, SIDE), np.float32)
    full, goatee = (
        with_beard(head, skin(), replace(BLACK, moustache=0.0, beard_shape=shape), unseen)[..., :3].mean(-1)
        for shape in ("full", "goatee")
    )
    assert 0.05 < (goatee < 140).sum() / (full < 140).sum() < 0.6
    assert (goatee < 140)[full > 160].mean() < 0.01


def test_bare_faces_stay_bare(head):
    texture = skin()
    assert with_beard(head, texture, Hair("short"), np.zeros((SIDE, SIDE), np.float32)) is texture


def test_hair_has_the_beard_that_was_seen_and_doubts_are_no_beard():
    def seen(beard):
        return SimpleNamespace(belief=IdentityBelief(np.zeros(2), np.eye(2), 30.0, beard))

    assert bearded(Hair("short"), seen(0.6)).beard == 0.6
    assert bearded(Hair("short"), seen(0.1)) == bearded(Hair("short"), None) == Hair("short")
