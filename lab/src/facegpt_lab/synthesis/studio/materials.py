"""Materials that the studio's shading knows, and the parts that its label maps name."""

from __future__ import annotations

#: Materials of triangles (uint8). LASH, CARD and SHELL have holes; LENS is laid over what is behind it.
SKIN, MOUTH, TEETH, EYE, LASH, CARD, SHELL, PAINT, FLESH, LENS = range(10)
#: Parts of the label map.
BACKDROP, SKIN_PART, NECK, HAIR_PART, EYES, PART_MOUTH, OCCLUDER = range(7)
PART_NAMES = ("backdrop", "skin", "neck and clothes", "hair", "eyes", "mouth", "occluder")
#: Things that a picture shows, as finer labels name them (facegpt.encode.parts): a HAND is any thing held or worn
#: before the face that is neither glasses nor headwear.
THING_NAMES = ("background", "skin", "ear", "hair", "beard", "glasses", "hat", "hand", "clothes")
NOTHING, BARE, EAR, HAIR, BEARD, GLASSES, HAT, HAND, CLOTHES = range(9)
