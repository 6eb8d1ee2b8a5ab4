"""How much of a beard a face wears by two signs: the reader of looks, and the network of parts on chin and jaws.

The reader of looks knows the face and not the picture: it gives shaven men stubble. The network of parts sees pixels
and no face: it takes deep shade for a beard. A doubtful beard needs both.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.detect.windows import Photo
from facegpt.encode.parts import BEARD, FaceParts
from facegpt.hair.from_photo.beards.seen import BARE, CHIN, FEWEST, JAWS, face_on_map

#: The lips and what is between them, points of the detector: no beard grows there.
MOUTH = ((61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91),)
#: Mean belief in a beard on chin and on jaws below which no pixel of one is seen, white ones included; the reader's
#: amount from which it is sure without. Of 70 bearded men none was seen by less than .05.
UNSEEN, SURE_LOOKED = 0.04, 0.45
#: Mean belief in a beard on the mouth from which the map shows shade.
SHADE = 0.3
#: The reader's amount from which a beard that covers is full; how much of chin and jaws it covers, and how much darker
#: than bare skin it is (log units), where it begins to be one and where it surely is: skin shows through stubble. What
#: it then is at least, as of `Hair`.
DOUBTED, COVERS, DARKER, COVERING = 0.25, (0.35, 0.5), (1.2, 1.6), 0.6


def agreed_beard(image: NDArray[np.uint8] | Photo, parts: FaceParts, looked: float) -> float:
    """How much of a beard a face wears, 0..1 as of `Hair`.

    Args:
        image: (H, W, 3) uint8 sRGB.
        parts: of the face; without points the reader of looks has its way.
        looked: 0..1, what that reader says (`IdentityBelief.beard`).
    """
    if parts.points is None:
        return looked
    face, belief = face_on_map(image, parts), parts.probabilities[..., BEARD]
    chin, jaws, bare, mouth = (face.region(rings) & parts.seen for rings in (CHIN, JAWS, BARE, MOUTH))
    if min(chin.sum(), jaws.sum(), bare.sum()) < FEWEST:
        return looked
    covered = np.array([belief[chin].mean(), belief[jaws].mean()])
    unseen = covered.max() < UNSEEN and looked < SURE_LOOKED
    if unseen or (mouth.sum() >= FEWEST and belief[mouth].mean() > SHADE and looked < SURE_LOOKED):
        return 0.0
    light = np.log(face.colours + 0.01).mean(-1)
    darker = np.median(light[bare]) - (np.median(light[chin]) + np.median(light[jaws])) / 2
    if looked < DOUBTED:
        return looked
    share = min(np.interp(covered.mean(), COVERS, (0, 1)), np.interp(darker, DARKER, (0, 1)))
    return looked + float(share) * max(COVERING - looked, 0.0)
