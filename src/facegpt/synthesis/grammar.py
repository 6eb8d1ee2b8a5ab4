"""Small pieces of English for captions: articles, grades, comparatives, people, ages, openings, slips of the pen.

Every word means something (a noun that names a sex sets it, a word for an age sets the years) or stands in every kind
of caption alike, so that nothing can be concluded from it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

Labels = dict[str, Any]

GRADES: dict[float, tuple[str, ...]] = {
    0.5: (
        *("slightly", "a bit", "a little", "somewhat", "a touch", "mildly", "faintly", "a tad", "kind of", "sort of"),
        *("a wee bit", "just slightly", "subtly", "a hint", "a shade", "barely noticeably", "ever so slightly"),
    ),
    1.0: ("", "", "", "", "", "", "noticeably", "clearly", "distinctly", "visibly", "definitely", "notably"),
    1.5: ("rather", "really", "pretty", "decidedly", "strikingly", "markedly", "quite noticeably", "unusually", "proper"),
    2.0: (
        *("very", "extremely", "super", "incredibly", "hugely", "exceptionally", "absurdly", "ridiculously", "so very"),
        *("enormously", "massively", "insanely", "wildly", "remarkably", "very very", "extraordinarily", "hella"),
    ),
}
#: Grades of a comparative: "a bit wider".
STEPS: dict[float, tuple[str, ...]] = {
    0.5: ("a bit", "slightly", "a touch", "a little", "a tad", "a hair", "somewhat", "a smidge", "a little bit", "marginally"),
    1.0: ("", "", "", "", "", "noticeably", "clearly", "visibly"),
    1.5: ("quite a bit", "a good deal", "considerably", "rather", "significantly", "a fair bit"),
    2.0: ("much", "a lot", "way", "far", "lots", "a great deal", "so much", "massively", "vastly", "loads"),
}
_LESS_EVERYDAY = {"quite noticeably", "proper", "hella", "kind of", "sort of"}

_IRREGULAR = {"big": "bigger", "fat": "fatter", "thin": "thinner", "flat": "flatter", "slim": "slimmer", "little": "smaller"}
_IRREGULAR |= {"red": "redder", "wet": "wetter", "dim": "dimmer", "bad": "worse", "far apart": "further apart"}
_IRREGULAR |= {"close together": "closer together", "well apart": "further apart", "low": "lower", "wee": "smaller"}
_ER = frozenset(
    [
        *("wide", "broad", "long", "short", "high", "low", "narrow", "small", "large", "tall", "thick", "full", "round"),
        *("sharp", "soft", "strong", "weak", "deep", "heavy", "heavier", "square", "pointy", "plump", "puffy", "chubby"),
        *("lean", "fine", "tight", "smooth", "straight", "dark", "light", "pale", "fair", "ruddy", "rosy", "grey", "old"),
        *("young", "bushy", "hairy", "hefty", "tiny", "lofty", "steep", "stubby", "blunt", "slender", "boxy", "flabby"),
        *("manly", "girly", "skinny", "bony", "stout", "chunky", "tubby", "scrawny", "burly", "meaty", "hollow", "gaunt"),
        *("droopy", "perky", "saggy", "baggy", "beady", "bulgy", "shallow", "fleshy", "pouty", "juicy", "dense", "shaggy"),
        *("neat", "craggy", "wrinkly", "freckly", "crooked", "wonky", "bumpy", "hooked", "clean", "crisp", "taut", "loose"),
        *("slack", "doughy", "jowly", "squat", "beefy", "sturdy", "spindly", "dainty", "podgy", "stocky", "pudgy", "lanky"),
    ]
) - {"hooked", "crooked", "heavier"}


def comparative(adjective: str) -> str:
    """Give "wider" for "wide", "more prominent" for "prominent"."""
    if adjective in _IRREGULAR:
        return _IRREGULAR[adjective]
    if adjective not in _ER:
        return f"more {adjective}"
    if adjective.endswith("e"):
        return adjective + "r"
    if adjective.endswith("y") and adjective[-2] not in "aeo":
        return adjective[:-1] + "ier"
    return adjective + "er"


def article(words: str) -> str:
    """Put "a" or "an" before words, by their first letter."""
    first = words[:1].lower()
    vowel = first in "aeio" or (first == "u" and not re.match(r"(?i)u(ni|su|k\b)", words)) or words[:4].lower() == "hour"
    return f"{'an' if vowel or words[:2] in ('18', '80', '8-', '11') else 'a'} {words}"


def graded(rng: Random, words: str, degree: float, base: float = 1.0) -> str:
    """Put a grade before an adjective whose own degree is `base`, so that the whole has `degree`."""
    if base != 1.0 or degree == base:
        grade = rng.choice(GRADES[1.0]) if base == 1.0 else ""
    else:
        grade = rng.choice(GRADES[degree])
    return f"{grade} {words}".strip()


def draw_degree(rng: Random) -> float:
    """Draw a size 0.5, 1, 1.5 or 2 SDs as people name them: mostly plain."""
    return rng.choices((0.5, 1.0, 1.5, 2.0), (0.22, 0.5, 0.13, 0.15))[0]


def joined(rng: Random, parts: Sequence[str], last: str = "and") -> str:
    """Join with commas and a last "and" (or "with", or only commas)."""
    parts = list(parts)
    if len(parts) == 1:
        return parts[0]
    end = rng.choice((f", {last} ", f" {last} ", f" {last} ", ", "))
    return ", ".join(parts[:-1]) + end + parts[-1]


@dataclass
class Person:
    """A person of a caption.

    Attributes:
        noun: "woman", "sailor"; words that can follow an adjective.
        after: "in her forties", "of 50", or "".
        before: "34-year-old", or "".
        labels: sex and age_years, where the words say so.
    """

    noun: str
    before: str = ""
    after: str = ""
    labels: Labels = field(default_factory=dict)

    @property
    def sex(self) -> str:
        """Give "F", "M" or ""."""
        return self.labels.get("sex", "")

    @property
    def pronouns(self) -> tuple[str, str, str]:
        """Give (she, her, her), (he, his, him) or (they, their, them)."""
        words = {"F": ("she", "her", "her"), "M": ("he", "his", "him")}
        return words.get(self.sex, ("they", "their", "them"))

    @property
    def verbs(self) -> tuple[str, str]:
        """Give (has, is) or (have, are) for the pronoun."""
        return ("has", "is") if self.sex else ("have", "are")


_OPEN = tuple(
    ("person face head someone character human individual figure stranger model somebody subject avatar portrait bust").split(" ")
)
_ROLES = tuple(
    (
        "farmer baker nurse sailor teacher doctor soldier clerk cook driver painter singer lawyer butcher librarian "
        "shopkeeper detective pilot athlete wizard elf dwarf knight pirate villager merchant guard hacker thief chef "
        "mechanic plumber gardener scientist professor judge boxer dancer drummer skater surfer climber hiker refugee "
        "politician banker gamer streamer rapper bartender paramedic astronaut villain hero"
    ).split(" ")
)
_WOMEN = tuple(
    (
        "woman woman woman lady female female gal mum mom aunt waitress actress queen sister wife duchess nun witch "
        "heroine stewardess businesswoman policewoman ballerina princess countess barmaid seamstress huntress girlfriend"
    ).split(" ")
)
_MEN = tuple(
    (
        "man man man guy guy bloke male male dude chap fella gentleman dad uncle waiter king brother husband monk duke "
        "actor fisherman businessman policeman cowboy prince lumberjack boyfriend nephew barman emperor"
    ).split(" ")
)
_PEOPLE_OF_AGE: tuple[tuple[str, str, tuple[int, int]], ...] = (
    ("grandmother", "F", (55, 100)),
    ("granny", "F", (55, 100)),
    ("old lady", "F", (60, 100)),
    ("old woman", "F", (60, 100)),
    ("elderly woman", "F", (60, 100)),
    ("little girl", "F", (4, 12)),
    ("teenage girl", "F", (13, 19)),
    ("young woman", "F", (18, 32)),
    ("middle-aged woman", "F", (40, 60)),
    ("grandfather", "M", (55, 100)),
    ("grandpa", "M", (55, 100)),
    ("old man", "M", (60, 100)),
    ("old geezer", "M", (60, 100)),
    ("elderly gentleman", "M", (60, 100)),
    ("little boy", "M", (4, 12)),
    ("boy", "M", (4, 17)),
    ("teenage boy", "M", (13, 19)),
    ("young man", "M", (18, 32)),
    ("middle-aged man", "M", (40, 60)),
    ("child", "", (4, 14)),
    ("kid", "", (4, 14)),
    ("teenager", "", (13, 19)),
    ("teen", "", (13, 19)),
    ("young adult", "", (18, 32)),
    ("pensioner", "", (60, 100)),
    ("senior", "", (60, 100)),
    ("old person", "", (60, 100)),
    ("middle-aged person", "", (40, 60)),
)
_TENS = {20: "twenties", 30: "thirties", 40: "forties", 50: "fifties", 60: "sixties", 70: "seventies", 80: "eighties"}
_TEN_WORDS = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty", 60: "sixty", 70: "seventy", 80: "eighty"}
_ONES = ["", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def number_words(number: int) -> str:
    """Give "thirty-four" for 34 (20 to 89)."""
    tens, ones = number // 10 * 10, number % 10
    return _TEN_WORDS[tens] + (f"-{_ONES[ones]}" if ones else "")


def draw_age(rng: Random, possessive: str) -> tuple[str, str, tuple[int, int]]:
    """Draw words for an age: (before the noun, after the noun, the years that they say)."""
    years = rng.randint(18, 85)
    tens = min(max(years // 10 * 10, 20), 80)
    decade = _TENS[tens]
    written = number_words(years) if 20 <= years <= 89 and rng.random() < 0.3 else str(years)
    kind = rng.randrange(12)
    if kind == 0:
        return f"{written}-year-old", "", (years, years)
    if kind == 1:
        return "", f"in {possessive} {rng.choice((decade, f'{tens}s'))}", (tens, tens + 9)
    if kind in (2, 3):
        part, low = rng.choice((("early", tens), ("mid", tens + 4), ("late", tens + 6)))
        return "", f"in {possessive} {part}{'-' if part == 'mid' else ' '}{decade}", (low, low + (2 if part == "mid" else 3))
    if kind == 4:
        return "", rng.choice((f"aged {written}", f"of {written}", f"age {years}", f"({years})")), (years, years)
    if kind in (5, 6):
        word = rng.choice(("about", "around", "roughly", "maybe", "approximately"))
        return "", f"of {word} {written}" if rng.random() < 0.5 else f"{word} {written}", (years - 2, years + 2)
    if kind == 7:
        return rng.choice((f"{years}yo", f"{years} yo", f"{years} y/o", f"{years} year old")), "", (years, years)
    if kind == 8:
        return rng.choice((f"{_TEN_WORDS[tens]}-something", f"{_TEN_WORDS[tens]}-odd-year-old")), "", (tens, tens + 9)
    if kind == 9:
        low = rng.randrange(20, 75, 5)
        return "", rng.choice((f"between {low} and {low + 10}", f"{low} to {low + 10} years old")), (low, low + 10)
    return rng.choice((("elderly", "", (60, 100)), ("middle-aged", "", (40, 60)), ("young", "", (18, 32)), ("old", "", (60, 100))))


def draw_person(rng: Random) -> Person:
    """Draw a person, with a sex in two cases of three and an age in four of ten."""
    kind = rng.random()
    if kind < 0.14:
        noun, sex, years = rng.choice(_PEOPLE_OF_AGE)
        return Person(noun, labels={**({"sex": sex} if sex else {}), "age_years": list(years)})
    sex = "" if kind < 0.42 else ("F" if kind < 0.71 else "M")
    nouns = {"": _OPEN if rng.random() < 0.5 else _ROLES, "F": _WOMEN, "M": _MEN}[sex]
    person = Person(rng.choice(nouns), labels={"sex": sex} if sex else {})
    if not sex and person.noun in _ROLES and rng.random() < 0.3:
        sex = rng.choice("FM")
        person = Person(f"{rng.choice({'F': ('female', 'woman', 'lady'), 'M': ('male',)}[sex])} {person.noun}", labels={"sex": sex})
    if rng.random() < 0.36 and person.noun not in ("someone", "somebody"):
        person.before, person.after, years = draw_age(rng, person.pronouns[1])
        person.labels["age_years"] = list(years)
    return person


OPENINGS = (
    *("make", "make me", "show me", "generate", "create", "draw", "give me", "I need", "I want", "can you make", "imagine"),
    *("could you do", "please make", "pls make", "build", "sculpt", "render", "design", "model", "picture", "let's see"),
    *("can i get", "i'd like", "gimme", "we need", "do", "produce", "please generate", "can you show me", "how about"),
    *("I'm looking for", "id like", "cook up", "try", "next up:", "character:", "wanted:", "description:", "new one:"),
)
_ENDINGS = (" please", " pls", ", please", " thanks", " thx", " if you can", ", cheers", "!", "...", " ok?", " for my game")
_FILLERS = ("um, ", "well, ", "so ", "ok so ", "hmm, ", "right, ", "hi, ", "hey ", "yeah ", "let me think, ", "hello! ", "ok, ")
_NEIGHBOURS = {
    **dict(zip("qwertyuiop", ("wa", "qes", "wrd", "etf", "ryg", "tuh", "yij", "uok", "ipl", "ol"))),
    **dict(zip("asdfghjkl", ("qsz", "awdx", "sefc", "drgv", "fthb", "gyjn", "huk", "jil", "kop"))),
    **dict(zip("zxcvbnm", ("asx", "zsdc", "xdfv", "cfgb", "vghn", "bhjm", "njk"))),
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
