"""Turns that mean something only after the turns before: "another 4", "not so much", "and the chin", "the other eye".

Each is drawn with a change before it, perhaps others and small talk between, and with what it means in full. Some are
changes of their own, which take nothing from what came before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from facegpt.conventions import mirror_arkit_name
from facegpt.language.earlier import Earlier, note_of_labels
from facegpt_lab.synthesis.heads_so_far import asked_of_attributes
from facegpt_lab.synthesis.texts import captions_edits, captions_expressions, captions_millimetres
from facegpt_lab.synthesis.texts.conversations import Before, ReadTurn
from facegpt_lab.synthesis.texts.english import STEPS, Labels, comparative, draw_degree
from facegpt_lab.synthesis.texts.lexicon import Noun, attribute_labels, emotions, looks, measures
from facegpt_lab.synthesis.texts.slips import roughen

#: The same again, and some of it back, by degree.
_MORE: dict[float, tuple[str, ...]] = {
    0.5: ("a bit more", "slightly more", "a touch more", "little more", "just a hair further", "one small step on"),
    1.0: (
        *("more", "even more", "again", "more please", "further", "keep going", "go on", "once more", "same again"),
        *("another notch", "still not enough", "not enough", "stronger", "push it", "more so", "and again", "+1"),
        *("i want more of that", "more of the same", "that's not enough yet", "up a notch", "one more step", "more!!"),
    ),
    1.5: ("quite a bit more", "a good deal more", "considerably more", "really go for it"),
    2.0: ("much more", "a lot more", "way more", "loads more", "go to the extreme", "max it out", "double that"),
}
_LESS: dict[float, tuple[str, ...]] = {
    0.5: (
        *("a bit less", "less", "not so much", "not that much", "too much", "that's too much", "bit too much"),
        *("tone it down", "dial it back", "half that", "back a bit", "back a little", "ease off a bit", "overdone"),
        *("weaker", "softer", "a touch less", "too far", "went too far", "halfway back", "hmm less", "give some back"),
        *("not quite so much", "gently, less", "tone that down a notch", "down a notch", "-0.5"),
    ),
    1.0: ("the other way", "no, the opposite", "other direction", "reverse that", "wrong way round", "a lot less"),
}
_STILL: tuple[str, ...] = (
    *("{step} still", "even {step}", "{step}", "make it {step}", "{step} yet", "no, {step}", "{step} please"),
    *("i said {step}", "still {step}", "could be {step}", "should be {step}", "go {step}", "it wants to be {step}"),
)
_AGAIN = ("no, {step}", "{step} again", "hmm, {step}", "too much, {step}", "{step} then", "oh no. {step}", "now {step}")
_ALSO: tuple[str, ...] = (
    *("and the {noun}", "the {noun} too", "same for the {noun}", "{noun} likewise", "also the {noun}", "{noun} too"),
    *("and {noun}", "same with the {noun}", "do the {noun} as well", "the {noun} as well", "now the {noun}"),
    *("likewise the {noun}", "{noun}: same", "and her {noun}?", "now his {noun} the same way", "ditto {noun}"),
)
_ANOTHER = (
    "another {x}",
    "{x} more",
    "and {x} more",
    "again {x}",
    "{x} further",
    "one more time, {x}",
    "plus another {x}",
)
_BACK = ("{x} back", "back by {x}", "give {x} back", "take that back by {x}", "{x} the other way", "too much, {x} back")
_PLUS = ("add {x}", "plus {x}", "+{x}", "put {x} on", "increase it by {x}", "{x} extra")
_MINUS = ("take {x} off", "minus {x}", "-{x}", "{x} less", "cut {x}", "lose {x}", "take {x} off again")
_ONLY = ("only {x}", "no, only {x}", "make that {x}", "i meant {x}", "just {x}", "{x}, not more", "{x} would do")
_TO = ("make it {x}", "{x} then", "set it to {x}", "to {x}", "bring it to {x}", "no, exactly {x}", "let it be {x}")
_STOP = (
    "stop",
    "ok stop",
    "stop that",
    "enough",
    "enough of that",
    "and off again",
    "let it go",
    "drop that",
    "lose it",
)
_OTHER = ("now the other one", "and the other", "the other side too", "other one too", "the other as well", "both now")
_INSTEAD = (
    "the other one instead",
    "no, the other side",
    "other side",
    "wrong side",
    "i meant the other one",
    "swap sides",
)
_REMARKS = ("nice", "ok", "thanks", "hmm", "lol", "good", "that's better", "haha yes", "cool, so", "almost", "i see")


@dataclass(frozen=True)
class _Pair:
    """A change and what follows it, each with its labels; what the face wears between them."""

    before: str
    labels: Labels
    text: str
    after: Labels
    worn: Mapping[str, float]


def draw_follow_up(rng: Random, key: str) -> ReadTurn:
    """Draw one turn with what came before it. key: names it."""
    draws = (_of_shape, _of_other_part, _of_millimetres, _of_movement, _of_sides, _of_feeling, _of_its_own)
    pair = rng.choices(draws, (0.27, 0.13, 0.2, 0.1, 0.05, 0.07, 0.18))[0](rng)
    earlier = [Earlier(pair.before, note_of_labels("edit", pair.labels))]
    asked = [{}, asked_of_attributes(pair.labels)]
    if rng.random() < 0.4:
        text, labels = _any_change(rng)
        earlier.insert(0, Earlier(text, note_of_labels("edit", labels)))
        asked.insert(1, asked_of_attributes(labels))
    if rng.random() < 0.2:
        earlier.append(Earlier(rng.choice(_REMARKS), "small talk"))
    text = roughen(rng, pair.text, 0.3)
    before = Before(({},) * (len(asked) - 1), tuple(asked), asked[-1])
    return ReadTurn(key, text, "edit", (pair.after,), (), 1, 0, tuple(earlier), pair.worn, before=before)


def _any_change(rng: Random) -> tuple[str, Labels]:
    draws: tuple[Callable[[Random], tuple[str, Labels]], ...] = (
        captions_edits.draw_edit,
        captions_expressions.draw_expression_edit,
        lambda rng: captions_millimetres.draw_millimetres(rng, True),
    )
    return rng.choices(draws, (0.5, 0.3, 0.2))[0](rng)


def _of_its_own(rng: Random) -> _Pair:
    (before, labels), (text, after) = _any_change(rng), _any_change(rng)
    return _Pair(before, labels, text, after, labels.get("expression", {}))


def _times(labels: Mapping[str, float], share: float) -> Labels:
    """Changes in the same direction, of another degree."""
    return {"attributes": {name: share * (1 if degree > 0 else -1) for name, degree in labels.items()}}


def _of_shape(rng: Random) -> _Pair:
    """A change of one trait, then more of it, less of it, or its word again."""
    while True:
        name, pole = rng.choice(list(looks())), rng.choice((1, -1))
        before, attributes, others = captions_edits.draw_change(rng, name, pole)
        if not others:
            break
    kind, labels = rng.random(), {"attributes": attributes}
    own = attribute_labels(name, 1.0, {})[0].keys()
    sign, opposite = ("+", "-") if pole > 0 else ("-", "+")
    same, other = (_adjectives(name, mark) for mark in (sign, opposite))
    if kind < 0.3 or (kind > 0.55 and not same) or (kind > 0.78 and not other):
        degree = rng.choices(list(_MORE), (0.25, 0.5, 0.1, 0.15))[0]
        return _Pair(before, labels, rng.choice(_MORE[degree]), _times(attributes, degree), {})
    if kind < 0.55:
        degree = rng.choices(list(_LESS), (0.8, 0.2))[0]
        return _Pair(before, labels, rng.choice(_LESS[degree]), _times(attributes, -degree), {})
    degree = draw_degree(rng)
    way, words = (pole, same) if kind < 0.78 else (-pole, other)
    step = f"{rng.choice(STEPS[degree])} {comparative(rng.choice(words))}".strip()
    text = rng.choice(_STILL if way == pole else _AGAIN).format(step=step)
    return _Pair(before, labels, text, {"attributes": dict.fromkeys(own, way * degree)}, {})


def _adjectives(name: str, sign: str) -> list[str]:
    return [p.text for p in looks()[name].get(f"A{sign}") if p.degree == 1.0 and not p.more]


def _of_other_part(rng: Random) -> _Pair:
    """A change by a word, then another part that the same word fits."""
    while True:
        name, sign = rng.choice(list(looks())), rng.choice("+-")
        words = _adjectives(name, sign)
        word = rng.choice(words) if words and looks()[name].nouns else ""
        others = [(other, way) for other in looks() for way in "+-" if other != name and looks()[other].nouns]
        others = [(other, way) for other, way in others if word in _adjectives(other, way)]
        if word and others:
            break
    other, way = rng.choice(others)
    noun, second = rng.choice(looks()[name].nouns), rng.choice(looks()[other].nouns)
    before = rng.choice(_FIRST).format(noun=noun.text, step=comparative(word))
    labels = attribute_labels(name, 1.0 if sign == "+" else -1.0, {})[0]
    after = attribute_labels(other, 1.0 if way == "+" else -1.0, {})[0]
    return _Pair(before, {"attributes": labels}, _said_of(rng, second), {"attributes": after}, {})


_FIRST = (
    "make the {noun} {step}",
    "{noun} {step}",
    "{step} {noun}",
    "her {noun} should be {step}",
    "{noun} {step} pls",
)


def _said_of(rng: Random, noun: Noun) -> str:
    return rng.choice(_ALSO).format(noun=noun.text)


def _of_millimetres(rng: Random) -> _Pair:
    """A change or value of a measure, then another number for it."""
    words = rng.choice(measures())
    before, goal = captions_millimetres.draw_goal(rng, words, True)
    way = -1 if goal.get("change", goal.get("percent", 1)) < 0 else 1
    mean, sd = captions_millimetres.usual(words.name)
    small = max(0.5, round(2 * (abs(rng.gauss(0, 1)) * sd * 0.7 + 0.7)) / 2)
    kind = rng.random()
    if kind < 0.27:
        value = float(round(mean + rng.gauss(0, 1.2) * sd))
        text, exact = _amount(rng, value)
        return _Pair(
            before, {"mm": {words.name: goal}}, rng.choice(_TO).format(x=text), _mm(words.name, value=exact), {}
        )
    text, exact = _amount(rng, small if small < 4 else float(round(small)))
    choices = ((_ANOTHER, way), (_BACK, -way), (_PLUS, 1), (_MINUS, -1), (_ONLY, way))
    forms, sign = rng.choices(choices, (0.35, 0.2, 0.2, 0.2, 0.05 + 0.1 * ("change" in goal)))[0]
    change = {"change": sign * exact}
    return _Pair(before, {"mm": {words.name: goal}}, rng.choice(forms).format(x=text), _mm(words.name, **change), {})


def _amount(rng: Random, mm: float) -> tuple[str, float]:
    """A number with its unit, or mostly without one."""
    return captions_millimetres.written(rng, mm) if rng.random() < 0.45 else (f"{mm:g}", mm)


def _mm(measure: str, **goal: float) -> Labels:
    return {"mm": {measure: goal}}


def _of_movement(rng: Random) -> _Pair:
    """A movement, then more of it, less of it, or none."""
    while True:
        before, labels = captions_expressions.draw_movement_of(rng, True)
        if units := labels.get("expression"):
            break
    kind = rng.random()
    if kind < 0.4:
        degree = rng.choice(list(_MORE))
        after: Labels = {"expression": dict.fromkeys(units, 0.85 if degree == 0.5 else 1.0)}
        return _Pair(before, labels, rng.choice(_MORE[degree]), after, units)
    if kind < 0.7:
        after = {"expression": dict.fromkeys(units, 0.35)}
        return _Pair(before, labels, rng.choice(_LESS[0.5]), after, units)
    return _Pair(before, labels, rng.choice(_STOP), {"expression_off": list(units)}, units)


def _of_sides(rng: Random) -> _Pair:
    """A movement of one side, then the other side too, or instead."""
    while True:
        before, labels = captions_expressions.draw_movement_of(rng, True)
        units = labels.get("expression", {})
        if units and all(mirror_arkit_name(unit) not in units for unit in units):
            break
    mirrored = {mirror_arkit_name(unit): weight for unit, weight in units.items()}
    if rng.random() < 0.6:
        return _Pair(before, labels, rng.choice(_OTHER), {"expression": mirrored}, units)
    after = {"expression": mirrored, "expression_off": list(units)}
    return _Pair(before, labels, rng.choice(_INSTEAD), after, units)


def _of_feeling(rng: Random) -> _Pair:
    """A feeling, then more or less of it."""
    name = rng.choice([name for name in emotions() if name != "neutral"])
    word = rng.choice(emotions()[name].get("A")).text
    before = rng.choice(("make her {}", "now {}", "he should look {}", "{} please", "{}")).format(word)
    labels: Labels = {"emotion": name}
    if rng.random() < 0.5:
        own = rng.choice((f"more {word}", f"even more {word}", f"very {word}", f"really {word}"))
        text = rng.choice((*_MORE[1.0], *_MORE[2.0], own))
        return _Pair(before, labels, text, {"emotion": name, "intensity": 1.0}, {})
    own = rng.choice((f"less {word}", f"not so {word}", f"only a bit {word}", f"a bit less {word}"))
    return _Pair(before, labels, rng.choice((*_LESS[0.5], own)), {"emotion": name, "intensity": 0.35}, {})


def follow_ups(count: int, seed: int) -> list[ReadTurn]:
    """Draw so many, each from (seed, its number) alone."""
    return [draw_follow_up(Random(f"follow {seed}/{k}"), f"follow/{seed}/{k}") for k in range(count)]
