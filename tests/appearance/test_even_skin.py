"""Skin of statistics alone: gloss that a fit took for skin goes, and the tone of the skin and what is painted stay."""

import numpy as np
import pytest

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.even_skin import evened
from facegpt.appearance.light import estimate_light
from facegpt.appearance.prior import prior_of
from facegpt.morphable.makehuman.albedo import NAMED
from facegpt.morphable.normals import vertex_normals
from facegpt.render.lighting import sh_basis

SIZE = 64


def cheeks_and_forehead(prior):
    """Texels that are skin, whoever the person is."""
    return (prior.mask > 0.9) & (prior.growth < 0.02) & (prior.brows < 0.02) & (prior.lips < 0.02) & ~prior.hard


def test_gloss_of_a_hard_lamp_leaves_no_grey_patches(head):
    """A mean skin by a lamp from above, with white gloss: the colour is nearer to the mean skin's than a fit has it."""
    prior, atlas = prior_of(head, SIZE), atlas_of(head, SIZE)
    normals = atlas.interpolate(vertex_normals(head.mean_vertices, np.asarray(head.triangles)))
    normals = normals * [1, -1, -1]  # of the camera's frame
    bare = cheeks_and_forehead(prior)
    normals = normals[bare] / np.linalg.norm(normals[bare], axis=1, keepdims=True)
    light = np.zeros((9, 3))
    light[0], light[1], light[3] = 3.0, -1.0, 0.6
    half = np.array([0.3, -0.4, -0.87])
    gloss = 0.3 * np.maximum(normals @ half, 0)[:, None] ** 12
    colour = np.exp(prior.mean_log[bare]) * np.maximum(sh_basis(normals) @ light, 0.2) + gloss
    given = prior.mean_log[bare], prior.tones.at(bare), np.ones(len(normals))
    fitted = estimate_light(colour, sh_basis(normals), *given, like_light=prior.like_light).albedo

    def patches(albedo):
        change = prior.tones.at(bare).change(albedo)
        hue = change - change.mean(1, keepdims=True)
        return float((hue - hue.mean(0)).std())

    assert patches(evened(fitted, prior)) < 0.5 * patches(fitted)


def test_the_tone_of_the_skin_and_what_is_painted_stay(head):
    prior = prior_of(head, SIZE)
    bare, rng = cheeks_and_forehead(prior), np.random.default_rng(3)
    painted = [number for name, number in NAMED.items() if name not in ("redness", "yellowness")]
    for _ in range(4):
        person = np.maximum(rng.normal(size=len(prior.tones.basis)), prior.tones.lowest)
        after = evened(person, prior)
        assert after[painted] == pytest.approx(person[painted], abs=1e-6)
        before, now = (prior.tones.change(albedo)[bare].mean(0) for albedo in (person, after))
        assert now == pytest.approx(before, abs=0.04)  # 4 % of a colour is about one ΔE


def test_the_mean_skin_is_even_already(head):
    prior = prior_of(head, SIZE)
    nobody = np.zeros(len(prior.tones.basis))
    assert evened(nobody, prior) == pytest.approx(nobody, abs=1e-9)
