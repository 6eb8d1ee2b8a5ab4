"""What the words of a text stand next to: parts of the face with their adjectives, denials, degrees, idioms.

A text becomes features with a place, a degree and a turn: "not a very big nose" has "nose|big" (turned, degree 1.5).
The gazetteer (gazetteer.py) knows by count what each feature says of a head.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from facegpt.language.numbers import NumberSpan

_TOKEN = re.compile(r"<[a-z|_]{1,20}>|\d+(?:[.,]\d+)?|[^\W\d_]+(?:'[^\W\d_]+)?|[.,;:!?()\n]", re.IGNORECASE)
_STOPS = frozenset(".;:!?()\n")
_ARTICLES = frozenset(
    [
        "a",
        "an",
        "the",
        "his",
        "her",
        "their",
        "its",
        "my",
        "your",
        "this",
        "that",
        "these",
        "those",
        "some",
        "our",
        "of",
    ]
)
_COPULAS = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "be",
        "being",
        "been",
        "looks",
        "look",
        "seems",
        "seem",
        "'s",
        "'re",
        "stays",
        "sits",
        "sit",
        "stand",
        "lie",
        "lies",
    ]
)
_PRONOUN = re.compile(r"\b(?:he|she|him|her|hers|his|himself|herself|they|my|your|me|i)\b")
_SMALL = frozenset(
    [
        "and",
        "or",
        "but",
        "with",
        "in",
        "on",
        "at",
        "to",
        "for",
        "from",
        "by",
        "as",
        "it",
        "he",
        "she",
        "they",
        "i",
        "you",
        "we",
        "him",
        "them",
        "who",
        "which",
        "there",
        "here",
        "has",
        "have",
        "had",
        "do",
        "does",
        "did",
        "will",
        "would",
        "can",
        "could",
        "should",
        "may",
        "might",
        "just",
        "also",
        "please",
        "make",
        "made",
        "give",
        "me",
        "so",
        "than",
        "then",
        "if",
        "when",
    ]
)
_DENIALS = frozenset(
    [
        "not",
        "no",
        "without",
        "never",
        "hardly",
        "nothing",
        "neither",
        "nor",
        "n't",
        "isn't",
        "aren't",
        "wasn't",
        "don't",
        "doesn't",
        "didn't",
        "isnt",
        "arent",
        "dont",
        "doesnt",
        "cannot",
        "can't",
        "lacks",
        "lacking",
        "barely",
        "scarcely",
        "none",
        "nowhere",
        "un",
        "lose",
        "loses",
        "ain't",
        "aint",
    ]
)
_OPPOSITES = (("anything", "but"), ("far", "from"), ("opposite", "of"), ("less",), ("least",), ("rid", "of"))
_DENIAL_REACH = 5
#: What a word of degree makes of a plain 1.
GRADES = {
    **dict.fromkeys(
        [
            "slightly",
            "bit",
            "little",
            "touch",
            "somewhat",
            "mildly",
            "faintly",
            "tad",
            "shade",
            "hint",
            "subtly",
            "fractionally",
        ],
        0.5,
    ),
    **dict.fromkeys(
        ["slight", "faint", "subtle", "mild", "moderately", "trace", "kinda", "notch", "smidge", "ish"], 0.5
    ),
    **dict.fromkeys(
        [
            "quite",
            "rather",
            "pretty",
            "fairly",
            "really",
            "so",
            "noticeably",
            "clearly",
            "markedly",
            "decidedly",
            "much",
            "lot",
        ],
        1.5,
    ),
    **dict.fromkeys(["properly", "proper", "rlly", "seriously", "considerably", "significantly", "strongly"], 1.5),
    **dict.fromkeys(
        ["very", "extremely", "hugely", "enormously", "incredibly", "massively", "super", "ultra", "insanely", "way"],
        2.0,
    ),
    **dict.fromkeys(
        ["exceptionally", "extraordinarily", "absurdly", "ridiculously", "impossibly", "terribly", "awfully"], 2.0
    ),
    **dict.fromkeys(["immensely", "exceedingly", "vry", "v", "utterly", "totally", "extreme", "maximum"], 2.0),
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
#: Adjectives that say nearly the same of any part: one that was never met beside a part counts as its neighbours do.
_KINDS_OF_WORD = """
big: large huge enormous massive giant gigantic great oversized sizeable sizable whopping hefty colossal immense mammoth
big: humongous ginormous monstrous generous ample substantial considerable vast jumbo whacking outsize monster mighty
big: titanic roomy biggish supersized beefy hulking grand voluminous imposing gargantuan mega overlarge elephantine
small: little tiny petite dainty wee teeny minute undersized diminutive mini miniature tiddly smallish dinky itty compact
small: minuscule puny weeny neat microscopic lilliputian titchy negligible modest slight meagre scant bitty insignificant
wide: broad widish spread expansive splayed spacious wideset flared flaring outspread sprawling sweeping broadish widen
narrow: slim slender thin skinny lean pinched fine tight constricted narrowish spindly reedy slight willowy slimline
narrow: razor pencil slimmed threadlike skimpy scrawny weedy
long: elongated lengthy stretched extended longish drawn tall prolonged extensive lanky
short: stubby stumpy shortish truncated squat cropped abbreviated brief curtailed stunted compressed foreshortened
high: tall lofty towering elevated raised highish uplifted lifted
low: lowish lowered shallow sunken depressed lowset
full: plump fleshy pouty luscious voluminous puffy juicy pillowy swollen thick fat fullish rich ripe voluptuous bee
full: meaty chubby padded cushiony
chubby: plump podgy pudgy round rounded fat puffy chubbed rotund fleshy chunky tubby plumpish roly
thick: bushy dense heavy shaggy full luxuriant unruly stout solid sturdy burly chunky beefy bull muscular
flat: flattened squashed level even flattish pressed
prominent: protruding jutting projecting strong protuberant pronounced bold outstanding thrusting sticking jutty forward
prominent: conspicuous salient obvious noticeable marked bulging pushing
weak: receding recessed retreating feeble slight undefined recessive faint retruded shy soft
sharp: pointed pointy peaked pinched angular chiselled chiseled sculpted crisp defined keen spiky acute edged needle
round: rounded circular bulbous roundish globular orb curved moon ball spherical
square: boxy angular squared blocky rectangular squarish cornered right-angled oblong
crooked: bent broken wonky twisted deviated skewed squint lopsided off-centre zigzag bashed busted squiffy askew
hooked: aquiline roman hawkish beaky humped convex bumpy beaked curved hawk eagle arched bowed
scooped: concave dished ski ski-jump dipped sway retroussé
upturned: snub turned perky tip-tilted uptilted pert retroussé button tilted piggy upswept upward
droopy: drooping hanging sagging downturned pendulous downward dropped saggy sad overhanging sloping basset hangdog
deep: sunken recessed hollow sunk buried cavernous deepset inset set-back hollowed
hollow: sunken gaunt hollowed concave drawn haggard cadaverous emaciated caved pinched sucked
bulging: bulgy protruding bug popping goggling protuberant froggy goggle popped
pale: fair light white ivory porcelain pasty milky alabaster pallid ashen ghostly chalky wan lily snowy whitish paper
dark: brown black ebony tanned tan swarthy dusky mahogany chocolate inky raven jet darkish coffee deep bronze bronzed
ruddy: red rosy flushed florid pink reddish sunburnt blotchy rubicund red-faced scarlet crimson sunburned
wrinkled: wrinkly lined creased craggy furrowed leathery weathered crinkled weather-beaten crumpled crinkly
smooth: unlined silky flawless even unwrinkled
fat: heavy plump chubby overweight stout heavyset obese chunky tubby portly stocky rotund corpulent thickset hefty burly
fat: fleshy podgy pudgy beefy porky well-fed flabby weighty roly
thin: slim skinny slender lean bony gaunt underweight scrawny wiry slight lanky emaciated skeletal lithe svelte
grey: silver silvery grizzled white hoary salt steel greyish
blond: golden flaxen sandy platinum fair towheaded yellow straw honey
ginger: red auburn copper carroty flame russet rust titian
feminine: womanly ladylike girly delicate soft dainty femme effeminate
masculine: manly rugged butch macho virile mannish blokeish
asymmetrical: lopsided uneven asymmetric skewed wonky irregular skew-whiff cockeyed imbalanced
symmetrical: even symmetric balanced regular matching mirrored
more: increase add boost extra grow extend expand raise greater enhance augment build pump plump bigger up enlarge exaggerate
fewer: reduce decrease cut trim shave remove shrink minimise minimize diminish lower tone take lessen
"""
#: Words of feeling, by stem; two kinds in one text are mostly a compound emotion.
_FEELINGS = """
joy: happ joy glad cheer merr delight pleased content overjoyed beaming jolly elat glee thrill radian jubila bliss laugh
joy: smil grin amused giggl chuckl ecsta euphor chuffed gladly exult blithe mirth chirpy stoked pleasant pleasure
sad: sad unhapp sorrow gloom miser mourn heartbr deject downcast melanchol glum grief griev tear wistful forlorn despond
sad: crestfallen weep cry cries crying cried weeping sob upset hurt disappoint dismal woe despair tragic lonel regret
surprise: surpris astonish amaz startl shock stun aback gobsmack flabbergast astound dumbfound thunderstruck speechless
surprise: unexpected disbelie incredul agog jolt suddenly boggl bewilder
fear: afraid scared scare fright terrif terror fear anxi petrif panic nervous horrif horror alarm spook worr uneas dread
fear: apprehens rattled jittery cower trembl timid aghast threat scary
anger: ang furi mad cross irate enrag livid annoy irrit fum seeth rag incens wrath outrag infuriat pissed grump scowl
anger: indignan resent irk cheesed exasperat fuming glower cranky
disgust: disgust revolt repuls gross nause sicken queasy repel squeam revulsion yuck yucky icky ick vomit retch ew eww
disgust: foul nasty sick distaste
contempt: contempt scorn disdain sneer supercil deris snoot haught condescend patronis patroniz smug superior superciliou
contempt: snob withering smirk belittl
hate: hate hatred hating loath venom vengeful malevol spite despis detest abhor
awe: awe awed awestruck wonder reveren spellbound marvel enraptur majest astral sublime wowed
appalled: appal scandal outrageous dismay aghast atroci disapprov
neutral: neutral expressionless blank impassive deadpan calm poker relaxed unmoved emotionless serene straight-faced rest
"""


def _kinds(lines: str) -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for line in lines.strip().splitlines():
        kind, words = line.split(":")
        for word in {kind, *words.split()}:
            table[word] = tuple(sorted({*table.get(word, ()), kind}))
    return table


KINDS_OF_WORD = _kinds(_KINDS_OF_WORD)
_KINDS_OF_FEELING = _kinds(_FEELINGS)
_SHORTEST_STEM = 4


_NEXT_PART = re.compile(r"\s+(?:" + "|".join(sorted(PARTS, key=len, reverse=True)) + r")\b")


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
        if token in GRADES and not (token == "little" and _NEXT_PART.match(lower, match.end())):
            degree = 0.5 if 0.5 in (degree, GRADES[token]) else max(degree, GRADES[token])
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
    pairs |= {
        ("nose", "tip"): "tip",
        ("tip", "nose"): "tip",
        ("bridge", "nose"): "bridge",
        ("nose", "bridge"): "bridge",
    }
    pairs |= {("cheek", "bones"): "cheekbone", ("hair", "line"): "hairline", ("eye", "brow"): "brow"}
    while k < len(words):
        joined = pairs.get((words[k].base, words[k + 1].base)) if k + 1 < len(words) else None
        if joined:
            first, last = words[k], words[k + 1]
            yield Word(
                first.text + " " + last.text, joined, first.place, first.turned, first.degree, first.start, last.end
            )
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
    found += [Feature("^" + token, 0, 1.0, False) for token in _PRONOUN.findall(text.lower())]
    found += _feelings(words)
    found += _runs(words)
    found += _pairs(words)
    return found


def _feelings(words: list[Word]) -> list[Feature]:
    """Name the kinds of feeling in the text, each and all together."""
    kinds: dict[str, bool] = {}
    for word in words:
        for kind in _feeling_of(word.text):
            kinds[kind] = kinds.get(kind, True) and word.turned
    found = [Feature("*" + kind, 0, 1.0, turned) for kind, turned in kinds.items()]
    felt = sorted(kind for kind, turned in kinds.items() if not turned)
    return [*found, Feature("*" + "+".join(felt) + "*", 0, 1.0, False)] if felt else found


@lru_cache(maxsize=20000)
def _feeling_of(word: str) -> tuple[str, ...]:
    """Give the kinds of feeling of a word: by the longest stem of four letters or more, or the whole word."""
    if word in _KINDS_OF_FEELING:
        return _KINDS_OF_FEELING[word]
    for size in range(len(word) - 1, _SHORTEST_STEM - 1, -1):
        if word[:size] in _KINDS_OF_FEELING:
            return _KINDS_OF_FEELING[word[:size]]
    return _KINDS_OF_FEELING.get("ang", ()) if word.startswith(("angr", "anger")) else ()


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
            found.append(
                Feature(" ".join(w.base for w in run), run[-1].place, run[-1].degree, run[0].turned and denied)
            )
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
            turned = other.turned or (j < k and word.turned)
            names = (other.base, *("=" + kind for kind in KINDS_OF_WORD.get(other.base, ())))
            found += [Feature(f"{part}|{name}", other.place, other.degree, turned) for name in names]
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


_RAW = re.compile(r"[^\W_]+(?:'[^\W\d_]+)?|[?`=<>{}]")


def request_features_of(text: str, face_before: bool) -> list[str]:
    """Name what tells a request for a face from a question or other talk: words as they stand, the first ones marked.

    face_before: whether a face came with the text or earlier; each word counts once more under what there was.
    """
    words = _RAW.findall(text.replace("’", "'").lower())[:400]
    place = "+" if face_before else "-"
    opening = [f"1 {' '.join(words[:size])}" for size in (1, 2, 3)]
    runs = [" ".join(words[k : k + size]) for size in (1, 2, 3) for k in range(len(words) - size + 1)]
    shape = [f"length {min(len(words).bit_length(), 8)}", "ends " + (text.strip()[-1:] if words else "")]
    parts = {part for word in words if (part := PARTS.get(word, ""))}
    named = [f"parts {min(len(parts - {'person', 'face', 'head'}), 3)}", *("part " + part for part in sorted(parts))]
    said = [*opening, *runs, *shape, *named]
    return ["face " + place, *said, *(place + name for name in said)]


def respell(text: str, known: Set[str]) -> str:
    """Correct slips of the finger: a word of six letters or more that nobody knows becomes a known one, one letter off."""
    near = _neighbours(frozenset(known))

    def correct(match: re.Match[str]) -> str:
        word = match.group().lower()
        if word in known or base_form(word) in known or word.endswith(("ing", "ed", "ly")):
            return match.group()
        found = {other for key in _without_one(word) for other in near.get(key, ()) if _is_one_slip(word, other)}
        return min(found) if len(found) == 1 else match.group()

    return re.sub(r"[A-Za-z]{6,}", correct, text)


def _without_one(word: str) -> set[str]:
    return {word, *(word[:k] + word[k + 1 :] for k in range(len(word)))}


@lru_cache(maxsize=2)
def _neighbours(known: frozenset[str]) -> dict[str, tuple[str, ...]]:
    near: dict[str, tuple[str, ...]] = {}
    for word in sorted(known):
        if len(word) >= 5:
            for key in _without_one(word):
                near[key] = (*near.get(key, ()), word)
    return near


def _is_one_slip(a: str, b: str) -> bool:
    """Tell whether a letter more, less, other, or two swapped make one word of the other."""
    if a[0] != b[0] or abs(len(a) - len(b)) > 1:
        return False
    k = next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rests = (a[k + 1 :] == b[k + 1 :], a[k + 1 :] == b[k:], a[k:] == b[k + 1 :])
    return any(rests) or (a[k : k + 2] == b[k : k + 2][::-1] and a[k + 2 :] == b[k + 2 :])


_CLAUSE = re.compile(r"[,;:.!?()\n](?!\d)|\b(?:and|but|with)\b")
_SEGMENT = 90


def number_features_of(text: str, spans: Sequence[NumberSpan], k: int) -> list[str]:
    """Name what stands around a number: words before ("<") and behind (">") it, parts of the face, runs of two."""
    span = spans[k]
    first = spans[k - 1].end if k else 0
    last = spans[k + 1].start if k + 1 < len(spans) else len(text)
    before = text[max(first, span.start - _SEGMENT) : span.start]
    after = text[span.end : min(last, span.end + _SEGMENT)]
    near_before = _CLAUSE.split(before)[-1]
    near_after = _CLAUSE.split(after)[0]
    left, right = words_of(near_before), words_of(near_after)
    found = ["<" + w.base for w in left] + [">" + w.base for w in right] + ["unit " + (span.unit or "none")]
    found += [f"{-j}{w.base}" for j, w in enumerate(left[:-4:-1], 1)] + [
        f"+{j}{w.text}" for j, w in enumerate(right[:3], 1)
    ]
    found += [f"sign {span.sign}"] if span.sign else []
    around = [w.base for w in (*left, *right)]
    found += [f"{a} {b}" for words in (left, right) for a, b in zip(_bases(words), _bases(words)[1:], strict=False)]
    parts = {part_of(w) for w in (*left, *right)} - {"", "person"}
    if not parts:
        earlier = [part_of(w) for w in words_of(text[max(0, span.start - 2 * _SEGMENT) : span.start]) if part_of(w)]
        later = [part_of(w) for w in words_of(after) if part_of(w)]
        parts = {"?" + part for part in (*earlier[-1:], *later[:1])}
    found += [f"{part}&{word}" for part in sorted(parts) for word in around]
    found += ["part " + part for part in sorted(parts)]
    return found


def _bases(words: list[Word]) -> list[str]:
    return [word.base for word in words]
