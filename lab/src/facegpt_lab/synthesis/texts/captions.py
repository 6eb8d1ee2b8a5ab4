"""Captions of a face at rest: labels drawn at random, or a head's own readings, put into words in many ways.

A caption is true by construction: each phrase carries its labels, and the labels of the whole are the union of its
phrases' labels. What no phrase names is left open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

from facegpt.language.targets import NETWORK_ATTRIBUTES
from facegpt_lab.synthesis.text_targets import ATTRIBUTE_TIERS
from facegpt_lab.synthesis.texts import lexicon as grammar_lexicon
from facegpt_lab.synthesis.texts.english import Labels, article, draw_degree, graded, joined
from facegpt_lab.synthesis.texts.lexicon import Entry, Noun, Phrase, attribute_labels
from facegpt_lab.synthesis.texts.people_nouns import Person, draw_person
from facegpt_lab.synthesis.texts.slips import OPENINGS, roughen

#: Attributes of the texture that make no sense together with the word for a bald or beardless head are left out.
MOST_ITEMS = 8
#: Attributes of which "a lot of nose" or "hardly any chin" says one side, how often it is said so, and the turns.
_AMOUNTS = frozenset(
    {*("nose_size", "chin_height", "forehead_height", "mouth_width", "upper_lip_fullness", "lips", "wrinkles")}
    | {*("lower_lip_fullness", "ear_size", "neck_length", "jaw_width", "brow_thickness", "cheek_fullness", "freckles")}
    | {*("nostril_size", "cheekbone_prominence", "brow_ridge", "face_length", "nose_bridge_height", "philtrum_length")}
)
_AMOUNT_SHARE, _AMOUNT_DEGREE = 0.1, 1.5
_MUCH_OF = (
    *("a lot of {n}", "no shortage of {n}", "plenty of {n}", "so much {n}", "a great deal of {n}", "mostly {n}"),
    *("{n} for days", "{a} that {go} on for ever", "{a} that never {end}", "{n} all over", "acres of {n}", "all {n}"),
    *("{a} you could park a bus on", "{a} to hang a coat on", "{a} you can see from space", "{a} with its own weather"),
)
_LITTLE_OF = (
    *("hardly any {n}", "next to no {n}", "no {n} to speak of", "not much {n}", "precious little {n}", "almost no {n}"),
    *("{a} you could miss", "barely any {n}", "{n} barely there", "a mere hint of {n}", "so little {n}", "scant {n}"),
    *("{a} that {are} hardly there", "not much in the way of {n}", "an apology for {a}", "{a} one easily overlooks"),
)


@dataclass
class Item:
    """One trait in words.

    Attributes:
        attributes: {name: degree}. others: labels beside the attributes ({"sex": "M"}).
        entry, adjective, noun: set where the trait is an adjective with a noun (or with the person).
        words: the phrase, where it is one.
    """

    attributes: dict[str, float]
    others: Labels = field(default_factory=dict)
    entry: Entry | None = None
    adjective: str = ""
    noun: Noun | None = None
    words: str = ""

    @property
    def of_person(self) -> bool:
        """Whether the adjective stands before the person ("a plump man")."""
        return not self.words and self.noun is None

    def phrase(self) -> str:
        """The trait as words that follow "with": "a wide nose", "a bull neck"."""
        if self.words or self.noun is None:
            return self.words or self.adjective
        uncounted = self.noun.plural or self.noun.text in ("hair", "skin")
        if self.adjective.startswith(("a ", "just ", "ever ", "barely ")):
            noun = self.noun.text if uncounted else article(self.noun.text)
            return f"{noun} that {'are' if self.noun.plural else 'is'} {self.adjective}"
        both = f"{self.adjective} {self.noun.text}"
        return both if uncounted else article(both)

    def sentence(self, person: Person) -> str:
        """The trait as a sentence about the person: "her nose is wide", "he has a bull neck"."""
        they, their, _ = person.pronouns
        has, be = person.verbs
        if self.of_person:
            return f"{they} {be} {self.adjective}"
        if self.noun is not None:
            return f"{their} {self.noun.text} {'are' if self.noun.plural else 'is'} {self.adjective}"
        return f"{they} {has} {self.words}" if self.words.startswith(("a ", "an ", "no ")) else self.words

    def line(self) -> str:
        """The trait as an entry of a character sheet: "nose: wide"."""
        if self.noun is None:
            return self.words or self.adjective
        return f"{self.noun.text}: {self.adjective}"


@lru_cache(maxsize=1)
def _choices() -> tuple[tuple[str, ...], tuple[float, ...]]:
    """The entries to draw from and their weights: main attributes three times as often as the extra ones."""
    tier = dict(zip(NETWORK_ATTRIBUTES, ATTRIBUTE_TIERS, strict=True))
    names = tuple(grammar_lexicon.looks())
    return names, tuple(3.0 if tier.get(name, "core") == "core" else 1.5 for name in names)


def _closest(phrases: Sequence[Phrase], degree: float, rng: Random) -> Phrase:
    """Draw a phrase of this degree, or of the nearest one."""
    distance = min(abs(p.degree - degree) for p in phrases)
    return rng.choice([p for p in phrases if abs(p.degree - degree) == distance])


def item_for(rng: Random, name: str, pole: int, degree: float | None = None) -> Item:
    """Put one trait into words.

    Args:
        rng: the source of chance.
        name: an attribute, or "lips".
        pole: 1 or -1.
        degree: 0.5, 1, 1.5 or 2 where the size is given; otherwise the words decide.
    """
    entry = grammar_lexicon.looks()[name]
    sign = "+" if pole > 0 else "-"
    adjectives, phrases = entry.get("A" + sign), entry.get("P" + sign)
    if name in _AMOUNTS and entry.nouns and degree is None and rng.random() < _AMOUNT_SHARE:
        attributes, others = attribute_labels(name, pole * _AMOUNT_DEGREE, {})
        return Item(attributes, others, entry, words=_amount(rng, rng.choice(entry.nouns), pole))
    if phrases and (not adjectives or rng.random() < 0.45):
        phrase = rng.choice(phrases) if degree is None else _closest(phrases, degree, rng)
        attributes, others = attribute_labels(name, pole * phrase.degree, phrase.more)
        return Item(attributes, others, entry, words=phrase.text)
    adjective = rng.choice(adjectives)
    size = adjective.degree
    if adjective.degree == 1.0:
        size = draw_degree(rng) if degree is None else degree
    attributes, others = attribute_labels(name, pole * size, adjective.more)
    words = graded(rng, adjective.text, size, adjective.degree)
    return Item(attributes, others, entry, words, None if entry.person else rng.choice(entry.nouns))


def _amount(rng: Random, noun: Noun, pole: int) -> str:
    """Say that there is much or little of a part."""
    verbs = {"go": "go", "end": "end", "are": "are"} if noun.plural else {"go": "goes", "end": "ends", "are": "is"}
    turn = rng.choice(_MUCH_OF if pole > 0 else _LITTLE_OF)
    return turn.format(n=noun.text, a=noun.text if noun.plural else article(noun.text), **verbs)


def draw_items(rng: Random, count: int) -> list[Item]:
    """Draw traits that speak of different attributes."""
    names, weights = _choices()
    items: list[Item] = []
    taken: set[str] = set()
    for _ in range(3 * count):
        if len(items) == count:
            break
        item = item_for(rng, rng.choices(names, weights)[0], rng.choice((1, -1)))
        if taken.isdisjoint(item.attributes):
            taken.update(item.attributes)
            items.append(item)
    return items


def merge(labels: Labels, items: Sequence[Item]) -> Labels | None:
    """The labels of the person and all items, or None where they contradict each other (two sexes)."""
    merged = dict(labels)
    attributes: dict[str, float] = dict(labels.get("attributes", {}))
    for item in items:
        for key, value in item.others.items():
            if merged.setdefault(key, value) != value:
                return None
        if not attributes.keys().isdisjoint(item.attributes):
            return None
        attributes.update(item.attributes)
    if attributes:
        merged["attributes"] = attributes
    return merged


def _named(person: Person, adjectives: Sequence[str], rng: Random) -> str:
    """A person in words: "a plump 34-year-old woman in her forties"; "someone plump"."""
    if person.noun in ("someone", "somebody"):
        return f"{person.noun} {joined(rng, adjectives)}".strip() if adjectives else person.noun
    words = [*adjectives, person.before, person.noun]
    return " ".join([article(" ".join(w for w in words if w)), person.after]).strip()


def _as_prose(rng: Random, person: Person, items: list[Item]) -> str:
    adjectives = [i.adjective for i in items if i.of_person]
    traits = [i.phrase() for i in items if not i.of_person]
    subject = _named(person, adjectives, rng)
    if not traits:
        return subject
    link = rng.choice((" with ", " with ", " with ", ", ", " who has ", " - ", " having "))
    return subject + link + joined(rng, traits)


def _as_sentences(rng: Random, person: Person, items: list[Item]) -> str:
    subject = _named(person, [], rng)
    first = f"{subject[:1].upper()}{subject[1:]}"
    sentences = [first, *(i.sentence(person) for i in items)]
    stop = rng.choice((". ", ". ", "; ", ", "))
    parts = [sentence[:1].upper() + sentence[1:] if stop == ". " else sentence for sentence in sentences]
    return stop.join(parts) + ("." if stop == ". " else "")


def _as_list(rng: Random, person: Person | None, items: list[Item]) -> str:
    parts = [" ".join(w for w in (person.before, person.noun, person.after) if w)] if person else []
    for item in items:
        phrase = item.phrase()
        bare = item.noun is not None and rng.random() < 0.7
        parts.append(phrase.split(" ", 1)[1] if bare and phrase.startswith(("a ", "an ")) else phrase)
    rng.shuffle(parts)
    return rng.choice((", ", ", ", ", ", "; ", " / ", ". ", " + ", " ")).join(parts)


def _as_sheet(rng: Random, person: Person | None, items: list[Item]) -> str:
    lines = []
    if person and person.sex:
        lines.append({"F": "sex: female", "M": "sex: male"}[person.sex])
    if person and "age_years" in person.labels:
        low, high = person.labels["age_years"]
        lines.append(f"age: {low}" if low == high else f"age: {low}-{high}")
    lines += [item.line() for item in items]
    return rng.choice(("\n", ", ", "; ", " | ", "\n- ")).join(lines)


def write(rng: Random, person: Person | None, items: list[Item], opening: bool = True) -> str:
    """Put a person and traits into one text, in one of several forms."""
    if person is None:
        return _as_list(rng, None, items) if rng.random() < 0.8 else _as_sheet(rng, None, items)
    form = rng.random()
    if form < 0.5:
        text = _as_prose(rng, person, items)
    elif form < 0.7:
        text = _as_sentences(rng, person, items)
    elif form < 0.92 or person.noun in ("someone", "somebody"):
        return _as_list(rng, person, items)
    elif person.labels.keys() <= {"sex", "age_years"}:
        return _as_sheet(rng, person, items)
    else:
        text = _as_prose(rng, person, items)
    if opening and rng.random() < 0.35:
        lead = rng.choice(OPENINGS)
        return f"{lead} {text[:1].lower()}{text[1:]}"
    return text


def draw_looks(rng: Random, opening: bool = True) -> tuple[str, Labels]:
    """Draw a caption of a face at rest with its labels: one to eight traits, with or without a person.

    With `opening` some begin with a request ("show me …").
    """
    while True:
        count = rng.choices(range(1, MOST_ITEMS + 1), (30, 24, 18, 11, 7, 4, 3, 3))[0]
        person = draw_person(rng) if rng.random() < 0.7 else None
        items = draw_items(rng, count)
        labels = merge(person.labels if person else {}, items)
        if labels is not None and _agree(person, labels):
            return roughen(rng, write(rng, person, items, opening)), labels


def _agree(person: Person | None, labels: Labels) -> bool:
    """Leave out captions that jar: a bearded woman or child, a grey child, a bald head with long hair's words."""
    attributes = labels.get("attributes", {})
    years = labels.get("age_years", (30, 30))
    if labels.get("sex") == "F" and (attributes.get("beard", -1) > 0 or attributes.get("moustache", -1) > 0):
        return False
    if years[1] < 18 and any(attributes.get(n, -1) > 0 for n in ("beard", "moustache", "wrinkles", "hair_greyness")):
        return False
    if attributes.get("hair_length", 0) <= -2:
        return not {"hair_lightness", "hair_redness", "hair_greyness"} & attributes.keys()
    return "age" not in attributes or person is None or "age_years" not in person.labels
