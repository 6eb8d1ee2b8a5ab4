"""What a question asks of a photo beside the measured head, from the language model's states of the turn.

Learnt by lab/runs/language/questions/sights_network.py from corpus/conversations/seen_in_photos.csv, beside questions
about measures and talk, which ask for none.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from facegpt.describe.scene_words import SIGHTS
from facegpt.language.patterns import has_word, regex_any_case, word_set, words_in
from facegpt.language.states_network import StatesNetwork, load_states_network
from facegpt.types import Array

#: The weights, in assets/.
SIGHTS_NETWORK = "networks/questions/sights_network.npz"
#: Probability from which something is asked for. Nothing is known beside the words.
ASKED, CONTEXT = 0.6, np.zeros(0, np.float32)
#: The sight of things that no head wears, and their names: looked for, but often missed; that of make-up on lips.
WORN, LIPS = "worn", "lips"
#: What is worn on a named part of the body, as sights.
_ON = {
    **dict.fromkeys(("eye", "eyes", "nose"), "glasses"),
    **dict.fromkeys(("head", "hair"), "headwear"),
    **dict.fromkeys(("lip", "lips", "mouth"), LIPS),
    **dict.fromkeys(("neck", "throat", "ear", "ears"), WORN),
}
#: Things that may be worn on a part.
_THINGS = {
    **dict.fromkeys(("neck", "throat"), ("necklace", "scarf", "tie")),
    **dict.fromkeys(("ear", "ears"), ("earring", "headphones")),
}
_PLACE = regex_any_case(
    rf"\b(?:on|around|round|over|in)\s+(?:top of\s+)?(?:(?:his|her|their|its|the|your|my)\s+)?({'|'.join(_ON)})\b"
)
_WEARS, _WHAT = word_set("wear wears wearing worn got"), word_set("what whats anything something")
_PAINT = word_set("lipstick lipsticks lipgloss gloss makeup make-up")
_OF_COLOUR = word_set("colour color coloured colored painted natural bare")
_WORN = word_set("""
    earring earrings necklace necklaces scarf scarves piercing piercings headphones earphones earbuds tie ties chain
    chains jewelry jewellery
""")


def sights_asked(states: Array | None) -> tuple[str, ...]:
    """Names of SIGHTS, the surest first; () where none is asked for; states: (tokens, layers, D), None if unknown."""
    if states is None or not (network := load_sights_network()).fits(states):
        return ()
    share = np.exp(network.log_odds(states, CONTEXT))
    if share[: len(SIGHTS)].sum() < ASKED:  # the last outcome: nothing of the photo
        return ()
    order = np.argsort(-share[: len(SIGHTS)])
    return tuple(SIGHTS[k] for k in order if share[k] > ASKED / 2) or (SIGHTS[order[0]],)


@lru_cache(maxsize=1)
def load_sights_network() -> StatesNetwork:
    """The shipped weights."""
    return load_states_network(SIGHTS_NETWORK)


def worn_things(text: str) -> list[str]:
    """The things that a text names which are worn beside the face and by no head: earrings, a tie, any at the neck."""
    named = [word for word in words_in(text) if word in _WORN]
    return named or [thing for part in _parts_with_things(text) for thing in _THINGS.get(part, ())]


def sight_named(text: str) -> str:
    """What a question for make-up, or for what is worn on a named part, asks: a sight, LIPS or WORN; "" for others."""
    said = words_in(text)
    if has_word(text, _PAINT) or "make up on" in text.lower() or ("lips" in said and has_word(text, _OF_COLOUR)):
        return LIPS
    return next((_ON[part] for part in _parts_with_things(text)), "")


def _parts_with_things(text: str) -> list[str]:
    """The parts on which a text asks what is worn: "what's around her neck?", "is he wearing anything on his head?"."""
    asks = has_word(text, _WEARS) or bool(_WHAT & {*words_in(text)[:2]})
    return [found[1].lower() for found in _PLACE.finditer(text)] if asks else []
