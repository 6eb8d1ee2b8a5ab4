"""The parts of a request as people say them: "nose_width +1 SD" is "a wider nose, clearly"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from facegpt.describe.attribute_readings import SKIN_ATTRIBUTES
from facegpt.describe.attribute_words import poles
from facegpt.describe.grades import grade_of
from facegpt.describe.measure_words import MEASURE_WORDS, MOVEMENT_WORDS
from facegpt.generate.degrees import shown
from facegpt.generate.told.hair import beard_words, hair_words, joined_hair

#: How a degree is said, above and below the average: of sizes, and of what is no size. Others take the words of their
#: poles in attributes.csv.
_SIZES = {
    "width": ("wider", "narrower"),
    "length": ("longer", "shorter"),
    "height": ("higher", "lower"),
    "size": ("larger", "smaller"),
    "fullness": ("fuller", "thinner"),
    "lightness": ("lighter", "darker"),
    "thickness": ("thicker", "thinner"),
}
_ALONE = {
    "age": ("older", "younger"),
    "heaviness": ("heavier", "slimmer"),
    "masculinity": ("manlier", "womanlier"),
}
#: Parts that a face has several of, and another name of one.
_SEVERAL = ("ear", "eye", "brow", "cheek", "cheekbone", "nostril", "temple")
_PLURAL = {name: f"{name}s" for name in _SEVERAL} | {"iris": "eyes"}
#: Weights 0..1 below which something is meant slightly, and up to which clearly: "a bit" is read as .35, plain words as
#: .7 (draw_expression.emotion_expression).
_SLIGHT, _CLEAR = 0.5, 0.75
#: Degrees of hair, steps, below which something is meant slightly.
_SLIGHT_STEP = 0.7
_EMOTIONS = {
    "happiness": "happy",
    "sadness": "sad",
    "surprise": "surprised",
    "fear": "afraid",
    "anger": "angry",
    "disgust": "disgusted",
    "contempt": "contemptuous",
    "hatred": "full of hatred",
    "neutral": "calm",
}
#: Movements whose words are others than MOVEMENT_WORDS, and what their absence is called.
_MOVES = {"mouthSmile": "smiling", "jawOpen": "mouth open", "tongueOut": "tongue out", "mouthClose": "lips closed"}
_STILL = {"mouthSmile": "no smile", "jawOpen": "mouth closed", "eyeBlink": "eyes open"}
_BLINKS = {"eyeBlinkLeft": "left eye", "eyeBlinkRight": "right eye"}
_COMPARED = {
    "narrow": "narrower",
    "wide": "wider",
    "broad": "broader",
    "short": "shorter",
    "long": "longer",
    "thin": "thinner",
    "full": "fuller",
    "slender": "slimmer",
    "thick": "thicker",
    "low": "lower",
    "high": "higher",
    "tall": "taller",
}
#: Years from which nobody is a boy or a girl any more; who is younger, and the oldest that an age allows.
_ADULT, _CHILD = 18, {"sex: man": "sex: boy", "sex: woman": "sex: girl"}
_AGE = re.compile(r"age: (?:\d+ to )?(\d+) years")
_DEGREE = re.compile(r"(\w+) ([+-][\d.]+) (SD|step)")
_UNIT = re.compile(r"([a-z]+[A-Z]\w*|tongueOut) ([\d.]+)")
_LENGTH = re.compile(r"(\w+) (at least |at most )?([+-]?[\d.]+) (mm|%)")


def in_words(label: str) -> str:
    """A part in short, without its degree: "nose_width +1 SD" is "wider nose", "mouthSmile 0.6" is "smiling"."""
    return _said(label)[0]


def phrase(label: str) -> str:
    """A part with its degree: "nose_width +1 SD" is "a wider nose, clearly"."""
    text, degree = _said(label)
    text = _article(text) if _DEGREE.fullmatch(label) else text
    return f"{text}, {degree}" if degree else text


def phrases(labels: Sequence[str]) -> list[str]:
    """All parts of a request, called as `understood` does, in order; what is said of one head's hair is joined."""
    joined, of_hair = joined_hair(labels)
    ages = [int(match[1]) for label in labels if (match := _AGE.fullmatch(label))]
    called = _CHILD if ages and ages[0] < _ADULT else {}
    told = [joined if label in of_hair else phrase(called.get(label, label)) for label in labels]
    return list(dict.fromkeys(filter(None, told)))


def _said(label: str) -> tuple[str, str]:
    """A part in words and its degree, "" where it has none."""
    if match := _DEGREE.fullmatch(label):
        amount = float(match[2])
        if match[3] == "SD":
            grade = grade_of(shown(amount, skin=match[1] in SKIN_ATTRIBUTES))
            return _trait(match[1], amount), "very much" if grade == "very" else grade
        return _trait(match[1], amount), "slightly" if abs(amount) < _SLIGHT_STEP else ""
    if label.endswith(" average"):
        return f"average {label.removesuffix(' average').replace('_', ' ')}", ""
    if match := _UNIT.fullmatch(label):
        weight = float(match[2])
        strength = _strength(weight, _SLIGHT, _CLEAR) if weight else ""
        return _movement(match[1], weight), "" if "Blink" in match[1] and weight > _CLEAR else strength
    if match := _LENGTH.fullmatch(label):
        return _length(match[1], match[2] or "", match[3], match[4]), ""
    kind, colon, value = label.partition(": ")
    return _of_kind(kind, value) if colon else (label.replace("_", " "), "")


def _strength(amount: float, slight: float, clear: float) -> str:
    return "slightly" if amount < slight else "clearly" if amount <= clear else "strongly"


def _trait(name: str, amount: float) -> str:
    part, _, size = name.rpartition("_")
    _, low, high = poles().get(name, ("", f"less {name}", f"more {name}"))
    if (size in _SIZES and not (size == "height" and "high" not in high)) or name in _ALONE:
        comparative = (_SIZES.get(size) or _ALONE[name])[amount < 0]
        return f"{comparative} {_PLURAL.get(part, part).replace('_', ' ')}".strip()
    return (low if amount < 0 else high).replace("_", " ")


def _article(text: str) -> str:
    """A text with its article, if it is one thing: "a wider nose", "larger ears", "older"."""
    words = text.split()
    alone = {word for pair in _ALONE.values() for word in pair} | {"clean-shaven", "bald", "ruddy", "sallow"}
    several = any(word.endswith("s") for word in words)
    if several or words[0] in alone or words[-1] in ("hair", "skin", "freckled") or words[0] == "no":
        return text
    return f"{'an' if text[0] in 'aeiou' else 'a'} {text}"


def _movement(name: str, weight: float) -> str:
    if name in _BLINKS:
        return f"{_BLINKS[name]} {'closed' if weight else 'open'}"
    side = next((side for side in ("Left", "Right") if name.endswith(side) and name not in MOVEMENT_WORDS), "")
    base = name.removesuffix(side)
    key = next((key for key in MOVEMENT_WORDS if base.startswith(key)), "")
    spaced = re.sub(r"(?<=[a-z])[A-Z]", lambda capital: f" {capital[0].lower()}", base)
    text = _MOVES.get(base) or MOVEMENT_WORDS.get(key, spaced)
    text = text if weight else _STILL.get(base, f"not {text}" if base in _MOVES else f"without {text}")
    return f"{text} on the {side.lower()}" if side else text


def _length(name: str, bound: str, number: str, unit: str) -> str:
    """A number of a measure or of hair: "lip_length -3 mm" is "mouth 3 mm narrower"."""
    part, low, high = MEASURE_WORDS.get(name, ("", "", ""))
    if name in ("hair", "beard", "fringe", "top", "sides", "back"):
        part, low, high = name, "short", "long"
    amount, changes = number.lstrip("+-"), number[0] in "+-"
    plain = part.removeprefix("the ").rstrip(",")
    if low in _COMPARED and high in _COMPARED:
        side = low if number.startswith("-") else high
        return f"{plain} {bound}{amount} {unit} {_COMPARED[side] if changes else side}"
    more = f" {'less' if number.startswith('-') else 'more'}" if changes else ""
    return f"{name.replace('_', ' ')} {bound}{amount} {unit}{more}"


def _of_kind(kind: str, value: str) -> tuple[str, str]:
    """A part that is called by a kind and a value: "sex: woman" is "a woman"."""
    if kind == "emotion":
        name, _, strength = value.rpartition(" ") if value[-1:].isdigit() else (value, "", "")
        return _EMOTIONS.get(name, name), _strength(float(strength), _SLIGHT, _CLEAR) if strength else ""
    if kind.startswith("hair "):
        return hair_words(kind.removeprefix("hair "), value), ""
    if kind in ("beard", "beard change", "beard colour", "moustache", "sideburns"):
        return beard_words(kind, value), ""
    if kind in ("eyes", "eyebrows", "ears", "lips", "skin", "glasses"):
        return _worn(kind, value), ""
    said = {
        "age": value,
        "sex": f"a {value}",
        "character": _one(value),
        "impression": f"looking {value}",
        "build": value,
        "style": f"in the style of the {value}",
        "people": f"{value.title()} looks",
        "headwear": "bareheaded" if value == "none" else _one(value),
        "amount": {"slight": "only slightly", "much": "by much"}.get(value, value),
    }
    return said.get(kind, f"{kind.replace('_', ' ')}: {value.replace('_', ' ')}"), ""


def _one(value: str) -> str:
    return f"{'an' if value[:1] in 'aeiou' else 'a'} {value.replace('_', ' ')}"


def _worn(kind: str, value: str) -> str:
    """What a face has several of: "eyes: blue" is "blue eyes", "glasses: round, gold" is "round, gold glasses"."""
    if value in ("meet", "don't meet"):
        return f"{kind} that {value}"
    if value in ("none", "on"):
        return f"no {kind}" if value == "none" else kind
    look, _, lenses = value.rpartition(", ") if value.endswith(" lenses") else (value, "", "")
    return " with ".join(filter(None, (f"{look} {kind}".strip(), lenses)))
