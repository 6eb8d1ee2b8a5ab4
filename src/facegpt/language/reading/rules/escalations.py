"""Comparisons without "than": escalations, two dimensions of one part, degrees set against each other.

"Big eyes and an even bigger mouth", "more breadth to this chin than height", "lower lip fuller, upper lip flatter".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from facegpt.language.reading.rules.contests import Pair
from facegpt.language.reading.rules.dimensions import (
    LESS,
    NOT_COMPARATIVES,
    NOUN,
    attribute_of,
    comparative_base,
    dimension_of,
    is_size,
    ordered,
)
from facegpt.language.reading.rules.phrases import parts_in

_STILL = re.compile(
    r"\b(?:(?:an? )?even (?:more )?(?P<more>[a-z]+)|(?P<word>[a-z]+er) (?:still|yet|again)|"
    r"more (?P<long>[a-z]+) (?:still|yet|again))\b"
)
#: Words of sentences that are read together.
_SHORT_WINDOW = 16
_THAN = re.compile(r"\bthan\b")


def still(sentence: str) -> Pair | None:
    """Read "a long nose, but her chin is longer still", "big eyes and an even bigger mouth"."""
    match = _STILL.search(sentence)
    word = match and (match["more"] or match["word"] or match["long"])
    if not match or not word or word in NOT_COMPARATIVES or not is_size(word):
        return None
    return exceeding(sentence, match.start(), match.end(), word)


def escalated(sentence: str) -> Pair | None:
    """Read "small nose, smaller mouth", "if the nose is big the ears are bigger": an adjective, then more of it."""
    met: set[str] = set()
    if sentence.rstrip().endswith("?"):
        return None
    for match in re.finditer(r"(?P<more>\bmore )?\b(?P<word>[a-z]+)\b", sentence):
        word, base = match["word"], comparative_base(match["word"])
        if (match["more"] or (word.endswith(("er", "est")) and word != base)) and base in met:
            return exceeding(sentence, match.start(), match.end(), word)
        if (is_size(word) and word == base) or base in ("fair", "dark", "pale"):
            met.add(base)
    return None


def over_sentences(spoken: list[str], in_sentence: Callable[[str], list[Pair]]) -> Iterator[tuple[Pair, int, int]]:
    """Read escalations over short sentences: "his nose? big. his ears? bigger", "upper lip thick. lower thicker"."""
    for k in range(1, len(spoken)):
        if not re.search(r"[a-z]er\b|\beven more\b", spoken[k]) or _THAN.search(spoken[k]):
            continue
        for first in range(max(k - 3, 0), k):
            window = spoken[first : k + 1]
            if sum(len(each.split()) for each in window) > _SHORT_WINDOW or any(in_sentence(each) for each in window):
                continue
            joined = re.sub(
                r"[.?:;!\n]", " ", " ".join(each + "," if each.rstrip().endswith(".") else each for each in window)
            )
            pair = still(joined) or escalated(joined)
            if pair and pair[0] != pair[1]:
                yield pair, first, k
                break


def exceeding(sentence: str, start: int, end: int, word: str) -> Pair | None:
    """Compare the part beside a comparative with one that was named before."""
    before = parts_in(sentence[:start])
    behind = [part for where, part in parts_in(sentence) if end <= where <= end + 12]
    near = (
        before and before[-1][0] > start - 26 and not re.search(r",|\band\b|\bbut\b", sentence[before[-1][0] : start])
    )
    ours = (
        before[-1][1]
        if near and len({p for _, p in before}) > 1
        else behind[0]
        if behind
        else before[-1][1]
        if before
        else ""
    )
    others = [part for _, part in before if part != ours]
    if not ours or not others:
        return None
    one, side = attribute_of(ours, word)
    return ordered(one, attribute_of(others[0], word)[0], side)


def dimensions(sentence: str) -> Pair | None:
    """Read two dimensions of one part: "more breadth to this chin than height", "its length exceeds its breadth"."""
    nouns = list(NOUN.finditer(sentence))
    parts = {part for _, part in parts_in(sentence)}
    if len(nouns) != 2 or len(parts) > 1:
        return None
    between = sentence[nouns[0].start() : nouns[1].start()]
    lead = re.search(r"\b(more|less|greater|bigger)\s*$", sentence[: nouns[0].start()])
    verb = re.search(
        r"\b(?:exceed\w*|beats?|out ?(?:do|strip|run)\w*|over|greater than|bigger than|wins? over)\b", between
    )
    if not verb and not (lead and re.search(r"\bthan\b|\bless\b|\bmore\b", between)):
        return None
    part = next(iter(parts), "face")
    one, other = (attribute_of(part, dimension_of(noun.group()))[0] for noun in nouns)
    return ordered(one, other, -1 if lead and lead[1] == "less" else 1)


_BY_CONTRAST = re.compile(r"\b(?:by comparison|by contrast|comparatively|relatively|in contrast|in comparison)\b")


def both_degrees(sentence: str) -> Pair | None:
    """Read degrees that are set against each other: "a broad nose over a mouth comparatively narrow".

    Also "lower lip fuller, upper lip flatter": two comparatives of opposite sides.
    """
    chunks = [c for c in re.split(r",|\band\b|\bbut\b|\bover\b|\bwith\b|\bwhile\b|\bbeside\b", sentence) if parts_in(c)]
    if len(chunks) != 2:
        return None
    words = [[w for w in re.findall(r"[a-z]+", chunk) if is_size(w)] for chunk in chunks]
    lips = {part for chunk in chunks for _, part in parts_in(chunk)} == {"upperlip", "lowerlip"}
    compared = _BY_CONTRAST.search(sentence) or (lips and all(w and w[0].endswith("er") for w in words))
    if not compared or not all(words):
        return None
    word = [dimension_of(chunk) or w[0] for chunk, w in zip(chunks, words, strict=True)]
    sides = [-1 if any(comparative_base(w) in LESS for w in each) else 1 for each in words]
    if sides[0] == sides[1]:
        return None
    one, other = (attribute_of(parts_in(c)[0][1], w)[0] for c, w in zip(chunks, word, strict=True))
    return ordered(one, other, sides[0])
