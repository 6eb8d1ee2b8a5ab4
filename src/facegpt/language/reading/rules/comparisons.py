"""What a sentence compares within one face: "his nose is bigger than his mouth", "more forehead than chin".

A comparison says which of two attributes stands further from the average, both in standard deviations; which of them
is unusual stays open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from facegpt.language.patterns import regex
from facegpt.language.reading.rules.comparison_sentences import one_word_for_each_part, sentences
from facegpt.language.reading.rules.contests import Pair, answered, extremes, outdone, outlined, ranked, rated, won
from facegpt.language.reading.rules.dimensions import (
    GENERIC,
    LESS,
    MAIN_ATTRIBUTE,
    NOT_COMPARATIVES,
    attribute_of,
    comparative_base,
    dimension_of,
    is_graded,
    is_size,
    ordered,
)
from facegpt.language.reading.rules.escalations import both_degrees, dimensions, escalated, over_sentences, still
from facegpt.language.reading.rules.phrases import part_phrase, parts_in

_USUAL_PEOPLE = regex(r"""
    ^\W*(?:the |an? |is |what is |for |in |with )*(?:average|most|usual|normal|other|others|people|men|women|man|woman|
    you|i|we|expected|typical|standard|anybody|anyone|any|is usual|mine|that|this|before|now|everyone|ever|it was|
    they were|the rest|ordinary|life|yours|his (?:own )?(?:brother|father|mother|sister)|next|(?:your|our|my) \w+|
    somebody|someone|people|folk|other people|real|nature)\b
""")
_THAN = re.compile(r"\b(?:than|as (?=the|his|her|its|their))\b")
_SAME = re.compile(r"^\W*(?:(?:it|they|he|she) (?:is|are|was|were|looks?)|its|is|are)?\W*(?P<word>[a-z]+)?")
_COMPARATIVE = re.compile(
    r"\b(?:(?P<less>less)|more)\s+(?P<long>[a-z]+)\b|\b(?P<short>[a-z]+er)\b|\b(?P<out>stick(?:s|ing)? out more|"
    r"further out)\b"
)
_WIDE_WORDS = ("wide", "tall", "long", "broad", "high", "big")
_BESIDE = regex(r"""
    \b(?P<word>[a-z]+)\s+(?:(?:in|by|as) )?(?:compar(?:ed|ison) (?:with|to)|in comparison (?:with|to)|relative to|
    in relation to|in proportion to|next to|beside|set against|for (?=(?:his|her|the|their|its|so|such|that)\b)|
    on (?:so|such an?) )
""")
_RATHER = regex(r"""
    \b(?P<one>[a-z]+) rather than (?P<other>[a-z]+)\b|\bmore (?P<a>[a-z]+) than (?P<b>[a-z]+)\b|
    \bnot so much (?P<not>[a-z]+) as (?P<but>[a-z]+)\b|\bmore of an? (?P<of>[a-z]+) [a-z]+ than an? (?P<then>[a-z]+)\b
""")
_BARE = re.compile(
    r"\b(more|less) ((?:(?!(?:to|in|on) )[a-z]+ ){0,2})"
    r"(?:(?:to|in|on|about) (?:him|her|them|it|(?:this|that|the) \w+) )?$"
)
_IT_IS = re.compile(r",\s*it (?:is|was|looks?)\b(?:\s\w+)?\s*$")
_LONGEST_LABEL = 4
_LESS_SO = re.compile(r"\b(?P<so>less so|not so much|much less so|even more so|more so)\b")
#: Comparisons that deny, and those with one's other side or with what is no part of a face.
_NO_COMPARISON = re.compile(
    r"\b(?:no|not|hardly|scarcely|barely|never) (?:any |much |a )?(?:more )?[a-z]+ (?:[a-z]+ )?than\b|\bother than\b|"
    r"\bmore of (?:his|her|the|their) face than\b|\b(?:left|right)\b(?!\s*,)|\bnot (?:\w+ ){0,3}any [a-z]+er than\b"
)
_EXPECTED = re.compile(r"^\W*(?:you|one|i|we|people)(?: would|'d)? (?:\w+ ){1,2}(?:from|for|of|with|given|in)\b")


@dataclass(frozen=True)
class Compared:
    """Attribute `more` exceeds attribute `less`, both in SDs; start, end: characters of the plain text."""

    more: str
    less: str
    start: int
    end: int


def find_comparisons(text: str) -> list[Compared]:
    """Find what a plain text (`normalised`) compares within one face."""
    found: dict[tuple[str, str], Compared] = {}
    places = sentences(text)
    spoken = _labelled([one_word_for_each_part(text[start:end], text) for start, end in places])
    for (start, end), sentence in zip(places, spoken, strict=True):
        for pair in _in_sentence(sentence):
            found.setdefault(pair, Compared(*pair, start, end))
    whole = (read(spoken) for read in (answered, extremes, rated, ranked))
    for found_there in (*whole, over_sentences(spoken, _in_sentence)):
        for pair, first, last in found_there:
            for each in _both_lips(_alike(pair), spoken[last]):
                found.setdefault(each, Compared(*each, places[first][0], places[last][1]))
    return [each for pair, each in found.items() if pair[::-1] not in found]


def _labelled(spoken: list[str]) -> list[str]:
    """Put the label of a sheet before what stands behind it: "nose:", " more length, less breadth"."""
    found = []
    for before, sentence in zip(["", *spoken], spoken, strict=False):
        is_label = before.rstrip().endswith(":") and len(before.split()) <= _LONGEST_LABEL
        found.append(before.strip().rstrip(":") + " " + sentence if is_label and not parts_in(sentence) else sentence)
    return found


def _in_sentence(sentence: str) -> list[Pair]:
    """Read one sentence by the first rule that applies."""
    if _NO_COMPARISON.search(sentence):
        return []
    links = sentence.split(" bigger than ")
    if len(links) > 2:  # "ears > nose > mouth"
        return [pair for a, b in pairwise(links) for pair in _in_sentence(f"{a} bigger than {b}")]
    for read in (
        _than,
        outdone,
        _beside,
        _beside_first,
        dimensions,
        _rather,
        still,
        escalated,
        both_degrees,
        outlined,
        won,
    ):
        pair = read(sentence)
        if pair is not None and pair[0] and pair[1] and pair[0] != pair[1]:
            return _both_lips(_alike(pair), sentence)
    return []


def _both_lips(pair: Pair, sentence: str) -> list[Pair]:
    """A pair once for each lip where "the lips" are compared with something else."""
    lips = ("upper_lip_fullness", "lower_lip_fullness")
    if lips[0] not in pair or lips[1] in pair or re.search(r"\b(?:upper|top) lip\b", sentence):
        return [pair]
    return [pair, (pair[0].replace(*lips), pair[1].replace(*lips))]


_AS_WIDTH = {
    "forehead_height": "forehead_width",
    "cheekbone_prominence": "face_width",
    "heaviness": "face_width",
    "chin_height": "chin_width",
}


def _alike(pair: Pair) -> Pair:
    """Compare like with like: a jaw's or neck's width with widths, a forehead's or chin's height with heights."""
    other = _AS_WIDTH
    if {"jaw_width", "neck_width"} & set(pair):
        return other.get(pair[0], pair[0]), other.get(pair[1], pair[1])
    if {"forehead_height", "chin_height", "nose_length"} & set(pair):
        return tuple("face_length" if name == "face_width" else name for name in pair)  # type: ignore[return-value]
    return pair


def _comparative(words: str) -> tuple[str, int, int] | None:
    """Find the last comparative of some words: (adjective, 1 or -1 for "less", place)."""
    found = None
    for match in _COMPARATIVE.finditer(words):
        word = match["long"] or match["short"] or "prominent"
        if match["short"] in NOT_COMPARATIVES or (match["long"] and parts_in(match["long"])):
            continue
        found = (word, -1 if match["less"] else 1, match.start())
    return found


def _than(sentence: str) -> Pair | None:
    """Read "the nose is bigger than the mouth", "longer than it is wide", "more cheek than cheekbone"."""
    than = _THAN.search(sentence)
    if than is None:
        return None
    left, right = sentence[: than.start()], sentence[than.end() :]
    right = _EXPECTED.sub("", re.split(r",|\band\b", right)[0])
    if _USUAL_PEOPLE.match(right):
        return _less_so(sentence, left, right)
    theirs = parts_in(right)
    bare = _more_of_a_part(left, theirs)
    if bare is not None:
        return bare
    ours = _our_side(sentence, left, theirs)
    if ours is None:
        return None
    part, word, one, side = ours
    if theirs and parts_in(left):
        their_word = "" if one == "eye_spacing" else _their_word(right, theirs[0], word)
        return ordered(one, attribute_of(theirs[0][1], their_word)[0], side)
    same = _SAME.match(right)
    if same is None or not same["word"] or not is_size(same["word"]):
        return None
    other, other_side = attribute_of(part, same["word"])
    return ordered(one, other, side) if other_side == attribute_of(part, word)[1] else None


def _more_of_a_part(left: str, theirs: list[tuple[int, str]]) -> Pair | None:
    """Read "more cheek" before "than cheekbone", "less nose" before "than ear"; hair is of the part before it."""
    bare = _BARE.search(left + ("" if left.endswith(" ") else " "))
    named = parts_in(bare[2]) if bare else []
    if not bare or not named or not theirs or len(bare[2].split()) > sum(len(part_phrase(p).split()) for _, p in named):
        return None
    part = parts_in(left)[0][1] if named[-1][1] == "hair" else named[-1][1]
    return ordered(MAIN_ATTRIBUTE.get(part, ""), MAIN_ATTRIBUTE.get(theirs[0][1], ""), 1 if bare[1] == "more" else -1)


def _our_side(sentence: str, left: str, theirs: list[tuple[int, str]]) -> tuple[str, str, str, int] | None:
    """Read what stands before "than": (part, adjective, its attribute, 1 where the part has more of it)."""
    degree, ours = _before_more(left) or _comparative(left), parts_in(left)
    if degree is None:
        return None
    word, sign, place = degree
    word = dimension_of(word) or word
    noun = dimension_of(sentence) if comparative_base(word) in GENERIC else ""
    if noun:
        sign, word = sign * (-1 if comparative_base(word) in LESS else 1), noun
    named = ours or theirs or parts_in(sentence)
    part = _nearest(ours, place) if ours else named[0][1] if named else "face"
    if ours and _IT_IS.search(left[:place]):
        part = ours[0][1]
    if re.search(r"\bapart\b", left) and part == "eye":
        return part, word, "eye_spacing", sign
    if word in ("further", "farther") or "out" in left[place:]:
        word = "wide" if re.search(r"\bapart\b", left[place:]) else "prominent"
    elif not is_graded(word, part):
        return None
    one, side = attribute_of(part, word)
    return part, word, one, side * sign


def _their_word(right: str, theirs: tuple[int, str], word: str) -> str:
    """The adjective of what stands behind "than": its own ("than her nose is long"), or the one before."""
    before = re.search(r"([a-z]+) [a-z]+$", right[: theirs[0] + len(theirs[1])])
    if before and before[1] in _WIDE_WORDS:
        return before[1]
    after = re.search(r"\b(?:is|are|was|were|be) ([a-z]+)\b(?! nose| mouth)", right)
    return after[1] if after and after[1] not in ("for", "in", "not", "as", "a") else word


def _before_more(left: str) -> tuple[str, int, int] | None:
    """Find an adjective or a verb before "more than": "on the wide side more than", "thickened faster than"."""
    more = re.search(r"\b(?P<how>more|less|faster|further)\s*$", left)
    found = [m for m in re.finditer(r"[a-z]+(?=[^,]*$)", left[: more.start()]) if is_size(m.group())] if more else []
    return (found[-1].group(), -1 if more and more["how"] == "less" else 1, found[-1].start()) if found else None


def _nearest(parts: list[tuple[int, str]], place: int) -> str:
    """The part that a comparative at a place speaks of: just behind it ("a wider nose"), else the last before."""
    behind = [part for where, part in parts if place < where <= place + 26]
    return behind[0] if behind else parts[-1][1]


def _less_so(sentence: str, left: str, right: str) -> Pair | None:
    """Read "eyes wider than average, chin less so": the first exceeds the second."""
    so, degree, ours = _LESS_SO.search(sentence, len(left)), _comparative(left), parts_in(left)
    if so is None or degree is None or not ours:
        return None
    theirs = parts_in(sentence[len(left) : so.start()])
    if not theirs:
        return None
    one, side = attribute_of(_nearest(ours, degree[2]), degree[0])
    other, sign = attribute_of(theirs[-1][1], degree[0])[0], 1 if "less" in so["so"] or "not" in so["so"] else -1
    return ordered(one, other, side * sign)


def _beside(sentence: str) -> Pair | None:
    """Read "his ears look small next to that nose", "a big skull for so slim a face"."""
    beside = _BESIDE.search(sentence)
    if beside is None:
        return None
    ours, theirs = parts_in(sentence[: beside.end("word")]), parts_in(sentence[beside.end() :])
    if not ours or not theirs or (theirs[0][1] in ("face", "head") and "too" in sentence):
        return None
    word = beside["word"]
    if parts_in(word):
        before = re.search(rf"\b([a-z]+) {word}$", sentence[: beside.end("word")])
        word = before[1] if before else ""
    if not word or not is_size(word):
        return None
    one, side = attribute_of(ours[-1][1], word)
    kind = "" if comparative_base(word) in ("big", "small", "little", "tiny", "large", "huge") else word
    return ordered(one, attribute_of(theirs[0][1], kind)[0], side)


_FIRST = re.compile(
    r"\b(?:set against|compared (?:to|with)|next to|beside|against|put beside|measured against) (?P<theirs>[^,]*?)"
    r"(?:,|(?=\b(?:his|her|the|their|its)\b)(?<!against )(?<!to )(?<!with )(?<!beside ))(?P<ours>.*)"
)


def _beside_first(sentence: str) -> Pair | None:
    """Read "next to those ears, his nose looks small", "set against such a mouth the nose is narrow"."""
    match = _FIRST.search(sentence)
    if match is None:
        return None
    ours, theirs = parts_in(match["ours"]), parts_in(match["theirs"])
    words = [w for w in re.findall(r"[a-z]+", match["ours"]) if is_size(w)]
    if not ours or not theirs or not words or theirs[-1][1] in ("head", "face"):
        return None
    one, side = attribute_of(ours[0][1], words[0])
    word = "" if comparative_base(words[0]) in GENERIC else words[0]
    return ordered(one, attribute_of(theirs[-1][1], word)[0], side)


def _rather(sentence: str) -> Pair | None:
    """Read "tall rather than broad, her forehead", "wide rather than long" of one part."""
    match, parts = _RATHER.search(sentence), parts_in(sentence)
    if match is None or len({part for _, part in parts}) != 1:
        return None
    words = (
        match["one"] or match["a"] or match["of"] or match["but"],
        match["other"] or match["b"] or match["then"] or match["not"],
    )
    (one, side), (other, other_side) = (attribute_of(parts[0][1], word) for word in words)
    graded = all(is_size(w) for w in words)
    return ordered(one, other, side) if graded and side == other_side else None
