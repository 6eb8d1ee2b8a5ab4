"""Captions that deny and compare: "not a big nose", "anything but thin lips", "the jaw is wider than the forehead"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from random import Random

from facegpt_lab.synthesis.texts.captions import draw_items, merge
from facegpt_lab.synthesis.texts.english import Labels, article
from facegpt_lab.synthesis.texts.lexicon import SEVERAL, Entry, Noun, looks
from facegpt_lab.synthesis.texts.people_nouns import draw_person
from facegpt_lab.synthesis.texts.slips import roughen

#: {it}: "a wide nose"; {noun}; {adj}; {be}: is or are. These leave the other side open.
_NOT = (
    *("{noun} not {adj}", "the {noun} {isnt} {adj}", "not too {adj} {aNoun}", "no {bare}, please", "no {bare}"),
    *("don't make the {noun} {adj}", "{aNoun} that {isnt} {adj}", "the {noun} must not be {adj}", "please no {bare}"),
    *(
        "not overly {adj} {aNoun}",
        "i said NOT {adj} {aNoun}",
        "the {noun} shouldn't be {adj}",
        "{aNoun}, but not {adj}",
    ),
    *("whatever you do, no {bare}", "{noun} mustn't be {adj}", "{adj} {noun}? no", "nothing {adj} about the {noun}"),
    *(
        "{noun}: not {adj}",
        "{noun} not so {adj}",
        "{noun} not particularly {adj}",
        "skip the {bare}",
        "minus the {bare}",
    ),
    *(
        "{noun} never {adj}",
        "{noun} by no means {adj}",
        "{adj} the {noun} {isnt}",
        "no {adj} {noun} here",
        "zero {bare}",
    ),
    *("her {noun} {isnt} {adj}", "his {noun} {isnt} {adj}", "{aNoun} which {isnt} {adj}", "with {aNoun} not {adj}"),
    *(
        "has no {bare}",
        "did not have {it}",
        "not one of those {adj} {noun}s",
        "{noun} dont want {adj}",
        "less {bare} pls",
    ),
    *("the {noun} could be anything except {adj}", "none of that {bare}", "not {it}; anything else goes"),
)
#: The same of whole phrases: {it}, "a chin that gave up".
_NOT_IT = (
    *("not {it}", "without {it}", "nothing like {it}", "avoid {it}", "just not {it}", "anyone who doesn't have {it}"),
    *(
        "never {it}",
        "by no means {it}",
        "it's not {it}",
        "he doesn't have {it}",
        "she doesn't have {it}",
        "lacking {it}",
    ),
    *("steer clear of {it}", "rule out {it}", "I'd hate {it}", "can't stand {it}", "spare me {it}", "minus {it}"),
    *("must not have {it}", "don't give her {it}", "don't give him {it}", "{it} is out", "you won't find {it}"),
    *("wouldn't say {it}", "I never saw {it}", "not what you'd call {it}", "{it}? nope", "anything except {it}"),
)
#: Of two traits at once, each with its noun.
_NOT_BOTH = (
    *("neither {it} nor {it2}", "no {bare} and no {bare2}", "no {bare} or {bare2}", "without {it} or {it2}"),
    *("not {it}, not {it2}", "{noun} not {adj}, {noun2} not {adj2}", "{noun} {isnt} {adj} and {noun2} {isnt2} {adj2}"),
    *("avoid {it} and {it2}", "{it} and {it2} are both out", "{noun} {isnt} {adj}, nor {be2} the {noun2} {adj2}"),
)
#: These say the opposite.
_OPPOSITE = (
    *("anything but {it}", "the {noun} {be} anything but {adj}", "far from {adj} {aNoun}", "the opposite of {it}"),
    *(
        "the {noun} {be} hardly {adj}",
        "{aNoun} nobody would call {adj}",
        "the {noun} {isnt} {adj} at all",
        "not at all {adj} {aNoun}",
    ),
    *("{it}? quite the reverse", "you couldn't call the {noun} {adj}", "the {noun} {be} not in the least {adj}"),
    *(
        "not {adj} but {other}: the {noun}",
        "the {noun} {isnt} {adj}, {plural_it} {other}",
        "{other}, not {adj}, {aNoun}",
    ),
    *(
        "I asked for {other} {aNoun}, not {adj}",
        "rather {other} than {adj} {aNoun}",
        "instead of {adj}, {other} {aNoun}",
    ),
)
#: These say that it is average.
_AVERAGE = (
    *(
        "neither {adj} nor {other} {aNoun}",
        "the {noun} {be} neither {adj} nor {other}",
        "{aNoun} not {adj} and not {other}",
    ),
    *("the {noun} {isnt} {adj} but {isnt} {other} either", "{aNoun} halfway between {adj} and {other}"),
)

#: (attributes that can be compared, comparatives): both in SDs of the prior.
_COMPARED: tuple[tuple[tuple[tuple[str, str], ...], tuple[str, ...]], ...] = (
    (
        (
            *(("jaw_width", "jaw"), ("forehead_width", "forehead"), ("face_width", "face"), ("chin_width", "chin")),
            *(("neck_width", "neck"), ("nose_width", "nose"), ("mouth_width", "mouth")),
        ),
        ("wider", "broader", "relatively wider"),
    ),
    (
        (
            *(
                ("nose_length", "nose"),
                ("chin_height", "chin"),
                ("face_length", "face"),
                ("forehead_height", "forehead"),
            ),
            *(("philtrum_length", "philtrum"), ("neck_length", "neck"), ("ear_size", "ears*")),
        ),
        ("longer", "relatively longer", "longer for its kind"),
    ),
    (
        (
            *(("nose_size", "nose"), ("eye_size", "eyes*"), ("ear_size", "ears*"), ("mouth_width", "mouth")),
            *(("head_size", "head"), ("forehead_height", "forehead")),
        ),
        ("bigger", "larger", "more noticeable", "more striking in size"),
    ),
    (
        (("upper_lip_fullness", "upper lip"), ("lower_lip_fullness", "lower lip"), ("brow_thickness", "eyebrows*")),
        ("fuller", "thicker", "heavier"),
    ),
    (
        (("chin_protrusion", "chin"), ("nose_protrusion", "nose"), ("cheekbone_prominence", "cheekbones*")),
        ("more prominent", "further out", "more pronounced"),
    ),
)
_COMPARE = (
    *(
        "the {a} {be} {more} than the {b}",
        "{a} {more} than the {b}",
        "{aA} {more} than the {b}",
        "the {b} less so than the {a}, which {be} {more}",
    ),
    *("compared with the {b}, the {a} {be} {more}", "make the {a} {more} than the {b}", "{a} > {b}, {more}"),
    *(
        "the {a} should be {more} than the {b}",
        "next to the {b}, the {a} {be} {more}",
        "a face whose {a} {be} {more} than the {b}",
    ),
    *("the {a} beat{s} the {b}: {more}", "{more} in the {a} than in the {b}", "{a} a good deal {more} than the {b}"),
)


#: Words that tell a sex.
_TOLD = {"M": ("he", "him", "his"), "F": ("she", "her")}
#: What is not there when it is denied.
_ABSENT = ("asymmetry", "nose_crookedness", "chin_cleft", "freckles", "wrinkles")
_IS_WHOLE = re.compile(r"(?!.*\b(?:no|not|hardly|never|without|nothing|n't)\b)an? ")


def _words(entry: Entry, rng: Random, pole: int) -> dict[str, str] | None:
    """Draw the words that the templates need: an adjective of this pole, one of the other, a noun."""
    adjectives = [p.text for p in entry.get("A" + "-+"[pole > 0]) if not p.more]
    others = [p.text for p in entry.get("A" + "+-"[pole > 0]) if p.degree == 1.0 and not p.more]
    if not adjectives or not others:
        return None
    noun = Noun("person") if entry.person else rng.choice(entry.nouns)
    adjective, other = rng.choice(adjectives), rng.choice(others)
    uncounted = noun.plural or noun.text in ("hair", "skin")
    bare = f"{adjective} {noun.text}"
    return {
        "adj": adjective,
        "other": other,
        "noun": noun.text,
        "bare": bare,
        "it": bare if uncounted else article(bare),
        "aNoun": noun.text if uncounted else article(noun.text),
        "be": "are" if noun.plural else "is",
        "isnt": rng.choice(("aren't", "are not") if noun.plural else ("isn't", "is not")),
        "plural_it": "they're" if noun.plural else "it's",
    }


def draw_denial(rng: Random) -> tuple[str, Labels]:
    """Draw a caption with a denial, alone or beside other traits."""
    name, pole, words = _denied(rng)
    kind = rng.random()
    names = SEVERAL.get(name, (name,))
    labels: Labels = _ruled_out(names, pole) if kind < 0.6 else {}
    if kind < 0.12:
        other, other_pole, more = _denied(rng, names)
        words |= {f"{key}2": value for key, value in more.items()}
        for key, both in _ruled_out(SEVERAL.get(other, (other,)), other_pole).items():
            labels[key] = {**labels.get(key, {}), **both}
        template = rng.choice(_NOT_BOTH)
    elif kind < 0.6:
        phrase = _whole_phrase(looks()[name], rng, pole)
        template = rng.choice(_NOT_IT if phrase or rng.random() < 0.4 else _NOT)
        words["it"] = phrase or words["it"]
    else:
        template = rng.choice(_OPPOSITE if kind < 0.87 else _AVERAGE)
        labels["attributes"] = dict.fromkeys(names, -float(pole) if kind < 0.87 else 0.0)
    if sex := next((sex for sex, told in _TOLD.items() if any(word in template.split() for word in told)), ""):
        labels["sex"] = sex
    told = {*names, *labels.get("not", ()), *labels.get("attributes", ())}
    return _beside(rng, template.format(**words), labels, told)


def _ruled_out(names: Sequence[str], pole: int) -> Labels:
    """The labels of attributes that are denied: what there is none of is plainly absent."""
    absent = [name for name in names if pole > 0 and name in _ABSENT]
    left = [name for name in names if name not in absent]
    found: Labels = {"attributes": dict.fromkeys(absent, -1.0)} if absent else {}
    return {**found, **({"not": dict.fromkeys(left, pole)} if left else {})}


def _denied(rng: Random, taken: Iterable[str] = ()) -> tuple[str, int, dict[str, str]]:
    """Draw an attribute that is not taken, the pole that is denied, and words for it."""
    table = looks()
    while True:
        name, pole = rng.choice(list(table)), rng.choice((1, -1))
        words = _words(table[name], rng, pole)
        if words and not set(SEVERAL.get(name, (name,))) & set(taken):
            return name, pole, words


def _whole_phrase(entry: Entry, rng: Random, pole: int) -> str:
    """Draw a phrase that stands after "not": one that begins with its article and denies nothing; often none."""
    whole = [p.text for p in entry.get("P" + "-+"[pole > 0]) if not p.more and _IS_WHOLE.match(p.text)]
    return rng.choice(whole) if whole and rng.random() < 0.35 else ""


def _beside(rng: Random, text: str, labels: Labels, taken: set[str]) -> tuple[str, Labels]:
    """Add, in one case of two, a person or other traits before or behind."""
    if rng.random() < 0.5:
        return roughen(rng, text), labels
    items = [i for i in draw_items(rng, rng.choice((1, 1, 2))) if taken.isdisjoint(i.attributes) and not i.others]
    person = draw_person(rng) if "sex" not in labels and rng.random() < 0.5 else None
    merged = merge({**(person.labels if person else {}), **labels}, items)
    if merged is None or not (items or person):
        return roughen(rng, text), labels
    parts = [text, *(i.phrase() for i in items)]
    rng.shuffle(parts)
    if person:
        parts.insert(
            0,
            article(" ".join(w for w in (person.before, person.noun) if w))
            + (f" {person.after}" if person.after else ""),
        )
    return roughen(rng, rng.choice((", ", "; ", ". ", ", ")).join(parts)), merged


def draw_comparison(rng: Random) -> tuple[str, Labels]:
    """Draw a caption that compares two traits."""
    group, comparatives = rng.choice(_COMPARED)
    (more, a), (less, b) = rng.sample(group, 2)
    plural = a.endswith("*")
    a, b = a.rstrip("*"), b.rstrip("*")
    words = {
        "a": a,
        "b": b,
        "be": "are" if plural else "is",
        "s": "" if plural else "s",
        "aA": a if plural else article(a),
    }
    text = rng.choice(_COMPARE).format(more=rng.choice(comparatives), **words)
    return _beside(rng, text, {"relations": [[more, ">", less]]}, {more, less})


def draw_average(rng: Random) -> tuple[str, Labels]:
    """Draw a caption that says of one trait that it is average."""
    name, noun, side = rng.choice(
        (
            *(("nose_size", "nose", "size"), ("nose_width", "nose", "width"), ("nose_length", "nose", "length")),
            *(("eye_size", "eyes", "size"), ("ear_size", "ears", "size"), ("mouth_width", "mouth", "width")),
            *(("face_width", "face", "width"), ("face_length", "face", "length"), ("jaw_width", "jaw", "width")),
            *(
                ("chin_height", "chin", "length"),
                ("forehead_height", "forehead", "height"),
                ("neck_width", "neck", "thickness"),
            ),
            *(
                ("eye_spacing", "eyes", "spacing"),
                ("brow_thickness", "eyebrows", "thickness"),
                ("heaviness", "build", "weight"),
            ),
        )
    )
    forms = (
        *(
            f"{noun} of average {side}",
            f"average {noun} {side}",
            f"{noun} {side}: normal",
            f"medium {side} for the {noun}",
        ),
        *(f"nothing special about the {side} of the {noun}", f"{noun} neither one way nor the other in {side}"),
        *(f"the {noun}'s {side} is ordinary", f"standard {noun} {side}", f"middling {side}, that {noun}"),
    )
    return _beside(rng, rng.choice(forms), {"attributes": {name: 0.0}}, {name})
