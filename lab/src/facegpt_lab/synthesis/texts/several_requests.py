"""Requests for several people with the places where each begins: by noun, name, label, relation, order or pronoun.

Frames and joints are drawn apart from what is said of each, so that no word of a trait tells where somebody begins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from facegpt_lab.synthesis.texts.captions import draw_items
from facegpt_lab.synthesis.texts.english import article, joined
from facegpt_lab.synthesis.texts.people_nouns import draw_age, draw_person
from facegpt_lab.synthesis.texts.terse import NAMES

#: A text and the places where people begin.
Marked = tuple[str, list[int]]

_OPENINGS = (
    *("", "", "", "make ", "draw ", "please make ", "I need ", "could you do ", "give me ", "now ", "let's have "),
    *(
        "cast list: ",
        "for my comic: ",
        "NPCs: ",
        "two of them. ",
        "id photos please. ",
        "Tale of the tape. ",
        "the crew: ",
    ),
    *("INT. KITCHEN. ", "Act one. ", "suspects: ", "wanted: ", "family tree: ", "reference heads: ", "stimuli: "),
    *("my neighbours: ", "for the poster: ", "ok thanks, next ", "characters - ", "in the picture: ", "team sheet. "),
)
_COUPLES = (
    "a couple: ",
    "two people. ",
    "twins: ",
    "a married pair, ",
    "siblings: ",
    "two friends, ",
    "the newlyweds: ",
)
_JOINTS = (
    *(" and ", " and ", ", and ", ", ", ", ", "; ", ". ", ". ", " + ", " & ", " plus ", " next to ", ", then ", " / "),
    *(" - ", " vs ", " with ", " beside ", " n ", ", also ", ": ", " ... ", " and then ", ", as well as "),
)
_LABELS: tuple[tuple[str, ...], ...] = (
    *(("A", "B", "C", "D"), ("1", "2", "3", "4"), ("one", "two", "three", "four"), ("#1", "#2", "#3", "#4")),
    *(
        ("left", "right"),
        ("red corner", "blue corner"),
        ("his side", "her side"),
        ("before", "after"),
        ("P1", "P2", "P3"),
    ),
    *(
        ("S1", "S2", "S3"),
        ("subj_01", "subj_02", "subj_03"),
        ("Pt A", "Pt B", "Pt C"),
        ("npc1", "npc2", "npc3", "npc4"),
    ),
    *(("Figure one", "Figure two", "Figure three"), ("roommate A", "roommate B"), ("player 1", "player 2", "player 3")),
    *(
        ("the first", "the second", "the third"),
        ("first", "second", "third"),
        ("No. 1", "No. 2"),
        ("mum", "dad", "kid"),
    ),
    *(
        ("the elder", "the younger"),
        ("the tall one", "the short one"),
        ("the former", "the latter"),
        ("i)", "ii)", "iii)"),
    ),
    *(
        ("bride", "groom"),
        ("hero", "villain", "sidekick"),
        ("host", "guest"),
        ("cop", "robber"),
        ("suspect 1", "suspect 2"),
    ),
)
_AFTER_LABEL = (": ", ": ", ", ", " ", " - ", " = ", " is ", " has ", " with ", " (", ", with ")
_RELATIONS = (
    *("mother", "father", "sister", "brother", "wife", "husband", "daughter", "son", "aunt", "uncle", "neighbour"),
    *("boss", "grandmother", "grandfather", "twin", "cousin", "nephew", "niece", "best friend", "rival", "double"),
)
_PRONOUNS = (("he", "she"), ("she", "he"), ("one", "the other"), ("one", "another"), ("him", "her"), ("her", "him"))
_TAILS = (
    "",
    "",
    "",
    "",
    ". both pale",
    ". all with big ears",
    ", same nose on both",
    ". Both smiling.",
    " please",
    " lol",
    "!",
)


def several_requests(count: int, seed: int) -> list[Marked]:
    """Draw so many, each from (seed, its number) alone."""
    return [draw_several(Random(f"several {seed}/{k}")) for k in range(count)]


def draw_several(rng: Random) -> Marked:
    """Draw one request for two to four people."""
    count = rng.choices((2, 3, 4), (0.7, 0.22, 0.08))[0]
    ways: tuple[Callable[[Random, int], list[str]], ...] = (
        _by_nouns,
        _by_names,
        _by_labels,
        _by_relation,
        _by_pronouns,
    )
    way = rng.choices(ways, (0.25, 0.25, 0.25, 0.15, 0.1))[0]
    people = way(rng, count)
    text = rng.choice(_COUPLES if way is _by_pronouns else _OPENINGS)
    joint = rng.choice(_JOINTS)
    marks = []
    for k, person in enumerate(people):
        last = k == len(people) - 1
        text += "" if k == 0 else rng.choice((" and ", ", and ", joint)) if last and joint == ", " else joint
        marks.append(len(text))
        text += person[:1].upper() + person[1:] if text.endswith(". ") and rng.random() < 0.8 else person
    text += rng.choice(_TAILS)
    kind = rng.random()
    return (text.lower() if kind < 0.2 and len(text.lower()) == len(text) else text), marks


def _traits(rng: Random, most: int = 3) -> str:
    """One to three traits, joined as people do."""
    items = draw_items(rng, rng.randint(1, most))
    return joined(rng, [item.phrase() if rng.random() < 0.8 else item.line() for item in items])


def _aged(rng: Random) -> str:
    before, after, _ = draw_age(rng, "their")
    return rng.choice((before or after, str(rng.randint(5, 85)), f"{rng.randint(2, 8)}0s"))


def _described(rng: Random, name: str) -> str:
    """A name with an age, traits, or both: "Olga (50s), wide mouth"."""
    parts = [f"{name}{rng.choice((', ', ' ', ' ('))}{_aged(rng)}" if rng.random() < 0.5 else name]
    parts[0] += ")" if "(" in parts[0] and ")" not in parts[0] else ""
    link = rng.choice((", ", " with ", " - ", " w/ ", " has ", ", ", " "))
    return parts[0] + (link + _traits(rng) if rng.random() < 0.85 else "")


def _by_nouns(rng: Random, count: int) -> list[str]:
    found = []
    for _ in range(count):
        person = draw_person(rng)
        bare = " ".join(word for word in (person.before, person.noun) if word)
        whole = f"{article(bare) if rng.random() < 0.85 else bare} {person.after}".strip()
        link = rng.choice((" with ", " with ", ", ", " who has ", " having "))
        found.append(whole + (link + _traits(rng) if rng.random() < 0.85 else ""))
    return found


def _by_names(rng: Random, count: int) -> list[str]:
    names = rng.sample(NAMES["F"] + NAMES["M"], count)
    lead = rng.choice(("", "", "", "my ", "our ", "old "))
    roles = rng.sample(_RELATIONS, count)
    return [
        _described(rng, f"{lead}{role} {name}" if lead == "my " else lead + name)
        for name, role in zip(names, roles, strict=True)
    ]


def _by_labels(rng: Random, count: int) -> list[str]:
    labels: Sequence[str] = rng.choice(_LABELS)
    link = rng.choice(_AFTER_LABEL)
    said = [
        rng.choice((f"{rng.choice(('male', 'female', 'm', 'f'))}, {_aged(rng)}, ", f"{_aged(rng)}, ", "", ""))
        for _ in labels
    ]
    end = ")" if link == " (" else ""
    return [f"{label}{link}{each}{_traits(rng)}{end}" for label, each in zip(labels[:count], said, strict=False)]


def _by_relation(rng: Random, count: int) -> list[str]:
    """Somebody, and who belongs to them: "my landlord, bald, and his mother, tiny"."""
    person = draw_person(rng)
    owner = rng.choice(("my ", "the ", "a ", "her ", "this ")) if rng.random() < 0.7 else ""
    first = f"{owner}{person.noun}" if owner else rng.choice(NAMES["F"] + NAMES["M"])
    whose = rng.choice(("his", "her", "their", "the", f"the {person.noun}'s", "my"))
    rest = [f"{whose} {relation}" for relation in rng.sample(_RELATIONS, count - 1)]
    return [_described(rng, name) for name in (first, *rest)]


def _by_pronouns(rng: Random, _: int) -> list[str]:
    link = rng.choice((" ", " has ", " with ", ", ", ": "))
    return [f"{word}{link}{_traits(rng, 2)}" for word in rng.choice(_PRONOUNS)]
