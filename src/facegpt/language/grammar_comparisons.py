"""What a sentence compares within one face: "his nose is bigger than his mouth", "more forehead than chin".

A comparison says which of two attributes stands further from the average, both in standard deviations; which of them
is unusual stays open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from facegpt.language.gazetteer_words import base_form
from facegpt.language.grammar_phrases import part_phrase, parts_in, says, word_set

#: What "more chin" or "chin wins" speaks of where no adjective says it.
USUAL = {
    "nose": "nose_size", "mouth": "mouth_width", "eye": "eye_size", "ear": "ear_size", "chin": "chin_height",
    "jaw": "jaw_width", "jawline": "jaw_width", "forehead": "forehead_height", "head": "head_size",
    "face": "face_width", "neck": "neck_width", "cheek": "cheek_fullness", "cheekbone": "cheekbone_prominence",
    "brow": "brow_thickness", "lid": "lid_hooding", "lip": "upper_lip_fullness", "upperlip": "upper_lip_fullness",
    "lowerlip": "lower_lip_fullness", "philtrum": "philtrum_length", "nostril": "nostril_size", "beard": "beard",
    "moustache": "moustache", "hair": "hair_length", "bridge": "nose_bridge_height", "tip": "nose_tip_width",
    "skin": "skin_lightness", "temple": "forehead_width",
}  # fmt: skip
#: The dimension of a part that a kind of adjective speaks of: (part, kind) → attribute.
_KINDS = {
    "wide": "wide broad", "long": "long", "tall": "tall high", "thick": "thick full heavy plump bushy fleshy fat",
    "out": "far prominent protruding forward", "light": "light pale fair dark blond",
}  # fmt: skip
_DIMENSIONS = {
    **{("wide", p): f"{a}_width" for p, a in (
        ("nose", "nose"), ("mouth", "mouth"), ("face", "face"), ("jaw", "jaw"), ("jawline", "jaw"), ("chin", "chin"),
        ("forehead", "forehead"), ("neck", "neck"), ("temple", "forehead"), ("brow", "forehead"), ("eye", "eye"),
        ("cheekbone", "face"), ("bridge", "nose_bridge"), ("tip", "nose_tip"), ("cheek", "face"))},
    **{("long", p): a for p, a in (
        ("nose", "nose_length"), ("face", "face_length"), ("chin", "chin_height"), ("neck", "neck_length"),
        ("eye", "eye_width"), ("philtrum", "philtrum_length"), ("forehead", "forehead_height"), ("ear", "ear_size"),
        ("hair", "hair_length"), ("beard", "beard"), ("mouth", "mouth_width"), ("head", "face_length"))},
    **{("tall", p): a for p, a in (
        ("forehead", "forehead_height"), ("eye", "eye_height"), ("chin", "chin_height"), ("face", "face_length"),
        ("brow", "brow_height"), ("cheekbone", "cheekbone_prominence"), ("nose", "nose_length"))},
    **{("thick", p): a for p, a in (
        ("upperlip", "upper_lip_fullness"), ("lowerlip", "lower_lip_fullness"), ("lip", "upper_lip_fullness"),
        ("brow", "brow_thickness"), ("neck", "neck_width"), ("cheek", "cheek_fullness"), ("lid", "lid_hooding"),
        ("beard", "beard"), ("face", "heaviness"))},
    **{("out", p): a for p, a in (
        ("nose", "nose_protrusion"), ("chin", "chin_protrusion"), ("ear", "ear_protrusion"),
        ("cheekbone", "cheekbone_prominence"))},
    **{("light", p): f"{p}_lightness" for p in ("skin", "hair", "iris")},
}  # fmt: skip
_LESS = word_set("""
    small narrow short thin slim little low flat weak tiny dark slender lean skinny shallow
""")
_OPPOSITE = {"narrow": "wide", "thin": "thick", "slim": "wide", "slender": "wide", "short": "long", "low": "tall",
             "dark": "light", "skinny": "wide", "lean": "wide"}  # fmt: skip
_USUAL_PEOPLE = re.compile(
    r"^\W*(?:the |an? |is |what is |for |in |with )*(?:average|most|usual|normal|other|others|people|men|women|"
    r"man|woman|"
    r"you|i|we|expected|typical|standard|anybody|anyone|any|is usual|mine|that|this|before|now|everyone|ever|it was|"
    r"they were|the rest|ordinary|life)\b"
)
_THAN = re.compile(r"\b(?:than|as (?=the|his|her|its|their))\b")
_SAME = re.compile(r"^\W*(?:(?:it|they|he|she) (?:is|are|was|were)|it is|is|are)?\W*(?P<word>[a-z]+)?")
_COMPARATIVE = re.compile(
    r"\b(?:(?P<less>less)|more)\s+(?P<long>[a-z]+)\b|\b(?P<short>[a-z]+er)\b|\b(?P<out>stick(?:s|ing)? out more|"
    r"further out)\b"
)
_NOT_COMPARATIVES = word_set("""
    her lower upper other corner under over never ever after center either neither rather another together
    whether however moreover river father mother brother sister water number character temper finger hammer
    letter shoulder fewer cover paper power order player singer wrestler boxer sailor actor
""")
_WIDE_WORDS = ("wide", "tall", "long", "broad", "high", "big")
_BEATS = re.compile(
    r"\b(?:beats?|outdo(?:es)?|wins? (?:out )?over|exceeds?|outmeasures?|dwarfs?|overpowers?|overshadows?|outsizes?|"
    r"out spreads?|outweighs?|outruns?|outran|trumps?|upstages?|is no match for|dominates?|eclipses?)\b"
)
_IN = re.compile(r"\b(?:in|for|by|of) (width|breadth|height|length|size|thickness|fullness)\b")
_DIMENSION_WORDS = {"width": "wide", "breadth": "wide", "height": "tall", "length": "long", "thickness": "thick",
                    "fullness": "thick"}  # fmt: skip
_BESIDE = re.compile(
    r"\b(?P<word>[a-z]+)\s+(?:(?:in|by|as) )?(?:compar(?:ed|ison) (?:with|to)|in comparison (?:with|to)|relative to|"
    r"in relation to|in proportion to|next to|beside|set against|for (?=(?:his|her|the|their|its|so|such|that)\b)|"
    r"on (?:so|such an?) )"
)
_RATHER = re.compile(r"\b(?P<one>[a-z]+) rather than (?P<other>[a-z]+)\b|\bmore (?P<a>[a-z]+) than (?P<b>[a-z]+)\b")
_STILL = re.compile(r"\b(?:(?:an? )?even (?P<more>[a-z]+er)|(?P<word>[a-z]+er) still|the (?P<one>[a-z]+er))\b")
_LESS_SO = re.compile(r"\b(?P<so>less so|not so much|much less so|even more so|more so)\b")
_EDGE = re.compile(r"[.;:!?\n/]")
#: Comparisons that deny, and those with one's other side or with what is no part of a face.
_NO_COMPARISON = re.compile(
    r"\b(?:no|not|hardly|scarcely|barely|never) (?:any |much |a )?(?:more )?[a-z]+ (?:[a-z]+ )?than\b|\bother than\b|"
    r"\bmore of (?:his|her|the|their) face than\b|\b(?:left|right)\b"
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
    """Find what a plain text (grammar_phrases.plain) compares within one face."""
    found: list[Compared] = []
    for start, end in _sentences(text):
        sentence = re.sub(r"\s>\s", " bigger than ", text[start:end])
        if _NO_COMPARISON.search(sentence):
            continue
        for read in (_than, _beats, _beside, _rather, _still):
            pair = read(sentence)
            if pair is not None and pair[0] != pair[1]:
                found.append(Compared(*_alike(pair), start, end))
                break
    return found


def _alike(pair: tuple[str, str]) -> tuple[str, str]:
    """Compare like with like: a jaw's or neck's width with widths, a forehead's or chin's height with heights."""
    other = {"forehead_height": "forehead_width", "cheekbone_prominence": "face_width"}
    if {"jaw_width", "neck_width"} & set(pair):
        return other.get(pair[0], pair[0]), other.get(pair[1], pair[1])
    if {"forehead_height", "chin_height", "nose_length"} & set(pair):
        return tuple("face_length" if name == "face_width" else name for name in pair)  # type: ignore[return-value]
    return pair


def _is_graded(word: str, part: str) -> bool:
    base = base_form(word)
    return any(base in kind.split() for kind in _GRADED) or bool(says(f"{base} {part_phrase(part)}"))


def _sentences(text: str) -> list[tuple[int, int]]:
    edges = [0, *(m.end() for m in _EDGE.finditer(text)), len(text)]
    found = []
    for start, end in pairwise(edges):
        several = len(_THAN.findall(text[start:end])) > 1
        commas = [start + m.end() for m in re.finditer(",", text[start:end])] if several else []
        cuts = [start, *commas, end]
        found += [(a, b) for a, b in pairwise(cuts) if text[a:b].strip()]
    return found


def attribute_of(part: str, word: str) -> tuple[str, int]:
    """Give the attribute that an adjective speaks of on a part, and its side: ("mouth", "small") → mouth_width, -1."""
    base = base_form(word)
    side = -1 if base in _LESS else 1
    kind = next((k for k, words in _KINDS.items() if _OPPOSITE.get(base, base) in words.split()), "")
    listed = _DIMENSIONS.get((kind, part), "")
    if listed:
        return listed, side
    said = says(f"{base} {part_phrase(part)}") if base else ()
    if said and said[0][0] not in ("heaviness", "age"):
        return said[0][0], said[0][1]
    return USUAL.get(part, ""), side


def _ordered(one: str, other: str, side: int) -> tuple[str, str] | None:
    if not one or not other:
        return None
    return (one, other) if side > 0 else (other, one)


def _comparative(words: str) -> tuple[str, int, int] | None:
    """Find the last comparative of some words: (adjective, 1 or -1 for "less", place)."""
    found = None
    for match in _COMPARATIVE.finditer(words):
        word = match["long"] or match["short"] or "prominent"
        if match["short"] in _NOT_COMPARATIVES or (match["long"] and parts_in(match["long"])):
            continue
        found = (word, -1 if match["less"] else 1, match.start())
    return found


def _than(sentence: str) -> tuple[str, str] | None:
    """Read "the nose is bigger than the mouth", "longer than it is wide", "more cheek than cheekbone"."""
    than = _THAN.search(sentence)
    if than is None:
        return None
    left, right = sentence[: than.start()], sentence[than.end() :]
    right = _EXPECTED.sub("", re.split(r",|\band\b", right)[0])
    if _USUAL_PEOPLE.match(right):
        return _less_so(sentence, left, right)
    ours, theirs = parts_in(left), parts_in(right)
    bare = re.search(r"\b(more|less) ((?:[a-z]+ ){0,2})$", left + ("" if left.endswith(" ") else " "))
    if bare and ours and theirs and parts_in(bare[2]) and not _adjective_in(bare[2]):
        one, other = USUAL.get(parts_in(bare[2])[-1][1], ""), USUAL.get(theirs[0][1], "")
        return _ordered(one, other, 1 if bare[1] == "more" else -1)
    degree = _comparative(left)
    if degree is None:
        return None
    word, sign, place = degree
    part = _nearest(ours, place) if ours else theirs[0][1] if theirs else "face"
    if re.search(r"\bapart\b", left) and part == "eye":
        one, side = "eye_spacing", 1
    elif word in ("further", "farther") or "out" in left[place:]:
        word, (one, side) = "prominent", attribute_of(part, "prominent")
    elif not _is_graded(word, part):
        return None
    else:
        one, side = attribute_of(part, word)
    if theirs and ours:
        after = re.search(r"\b(?:is|are|was|were|be) ([a-z]+)\b(?! nose| mouth)", right)
        their_word = after[1] if after and after[1] not in ("for", "in", "not", "as", "a") else word
        other = attribute_of(theirs[0][1], their_word)[0]
        before = re.search(r"([a-z]+) [a-z]+$", right[: theirs[0][0] + len(theirs[0][1])])
        if before and before[1] in _WIDE_WORDS:
            other = attribute_of(theirs[0][1], before[1])[0]
        return _ordered(one, other, side * sign)
    same = _SAME.match(right)
    if same is None or not same["word"] or not any(base_form(same["word"]) in kind.split() for kind in _GRADED):
        return None
    other, other_side = attribute_of(part, same["word"])
    return _ordered(one, other, side * sign) if side == other_side else None


def _adjective_in(words: str) -> bool:
    return len(words.split()) > len(parts_in(words))


def _nearest(parts: list[tuple[int, str]], place: int) -> str:
    """Give the part that a comparative at a place speaks of: just behind it ("a wider nose"), else the last before."""
    behind = [part for where, part in parts if place < where <= place + 26]
    return behind[0] if behind else parts[-1][1]


def _less_so(sentence: str, left: str, right: str) -> tuple[str, str] | None:
    """Read "eyes wider than average, chin less so": the first exceeds the second."""
    so, degree, ours = _LESS_SO.search(sentence, len(left)), _comparative(left), parts_in(left)
    if so is None or degree is None or not ours:
        return None
    theirs = parts_in(sentence[len(left) : so.start()])
    if not theirs:
        return None
    one, side = attribute_of(_nearest(ours, degree[2]), degree[0])
    other, sign = attribute_of(theirs[-1][1], degree[0])[0], 1 if "less" in so["so"] or "not" in so["so"] else -1
    return _ordered(one, other, side * sign)


def _beats(sentence: str) -> tuple[str, str] | None:
    """Read "the jaw beats the forehead", "her eyes outran her mouth in width"."""
    verb = _BEATS.search(sentence)
    if verb is None:
        return None
    ours, theirs = parts_in(sentence[: verb.start()]), parts_in(sentence[verb.end() :])
    if not ours or not theirs:
        return None
    dimension = _IN.search(sentence)
    word = _DIMENSION_WORDS.get(dimension[1], "") if dimension else "prominent" if "profile" in sentence else ""
    if re.search(r"\bgap between the eyes?\b", sentence[: verb.start()]):
        return "eye_spacing", attribute_of(theirs[0][1], word)[0]
    pair = attribute_of(ours[-1][1], word)[0], attribute_of(theirs[0][1], word)[0]
    return _ordered(*pair, -1 if "no match" in verb.group() else 1)


def _beside(sentence: str) -> tuple[str, str] | None:
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
    if not word or not (base_form(word) in _LESS or any(base_form(word) in w.split() for w in _GRADED)):
        return None
    one, side = attribute_of(ours[-1][1], word)
    kind = "" if base_form(word) in ("big", "small", "little", "tiny", "large", "huge") else word
    return _ordered(one, attribute_of(theirs[0][1], kind)[0], side)


_GRADED = (*_KINDS.values(), "big large huge small little tiny enormous strong deep")


def _rather(sentence: str) -> tuple[str, str] | None:
    """Read "tall rather than broad, her forehead", "wide rather than long" of one part."""
    match, parts = _RATHER.search(sentence), parts_in(sentence)
    if match is None or len({part for _, part in parts}) != 1:
        return None
    words = match["one"] or match["a"], match["other"] or match["b"]
    (one, side), (other, other_side) = (attribute_of(parts[0][1], word) for word in words)
    graded = all(any(base_form(w) in kind.split() for kind in _GRADED) for w in words)
    return _ordered(one, other, side) if graded and side == other_side else None


def _still(sentence: str) -> tuple[str, str] | None:
    """Read "a long nose, but her chin is longer still", "big eyes and an even bigger mouth"."""
    match = _STILL.search(sentence)
    word = match and (match["more"] or match["word"])
    if not match or not word or word in _NOT_COMPARATIVES:
        return None
    before, parts = parts_in(sentence[: match.start()]), parts_in(sentence)
    behind = [part for where, part in parts if match.end() <= where <= match.end() + 12]
    ours = behind[0] if behind else (before[-1][1] if before else "")
    others = [part for _, part in before if part != ours]
    if not ours or not others:
        return None
    one, side = attribute_of(ours, word)
    return _ordered(one, attribute_of(others[0], word)[0], side)
