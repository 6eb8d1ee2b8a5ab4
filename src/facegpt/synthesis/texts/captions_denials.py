"""Captions that deny and compare: "not a big nose", "anything but thin lips", "the jaw is wider than the forehead"."""

from __future__ import annotations

from random import Random

from facegpt.synthesis.texts.captions import draw_items, merge
from facegpt.synthesis.texts.english import Labels, article
from facegpt.synthesis.texts.lexicon import SEVERAL, Entry, Noun, looks
from facegpt.synthesis.texts.people_nouns import draw_person
from facegpt.synthesis.texts.slips import roughen

#: {it}: "a wide nose"; {noun}; {adj}; {be}: is or are; {isnt}. These leave the other side open.
_NOT = (
    *(
        "not {it}",
        "no {bare}, please",
        "without {it}",
        "{noun} not {adj}",
        "the {noun} {isnt} {adj}",
        "not too {adj} {aNoun}",
    ),
    *("don't make the {noun} {adj}", "{aNoun} that {isnt} {adj}", "nothing like {it}", "the {noun} must not be {adj}"),
    *(
        "avoid {it}",
        "just not {it}",
        "anyone who doesn't have {it}",
        "please no {bare}",
        "never {it}",
        "not overly {adj} {aNoun}",
    ),
    *(
        "by no means {it}",
        "i said NOT {adj} {aNoun}",
        "the {noun} shouldn't be {adj}",
        "no {bare}",
        "{aNoun}, but not {adj}",
    ),
    *("it's not {it}", "he doesn't have {it}", "she doesn't have {it}", "lacking {it}", "whatever you do, no {bare}"),
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


def _words(entry: Entry, rng: Random, pole: int) -> dict[str, str] | None:
    """Draw the words that the templates need: an adjective of this pole, one of the other, a noun."""
    adjectives = [p.text for p in entry.get("A" + "-+"[pole > 0]) if p.degree == 1.0 and not p.more]
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
    table = looks()
    while True:
        name = rng.choice(list(table))
        pole = rng.choice((1, -1))
        words = _words(table[name], rng, pole)
        if words:
            break
    kind = rng.random()
    template = rng.choice(_NOT if kind < 0.55 else _OPPOSITE if kind < 0.85 else _AVERAGE)
    names = SEVERAL.get(name, (name,))
    labels: Labels = {"not": dict.fromkeys(names, pole)} if kind < 0.55 else {}
    if kind >= 0.55:
        labels["attributes"] = dict.fromkeys(names, -float(pole) if kind < 0.85 else 0.0)
    if template.startswith(("he ", "she ")):
        labels["sex"] = "M" if template.startswith("he ") else "F"
    return _beside(rng, template.format(**words), labels, set(names))


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
