"""How people begin and end a request, and the slips of their pens."""

from __future__ import annotations

import re
from random import Random

OPENINGS = (
    *(
        "make",
        "make me",
        "show me",
        "generate",
        "create",
        "draw",
        "give me",
        "I need",
        "I want",
        "can you make",
        "imagine",
    ),
    *(
        "could you do",
        "please make",
        "pls make",
        "build",
        "sculpt",
        "render",
        "design",
        "model",
        "picture",
        "let's see",
    ),
    *("can i get", "i'd like", "gimme", "we need", "do", "produce", "please generate", "can you show me", "how about"),
    *("I'm looking for", "id like", "cook up", "try", "next up:", "character:", "wanted:", "description:", "new one:"),
)
_ENDINGS = (
    " please",
    " pls",
    ", please",
    " thanks",
    " thx",
    " if you can",
    ", cheers",
    "!",
    "...",
    " ok?",
    " for my game",
)
_FILLERS = (
    "um, ",
    "well, ",
    "so ",
    "ok so ",
    "hmm, ",
    "right, ",
    "hi, ",
    "hey ",
    "yeah ",
    "let me think, ",
    "hello! ",
    "ok, ",
)
_NEIGHBOURS = {
    **dict(zip("qwertyuiop", ("wa", "qes", "wrd", "etf", "ryg", "tuh", "yij", "uok", "ipl", "ol"), strict=True)),
    **dict(zip("asdfghjkl", ("qsz", "awdx", "sefc", "drgv", "fthb", "gyjn", "huk", "jil", "kop"), strict=True)),
    **dict(zip("zxcvbnm", ("asx", "zsdc", "xdfv", "cfgb", "vghn", "bhjm", "njk"), strict=True)),
}


def typo(rng: Random, word: str) -> str:
    """Mistype a word of at least four letters: two swapped, one dropped, doubled or hit beside the key."""
    if len(word) < 4 or not word.isalpha():
        return word
    k = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return word[:k] + word[k + 1] + word[k] + word[k + 2 :]
    if kind == 1:
        return word[:k] + word[k + 1 :]
    if kind == 2:
        return word[:k] + word[k] + word[k:]
    return word[:k] + rng.choice(_NEIGHBOURS.get(word[k].lower(), word[k])) + word[k + 1 :]


def roughen(rng: Random, text: str, chance: float = 0.5) -> str:
    """Write a sentence as people do: lower case, no full stop, a filler, a typo; most stay as they are.

    Numbers, units and words in front of them are kept, so the labels stay true.
    """
    if rng.random() >= chance:
        return text
    kind = rng.random()
    if kind < 0.45:
        text = text.lower() if "AU" not in text and "PD" not in text else text
    elif kind < 0.5:
        text = text.upper() if len(text) < 60 else text
    elif kind < 0.6:
        text = text[:1].upper() + text[1:]
    if rng.random() < 0.3:
        text = re.sub(r"[.!]$", "", text)
    if rng.random() < 0.12:
        text = re.sub(r"[,;]", "", text)
    if rng.random() < 0.08:
        text = rng.choice(_FILLERS) + text[:1].lower() + text[1:]
    if rng.random() < 0.06:
        text = text.rstrip(".!?") + rng.choice(_ENDINGS)
    if rng.random() < 0.22:
        words = text.split(" ")
        for _ in range(rng.choice((1, 1, 2))):
            k = rng.randrange(len(words))
            words[k] = typo(rng, words[k])
        text = " ".join(words)
    return text
