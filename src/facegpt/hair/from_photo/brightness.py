"""How bright the hair of a fitted head is: by the photo's pixels alone and by the head drawn in its light."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facegpt.encode.parts import FaceParts
from facegpt.hair.from_photo.colour import LIGHTEST, MIDDLE, SURE
from facegpt.hair.from_photo.drawn_hair import DrawnHead, HairCompared, compared, scaled
from facegpt.render import channels
from facegpt.types import Array, Hair

#: Pixels that must show hair in both, and skin; how sure skin must be: of a face that is small there, few pixels are
#: nothing else.
FEWEST, SURE_SKIN = 40, 0.5
#: Quantiles of brightness between which hair is compared: real hair mirrors sky and lamps more than drawn hair does,
#: and black hair would be taken for brown.
DARKER = (0.1, 0.6)
#: The same of hair with a hue, whose bright parts have it too, and of light hair; and the logs of red over blue and the
#: mean albedos of either.
BROWN, HUE, LIGHT = (0.3, 0.9), (0.6, 1.2), (0.12, 0.25)
#: Likelihoods of grey hair from which its bright parts begin to count, and count half.
GREYING = (0.3, 0.8)
#: Share of the drawn head's say, in logs, beside the colour that was read: of dark hair, which mirrors more than it is
#: bright, and of hair from a mean albedo on that does not. And these albedos.
BY_DRAWING, DARK_TO_LIGHT = (0.5, 0.9), (0.06, 0.25)
#: A pixel shows drawn hair where it follows the brightness of that by at least this share of what the median does.
FOLLOWS = 0.5
#: Nothing makes hair darker than black hair's mean albedo, nor so many times as bright as its pixels alone say.
BLACK, MOST = 0.01, 3.0


def as_bright_as_seen(head: DrawnHead, photo: NDArray[np.uint8], parts: FaceParts) -> Hair:
    """The hair of a head as bright as its photo (H, W, 3) uint8 sRGB shows it (`brightened`)."""
    assert head.params.hair is not None
    return brightened(head.params.hair, compared(head, photo, parts))


def brightened(hair: Hair, seen: HairCompared) -> Hair:
    """The hair of a head, its albedo scaled some of the way, in logs, to where the drawn head agrees with the photo.

    Dark hair goes half the way; light hair, which mirrors little beside what it scatters, nearly all of it.

    What was read off the pixels errs by what hair's own shadows take; what is drawn errs by what real hair mirrors and
    drawn hair does not. Beside colours told by eye both err by as much, and their mean by less than the drawn one.

    How much light hair loses between its strands and mirrors off them is a matter of its groom: it is measured by
    drawing the hair twice, as it is and half as bright. What a pixel gains is its share of albedo, the rest is gloss.
    Brightness counts beside that of the skin, drawn and seen: on its own it would take the blame for the light's error.
    """
    sure, skin = seen.hair > SURE, seen.skin > SURE_SKIN
    drawn, follows, bright = (channels.mean(one) for one in (seen.drawn, seen.follows, seen.photo))
    shown = sure & (follows > FOLLOWS * max(float(np.median(follows[sure])), 1e-6) if sure.any() else sure)
    if min(shown.sum(), skin.sum()) < FEWEST:
        return hair
    exposure = middle(drawn[skin]) / middle(bright[skin])
    between = compared_quantiles(hair)
    gloss, gain = middle((drawn - follows)[shown], between), middle(follows[shown], between)
    factor = (middle(bright[shown], between) * exposure - gloss) / max(gain, 1e-6)
    factor = min(max(factor, min(1.0, 3 * BLACK / sum(hair.colour))), MOST)
    factor **= float(np.interp(np.mean(hair.colour), DARK_TO_LIGHT, BY_DRAWING))
    factor = min(factor, max(LIGHTEST / max(hair.colour), 1.0))  # all channels alike: clipped alone they change the hue
    return replace(hair, colour=scaled(hair, factor))


def compared_quantiles(hair: Hair, greyness: float = 0.0) -> tuple[float, float]:
    """The quantiles of brightness between which hair is compared: what is bright and brown or blond is no sky.

    greyness: 0..1, how likely grey hair is: what is bright is then hair, too.
    """
    red, _, blue = hair.colour
    shares = ((np.log(red / blue), HUE), (np.mean(hair.colour), LIGHT))
    brown, light = (float(np.interp(value, low_high, (0.0, 1.0))) for value, low_high in shares)
    brown = max(brown, light, float(np.interp(greyness, GREYING, (0.0, 0.5))))
    low, high = ((1 - brown) * dark + brown * light for dark, light in zip(DARKER, BROWN, strict=True))
    return low, high


def middle(values: Array, between: tuple[float, float] = MIDDLE) -> float:
    """The mean of values (N,) between two of their quantiles: without the darkest and the brightest."""
    low, high = np.quantile(values, between)
    return float(values[(values >= low) & (values <= high)].mean())
