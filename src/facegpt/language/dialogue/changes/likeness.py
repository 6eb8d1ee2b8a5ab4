"""A change of one person by another: "make him look as happy as she is", "his nose as long as hers", "older than her".

English says by whom with an equative or a comparative ("as … as", "like", "the same … as", "… than") before whoever is
the measure. Of what is said by the words beside it, as in a question: what they name is set to what that person has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.attribute_words import measure_of
from facegpt.describe.colours_of_heads import iris_name
from facegpt.describe.sentences import Facts
from facegpt.face import Face
from facegpt.hair.from_photo.regrown import regrown
from facegpt.hair.whiskers import hair_colour
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.maker import Maker
from facegpt.language.dialogue.questions.asked_before import names_in
from facegpt.language.dialogue.who.references import mentions
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.patterns import regex_any_case
from facegpt.language.targets import ATTRIBUTES
from facegpt.types import Hair

#: What stands before whoever is the measure, and verbs behind them that say no more.
_BY = regex_any_case(r"\b(?P<by>as|like|than|match(?:es|ing)?)\s+(?:(?:the|that|this|my|our|your)\s+)?$")
_AFTER = regex_any_case(r"^\s*(?:'s)?\s*(?:is|are|was|does|do|did|has|have|looks?)?\b")
_EVEN = regex_any_case(r"\b(?:just as|as|the same)\b")
#: How far beyond another a comparative goes: SDs, mm, years, and the share of an expression.
BEYOND_SD, BEYOND_MM, BEYOND_YEARS, BEYOND_EXPRESSION = 0.7, 2.0, 6.0, 1.3
#: Names of questions whose values are colours of hair, cuts of hair, and beards.
_COLOURS, _CUTS = frozenset(("hair_lightness", "hair_redness", "hair_greyness")), frozenset(("hair_length", "hair"))
_BEARDS = frozenset(("beard", "moustache"))
_WORN = _COLOURS | _CUTS | _BEARDS
_OF_COLOUR = ("colour", "grey", "highlights", "highlight_colour", "roots", "temples")
_OF_BEARD = ("beard", "moustache", "beard_shape", "beard_mm", "beard_cover")
#: A part of the text that names less of an attribute than this names none, SDs.
_NAMED = 0.3
#: Movements of a face below this are not told.
SEEN = 0.1


@dataclass(frozen=True)
class Likeness:
    """Who is to be like whom, in what (names of questions and attributes), and beyond: +1 more, -1 less, 0 the same."""

    to: tuple[int, ...]
    source: int
    names: tuple[str, ...]
    words: str
    beyond: int = 0


def likeness(model: Maker, text: str, cast: Cast) -> Likeness | None:
    """What a change asks of somebody by somebody else; None where it is no such change."""
    found = mentions(text, cast)
    for mention in reversed(found):
        by = _BY.search(text[: mention.start])
        before = [m.who for m in found if by and m.end <= by.start()]
        others = [who for who in before if who != mention.who]
        if before and not others:
            continue  # "make her look like she's 60" is of nobody else
        to = others[-1] if others else tuple(n for n in cast.in_focus() if n not in mention.who)
        if by is None or len(mention.who) != 1 or not to:
            continue
        words = f"{text[: by.start()]} {_AFTER.sub('', text[mention.end :])}"
        words = " ".join(_EVEN.sub(" ", words).split())
        request = model.language.read(words, None, True).request
        names = tuple(dict.fromkeys((*names_in(words), *_names_of(request))))
        if not names:
            continue
        beyond = 0 if by["by"].lower() != "than" else _direction(request, names)
        return Likeness(to, mention.who[0], names, words, beyond)
    return None


def _names_of(request: HeadRequest) -> list[str]:
    """What a reading names, by the names of questions and attributes."""
    moves = bool((np.asarray(request.expression_named, bool) & (np.asarray(request.expression) > 0)).any())
    names = ["expression"] * (moves or request.emotion not in ("", "neutral"))
    names += ["age_years"] * (request.age_years is not None)
    return names + [name for name, d in zip(ATTRIBUTES, request.attribute_mean, strict=True) if abs(d) >= _NAMED]


def _direction(request: HeadRequest, names: Sequence[str]) -> int:
    """Whether a comparative asks for more or less."""
    if "expression" in names:
        return 1
    degrees = np.asarray(request.attribute_mean)
    k = int(np.abs(degrees).argmax())
    return 0 if abs(degrees[k]) < _NAMED else int(np.sign(degrees[k]))


def made_like(model: Maker, cast: Cast, like: Likeness, seed: int) -> tuple[Cast, dict[int, HeadRequest]]:
    """The people after such a change, as one step, and what was asked of each who was changed."""
    source = cast.person(like.source).face
    theirs = model.facts(source)
    faces: dict[int, Face] = {}
    asked: dict[int, HeadRequest] = {}
    for number in like.to:
        face = cast.person(number).face
        request = request_like(model.facts(face), theirs, like)
        if "expression" in like.names:
            worn = np.clip(np.asarray(request.expression), 0, 1).astype(np.float32)
            face = replace(face, params=face.params.replace(expression=worn))
        plain = replace(request, expression=np.zeros(52), expression_named=np.zeros(52, bool))
        if plain.age_years or plain.millimetres or plain.irises or np.any(plain.attribute_mean):
            face = model.changed(face, plain, seed)
        face = with_worn_of(face, source, like.names)
        faces[number], asked[number] = face, request
    return cast.with_changes(faces, asked, like.words), asked


def request_like(own: Facts, theirs: Facts, like: Likeness) -> HeadRequest:
    """A change that sets what was named to what another head has.

    Args:
        own: measured on the head that is changed.
        theirs: measured on the other one.
        like: what is named, and how far beyond the other it goes.
    """
    degrees, goals, named = np.zeros(len(ATTRIBUTES)), list[MillimetreGoal](), np.zeros(52, bool)
    expression, age, irises = np.zeros(52), None, ""
    for name in like.names:
        if name == "expression":
            more = BEYOND_EXPRESSION if like.beyond else 1.0
            expression = np.array([theirs.blendshapes[name] for name in ARKIT_NAMES]) * more
            named = expression > SEEN
        elif name in ("age_years", "age"):
            years = theirs.looks.get("age_years", 40.0) + like.beyond * BEYOND_YEARS
            age = (years, years)
        elif name == "iris_lightness":
            irises = iris_name(theirs.irises) if theirs.irises is not None else ""
        elif name in theirs.measures:
            goals.append(MillimetreGoal(name, "value", theirs.measures[name].value_mm + like.beyond * BEYOND_MM))
        elif name in ATTRIBUTES and name not in _WORN and measure_of(name) not in like.names:
            step = theirs.attributes[name] - own.attributes[name] + like.beyond * BEYOND_SD
            degrees[ATTRIBUTES.index(name)] = step
    return HeadRequest(degrees, np.zeros(len(ATTRIBUTES)), age_years=age, expression=expression,
                       expression_named=named, millimetres=tuple(goals), irises=irises, is_edit=True)  # fmt: skip


def colours_named(text: str) -> tuple[str, ...]:
    """The colours of eyes and hair that a text names, by names of questions; () where it names more."""
    names = tuple(name for name in names_in(text) if name in (*_COLOURS, "iris_lightness"))
    return names if len(names) == len(names_in(text)) else ()


def hair_named(text: str) -> tuple[str, tuple[str, ...]]:
    """Which part of the hair a text names, in words and by names of questions; ("hair", ()) for all of it."""
    names = {*names_in(text)} & (_COLOURS | _CUTS | _BEARDS)
    if names and names <= _COLOURS:
        return "hair colour", tuple(names)
    return ("beard", tuple(names)) if names and names <= _BEARDS else ("hair", ())


def with_worn_of(face: Face, source: Face, names: Sequence[str]) -> Face:
    """A head with what another one wears or grows, as far as it is named: hair, its colour, beard, glasses, hat."""
    params, other = face.params, source.params
    if "glasses" in names:
        params = params.replace(glasses=other.glasses)
    if "headwear" in names:
        params = params.replace(headwear=other.headwear)
    hair, theirs = params.hair or Hair(), other.hair or Hair()
    fields = [*(_OF_COLOUR if _COLOURS & {*names} else ()), *(_OF_BEARD if _BEARDS & {*names} else ())]
    fields += ["style", "groom"] * bool(_CUTS & {*names})
    if not fields:
        return replace(face, params=params)
    hair = replace(hair, **{name: getattr(theirs, name) for name in fields})
    if _BEARDS & {*names}:
        red, green, blue = map(float, hair_colour(theirs.of_beard))
        hair = replace(hair, beard_colour=(red, green, blue))
    skin = face.photo_texture
    if skin is not None:
        skin = regrown(skin, face.model, params, params.hair, hair)
    return replace(face, params=params.replace(hair=hair), photo_texture=skin, photo=None)
