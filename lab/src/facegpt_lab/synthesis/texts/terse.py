"""Requests in the fewest words: a letter or a name for the sex, a bare number for the age ("f 40 long nose").

Each is a turn of its own that makes a head; its labels follow from its words as those of captions do.
"""

from __future__ import annotations

from random import Random

from facegpt_lab.synthesis.texts.captions import draw_items, merge
from facegpt_lab.synthesis.texts.conversations import ReadTurn
from facegpt_lab.synthesis.texts.english import Labels
from facegpt_lab.synthesis.texts.slips import roughen

_LETTERS = {
    "F": ("f", "f", "F", "(f)", "(F)", "fem", "female", "w", "♀", "woman", "girl", "gal", "she/her", "sex f", "sex: F"),
    "M": ("m", "m", "M", "(m)", "(M)", "male", "male", "masc", "♂", "man", "guy", "boy", "he/him", "sex m", "sex: M"),
}
_CHILDREN, _ADULTS = ("girl", "boy"), ("woman", "man", "gal", "guy")
#: First names and titles that tell a sex.
NAMES = {
    "F": (
        *("Olga", "Mia", "Anna", "Sofia", "Fatima", "Aisha", "Mei", "Yuki", "Priya", "Ingrid", "Carmen", "Lucia"),
        *(
            "Grace",
            "Ruth",
            "Betty",
            "Dolores",
            "Chantal",
            "Amélie",
            "Ewa",
            "Katya",
            "Nkechi",
            "Zainab",
            "Leila",
            "Rosa",
        ),
        *("Maud", "Edith", "Shaz", "Kelly", "Tracy", "Chloe", "Emma", "Julia", "Martha", "Agnes", "Hilde", "Petra"),
        *("Line", "Astrid", "Sigrid", "Noor", "Lakshmi", "Hana", "Min-ji", "Wanjiru", "Abena", "Paloma", "Ines", "Dee"),
        *(
            "Isolde",
            "Queenie",
            "Mrs Hill",
            "Ms Tran",
            "Miss Bell",
            "Sister Mary",
            "Lady Anne",
            "Auntie Jo",
            "Mrs. Okoye",
        ),
    ),
    "M": (
        *("Kev", "Tim", "Jean", "Pierre", "Hans", "Igor", "Ivan", "Omar", "Yusuf", "Kenji", "Wei", "Raj", "Arjun"),
        *("Diego", "Pablo", "Luca", "Marco", "Sven", "Olaf", "Piet", "Dave", "Gary", "Wayne", "Kyle", "Jayden", "Liam"),
        *("Tom", "Jack", "George", "Arthur", "Silas", "Enoch", "Petrus", "Otto", "Emil", "Tariq", "Ahmed", "Chidi"),
        *("Kwame", "Juma", "Hiroshi", "Min-ho", "Viktor", "Dmitri", "Aldo", "Bruno", "Rhys", "Ewan", "Seamus", "Dean"),
        *("Mr Hill", "Mr. Tran", "Sir Hugh", "Father Paul", "Uncle Bob", "King Harald", "Old Joe", "Brother Ignatius"),
    ),
}
_LEADS = (
    "",
    "",
    "",
    "",
    "",
    "npc ",
    "char: ",
    "make ",
    "need ",
    "pt ",
    "1x ",
    "new: ",
    "id photo ",
    "give me ",
    "suspect ",
)
_JOINTS = (" ", " ", ", ", ", ", " / ", "; ", " - ", ". ", " | ")


def terse_requests(count: int, seed: int) -> list[ReadTurn]:
    """Draw so many, each from (seed, its number) alone."""
    return [draw_terse(Random(f"terse {seed}/{k}"), f"terse/{seed}/{k}") for k in range(count)]


def draw_terse(rng: Random, key: str) -> ReadTurn:
    """Draw one request. key: names it."""
    while True:
        who, labels = _who(rng)
        items = draw_items(rng, rng.choice((1, 1, 2, 2, 3, 4)))
        merged = merge(labels, items)
        beard = {"beard", "moustache", "wrinkles", "hair_greyness"} & (merged or {}).get("attributes", {}).keys()
        if merged is not None and "age" not in merged.get("attributes", {}) and not beard:
            break
    traits = []
    for item in items:
        phrase = item.line() if rng.random() < 0.15 else item.phrase()
        traits.append(phrase.split(" ", 1)[1] if phrase.startswith(("a ", "an ")) and rng.random() < 0.75 else phrase)
    joint = rng.choice(_JOINTS)
    first = f"{rng.choice(_LEADS)}{who}"
    text = first + rng.choice((joint, " ", ", ")) + joint.join(traits)
    return ReadTurn(key, roughen(rng, text, 0.25), "new_head", (merged,), (), 0, 0, ())


def _who(rng: Random) -> tuple[str, Labels]:
    """Words for sex and age: "f40", "Olga, 50s", "m/35"."""
    sex = rng.choice("FM")
    named = rng.random() < 0.4
    word = rng.choice(NAMES[sex] if named else _LETTERS[sex])
    low = 18 if named or word in _ADULTS else 4
    years = rng.randint(low, 12 if word in _CHILDREN else 85)
    if rng.random() < 0.2:
        return word, {"sex": sex} | ({"age_years": [4, 17]} if word in _CHILDREN else {})
    if rng.random() < 0.12 and years >= 20:
        tens = years // 10 * 10
        return f"{word} {rng.choice((f'{tens}s', f'in {tens}s', f'({tens}s)'))}", _aged(sex, tens, tens + 9)
    short = len(word) == 1
    forms: tuple[str, ...] = (
        "{w} {y}",
        "{w} {y}",
        "{w}, {y}",
        "{w} ({y})",
        "{w} {y}yo",
        "{w}/{y}",
        "{y} {w}",
        "{w} age {y}",
        "{w}, {y} y",
    )
    forms += ("{w}{y}", "{w}{y}", "{y}{w}", "{y}/{w}") if short else ()
    return rng.choice(forms).format(w=word, y=years), _aged(sex, years, years)


def _aged(sex: str, low: int, high: int) -> Labels:
    return {"sex": sex, "age_years": [low, high]}
