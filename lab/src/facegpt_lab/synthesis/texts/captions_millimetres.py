"""Captions with numbers: all measures of `face.measure()`, as a change, a value, a bound or a share."""

from __future__ import annotations

from random import Random

from facegpt.morphable.measure import reference
from facegpt_lab.synthesis.texts.captions import draw_items, merge
from facegpt_lab.synthesis.texts.english import Labels, joined
from facegpt_lab.synthesis.texts.lexicon import MeasureWords, Noun, measures
from facegpt_lab.synthesis.texts.people_nouns import draw_person, number_words
from facegpt_lab.synthesis.texts.slips import roughen

#: Means and SDs in mm of what anthropometry.csv has no figure for.
_OTHERS = {
    "lower_face_height": (68.0, 5.0),
    "bitragion_chin_arc": (315.0, 15.0),
    "bitragion_submandibular_arc": (290.0, 18.0),
}
_OTHERS |= {"tragion_top_of_head": (130.0, 6.0)}
_EQUALS = (
    *(
        "{name} {x}",
        "{name}: {x}",
        "{name} of {x}",
        "{name} = {x}",
        "{x} {name}",
        "{name} exactly {x}",
        "{name} should be {x}",
    ),
    *("set {name} to {x}", "{name} at {x}", "the {name} is {x}", "{name} measures {x}", "{name} to {x}", "{name}, {x}"),
    *(
        "I measured {name}: {x}",
        "{name} must be {x}",
        "bring {name} to {x}",
        "make the {name} {x}",
        "{name} down to {x}",
    ),
    *("{name} up to about {x}", "with {name} {x}", "{name} comes to {x}", "{x} for the {name}", "put {name} at {x}"),
)
_WIDE = (
    *(
        "the {noun} {x} {adj}",
        "{noun} {x} {adj}",
        "{aNoun} {x} {adj}",
        "the {noun} {be} {x} {adj}",
        "make the {noun} {x} {adj}",
    ),
    *(
        "{noun} should be {x} {adj}",
        "with {aNoun} {x} {adj}",
        "{their} {noun} {be} {x} {adj}",
        "{noun} exactly {x} {adj}",
    ),
)
_LEAST = (
    *(
        "{name} at least {x}",
        "{name} no less than {x}",
        "{name} {x} or more",
        "{name} not under {x}",
        "minimum {name} {x}",
    ),
    *(
        "{name} over {x}",
        "{name} >= {x}",
        "{name} above {x}",
        "at least {x} {name}",
        "{name} of {x} minimum",
        "{name} more than {x}",
    ),
)
_MOST = (
    *(
        "{name} at most {x}",
        "{name} no more than {x}",
        "{name} {x} or less",
        "{name} not over {x}",
        "maximum {name} {x}",
    ),
    *(
        "{name} under {x}",
        "{name} <= {x}",
        "{name} below {x}",
        "{name} not above {x}",
        "{name} less than {x}",
        "{name} max {x}",
    ),
)
_CHANGE = (
    *(
        "{noun} {x} {more}",
        "make the {noun} {x} {more}",
        "the {noun} {x} {more}",
        "{x} {more}: the {noun}",
        "{noun}: {x} {more}",
    ),
    *(
        "{their} {noun} {x} {more}",
        "{noun} {more} by {x}",
        "make {their} {noun} {more} by {x}",
        "could the {noun} be {x} {more}?",
    ),
    *(
        "I'd like the {noun} {x} {more}",
        "{x} {more} in the {noun}",
        "the {noun} should be {more} by {x}",
        "{more} {noun}, {x}",
    ),
)
_ADD = (
    *(
        "add {x} to the {name}",
        "increase {name} by {x}",
        "{name} plus {x}",
        "{name} +{x}",
        "+{x} {name}",
        "{x} more {name}",
    ),
    *(
        "raise {name} by {x}",
        "grow the {name} by {x}",
        "enlarge {name} by {x}",
        "extend {name} {x}",
        "{x} extra on the {name}",
    ),
)
_TAKE = (
    *(
        "take {x} off the {name}",
        "reduce {name} by {x}",
        "{name} minus {x}",
        "{name} -{x}",
        "-{x} {name}",
        "{x} less {name}",
    ),
    *(
        "lower {name} by {x}",
        "shrink the {name} by {x}",
        "cut {name} by {x}",
        "decrease {name} by {x}",
        "lose {x} of {name}",
    ),
)
_SHARES = ((10, ("a tenth",)), (20, ("a fifth",)), (25, ("a quarter",)), (33.333, ("a third",)), (50, ("half",)))


def usual(measure: str) -> tuple[float, float]:
    """Mean and SD of a measure over adults, mm."""
    groups = reference().get(measure)
    if not groups:
        return _OTHERS.get(measure, (100.0, 6.0))
    return (sum(m for m, _ in groups.values()) / len(groups), sum(s for _, s in groups.values()) / len(groups))


def written(rng: Random, mm: float) -> tuple[str, float]:
    """Write a length: (words, its exact value in mm)."""
    kind = rng.random()
    unit = rng.choice(("mm", "mm", "mm", " mm", " mm", " mm", " millimetres", " millimeters", " mil", " millimetre"))
    if kind < 0.12 and mm >= 10 and round(mm) % 5 == 0:
        cm = rng.choice((" cm", "cm", " centimetres", " centimeters"))
        return f"{mm / 10:g}{cm}", round(mm, 1)
    if kind < 0.16 and 12 < mm < 200:
        inches = max(round(mm / 25.4 * 4) / 4, 0.25)
        return f"{inches:g} {rng.choice(('inches', 'inch', 'in.'))}", round(inches * 25.4, 2)
    whole = round(mm)
    if kind < 0.26 and (1 <= whole <= 12 or 20 <= whole <= 89) and abs(mm - whole) < 0.01:
        small = (
            *("one", "two", "three", "four", "five", "six"),
            *("seven", "eight", "nine", "ten", "eleven", "twelve"),
        )
        word = small[whole - 1] if whole <= 12 else number_words(whole)
        return f"{word} {rng.choice(('millimetres', 'millimeters', 'mm'))}", float(whole)
    if kind < 0.29 and whole == 5:
        return rng.choice(("half a centimetre", "half a cm", "half a centimeter")), 5.0
    if kind < 0.32 and whole == 10:
        return rng.choice(("a centimetre", "one cm", "a whole centimetre")), 10.0
    if kind < 0.40 and mm > 9:
        return f"{mm:g}", mm
    return f"{mm:g}{unit}", mm


def _place(rng: Random, noun: Noun) -> dict[str, str]:
    return {
        "noun": noun.text,
        "be": "are" if noun.plural else "is",
        "aNoun": noun.text if noun.plural or noun.text.startswith("each") else f"a {noun.text}",
        "their": rng.choice(("his", "her", "their", "the", "my")),
    }


def draw_goal(rng: Random, words: MeasureWords, edit: bool) -> tuple[str, dict[str, float]]:
    """Draw one goal for one measure: (text, {kind: amount})."""
    mean, sd = usual(words.name)
    name = rng.choice(words.names)
    kind = rng.random()
    if edit and kind < 0.55:
        return _change(rng, words, name, sd)
    if edit and kind < 0.68:
        return _percent(rng, words, name)
    value = mean + rng.gauss(0, 1.3) * sd
    value = round(2 * value) / 2 if value < 40 and rng.random() < 0.3 else float(round(value))
    text, exact = written(rng, value)
    if kind > 0.93 and mean > 12:
        low, high = float(round(value)), float(round(value + max(1, sd * rng.uniform(0.3, 1))))
        unit = rng.choice((" mm", "mm", " millimetres"))
        form = rng.choice(
            ("{n} between {a} and {b}{u}", "{n} {a} to {b}{u}", "{n} from {a} to {b}{u}", "{n} {a}-{b}{u}")
        )
        return form.format(n=name, a=f"{low:g}", b=f"{high:g}", u=unit), {"min": low, "max": high}
    if kind > 0.86:
        return rng.choice(_LEAST).format(name=name, x=text), {"min": exact}
    if kind > 0.79:
        return rng.choice(_MOST).format(name=name, x=text), {"max": exact}
    if words.wide and rng.random() < 0.45:
        noun, adjective = rng.choice(words.wide)
        return rng.choice(_WIDE).format(x=text, adj=adjective, **_place(rng, noun)), {"value": exact}
    return rng.choice(_EQUALS).format(name=name, x=text), {"value": exact}


def _change(rng: Random, words: MeasureWords, name: str, sd: float) -> tuple[str, dict[str, float]]:
    sign = rng.choice((1, -1))
    size = abs(rng.gauss(0, 1)) * sd + 0.7
    size = max(round(2 * size) / 2, 0.5) if size < 4 and rng.random() < 0.4 else float(max(round(size), 1))
    text, exact = written(rng, size)
    if rng.random() < 0.5:
        noun, more = rng.choice(words.more if sign > 0 else words.less)
        return rng.choice(_CHANGE).format(x=text, more=more, **_place(rng, noun)), {"change": sign * exact}
    return rng.choice(_ADD if sign > 0 else _TAKE).format(x=text, name=name), {"change": sign * exact}


def _percent(rng: Random, words: MeasureWords, name: str) -> tuple[str, dict[str, float]]:
    sign = rng.choice((1, -1))
    if rng.random() < 0.3:
        share, forms = rng.choice(_SHARES)
        text, exact = rng.choice(forms), float(share)
    else:
        exact = float(rng.choice((2, 3, 4, 5, 5, 6, 8, 10, 10, 12, 15, 20, 20, 25, 30, 40, 50)))
        text = f"{exact:g}{rng.choice(('%', '%', ' %', ' percent', ' per cent', ' pct'))}"
    if rng.random() < 0.5:
        noun, more = rng.choice(words.more if sign > 0 else words.less)
        return rng.choice(_CHANGE).format(x=text, more=more, **_place(rng, noun)), {"percent": sign * exact}
    return rng.choice(_ADD if sign > 0 else _TAKE).format(x=text, name=name), {"percent": sign * exact}


def _lips(rng: Random) -> tuple[str, dict[str, dict[str, float]]]:
    """Draw a change of both lips at once: one number, two measures."""
    sign = rng.choice((1, -1))
    text, exact = written(rng, rng.choice((0.5, 1.0, 1.0, 1.5, 2.0, 3.0)))
    more = rng.choice(("thicker", "fuller", "bigger") if sign > 0 else ("thinner", "smaller", "less full"))
    form = rng.choice(
        ("both lips {x} {m}", "lips {x} {m} each", "{x} {m} lips, top and bottom", "lips {x} {m}", "each lip {x} {m}")
    )
    amount = {"change": sign * exact}
    return form.format(x=text, m=more), {"upper_vermilion_height": amount, "lower_vermilion_height": dict(amount)}


def draw_millimetres(rng: Random, edit: bool) -> tuple[str, Labels]:
    """Draw a text with one to three numbers, alone or beside traits.

    Args:
        rng: the source of chance.
        edit: whether it changes a given head (then changes and shares occur too).
    """
    table = measures()
    chosen = rng.sample(table, rng.choices((1, 2, 3), (0.68, 0.24, 0.08))[0])
    parts: list[str] = []
    goals: dict[str, dict[str, float]] = {}
    if edit and rng.random() < 0.06:
        text, goals = _lips(rng)
        parts, chosen = [text], [w for w in chosen if w.name not in goals][:1] if rng.random() < 0.3 else []
    for words in chosen:
        text, goal = draw_goal(rng, words, edit)
        parts.append(text)
        goals[words.name] = goal
    labels: Labels = {"mm": goals}
    if not edit and rng.random() < 0.5:
        items = draw_items(rng, rng.choice((1, 1, 2)))
        person = draw_person(rng)
        merged = merge({**labels, **person.labels}, items)
        if merged is not None:
            labels = merged
            parts += [i.phrase() for i in items]
            who = " ".join(w for w in (person.before, person.noun, person.after) if w)
            parts.insert(rng.choice((0, 0, len(parts))), who)
    text = joined(rng, parts) if rng.random() < 0.6 else rng.choice((", ", "; ", ". ", " / ")).join(parts)
    if edit and rng.random() < 0.1:
        text += rng.choice((", keep the rest", ", nothing else", ", everything else stays as it is"))
        labels["keep"] = True
    return roughen(rng, text, 0.4), labels
