"""Every kind of sentence about a head agrees: verbs with their nouns, articles with the sound behind them."""

from __future__ import annotations

import re
from itertools import combinations, product

import numpy as np
import pytest
from stand_in_words import word_model

from facegpt.describe import sentences as words
from facegpt.describe.attribute_words import poles
from facegpt.describe.hair_words import hair_changes
from facegpt.describe.measure_words import MEASURE_WORDS, MOVEMENT_WORDS
from facegpt.describe.sentences import Facts
from facegpt.language.dialogue.cast import Cast, Person, Step
from facegpt.language.dialogue.changes.notes import in_sentences
from facegpt.language.dialogue.changes.told import of_changes
from facegpt.language.dialogue.telling import kept_by_photo
from facegpt.language.dialogue.wording import of_person, trait_now
from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.beyond.unshown_network import REASONS
from facegpt.language.targets import ATTRIBUTES
from facegpt.types import Glasses, Hair, Headwear, Measure

#: Nouns that stand as subjects, by number: an independent list, of the words alone.
PLURAL = (
    "eyes|ears|brows|eyebrows|lips|cheeks|pupils|wings|wrinkles|freckles|glasses|nostrils|cheekbones|eyelids|lids|bags|"
    "corners"
)
SINGULAR = (
    "nose|mouth|chin|jaw|face|hair|beard|skin|head|neck|forehead|moustache|expression|photo|width|length|height|size|"
    "depth|fullness"
)
WRONG = (
    rf"(?<!of the )(?<!above the )(?<!under the )(?<!left )(?<!right )\b(?:{PLURAL}) (?:is|has|stays|shows|was)\b",
    rf"(?<!of the )(?<!and the )(?<!and )\b(?:{SINGULAR}|photo itself) (?:are|have|stay|show|keep|were)\b",
    r"\b(?:she|he|it) (?:are|have|stay|show|wear)\b",
    r"\b(?:they|both) (?:is|has|stays|shows)\b",
    r"\ba (?=[aeio])",
    r"\ban (?=[bcdfgjklmnpqrstvwxz])",
    r"  |\.\.|,,| \.| ,|\ba an\b|\ban a\b|:\.|;\.",
)


def faults(text: str) -> list[str]:
    return [match[0] for rule in WRONG for match in re.finditer(rule, text, re.IGNORECASE)]


def agrees(*texts: str) -> None:
    bad = {text: faults(text) for text in texts if faults(text)}
    assert not bad


@pytest.fixture(scope="module")
def model():
    return word_model()


@pytest.fixture(scope="module")
def facts(model):
    return model.facts(model.imagine("a woman"))


def with_attributes(facts: Facts, **degrees: float) -> Facts:
    return type(facts)(facts.measures, facts.looks, facts.looks_sd, {**facts.attributes, **degrees}, facts.blendshapes)


def test_the_rules_find_faults():
    for text in ("The photo itself keep it", "the hair stay", "her eyes is blue", "a open mouth", "Done. . There"):
        assert faults(text)


@pytest.mark.parametrize("percentile", [0.1, 10.0, 30.0, 50.0, 70.0, 90.0, 99.9])
def test_measures_large_and_small(percentile):
    agrees(*(words.unusual_words(Facts({name: Measure(30.0, percentile)})) for name in MEASURE_WORDS))


@pytest.mark.parametrize("degree", [-2.0, -1.2, -0.8, 0.0, 0.8, 1.2, 2.0])
def test_traits_of_every_degree_now_and_after_a_change(facts, model, degree):
    person = Person(1, model.imagine("a woman"), model.imagine("a woman"), "F")
    cast = Cast((person,))
    told = []
    for name in poles():
        now = with_attributes(facts, **{name: degree})
        told += [words.trait_words(now, name), of_person(words.aspect(now, name), person, cast)]
        told += trait_now(name, with_attributes(facts, **{name: -degree}), now, person, cast)
    agrees(*told)


def test_movements_alone_and_in_pairs():
    names = [next(n for n in (f"{key}Left", key) if n) for key in MOVEMENT_WORDS]
    shown = [dict.fromkeys(pair, 0.8) for pair in combinations(names, 2)]
    agrees(*(words.expression_words(Facts({}, blendshapes=each)) for each in shown))


def test_what_stays_as_it_was(model):
    face = model.imagine("a woman")
    cast = Cast((Person(1, face, face, "F"),))
    moved = face.params.expression.copy()
    moved[0] = 0.9
    after = cast.with_changes({1: type(face)(face.model, face.params.replace(expression=moved))})
    for k in range(len(ATTRIBUTES)):
        mean = np.zeros(len(ATTRIBUTES))
        mean[k] = 1.5
        request = HeadRequest(mean, 0 * mean, is_edit=True)
        agrees(of_changes(model, cast, after, {1: request}), of_changes(model, cast, cast, {1: request}))


def test_hair_and_beards(model):
    looks = [Hair("short"), Hair("bald"), Hair("afro"), Hair("short", beard=0.9), Hair("short", moustache=0.9)]
    agrees(*(line for a, b in product(looks, looks) for line in hair_changes(a, b)))


def test_what_a_photo_keeps(model):
    face = model.imagine("a woman")
    face = type(face)(face.model, face.params, photo=np.zeros((8, 8, 3), np.uint8))
    worn = {"glasses": Glasses("round"), "hair": Hair("afro"), "headwear": Headwear()}
    for count in range(1, 4):
        for names in combinations(worn, count):
            after = type(face)(face.model, face.params.replace(**{name: worn[name] for name in names}))
            told = kept_by_photo(Cast((Person(1, after, face),), past=(Step({1: face}, {1: after}),)), [after])
            assert told
            agrees(told)


def test_what_no_head_shows():
    things = ["scar", "earrings", "umbrella"]
    agrees(*(in_sentences([f"{thing}: {why}" for thing in things]) for why in REASONS.values()))
