"""What the words of a text stand next to: parts of the face with their adjectives, denials, degrees, idioms.

A text becomes features with a place, a degree and a turn: "not a very big nose" has "nose|big" (turned, degree 1.5).
The gazetteer (gazetteer.py) knows by count what each feature says of a head.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(r"<[a-z|_]{1,20}>|\d+(?:[.,]\d+)?|[^\W\d_]+(?:'[^\W\d_]+)?|[.,;:!?()\n]", re.IGNORECASE)
_STOPS = frozenset(".;:!?()\n")
_ARTICLES = frozenset("a an the his her their its my your this that these those some our of".split())
_COPULAS = frozenset("is are was were be being been looks look seems seem 's 're stays sits sit stand lie lies".split())
_SMALL = frozenset(
    "and or but with in on at to for from by as it he she they i you we him them who which there here has have had do "
    "does did will would can could should may might just also please make made give me so than then if when".split()
)
_DENIALS = frozenset(
    "not no without never hardly nothing neither nor n't isn't aren't wasn't don't doesn't didn't isnt arent dont "
    "doesnt cannot can't lacks lacking barely scarcely none nowhere un lose loses ain't aint".split()
)
_OPPOSITES = (("anything", "but"), ("far", "from"), ("opposite", "of"), ("less",), ("least",), ("rid", "of"))
_DENIAL_REACH = 5
#: What a word of degree makes of a plain 1.
GRADES = {
    **dict.fromkeys("slightly bit little touch somewhat mildly faintly tad shade hint subtly fractionally".split(), 0.5),
    **dict.fromkeys("slight faint subtle mild moderately trace kinda notch smidge ish".split(), 0.5),
    **dict.fromkeys("quite rather pretty fairly really so noticeably clearly markedly decidedly much lot".split(), 1.5),
    **dict.fromkeys("properly proper rlly seriously considerably significantly strongly right well".split(), 1.5),
    **dict.fromkeys("very extremely hugely enormously incredibly massively super ultra insanely way far".split(), 2.0),
    **dict.fromkeys("exceptionally extraordinarily absurdly ridiculously impossibly terribly awfully".split(), 2.0),
    **dict.fromkeys("immensely exceedingly vry v utterly totally extreme maximum".split(), 2.0),
}


def _table(lines: str) -> dict[str, str]:
    pairs = (line.split(":") for line in lines.strip().splitlines())
    return {word: meaning.strip() for meaning, words in pairs for word in (meaning.strip(), *words.split())}


#: Parts of the face: one word for each, and others that mean the same.
PARTS = _table("""
nose: noses nosed schnoz conk hooter snout honker beezer schnozz proboscis nasal
bridge: bridges
tip: tips
nostril: nostrils
eye: eyes eyed peepers orbs
lid: lids eyelid eyelids lidded
brow: brows eyebrow eyebrows browed
forehead: foreheads
mouth: mouths gob mouthed
lip: lips lipped
upperlip:
lowerlip:
chin: chins chinned
jaw: jaws jawed mandible jawbone
jawline:
cheek: cheeks cheeked
cheekbone: cheekbones
face: faces faced visage mug features
head: heads skull noggin headed cranium
ear: ears eared lugs lugholes
neck: necks necked throat
philtrum:
skin: complexion skinned
hair: haired locks
beard: beards bearded
moustache: mustache tache mustaches moustaches
iris: irises
temple: temples
corner: corners
hairline:
midface:
person: man woman guy girl boy lady bloke chap dude fella gentleman lad person male female gal
""")
_ALIKE = _table("""
wide: widen widens widened widening widely wideness
broad: broaden broadening broadly
long: lengthen lengthened length lengthening elongate elongated
short: shorten shortened shortening
big: enlarge enlarged bigger biggest bigg
large: larger
small: shrink shrunk shrinking smal
thick: thicken thickened thickness
flat: flatten flattened
sharp: sharpen sharpened
high: heighten
deep: deepen
light: lighten lightened
dark: darken darkened
soft: soften softened
straight: straighten straightened
narrow: narrowed narrowing narow
eye: eyes
grey: gray greying graying
blond: blonde
""")
_COMPARATIVE = re.compile(r"(?P<stem>[a-z]{2,}?)(?:ier|iest|er|est)")


@dataclass(frozen=True)
class Word:
    """A word in its place.

    Attributes:
        text: as written, lower case. base: its plain form. place: number of the token.
        turned: whether a denial or "less" stands before it. degree: by the words of degree in front, 1 without.
        start, end: characters.
    """

    text: str
    base: str
    place: int
    turned: bool
    degree: float
    start: int
    end: int


@dataclass(frozen=True)
class Feature:
    """Something that a text says, with the place, degree and turn of its main word."""

    name: str
    place: int
    degree: float
    turned: bool


@lru_cache(maxsize=20000)
def base_form(word: str) -> str:
    """Give the plain form of a word: "noses" nose, "wider" wide, "lengthen" long."""
    if word in PARTS and PARTS[word] != "person":
        return PARTS[word]
    if word in _ALIKE:
        return _ALIKE[word]
    if word.endswith("'s"):
        return base_form(word[:-2])
    for ending in ("iest", "ier"):
        if word.endswith(ending) and len(word) > 5:
            return word[: -len(ending)] + "y"
    for ending in ("est", "er"):
        stem = word[: -len(ending)]
        if word.endswith(ending) and stem in _GRADABLE:
            return _GRADABLE[stem]
    if word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _forms(words: str) -> dict[str, str]:
    """Give the stems before "-er" of adjectives: "wide" wid, "big" bigg, "full" full."""
    table = {}
    for word in words.split():
        table[word[:-1] if word.endswith("e") else word] = word
        if re.fullmatch(r"[a-z]*[aeiou][bdgmnpt]", word):
            table[word + word[-1]] = word
    return table


_GRADABLE = _forms(
    "wide broad long short big large small thick thin full flat sharp high low deep light dark soft straight narrow "
    "round square strong weak young old fat slim lean plump blunt tall close fair pale smooth loose tight fine bold "
    "crook hook slant red grey bright hard firm wee great steep rough stout taut puff bush stub"
)


def words_of(text: str) -> list[Word]:
    """Split a text into words without articles; punctuation stays as words of its own."""
    lower = text.replace("’", "'").replace("n't", " not").lower()
    words: list[Word] = []
    turned_left, opposite, degree = 0, False, 1.0
    before = ""
    for place, match in enumerate(_TOKEN.finditer(lower)):
        token = match.group()
        if token in _STOPS or token == ",":
            turned_left, opposite, degree = 0, False, 1.0
        if token == "but":
            turned_left, opposite = 0, (before == "anything")
            turned_left = _DENIAL_REACH if opposite else 0
        if token in _DENIALS or token == "less" or (token == "from" and before == "far"):
            turned_left, before = _DENIAL_REACH + 1, token
        if token in GRADES:
            degree = max(degree, GRADES[token]) if degree != 0.5 else 0.5
        before = token
        if token in _ARTICLES:
            continue
        words.append(Word(token, base_form(token), place, turned_left > 0, degree, match.start(), match.end()))
        turned_left -= 1
        if token in PARTS:
            degree = 1.0
    return list(_joined(words))


def _joined(words: list[Word]) -> Iterator[Word]:
    """Make one word of "upper lip" and "jaw line"."""
    k = 0
    pairs = {("upper", "lip"): "upperlip", ("top", "lip"): "upperlip", ("lower", "lip"): "lowerlip"}
    pairs |= {("bottom", "lip"): "lowerlip", ("jaw", "line"): "jawline", ("cheek", "bone"): "cheekbone"}
    pairs |= {("nose", "tip"): "tip", ("tip", "nose"): "tip", ("bridge", "nose"): "bridge", ("nose", "bridge"): "bridge"}
    pairs |= {("cheek", "bones"): "cheekbone", ("hair", "line"): "hairline", ("eye", "brow"): "brow"}
    while k < len(words):
        joined = pairs.get((words[k].base, words[k + 1].base)) if k + 1 < len(words) else None
        if joined:
            first, last = words[k], words[k + 1]
            yield Word(first.text + " " + last.text, joined, first.place, first.turned, first.degree, first.start, last.end)
            k += 2
        else:
            yield words[k]
            k += 1


def part_of(word: Word) -> str:
    """Give the part of the face (or "person") that a word names, "" for none."""
    return PARTS.get(word.base, PARTS.get(word.text, ""))


def features_of(text: str) -> list[Feature]:
    """Read a text into features: words, runs of two and three words, and each part with what is said of it."""
    words = words_of(text)
    found = [_of("", (word,), word) for word in words if _is_content(word)]
    found += _runs(words)
    found += _pairs(words)
    return found


def _of(prefix: str, words: tuple[Word, ...], main: Word) -> Feature:
    return Feature(prefix + " ".join(word.base for word in words), main.place, main.degree, main.turned)


def _is_content(word: Word) -> bool:
    return word.text not in _SMALL and word.text not in _STOPS and word.text != ","


def _runs(words: list[Word]) -> list[Feature]:
    found = []
    for size in (2, 3, 4):
        for k in range(len(words) - size + 1):
            run = tuple(words[k : k + size])
            if any(w.text in _STOPS or w.text == "," for w in run) or not any(_is_content(w) for w in run):
                continue
            denied = run[0].turned or not any(w.turned for w in run)
            found.append(Feature(" ".join(w.base for w in run), run[-1].place, run[-1].degree, run[0].turned and denied))
    return found


def _pairs(words: list[Word]) -> list[Feature]:
    """Join each part with the words before it, and behind "is", a colon or nothing."""
    found = []
    for k, word in enumerate(words):
        part = part_of(word)
        if not part:
            continue
        before = _before(words, k)
        for j in (*before, *_after(words, k, bool(before))):
            other = words[j]
            found.append(Feature(f"{part}|{other.base}", other.place, other.degree, other.turned or (j < k and word.turned)))
        for j in range(max(k - 7, 0), min(k + 8, len(words))):
            if j != k and _is_content(words[j]) and not _stop_between(words, j, k):
                found.append(Feature(f"{part}~{words[j].base}", words[j].place, words[j].degree, words[j].turned))
    return found


def _stop_between(words: list[Word], j: int, k: int) -> bool:
    return any(words[i].text in _STOPS for i in range(min(j, k), max(j, k)))


def _before(words: list[Word], k: int) -> list[int]:
    """Give the places of what stands before a part: "big, crooked nose"; "big nose and ears": big for both."""
    run: list[int] = []
    j = k - 1
    if j >= 1 and words[j].text in ("and", "or") and part_of(words[j - 1]):
        return _before(words, j - 1)
    while j >= 0 and len(run) < 5:
        word = words[j]
        if word.text in _STOPS or word.text in _COPULAS or part_of(word) not in ("", "person"):
            break
        if word.text in _SMALL and word.text not in ("and", "or", "but"):
            break
        if _is_content(word):
            run.append(j)
        j -= 1
    return run


def _after(words: list[Word], k: int, described: bool) -> list[int]:
    """Give the places of what stands behind a part: "nose is very broad", "nose: broad", "nose broad"."""
    run: list[int] = []
    j = k + 1
    if j + 1 < len(words) and words[j].text in ("and", "or") and part_of(words[j + 1]):
        return _after(words, j + 1, described)
    if described and not (j < len(words) and (words[j].text in _COPULAS or words[j].text == ":")):
        return []
    while j < len(words) and len(run) < 6:
        word = words[j]
        if part_of(word) not in ("", "person") or (word.text in _STOPS and not (word.text == ":" and j == k + 1)):
            break
        if word.text == ",":
            break
        if _is_content(word) and word.text not in _COPULAS:
            run.append(j)
        j += 1
    return run
