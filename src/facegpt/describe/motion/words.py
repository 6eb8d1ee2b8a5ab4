"""Sentences about movements: who does what when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from facegpt.describe.measure_words import MOVEMENT_WORDS
from facegpt.describe.motion.events import Movement

#: Weights from which a movement is slight, clear, strong.
_STRENGTH = ((0.65, "strong"), (0.4, "clear"), (0.0, "slight"))
#: What is not one of MOVEMENT_WORDS.
_OTHERS = {
    "browUp": "raised brows",
    "wink": "a wink",
    "speech": "the mouth moves as in speech",
    "nod": "a nod",
    "shake": "a shake of the head",
    "mouthShrugUpper": "a raised upper lip",
}
#: So many times are listed of what comes again and again; of a person's movements the clearest, so many and one more
#: for each so many seconds.
_MOST_TIMES, _MOST_MOVEMENTS, _ONE_EACH_S = 6, 12, 3.0
#: Rises that are as clear as each other: a weight, degrees.
_PER_WEIGHT, _PER_DEG = 0.4, 15.0
_IN_DEGREES = ("turn", "pitch", "tilt", "look", "nod", "shake")


@dataclass(frozen=True)
class PersonMotion:
    """What one person of a clip does.

    Attributes:
        number: of the person. first_s, last_s: when they are in the picture. movements: in the order of their onsets.
    """

    number: int
    first_s: float
    last_s: float
    movements: tuple[Movement, ...]

    def as_dict(self) -> dict[str, object]:
        """The same for JSON."""
        listed = [
            {
                "name": one.name,
                "side": one.side,
                "onset_s": round(one.onset_s, 3),
                "peak_s": round(one.peak_s, 3),
                "end_s": round(one.end_s, 3),
                "peak": round(one.peak, 3),
                "words": movement_words(one),
                "there_at_the_start": one.open_start,
                "there_at_the_end": one.open_end,
            }
            for one in self.movements
        ]
        return {"person": self.number, "first_s": self.first_s, "last_s": self.last_s, "movements": listed}


def movement_words(one: Movement) -> str:
    """What is done: "a strong smile", "the head turned to its left by 18°"."""
    if one.name in ("turn", "pitch", "tilt"):
        way = {"turn": f"turned to its {one.side}", "pitch": f"turned {one.side}", "tilt": f"tilted to its {one.side}"}
        return f"the head {way[one.name]} by {abs(one.peak):.0f}°"
    if one.name == "look":
        return f"a look {'to the ' if one.side in ('left', 'right') else ''}{one.side}"
    if one.name in ("nod", "shake", "speech", "blink"):
        return _OTHERS.get(one.name, "a blink")
    if one.name == "wink":
        return f"a wink of the {one.side} eye"
    base = next((key for key in MOVEMENT_WORDS if one.name.startswith(key)), "")
    words = _OTHERS.get(one.name) or MOVEMENT_WORDS.get(base, one.name)
    side = f" on the {one.side}" if one.side else ""
    strength = next(word for least, word in _STRENGTH if one.peak >= least)
    if words.startswith(("a ", "an ")):
        return f"a {strength} {words.split(' ', 1)[1]}{side}" if strength != "clear" else f"{words}{side}"
    return f"{words}{side}" if strength == "clear" else f"{words}{side} ({strength})"


def account(people: Sequence[PersonMotion], lasts_s: float) -> str:
    """Who does what when, a line a movement in the order of the onsets; blinks are counted."""
    return "\n".join(line for person in people for line in _of_person(person, len(people) > 1, lasts_s))


def _of_person(person: PersonMotion, several: bool, lasts_s: float) -> list[str]:
    blinks = [one for one in person.movements if one.name == "blink"]
    others = [one for one in person.movements if one.name != "blink"]
    whole = person.first_s < 0.2 and person.last_s > lasts_s - 0.2
    seen = "" if whole else f", seen from {person.first_s:.1f} to {person.last_s:.1f} s"
    head = [f"Person {person.number + 1}{seen}:"] if several or seen else []
    if not others and not blinks:
        return [*head, "The face stays at rest."]
    most = _MOST_MOVEMENTS + int(lasts_s / _ONE_EACH_S)
    clearest = set(sorted(range(len(others)), key=lambda k: -_clearness(others[k]))[:most])
    told = [one for k, one in enumerate(others) if k in clearest]
    lines = [_line(one, told[:place]) for place, one in enumerate(told)]
    if len(told) < len(others):
        lines.append(f"{len(others) - len(told)} slighter or shorter movements are left out here.")
    if blinks:
        times = ", ".join(f"{one.peak_s:.1f}" for one in blinks[:_MOST_TIMES])
        more = ", …" if len(blinks) > _MOST_TIMES else ""
        lines.append(f"{'One blink' if len(blinks) == 1 else f'{len(blinks)} blinks'}, at {times}{more} s.")
    return head + lines


def _clearness(one: Movement) -> float:
    """How much a movement is seen: its rise, and how long it lasts."""
    rise = one.rise / (_PER_DEG if one.name in _IN_DEGREES else _PER_WEIGHT)
    return (2.0 if one.name == "speech" else rise) * min(one.lasts_s, 4.0) ** 0.5


def _line(one: Movement, before: Sequence[Movement]) -> str:
    """One movement; whether it comes after those before it, or while one of them lasts."""
    if one.open_start and one.open_end:
        return f"{_sentence(movement_words(one))}: all the time."
    begins = "from the start" if one.open_start else f"from {one.onset_s:.1f} s"
    ends = "to the end" if one.open_end else f"to {one.end_s:.1f} s"
    most = "" if one.name in ("speech", "nod", "shake", "wink") else f", most at {one.peak_s:.1f} s"
    before = [other for other in before if not (other.open_start and other.open_end)]
    meanwhile = any(other.end_s > one.onset_s + 0.1 for other in before)
    order = "Meanwhile" if meanwhile else "Then" if before else "First"
    return f"{order} {movement_words(one)}: {begins} {ends}{most}."


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
