"""The colour of irises by what they are beside the skin below them and beside their whites.

Both lie in the light of the iris, so neither its colour nor the camera's exposure counts. A cornea mirrors the sky: of
a brown iris' light that is half, and most of its hue, which is why photos tell little of how brown ones differ. Light
ones send back more of their own. So a colour is the mean of its kind, and moves from there by the share of what photos
show that is the iris': Bayes' rule for two Gaussians, K = true variance over seen variance.

Colours are (brightness, red, blue): log luminance, log of red over green and of blue over green, linear RGB. What
photos show of either kind: 124 labelled CC0 photos, both eyes. lab/runs/iris/tones.py prints SKIN, BROWN and LIGHT.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facegpt.types import Array

#: Log albedo of skin by channel: slope per CIE L* that the face tells, and its value at 0 (heads of 42 photos).
SKIN = np.array([[0.0463, 0.0551, 0.0628], [-3.763, -4.972, -5.948]])
#: Red and blue over green of whites of eyes, log: nearly what usual_whites.py adds to grey ones.
WHITE_HUE = np.array([0.08, -0.10])
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


@dataclass(frozen=True)
class Kind:
    """Irises of a kind, (brightness, red, blue): what photos show on average, what they are, and K."""

    shown: tuple[float, float, float]
    true: tuple[float, float, float]
    kept: tuple[float, float, float]

    def read(self, shown: Array) -> Array:
        """The log of linear RGB (3,) of an iris of this kind that is `shown` (3,) so."""
        bright, red, blue = np.array(self.true) + np.array(self.kept) * (shown - np.array(self.shown))
        green = bright - np.log(LUMINANCE @ np.exp([red, 0.0, blue]))
        return np.asarray(green + np.array([red, 0.0, blue]))


#: Brown irises differ by 0.5 in brightness and 0.12 in hue (SD); light ones by more than a photo is wrong about.
BROWN = Kind((-4.23, 0.27, -0.15), (-4.61, 0.62, -0.33), (0.55, 0.14, 0.30))
LIGHT = Kind((-3.00, 0.10, -0.28), (-2.83, 0.10, -0.26), (0.37, 0.93, 0.95))
#: How far from the mean of its kind what is shown may lie: beyond, lids and lamps were read.
MOST = np.array([1.2, 0.5, 0.5])


def tones_of(over_skin: Array, over_white: Array, skin_lightness: float) -> tuple[Array, Array]:
    """The colour of an iris if it is brown, and if it is light: log of linear RGB (3,) each.

    over_skin, over_white: log of its colour over theirs (3,). skin_lightness: CIE L* that the face tells.
    """
    shown = shown_by(over_skin, over_white, skin_lightness)
    brown, light = (
        kind.read(np.clip(shown, np.array(kind.shown) - MOST, np.array(kind.shown) + MOST)) for kind in (BROWN, LIGHT)
    )
    return brown, light


def shown_by(over_skin: Array, over_white: Array, skin_lightness: float) -> Array:
    """The colour (3,) that skin and whites say of an iris together; arguments as of `tones_of`."""
    by_skin = over_skin + SKIN[0] * skin_lightness + SKIN[1]
    bright = np.log(LUMINANCE @ np.exp(by_skin))
    hues = [by_skin[[0, 2]] - by_skin[1], over_white[[0, 2]] - over_white[1] + WHITE_HUE]
    return np.array([bright, *np.mean(hues, axis=0)])
