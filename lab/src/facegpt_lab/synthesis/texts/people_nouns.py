"""People of captions: nouns that name a sex or an age, and words for ages."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from facegpt_lab.synthesis.texts.english import Labels


def _list(words: str) -> tuple[str, ...]:
    return tuple(words.split())


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
        """Sex that it names: "F", "M" or ""."""
        return self.labels.get("sex", "")

    @property
    def pronouns(self) -> tuple[str, str, str]:
        """(she, her, her), (he, his, him) or (they, their, them)."""
        words = {"F": ("she", "her", "her"), "M": ("he", "his", "him")}
        return words.get(self.sex, ("they", "their", "them"))

    @property
    def verbs(self) -> tuple[str, str]:
        """(has, is) or (have, are) for the pronoun."""
        return ("has", "is") if self.sex else ("have", "are")


_OPEN = _list(
    "person face head someone character human individual figure stranger model somebody subject avatar portrait bust"
)
_ROLES = _list(
    "farmer baker nurse sailor teacher doctor soldier clerk cook driver painter singer lawyer butcher librarian "
    "shopkeeper detective pilot athlete wizard elf dwarf knight pirate villager merchant guard hacker thief chef "
    "mechanic plumber gardener scientist professor judge boxer dancer drummer skater surfer climber hiker refugee "
    "politician banker gamer streamer rapper bartender paramedic astronaut villain hero"
)
_WOMEN = _list(
    "woman woman lady female female gal mum mom aunt actress queen sister wife duchess nun witch "
    "heroine stewardess businesswoman policewoman ballerina princess countess barmaid seamstress huntress girlfriend"
)
_MEN = _list(
    "man man man guy guy bloke male male dude chap fella gentleman dad uncle king brother husband monk duke "
    "actor fisherman businessman policeman cowboy prince lumberjack boyfriend nephew barman emperor"
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
    """Number in words: "thirty-four" for 34 (20 to 89)."""
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
        return (
            "",
            f"in {possessive} {part}{'-' if part == 'mid' else ' '}{decade}",
            (low, low + (2 if part == "mid" else 3)),
        )
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
    return rng.choice(
        (("elderly", "", (60, 100)), ("middle-aged", "", (40, 60)), ("young", "", (18, 32)), ("old", "", (60, 100)))
    )


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
        person = Person(
            f"{rng.choice({'F': ('female', 'woman', 'lady'), 'M': ('male',)}[sex])} {person.noun}", labels={"sex": sex}
        )
    if rng.random() < 0.36 and person.noun not in ("someone", "somebody"):
        person.before, person.after, years = draw_age(rng, person.pronouns[1])
        person.labels["age_years"] = list(years)
    return person
