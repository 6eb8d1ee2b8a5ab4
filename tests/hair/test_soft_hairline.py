"""Hair begins gradually: painted roots thicken over millimetres, fine locks root there, cards fade where they turn."""

from dataclasses import replace

import numpy as np

from facegpt.face import Face
from facegpt.hair.grow import locks_of
from facegpt.hair.lines.trim import FINE_DEG
from facegpt.hair.painted import _scalp_texels, paint_scalp, shine_below
from facegpt.hair.presets import PRESETS
from facegpt.hair.scalp import WHORL, azimuth_deg, hairline, inside_mm
from facegpt.language.dialogue.made_heads import mean_head
from facegpt.morphable.makehuman.head import load
from facegpt.render.default_view import default_view
from facegpt.render.lighting import lighting_from_lamps
from facegpt.render.portrait import draw_picture
from facegpt.render.strands import EDGE_ON, _faded
from facegpt.types import Hair

HEAD = load()
NOBODY = np.zeros(HEAD.sizes.identity, np.float32)


def test_painted_roots_thicken_over_several_millimetres():
    side = 256
    white, hair = np.ones((side, side, 3), np.float32), Hair("bob", (0.0, 0.0, 0.0))
    painted = paint_scalp(HEAD, white, PRESETS["bob"].groom, hair).mean(-1)
    grid = _scalp_texels(HEAD)
    front = np.abs(grid.scalp.azimuth) < 30
    inside, dark = grid.scalp.inside[front], 1 - painted[grid.rows[front], grid.columns[front]]
    outside, begins, full = (dark[(inside > a) & (inside < b)].mean() for a, b in ((-8, -3), (3, 6), (10, 20)))
    assert outside < 0.05 and full > 0.9
    assert 0.3 < begins / full < 0.8  # as in photos, a quarter of the skin or more still shows there


def test_fine_locks_root_about_the_hairline_of_the_forehead_alone():
    coarse, fine = locks_of(PRESETS["bob"].groom, HEAD, NOBODY).sets
    roots = fine.lines[:, 0]
    assert np.abs(inside_mm(roots, hairline(HEAD))).max() < 16
    assert np.abs(azimuth_deg(roots)).max() < FINE_DEG + 2
    assert fine.width.max() < 0.5 * np.median(coarse.width)


def test_a_card_fades_smoothly_where_it_turns_edge_on():
    """A strip bent to a quarter circle: its middle line turns from facing the camera to edge-on."""
    angle = np.linspace(0, np.pi / 2, 40)
    across = np.stack([-5 * np.ones(40), 5 * np.ones(40)], 1)
    bent = 10 * np.sin(angle)[:, None], 1000 + 10 * (1 - np.cos(angle))[:, None]
    points = np.stack([across, np.broadcast_to(bent[0], (40, 2)), np.broadcast_to(bent[1], (40, 2))], -1)
    k = 2 * np.arange(39)[:, None]
    triangles = np.concatenate([k + np.array([0, 1, 2]), k + np.array([2, 1, 3])]).astype(np.int32)
    faded, lowest = np.zeros(80, np.float32), np.empty(len(triangles), np.float32)
    _faded(points.reshape(-1, 3).astype(np.float32), triangles, faded, lowest)
    wanted = np.minimum(np.abs(np.cos(angle)) / EDGE_ON, 1) ** 2
    assert np.abs(faded.reshape(40, 2).mean(1) - wanted).max() < 0.12
    assert np.allclose(lowest, faded[triangles].min(1))


def test_scalp_below_long_hair_is_dull_and_skin_without_roots_is_not():
    mean = np.asarray(HEAD.population_mean)
    inside, front = inside_mm(mean, hairline(HEAD)), np.abs(azimuth_deg(mean)) < 60
    skin = np.isin(np.arange(len(mean)), HEAD.triangles[HEAD.part == HEAD.part_names.index("skin")])
    left = shine_below(HEAD, PRESETS["bob"].groom)
    assert left[skin & (inside > 20) & (mean[:, 1] > 90)].max() < 0.1
    assert left[skin & (inside < -12) & front].min() > 0.99
    assert left[~skin].min() == 1
    bald = shine_below(HEAD, PRESETS["bald_crown"].groom)
    assert bald[skin & (np.linalg.norm(mean - WHORL, axis=1) < 15)].min() > 0.9


def test_a_buzz_cut_without_cards_takes_the_skins_highlight_and_a_bald_head_keeps_it():
    lamp = lighting_from_lamps((((0.0, -0.8, -0.6), (1.0, 1.0, 1.0)),))

    def shine(style: str) -> float:
        """How much brighter a highlight makes the crown, sRGB."""
        params = replace(mean_head(HEAD).params, hair=Hair(style, (0.02, 0.015, 0.01)))
        face = Face(HEAD, params)
        assert all(proxy.name != "hair" for proxy in face.proxies)
        pose, camera = default_view(np.diag([1.0, -1.0, -1.0]), 1100.0)
        pictures = [
            draw_picture(face.mesh, pose, camera, lamp, 1, face.proxies, shiny_skin=on)[..., :3].astype(int)
            for on in (True, False)
        ]
        rows = np.flatnonzero((pictures[0].sum(-1) > 0).any(1))
        crown = np.s_[rows[0] : rows[0] + len(rows) // 16]
        return float((pictures[0] - pictures[1])[crown][pictures[0][crown].sum(-1) > 0].mean())

    assert shine("bald") > 0.5 and shine("buzz") < 0.3 * shine("bald")
