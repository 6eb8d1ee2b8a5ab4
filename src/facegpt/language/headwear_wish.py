"""What words ask to be put on a head: which hat, cap or scarf, and its colour."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HeadwearWish:
    """Headwear to put on; what takes it off is `HeadRequest.bareheaded`.

    Attributes:
        name: of `wear.hats.hats`. colour: of `wear.hats.CLOTH_COLOURS`, or "" where words leave it open.
    """

    name: str
    colour: str = ""
