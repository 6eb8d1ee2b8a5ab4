"""What each of MediaPipe's 478 points is: which part of the face, which eye's iris, and how far it is usually off."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

#: Points on the skin; the rest are irises.
SURFACE = 468

#: The outline of the face, clockwise in the image from the middle of the forehead.
OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
RIGHT_LIDS = (33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173)
LEFT_LIDS = (263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398)
BROWS = (*(46, 53, 52, 65, 55, 70, 63, 105, 66, 107), *(276, 283, 282, 295, 285, 300, 293, 334, 296, 336))
NOSE = (
    *(
        1,
        2,
        4,
        5,
        6,
        19,
        94,
        97,
        98,
        168,
        195,
        197,
        326,
        327,
        44,
        45,
        48,
        64,
        51,
        59,
        60,
        75,
        79,
        115,
        125,
        131,
        134,
        141,
    ),
    *(
        166,
        218,
        219,
        220,
        235,
        237,
        238,
        239,
        240,
        241,
        242,
        274,
        275,
        278,
        294,
        281,
        289,
        290,
        305,
        309,
        344,
        354,
        360,
    ),
    *(
        363,
        370,
        392,
        438,
        439,
        440,
        455,
        457,
        458,
        459,
        460,
        461,
        462,
        3,
        248,
        456,
        236,
        174,
        196,
        419,
        399,
        122,
        351,
        20,
        250,
    ),
)
LIPS = (
    *(61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409),
    *(76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306, 184, 74, 73, 72, 11, 302, 303, 304, 408),
    *(62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292, 183, 42, 41, 38, 12, 268, 271, 272, 407),
    *(78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415),
)

#: The points that are nearest in meaning to the 68 of iBUG, in their order: what users of MediaPipe take.
MEDIAPIPE_68 = (
    *(127, 234, 93, 132, 58, 136, 150, 176, 152, 400, 379, 365, 288, 361, 323, 454, 356),
    *(70, 63, 105, 66, 107, 336, 296, 334, 293, 300, 168, 6, 195, 4, 98, 97, 2, 326, 327),
    *(33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380),
    *(61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181, 78, 82, 13, 312, 308, 317, 14, 87),
)

#: Iris points of each eye: the centre, then the rim at image right, top, image left and bottom of an upright face.
RIGHT_IRIS = (468, 469, 470, 471, 472)
LEFT_IRIS = (473, 474, 475, 476, 477)

#: SD in mm of one coordinate of a point, by part, as measured on renders of heads; the oval, lids and lips count more
#: than their own 2.9, 1.3 and 1.4 mm would let them: on path-traced heads of another model that brought the shape
#: closer, and expressions are read off lids and lips.
_SIGMA_MM = MappingProxyType({"lids": 0.8, "lips": 0.8, "nose": 1.6, "brows": 2.1, "oval": 1.5, "rest": 1.8})


def parts() -> dict[str, NDArray[np.int64]]:
    """The indices of the skin points of each part: oval, brows, lids, nose, lips and the rest."""
    named = {"lips": LIPS, "nose": NOSE, "lids": (*RIGHT_LIDS, *LEFT_LIDS), "brows": BROWS, "oval": OVAL}
    left = np.setdiff1d(np.arange(SURFACE), np.concatenate([np.array(v) for v in named.values()]))
    return {name: np.array(indices) for name, indices in named.items()} | {"rest": left}


@cache
def part_sigma_mm() -> NDArray[np.float64]:
    """The (468,) SDs in mm of the skin points, by part; not to be written to."""
    sigma = np.empty(SURFACE)
    for name, indices in parts().items():
        sigma[indices] = _SIGMA_MM[name]
    sigma.setflags(write=False)
    return sigma
