"""What is said beside a face and shows in none of its labels: clothes, paint, poses, settings; and exchanged feelings.

A red hat reddens no skin, pale lipstick no complexion, a wide scarf widens nothing: a caption with such words keeps the
labels that it has without them. "Swap the smile for a frown" names two movements, of which one goes.
"""

from __future__ import annotations

from random import Random

from facegpt_lab.synthesis.texts.english import Labels, article
from facegpt_lab.synthesis.texts.lexicon import movements

_SIZES = ("", "", "", "big", "small", "wide", "thin", "huge", "tiny", "long", "short", "thick", "round", "old", "heavy")
_COLOURS = (
    *("", "", "red", "blue", "green", "black", "white", "brown", "pale", "dark", "pink", "grey", "golden", "yellow"),
    *("silver", "bright red", "light blue", "dark green", "striped"),
)
_WORN = (
    *(
        "hat",
        "cap",
        "helmet",
        "beanie",
        "beret",
        "turban",
        "headscarf",
        "bandana",
        "veil",
        "crown",
        "tiara",
        "headband",
    ),
    *(
        "scarf",
        "shawl",
        "necklace",
        "t-shirt",
        "jacket",
        "tie",
        "bow tie",
        "dress",
        "coat",
        "jumper",
        "hoodie",
        "cloak",
    ),
    *("uniform", "eye patch", "monocle", "nose ring", "lip ring", "earring", "mask", "bandage", "hairband", "ribbon"),
    *("cowboy hat", "top hat", "hard hat", "collar", "apron", "suit", "gown", "fur hat", "hearing aid", "plaster"),
)
_WORN_PAIRS = (
    "glasses",
    "sunglasses",
    "spectacles",
    "earrings",
    "headphones",
    "goggles",
    "reading glasses",
    "ear muffs",
)
_PAINT = (
    *("lipstick", "make-up", "mascara", "eyeliner", "eyeshadow", "lip gloss", "face paint", "rouge", "war paint"),
    *("nail varnish", "foundation", "blusher"),
)
_MARKS = (
    *(
        "a scar across the left cheek",
        "a scar over one eye",
        "a tattoo on the neck",
        "a teardrop tattoo",
        "a birthmark",
    ),
    *("a plaster on the chin", "a bruise under the eye", "blood on the forehead", "dirt on the cheeks", "a gold tooth"),
    *("snow on the shoulders", "a flower behind the ear", "a pencil behind the ear", "a toothpick in the mouth"),
)
_POSES = (
    *("head tilted to the left", "head turned to the right", "the head bowed", "head cocked to one side", "in profile"),
    *(
        "seen from below",
        "from the side",
        "chin resting on a hand",
        "looking over the shoulder at us",
        "head thrown back",
    ),
    *(
        "three-quarter view",
        "arms folded",
        "hands behind the head",
        "sitting on a big red sofa",
        "standing in the rain",
    ),
    *("in soft light", "against a dark wall", "on a white background", "at sunset", "by a wide window", "oil painting"),
    *("photorealistic", "4k", "in the style of an old film", "holding a small dog", "with a long blue car behind"),
)
_LINKS = (
    ", wearing {}",
    " wearing {}",
    ", in {}",
    " with {}",
    ", {}",
    "; {}",
    " and {}",
    ". Also {}",
    " ({})",
    ", plus {}",
)
_BEFORE = ("wearing {}: ", "{}, ", "picture: {}. ", "with {}, ")

_EXCHANGES = (
    *(
        "swap the {old} for a {new}",
        "replace the {old} with a {new}",
        "trade that {old} for a {new}",
        "{new} for {old}",
    ),
    *("a {new} instead of the {old}", "a {new}, not a {old}", "turn the {old} into a {new}", "{old} out, {new} in"),
    *("change that {old} to a {new}", "lose the {old}, gain a {new}", "rather a {new} than the {old}"),
    *(
        "no {old} any more, a {new}",
        "exchange the {old} for a {new}",
        "the {old} becomes a {new}",
        "less {old}, more {new}",
    ),
)
#: How strong the new one is, in words and as a weight.
_DEGREES = (*(("", 0.7),) * 6, (", a big one", 1.0), (", a faint one", 0.35), (", slight", 0.35))
#: Nouns of movements: stem of the units → how people call it.
_NOUNS = {
    "mouthSmile": ("smile", "grin", "smirk"),
    "mouthFrown": ("frown", "downturned mouth", "sad mouth"),
    "browDown": ("scowl", "glower", "knitted brow"),
    "mouthPucker": ("pout", "kiss face", "pucker"),
    "eyeSquint": ("squint",),
    "noseSneer": ("sneer", "snarl", "wrinkled nose"),
    "eyeWide": ("stare", "wide-eyed look"),
}


def draw_unshown(rng: Random) -> str:
    """Draw words for something that shows in no label: "a big red hat", "head tilted to the left"."""
    kind = rng.random()
    if kind < 0.45:
        words = " ".join(w for w in (rng.choice(_SIZES), rng.choice(_COLOURS), rng.choice(_WORN)) if w)
        return article(words)
    if kind < 0.58:
        return " ".join(w for w in (rng.choice(_SIZES), rng.choice(_COLOURS), rng.choice(_WORN_PAIRS)) if w)
    if kind < 0.72:
        return " ".join(w for w in (rng.choice(_COLOURS), rng.choice(_PAINT)) if w)
    return rng.choice(_MARKS if kind < 0.82 else _POSES)


def beside_unshown(rng: Random, text: str) -> str:
    """Put something that shows in no label beside a caption."""
    thing = draw_unshown(rng)
    if rng.random() < 0.12:
        return rng.choice(_BEFORE).format(thing) + text
    return text.rstrip(".") + rng.choice(_LINKS).format(thing)


def draw_exchange(rng: Random) -> tuple[str, Labels]:
    """Draw an edit that takes one movement away and puts another in its place."""
    stems = {entry.names[0]: units for entry, units in movements() if entry.names[0] in _NOUNS}
    old, new = rng.sample(sorted(stems), 2)
    text = rng.choice(_EXCHANGES).format(old=rng.choice(_NOUNS[old]), new=rng.choice(_NOUNS[new]))
    tail, weight = rng.choice(_DEGREES)
    return text + tail, {"expression": dict.fromkeys(stems[new], weight), "expression_off": list(stems[old])}
