"""Characters that words name and that have a look in pictures: callings and creatures, impressions, builds, tans.

Which ones words name is read from the language model's states by a network (lab/runs/language/looks/
characters_network.py, learnt from corpus/characters.csv); characters.csv says what each looks like. Whatever else the
words say comes first, then the impression: "an ugly old fisherman" is ugly, and a fisherman beside.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.changed_request import left_open, with_traits, with_units
from facegpt.language.hair_wish import FACIAL_SLOTS, slots_in
from facegpt.language.head_request import HeadRequest
from facegpt.language.headwear_wish import HeadwearWish
from facegpt.language.looks.skin_tints import TANS
from facegpt.language.parts import PARTS
from facegpt.language.patterns import words_in
from facegpt.language.reading.prompts import named_person
from facegpt.language.states_network import StatesNetwork, load_states_network
from facegpt.language.targets import ATTRIBUTES
from facegpt.types import Array

#: Kinds of characters, of which words may name one each: a viking, a chef; somebody attractive, ugly, cute, to trust;
#: muscular; tanned.
KINDS = ("calling", "impression", "build", "complexion")
#: The weights, in assets/.
CHARACTERS_NETWORK = "networks/looks/characters_network.npz"
#: Probability, of its kind and of none, from which a character is drawn. Nothing is known beside the words.
SURE, CONTEXT = {"calling": 0.7, "impression": 0.85, "build": 0.8, "complexion": 0.8}, np.zeros(0, np.float32)
#: The same of a calling where the words name a person: of 21 names a wizard was read in Snape's (.96), a viking in
#: Bilbo's (.94), Santa in Jon Snow's (.75); Santa Claus, Dracula, King Arthur and three more are right and above .995.
SURE_OF_NAME = 0.99
#: How light skin is that gets a tan, SDs, and darknesses (SDs) that words of a tan are read as: up to and from these it
#: is a light and a dark one.
BENEATH_TAN, _LIGHT_TAN, _DARK_TAN = 0.6, 0.6, 1.3
#: How open the degree of a trait of a character is, SDs: one is not like the other.
SPREAD = 0.4
#: Slots of hair that shape the whole cut: where words name one, a character's are left out.
_CUT = ("kind", "length", "curl", "sides", "finish", "sweep", "part", "volume")

#: Slots of hair that a hat hides.
_ON_TOP = ("hairline", "crown", "fringe", "part")


@dataclass(frozen=True)
class Character:
    """What a character looks like.

    Attributes:
        kind: one of KINDS. sex: "M", "F" or "". years: (lowest, highest). people: a family of peoples, or "".
        tint, irises, lips: colours, or "" as of people. attributes: name → degree. hair: slot → value.
        units: ARKit name → weight. headwear: what such a one wears, or None. ear_points: mm, or None as of people.
        not_made: what such a one has in pictures and no head here, or "".
    """

    kind: str
    sex: str
    years: tuple[float, float]
    people: str
    tint: str
    irises: str
    lips: str
    attributes: Mapping[str, float]
    hair: Mapping[str, str]
    units: Mapping[str, float]
    headwear: HeadwearWish | None
    ear_points: float | None
    not_made: str


@lru_cache(maxsize=1)
def load_characters() -> dict[str, Character]:
    """Character → look."""
    text = (resources.files("facegpt.language.looks") / "characters.csv").read_text(encoding="utf-8")
    return {row["character"]: _character(row) for row in csv.DictReader(text.splitlines())}


def _character(row: Mapping[str, str]) -> Character:
    low, high = row["years"].split("-")
    units: dict[str, float] = {}
    for name, weight in _numbers(row["units"]).items():
        units |= {each: weight for each in (name, f"{name}Left", f"{name}Right") if each in ARKIT_NAMES}
    colours = (row["people"], row["tint"], row["irises"], row["lips"])
    return Character(
        row["kind"],
        row["sex"],
        (float(low), float(high)),
        *colours,
        _numbers(row["attributes"]),
        slots_in(row["hair"]),
        units,
        HeadwearWish(*row["headwear"].split()) if row["headwear"] else None,
        float(row["ear_points"]) if row["ear_points"] else None,
        row["not_made"],
    )


def _numbers(cell: str) -> dict[str, float]:
    pairs = (pair.rsplit(" ", 1) for pair in cell.split(";") if pair)
    return {name: float(number) for name, number in pairs}


def characters_in(states: Array, text: str = "") -> dict[str, str]:
    """The character of each of KINDS that a turn surely names, or "". states: (tokens, layers, D) of the turn.

    Those of one kind exclude each other, and are weighed against naming none. text: its words, of which the name of a
    person names a calling for sure alone.
    """
    network, names = _network(), (*load_characters(), "")
    if not network.fits(states):
        return dict.fromkeys(KINDS, "")
    scores, found = network.scores(states, CONTEXT), {}
    for kind in KINDS:
        own = [k for k, name in enumerate(names) if not name or load_characters()[name].kind == kind]
        odds = scores[:, own] - scores[:, own].max(1, keepdims=True)
        share = np.exp((odds - np.log(np.exp(odds).sum(1, keepdims=True))).mean(0))
        best, sure = int(share.argmax()), SURE_OF_NAME if kind == "calling" and named_person(text) else SURE[kind]
        found[kind] = names[own[best]] if share[best] >= sure else ""
    return found


def with_look_of_character(request: HeadRequest, womans: bool = False) -> HeadRequest:
    """A request with all that its impression and its character look like, where the words leave it open.

    A head that is changed keeps its sex, its age and its people; womans: it is a woman's, who gets no beard.
    """
    names = (request.impression, request.build, request.character)
    looks = [load_characters()[name] for name in names if name in load_characters()]
    request = replace(request, impression="", build="", character="")
    for look in () if request.is_edit else reversed(looks):  # a handsome king is a king's age
        request = _as_person(request, look)
    for look in looks:
        request = _with_look(request, look, womans)
    tans = request.skin in TANS and not (request.is_edit or request.peoples or "skin_lightness" in _named(request))
    return with_traits(request, {"skin_lightness": BENEATH_TAN}, SPREAD) if tans else request


def with_named_looks(request: HeadRequest, names: Mapping[str, str], text: str) -> HeadRequest:
    """A request with the characters of each kind that a text names, as `characters_in` tells them.

    The redder tone of a tan is none of hair, where the text does not speak of it.
    """
    if names["complexion"] and "hair" not in {PARTS.get(word) for word in words_in(text)}:
        said = {slot: value for slot, value in request.hair.said.items() if slot != "tone"}
        request = replace(request, hair=replace(request.hair, said=said))
    darkness = -float(request.attribute_mean[ATTRIBUTES.index("skin_lightness")])
    shade = "light " if 0 < darkness < _LIGHT_TAN else "dark " if darkness > _DARK_TAN else ""
    skin = f"{shade}{names['complexion']}" if names["complexion"] else request.skin
    request = replace(request, character=names["calling"], impression=names["impression"])
    return without_heard_of_body(replace(request, build=names["build"], skin=skin))


def without_heard_of_body(request: HeadRequest) -> HeadRequest:
    """A request without the traits that its build and its tan have at degree 0, which are heard in their words.

    "Muscular" is no fat, and a tan is no skin of other peoples.
    """
    names = (request.build, request.skin.rpartition(" ")[2] if request.skin in TANS else "")
    looks = (load_characters()[name] for name in names if name)
    return left_open(request, [trait for look in looks for trait, degree in look.attributes.items() if degree == 0.0])


def _with_look(request: HeadRequest, look: Character, womans: bool) -> HeadRequest:
    skin, irises, lips = request.skin or look.tint, request.irises or look.irises, request.lips or look.lips
    request = replace(request, skin=skin, irises=irises, lips=lips)
    ears = look.ear_points if request.ear_points is None else request.ear_points
    request = replace(request, ear_points=ears)
    hides = request.hair.said.get("kind") == "bald" or any(request.hair.said.get(s, "full") != "full" for s in _ON_TOP)
    if not (request.bareheaded or hides):  # a hat would hide what is asked for
        request = replace(request, headwear=request.headwear or look.headwear)
    request = _with_traits(_with_hair(request, look, womans), look)
    return _with_units(request, look)


def _as_person(request: HeadRequest, look: Character) -> HeadRequest:
    is_open = abs(request.man - 0.5) < 0.2
    man = {"M": 0.95, "F": 0.05, "": request.man}[look.sex] if is_open else request.man
    own_age = request.age_years is None and "age" not in _named(request)
    peoples = request.peoples or ((look.people,) if look.people else ())
    return replace(request, man=man, age_years=look.years if own_age else request.age_years, peoples=peoples)


def _named(request: HeadRequest) -> set[str]:
    """Attributes of which the words say anything."""
    quiet = 0.0 if request.is_edit else 1.0
    said = (np.abs(request.attribute_mean) > 0.3) | (np.abs(np.asarray(request.attribute_spread) - quiet) > 0.15)
    return {name for name, is_said in zip(ATTRIBUTES, said, strict=True) if is_said}


def _with_traits(request: HeadRequest, look: Character) -> HeadRequest:
    said = _named(request) | ({"skin_lightness", "skin_redness"} if request.skin else set())
    return with_traits(request, {k: degree for k, degree in look.attributes.items() if k not in said}, SPREAD)


def _with_hair(request: HeadRequest, look: Character, womans: bool) -> HeadRequest:
    womans = womans or request.man < 0.3
    said, named = dict(request.hair.said), _named(request)
    cut = bool(set(said) & set(_CUT)) or "hair_length" in named
    grown = bool(set(said) & set(FACIAL_SLOTS))  # who is told to have a moustache has no character's beard beside it
    for slot, value in look.hair.items():
        if slot in FACIAL_SLOTS and value != "none" and (grown or womans or _is_shaved(request, slot)):
            continue
        if value == "temples" and womans:  # women's hair greys all over
            continue
        coloured = slot in ("colour", "grey") and ({"colour", "grey"} & set(said) or "hair_greyness" in named)
        if not coloured and not (cut and slot in _CUT):
            said.setdefault(slot, value)
    return replace(request, hair=replace(request.hair, said=said))


def _is_shaved(request: HeadRequest, slot: str) -> bool:
    """Whether words ask for less of a beard or a moustache, or none."""
    return slot in ATTRIBUTES and request.attribute_mean[ATTRIBUTES.index(slot)] < 0


def _with_units(request: HeadRequest, look: Character) -> HeadRequest:
    """The face that a character makes, where the words name neither a feeling nor a movement."""
    if request.emotion or np.asarray(request.expression_named).any():
        return request
    return with_units(request, look.units)


@lru_cache(maxsize=1)
def _network() -> StatesNetwork:
    return load_states_network(CHARACTERS_NETWORK)
