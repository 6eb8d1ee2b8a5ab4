"""The colour of irises by what they are beside the skin below them and beside their whites.

Both lie in the light of the iris, so neither its colour nor the camera's exposure counts. A cornea mirrors the sky: of
a brown iris' light that is half, and most of its hue, and light irises are shown half as colourful as they are. So a
colour is the mean of its kind, and moves from there by the share of what photos show that is the iris': Bayes' rule for
two Gaussians, K = true variance over seen variance. Light irises are hazel, green, blue or grey: each of these as far
as it is likely, by Gaussians of one covariance: what is in doubt is pale, for hues of kinds cancel out.

Colours are (brightness, red, blue): log luminance, log of red over green and of blue over green, linear RGB. What
photos show of each kind: 122 labelled CC0 photos of the training half, both eyes; lab/runs/iris/tones.py prints the
constants. The hues that kinds have are those that words give them (morphable/makehuman/iris_colours.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facegpt.cielab import RGB_TO_Y
from facegpt.morphable.makehuman.iris_colours import COLOURS
from facegpt.types import Array

#: Log albedo of skin by channel: slope per CIE L* that the face tells, and its value at 0 (heads of 42 photos).
SKIN = np.array([[0.0463, 0.0551, 0.0628], [-3.763, -4.972, -5.948]])
#: Red and blue over green of whites of eyes, log: nearly what usual_whites.py adds to grey ones.
WHITE_HUE = np.array([0.08, -0.10])


@dataclass(frozen=True)
class Kind:
    """Irises of a kind: (brightness, red, blue) that photos show on average, and K; row of `COLOURS`; log luminance."""

    shown: tuple[float, float, float]
    kept: tuple[float, float, float]
    row: int
    bright: float
    like_shown: float = 0.0

    def read(self, shown: Array) -> Array:
        """The log of linear RGB (3,) of an iris of this kind that is `shown` (3,) so."""
        own = COLOURS[self.row]
        off = np.clip(shown - np.array(self.shown), -MOST, MOST)
        hue = np.log(own[[0, 2]] / own[1])
        hue = hue + self.like_shown * (np.array(self.shown[1:]) - hue) + np.array(self.kept[1:]) * off[1:]
        logs = np.array([hue[0], 0.0, hue[1]])
        return np.asarray(self.bright + self.kept[0] * off[0] + logs - np.log(RGB_TO_Y @ np.exp(logs)))


#: Brown irises differ by 0.5 in brightness and 0.12 in hue (SD).
BROWN = Kind((-4.23, 0.27, -0.15), (0.55, 0.14, 0.30), 0, -4.61)
#: How far the hue of a light kind is drawn as photos show it, paler: drawn corneas mirror hardly any sky.
LIKE_SHOWN = 0.35
#: Hazel, green, blue and grey ones. Half of their hues is kept: 0.25 and 0.75 differ by 0.3 ΔE on 12 drawn irises.
LIGHT = (
    Kind((-3.47, 0.38, -0.41), (0.37, 0.5, 0.5), 1, -3.00, LIKE_SHOWN),
    Kind((-2.78, 0.11, -0.38), (0.37, 0.5, 0.5), 2, -2.75, LIKE_SHOWN),
    Kind((-2.94, -0.12, -0.05), (0.37, 0.5, 0.5), 4, -2.81, LIKE_SHOWN),
    Kind((-3.00, 0.12, -0.29), (0.37, 0.5, 0.5), 6, -2.83, LIKE_SHOWN),
)
#: Inverse covariance of what photos show of a light kind.
PRECISION = np.array([[3.50, 0.65, 1.23], [0.65, 29.29, 14.92], [1.23, 14.92, 30.99]])
#: How far from the mean of its kind what is shown may lie: beyond, lids and lamps were read.
MOST = np.array([1.2, 0.5, 0.5])


def tones_of(over_skin: Array, over_white: Array, skin_lightness: float) -> tuple[Array, Array]:
    """The colour of an iris if it is brown, and if it is light: log of linear RGB (3,) each.

    over_skin, over_white: log of its colour over theirs (3,). skin_lightness: CIE L* that the face tells.
    """
    shown = shown_by(over_skin, over_white, skin_lightness)
    return BROWN.read(shown), np.asarray(light_shares(shown) @ np.array([kind.read(shown) for kind in LIGHT]))


def light_shares(shown: Array) -> Array:
    """How likely a light iris that is `shown` (3,) so is of each kind of LIGHT: (4,), 1 together.

    Grey and green ones are shown nearly alike: the likeliest kind alone paints four of ten labelled grey ones green.
    """
    off = shown - np.array([kind.shown for kind in LIGHT])
    odds = -0.5 * np.einsum("kx,xy,ky->k", off, PRECISION, off)
    shares = np.exp(odds - odds.max())
    return np.asarray(shares / shares.sum())


def shown_by(over_skin: Array, over_white: Array, skin_lightness: float) -> Array:
    """The colour (3,) that skin and whites say of an iris together; arguments as of `tones_of`."""
    by_skin = over_skin + SKIN[0] * skin_lightness + SKIN[1]
    bright = np.log(RGB_TO_Y @ np.exp(by_skin))
    hues = [by_skin[[0, 2]] - by_skin[1], over_white[[0, 2]] - over_white[1] + WHITE_HUE]
    return np.array([bright, *np.mean(hues, axis=0)])
