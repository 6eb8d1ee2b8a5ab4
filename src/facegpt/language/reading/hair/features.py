"""What a text says near hair, as features: words and runs of words, what they stand by, and pieces of words.

Pieces of words carry slips ("curlly") and endings ("longer", "longish"). Each word also counts with its owner, the
nearest noun of the body or of clothes, so that a red hat and red hair are two things.
"""

from __future__ import annotations

from collections.abc import Iterator

from facegpt.language.patterns import regex_any_case, word_set
from facegpt.language.reading.normalise import straighten_apostrophes

_TOKEN = regex_any_case(r"\d+(?:[.,]\d+)?|[^\W\d_]+(?:'[^\W\d_]+)?|[.,;:!?()\n=/+]")
_ENDS = frozenset(".;!?()\n")
_BREAKS = _ENDS | frozenset(",:=/+")
_DENIALS = word_set(
    "no not never without none neither nor hardly don't dont isn't isnt wasn't cannot can't un remove lose loose "
    "ditch drop instead rather anything"
)
#: How far a denial reaches, words. How far a word may stand from its owner.
_REACH, _NEAR = 4, 6
#: What a piece of a word and a run of words count beside a word.
PIECES, RUNS = 0.25, 0.4
_OWNERS = {
    word: owner
    for owner, words in {
        "hair": "hair hairs haired hairdo hairstyle haircut locks tresses mane mop curls barnet braid braids "
        "plait plaits bun buns ponytail pony bob lob afro fro dreads dreadlocks locs cornrows quiff mullet mohawk perm "
        "crop pixie pigtails ringlets waves topknot knot chignon updo fade undercut bunches coils spikes head roots",
        "fringe": "fringe bangs",
        "beard": "beard bearded beerd whiskers stubble goatee chin-hair",
        "moustache": "moustache mustache moustaches tash stache 'stache mustahce",
        "eyes": "eye eyes eyed iris irises",
        "brows": "brow brows eyebrow eyebrows lash lashes eyelashes",
        "skin": "skin skinned complexion cheek cheeks cheeked freckles",
        "face": "nose chin jaw mouth lip lips lipped teeth tooth ear ears neck forehead face faced tongue nostrils",
        "wear": "hat cap beanie helmet dress coat jacket shirt hoodie scarf suit tie necklace earrings glasses shoes "
        "boots gloves nails lipstick ribbon bow cloak robe armour uniform apron veil turban",
    }.items()
    for word in words.split()
}


def words_owned(*owners: str) -> frozenset[str]:
    """The nouns that stand for some owners: "hair", "wear" and so on."""
    return frozenset(word for word, owner in _OWNERS.items() if owner in owners)


def hair_features(text: str, is_edit: bool) -> set[str]:
    """The features of a text; `is_edit`: said of a given head."""
    words = _words(text)
    denied = _denied(words)
    marks = [("!" if no else "") + word for word, no in zip(words, denied, strict=True)]
    plain = [k for k, word in enumerate(words) if word not in _BREAKS]
    found = {"edit"} if is_edit else {"new"}
    found.update(marks[k] for k in plain)
    found.update(_runs(marks))
    for k in plain:
        owner = _owner(words, k)
        if owner:
            found.add(f"{owner}|{marks[k]}")
        found.update(("!" if denied[k] else "") + "~" + piece for piece in _pieces(words[k]))
    if len(plain) == 1:
        found.add(f"only|{marks[plain[0]]}")
    return found


def scale(name: str) -> float:
    """How much a kind of feature counts: words and words with their owner most, runs of words and pieces little.

    Otherwise what is learnt would lie in runs that the next sentence does not have.
    """
    return PIECES if "~" in name else RUNS if " " in name else 1.0


def _words(text: str) -> list[str]:
    lower = straighten_apostrophes(text).replace("n't", " not").lower().replace("_", " ").replace("-", " ")
    return _TOKEN.findall(lower)


def _denied(words: list[str]) -> list[bool]:
    left, found = 0, []
    for word in words:
        if word in _BREAKS or word in ("but", "just"):
            left = 0
        found.append(left > 0)
        left = _REACH if word in _DENIALS else max(left - 1, 0)
    return found


def _runs(marks: list[str]) -> Iterator[str]:
    for size in (2, 3):
        for k in range(len(marks) - size + 1):
            run = marks[k : k + size]
            if not any(word in _ENDS for word in run):
                yield " ".join(run)


def _owner(words: list[str], k: int) -> str:
    """The owner of the word at k: the nearest noun, those behind it first, in the same sentence."""
    best, nearest = "", _NEAR + 1.0
    for step, weight in ((1, 1.0), (-1, 1.4)):
        cost, j = 0.0, k
        while 0 <= j < len(words) and cost <= _NEAR:
            if words[j] in _ENDS:
                break
            if j != k and words[j] in _OWNERS and cost < nearest:
                best, nearest = _OWNERS[words[j]], cost
                break
            cost += weight * (2.5 if words[j] in (",", "and", "with", "but") else 1.0)
            j += step
    return best


def _pieces(word: str) -> Iterator[str]:
    if len(word) < 4 or not word[0].isalpha():
        return
    whole = f"<{word}>"
    for k in range(len(whole) - 3):
        yield whole[k : k + 4]
