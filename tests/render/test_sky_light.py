"""Light from all sides that leans to above sends to each surface what its directions send; heads show it."""

import numpy as np
import pytest

from facegpt.face.pictures import EVEN, LIGHTS
from facegpt.render.lighting import lamp_share, lighting_from_lamps, lighting_from_sky, sh_basis
from facegpt.render.shelter import even_directions

FORWARD, UP, DOWN = np.array([0, 0, -1.0]), np.array([0, -1.0, 0]), np.array([0, 1.0, 0])


@pytest.mark.parametrize(("rise", "fall"), [(0.0, 0.0), (0.3, 0.18), (0.6, 0.0)])
def test_a_surface_gets_what_the_directions_before_it_send(rise, fall):
    towards = even_directions(4000)
    up = -towards[:, 1]  # y is down
    # What surfaces get keeps 2/3 of degree 1 and 1/4 of degree 2 of what the directions send.
    sent = 1.5 * (1 - fall / 3 + 1.5 * rise * up - 4 * fall * (up**2 - 1 / 3))
    for normal in (FORWARD, UP, DOWN, np.array([0.6, -0.8, 0])):
        gathered = (sent * np.maximum(towards @ normal, 0)).mean() * 4
        assert sh_basis(normal) @ lighting_from_sky(1.5, rise, fall)[:, 1] == pytest.approx(gathered, abs=0.01)


def test_even_light_is_the_same_from_all_sides_little_more_on_crowns_and_half_below_chins():
    light = LIGHTS["even"].mean(1)
    forward, up, down, left, right = (
        float(sh_basis(np.asarray(normal)) @ light) for normal in (FORWARD, UP, DOWN, (-1.0, 0, 0), (1.0, 0, 0))
    )
    assert forward == pytest.approx(EVEN, abs=1e-5)
    assert left == right == pytest.approx(forward, abs=1e-5)
    assert forward < up < 1.15 * forward
    assert down < 0.6 * forward


def test_the_sky_is_no_lamp_that_skin_could_mirror_and_the_studio_has_one():
    assert lamp_share(LIGHTS["even"]) == 0
    for name in ("studio", "left", "above", "right"):
        assert lamp_share(LIGHTS[name]) == 1
    one = lighting_from_lamps((((0, -1, 0), (1.0, 1.0, 1.0)),), (0.5, 0.5, 0.5))
    assert lamp_share(one) == 1
