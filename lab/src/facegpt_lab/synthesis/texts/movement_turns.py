"""Turns that say how strong a movement should be now: "half that", "brows 0", ".3", "no tongue", "all the way", "both".

Each is drawn with what the face does already and the turns that made it so; its labels follow from the weight before
(LABELS.md): half of 0.7 is 0.35, "max" is 1, "less" is half, and what is not spoken of stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from facegpt.conventions import mirror_arkit_name
from facegpt.language.earlier import Earlier, note_of_labels
from facegpt_lab.synthesis.texts import captions_edits
from facegpt_lab.synthesis.texts.conversations import Before, ReadTurn
from facegpt_lab.synthesis.texts.english import Labels
from facegpt_lab.synthesis.texts.lexicon import Entry, movements
from facegpt_lab.synthesis.texts.slips import roughen

#: Words by what becomes of a weight; {n} is the movement ("smile"), {p} what moves ("brows").
_HALF = (
    *("half", "half that", "halve it", "half of it", "cut it in half", "50%", "50 percent of that", "dial 50%", "1/2"),
    *("half as much", "half strength", "scale by one half", "x0.5", "½", "only half", "by half", "to a half"),
)
_THIRD = ("a third of that", "one third", "33%", "a third", "1/3 of it")
_QUARTER = ("a quarter of that", "25%", "one quarter", "quarter strength", "1/4")
_DOUBLE = ("double it", "twice that", "twice as much", "x2", "double", "200%")
_LESS = (
    *("less", "less than that", "not so much", "too much", "tone it down", "weaker", "softer", "gentler", "smaller"),
    *("dial it back", "too strong", "overdone", "easier", "ease off", "come down a bit", "lighter", "calmer", "milder"),
    *("reduce it", "turn it down", "pull back", "not that far", "not so far", "take it down"),
)
_TRACE = (
    *("barely", "just a trace", "only a suspicion of that", "a hint of it only", "hardly there", "very little"),
    *("much less", "way less", "minimal", "just barely visible", "almost nothing", "tiny", "a ghost of it"),
)
_LITTLE_MORE = ("a bit more", "slightly more", "a touch more", "little more", "one notch up", "a bit further")
_MORE = (
    *("more", "even more", "stronger", "harder", "bigger", "more!", "further", "deeper", "firmer", "tighter", "wider"),
    *("again, more", "not enough", "i want more", "turn it up", "push it", "MORE", "more than that", "louder", "go on"),
    *("higher", "lower", "fuller", "increase it", "crank it up", "give me more", "stronger pls"),
)
_MOST = (
    *("max", "maximum", "to the max", "all the way", "fully", "100%", "as far as it goes", "full", "full blast", "1.0"),
    *("max it out", "extreme", "as much as possible", "completely", "go all out", "to the limit", "at full strength"),
)
_NOUN_LESS = (
    "less {n}",
    "a bit less {n}",
    "weaker {n}",
    "not so much {n}",
    "tone down the {n}",
    "{n} softer",
    "ease {n}",
)
_NOUN_MORE = ("more {n}", "even more {n}", "stronger {n}", "bigger {n}", "{n} stronger", "MORE {n}", "more of the {n}")
_PART_LESS = ("{p} less", "the {p} a bit less", "{p} not so much", "{p}: less", "less with the {p}", "ease the {p}")
_PART_MORE = ("{p} more", "the {p} more", "{p} further", "{p}: more", "more with the {p}", "{p} stronger")
_PART_HALF = ("{p} half", "{p} ½", "{p} at half", "{p} 50%", "halve the {p}", "{n} half", "{n} ½", "half the {n}")
_PART_MOST = ("{p} max", "{p} all the way", "{p} 100%", "{n} max", "{n} to the max", "full {n}", "maximum {n}")
_STOP = (
    *("stop", "stop that", "enough", "enough of that", "off", "release", "relax", "let go", "let it go", "drop it"),
    *("no more", "not any more", "0", "zero", "and 0", "to 0", "none", "none of that", "back to rest", "at ease", "0%"),
    *(
        "that's over",
        "and rest",
        "lose it",
        "away with it",
        "take it off",
        "it passes",
        "it fades",
        "gone",
        "ok normal",
    ),
    *("calm again", "back to normal", "undone", "switch it off", "without it", "clear it", "hold it no longer"),
)
_NOUN_STOP = (
    *("no {n}", "no {n} any more", "without the {n}", "{n} off", "{n} 0", "lose the {n}", "drop the {n}", "{n} gone"),
    *("no more {n}", "the {n} away", "{n}: 0", "kill the {n}", "take the {n} away", "remove the {n}", "not the {n}"),
    *("minus the {n}", "stop the {n}", "put the {n} away", "the {n} goes", "{n} out", "the {n} can go", "skip the {n}"),
)
_PART_STOP = (
    *("relax the {p}", "{p} normal", "{p} back to normal", "{p} 0", "let the {p} go", "{p} at rest", "release the {p}"),
    *(
        "{p} relaxed",
        "{p} neutral again",
        "{p} as usual",
        "let that {p} go",
        "the {p} at ease",
        "{p} back",
        "rest the {p}",
    ),
    *("ok {p} normal", "{p} still", "reset the {p}", "{p}: none", "put the {p} back", "no {p} stuff"),
)
_TO: tuple[str, ...] = (
    *("{x}", "{x}", "to {x}", "at {x}", "make it {x}", "set it to {x}", "{x} then", "now {x}", "{n} {x}", "{p} {x}"),
    *("{n} at {x}", "{p} at {x}", "{n} to {x}", "{n}: {x}", "{n} = {x}", "no, {x}", "try {x}", "{x} again"),
)
_ONLY_THIS_SIDE = (
    "only the {side} one",
    "just the {side}",
    "{side} only",
    "{side} side only",
    "keep the {side} one only",
)
_THIS_SIDE_OFF = (
    "not the {side} one",
    "{side} off",
    "{side} one down",
    "{side} back",
    "let the {side} go",
    "no {side}",
)
_BOTH = (
    *("both", "both sides", "both now", "the same on the other side", "symmetric", "make it symmetric", "equal"),
    *(
        "the {other} too",
        "{other} as well",
        "{other} too",
        "also the {other}",
        "same for the {other}",
        "match the sides",
    ),
)
_SWAPPED = (
    *("mirror it", "flip it", "swap sides", "the other side", "other side", "other one", "the other {one} instead"),
    *(
        "{other}, not {side}",
        "i meant {other}",
        "other {one}",
        "wrong {one}",
        "reflect it",
        "contralateral",
        "no the other",
    ),
    *("the {other} instead", "other way round", "{other} instead of {side}", "switch {one}s", "now mirror it"),
)
_EYES = ("eyeBlink", "eyeSquint", "eyeWide")

_Change = tuple[str, Labels]


@dataclass(frozen=True)
class _Shown:
    """A movement that the face makes: its wordings, its units, how strong."""

    entry: Entry
    units: tuple[str, ...]
    weight: float

    @property
    def worn(self) -> dict[str, float]:
        return dict.fromkeys(self.units, self.weight)


def movement_turns(count: int, seed: int) -> list[ReadTurn]:
    """Draw so many, each from (seed, its number) alone."""
    return [draw_movement_turn(Random(f"weight {seed}/{k}"), f"weight/{seed}/{k}") for k in range(count)]


def draw_movement_turn(rng: Random, key: str) -> ReadTurn:
    """Draw one turn with what came before it. key: names it."""
    shown, words = _draw_shown(rng)
    other = _draw_shown(rng)
    two = rng.random() < 0.4 and not {*shown.units} & {*other[0].units} and shown.entry.names != other[0].entry.names
    earlier = [Earlier(words, note_of_labels("edit", {"expression": shown.worn}))]
    if two:  # the other came before, or after: then this one is called by its name
        last = rng.random() < 0.5
        earlier.insert(0 if last else 1, Earlier(other[1], note_of_labels("edit", {"expression": other[0].worn})))
    elif rng.random() < 0.4:
        text, labels = captions_edits.draw_edit(rng)
        earlier.insert(0, Earlier(text, note_of_labels("edit", labels)))
    named = two and earlier[-1].text != words
    text, labels = _change_of(rng, shown, named)
    worn = other[0].worn | shown.worn if two else shown.worn
    first = shown if earlier[0].text == words else other[0]
    wore = ({}, first.worn) if two else ({},)
    said = roughen(rng, text, 0.3)
    return ReadTurn(key, said, "edit", (labels,), (), 1, 0, tuple(earlier), worn, before=Before(wore))


def _draw_shown(rng: Random) -> tuple[_Shown, str]:
    """A movement of both sides or one with words that ask for it."""
    entry, units = rng.choice(movements())
    weight = rng.choice((0.3, 0.4, 0.5, 0.6, 0.7, 0.7, 0.7, 0.8, 1.0))
    if entry.get("one") and any(unit.endswith("Left") for unit in units) and rng.random() < 0.35:
        side = rng.choice(("Left", "Right"))
        one = rng.choice(entry.get("one")).text
        text = rng.choice((f"{one}, {side.lower()}", f"{side.lower()}: {one}", f"{one} on the {side.lower()}"))
        return _Shown(entry, tuple(unit for unit in units if unit.endswith(side)), weight), text
    phrase = rng.choice((*entry.get("E"), *entry.get("P"), *entry.get("E"))).text
    return _Shown(entry, units, weight), f"{phrase}, {weight:g}" if rng.random() < 0.15 else phrase


def _change_of(rng: Random, shown: _Shown, named: bool) -> _Change:
    """What is said of a movement; named: by its name, since another came after it."""
    sides = {unit[-4:] for unit in shown.units if mirror_arkit_name(unit) != unit}
    paired = len(shown.units) > 1 and all(mirror_arkit_name(unit) in shown.units for unit in shown.units)
    one_sided = bool(sides) and all(mirror_arkit_name(unit) not in shown.units for unit in shown.units)
    draws: list[Callable[[Random, _Shown, bool], _Change]] = [_scaled, _scaled, _scaled, _to_number, _stopped, _stopped]
    if one_sided and not named and shown.units[0].endswith(("Left", "Right")) and "Look" not in shown.units[0]:
        draws += [_on_both, _on_the_other] * 3
    if paired and not named and any(unit.endswith("Left") for unit in shown.units) and "Look" not in shown.units[0]:
        draws += [_on_one]
    return rng.choice(draws)(rng, shown, named)


def _said(rng: Random, forms: tuple[str, ...], shown: _Shown, **more: str) -> str:
    noun = rng.choice(shown.entry.nouns).text
    return rng.choice(forms).format(n=noun, p=rng.choice(shown.entry.get("part")).text, **more)


def _all_at(units: Mapping[str, float] | tuple[str, ...], weight: float) -> Labels:
    return {"expression": dict.fromkeys(units, round(min(1.0, weight), 2))}


def _scaled(rng: Random, shown: _Shown, named: bool) -> _Change:
    """More of it, less, a share."""
    w = shown.weight
    little, much = w + 0.4 * (1 - w), w + 0.7 * (1 - w)
    alone = (
        *((_HALF, w / 2), (_THIRD, w / 3), (_QUARTER, w / 4), (_DOUBLE, 2 * w), (_LESS, w / 2), (_LESS, w / 2)),
        *((_TRACE, w / 3), (_LITTLE_MORE, little), (_MORE, much), (_MORE, much), (_MOST, 1.0), (_MOST, 1.0)),
    )
    by_name = (
        *((_NOUN_LESS, w / 2), (_PART_LESS, w / 2), (_NOUN_MORE, much), (_PART_MORE, much)),
        *((_PART_HALF, w / 2), (_PART_MOST, 1.0)),
    )
    forms, weight = rng.choice(by_name if named or rng.random() < 0.35 else alone)
    return _said(rng, forms, shown), _all_at(shown.units, weight)


def _to_number(rng: Random, shown: _Shown, named: bool) -> _Change:
    """A weight by its number: ".3", "smile 40%"."""
    weight = rng.choice((0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9))
    written = rng.choice((f"{weight:g}", f"{weight:g}".lstrip("0"), f"{100 * weight:g}%", f"{100 * weight:g} percent"))
    forms = tuple(form for form in _TO if "{n}" in form or "{p}" in form) if named else _TO
    return _said(rng, forms, shown, x=written), _all_at(shown.units, weight)


def _stopped(rng: Random, shown: _Shown, named: bool) -> _Change:
    denied = tuple(phrase.text for phrase in shown.entry.get("N"))
    forms = (_NOUN_STOP, _PART_STOP, *((denied,) if denied else ()), *(() if named else (_STOP, _STOP)))
    return _said(rng, rng.choice(forms), shown), {"expression_off": list(shown.units)}


def _sides(rng: Random, shown: _Shown) -> dict[str, str]:
    side = "left" if shown.units[0].endswith("Left") else "right"
    eye = shown.entry.names[0] in _EYES
    return {
        "side": side,
        "other": "right" if side == "left" else "left",
        "one": rng.choice(("eye", "one", "side")) if eye else "side",
    }


def _on_both(rng: Random, shown: _Shown, _: bool) -> _Change:
    mirrored = tuple(mirror_arkit_name(unit) for unit in shown.units)
    return _said(rng, _BOTH, shown, **_sides(rng, shown)), _all_at(mirrored, shown.weight)


def _on_the_other(rng: Random, shown: _Shown, _: bool) -> _Change:
    mirrored = tuple(mirror_arkit_name(unit) for unit in shown.units)
    labels = _all_at(mirrored, shown.weight) | {"expression_off": list(shown.units)}
    return _said(rng, _SWAPPED, shown, **_sides(rng, shown)), labels


def _on_one(rng: Random, shown: _Shown, _: bool) -> _Change:
    """One side of two stays, or goes."""
    side = rng.choice(("left", "right"))
    forms, gone = rng.choice(((_ONLY_THIS_SIDE, "right" if side == "left" else "left"), (_THIS_SIDE_OFF, side)))
    off = [unit for unit in shown.units if unit.endswith(gone.capitalize())]
    return _said(rng, forms, shown, side=side), {"expression_off": off}
