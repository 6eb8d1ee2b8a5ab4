"""Relatives and variations: nearer to the head they are of than strangers are, of the sex that was asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stand_in_words import word_model

from facegpt.api import load
from facegpt.face import Face
from facegpt.generate.parts_of_others import with_size_towards
from facegpt.glasses.colours import glasses_like
from facegpt.language.dialogue.changes.of_others import OF_THE_OTHER_SEX, as_relative, variation
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.who.kin import kin_wanted
from facegpt_lab.evaluate.protocols.words.text_baselines import open_request
from facegpt_lab.evaluate.protocols.words.text_system import default_heads


def rms(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.sqrt(((one - other) ** 2).sum(-1).mean()))


def people(man: float, first: int) -> list[Face]:
    """Six of the prior, women (0) or men (1)."""
    heads, wanted = default_heads(), replace(open_request(), man=man)
    return [Face(heads.model, heads.imagine(heads.model, wanted, first + k)) for k in range(6)]


@pytest.mark.parametrize("sex", ["M", "F"])
def test_a_relative_of_the_other_sex_is_no_stranger(sex):
    model, man = load(), float(sex == "M")
    heads, strangers = people(1 - man, 0), people(man, 60)
    kin = [variation(model, face, OF_THE_OTHER_SEX, 40 + k, sex) for k, face in enumerate(heads)]
    near = [rms(a.vertices(), b.vertices()) for a, b in zip(heads, kin, strict=True)]
    far = [rms(a.vertices(), b.vertices()) for a, b in zip(heads, strangers, strict=True)]
    assert np.median(near) < 0.6 * np.median(far)
    side = [relative.attributes["masculinity"] - 0.5 for relative in kin]
    assert np.median(side) * (2 * man - 1) > 0


def test_size_alone_goes_and_shape_stays(head):
    """A head that is another's, grown and with a shape of its own, loses the growth and keeps its shape."""
    rng = np.random.default_rng(3)
    other = rng.standard_normal(len(head.identity_basis)) * 0.5
    basis = np.asarray(head.identity_basis, np.float64)
    mean = np.asarray(head.mean_vertices, np.float64)
    scaled = mean - mean.mean(0)

    def size_between(one: np.ndarray) -> float:
        moved = np.tensordot(one - other, basis, 1)
        return float((moved * scaled).sum() / (scaled**2).sum())

    apart = other + 0.6 * rng.standard_normal(len(other))
    none_left = with_size_towards(head, apart, other, 1.0)
    assert abs(size_between(none_left)) < 0.15 * abs(size_between(apart)) + 1e-4
    np.testing.assert_allclose(with_size_towards(head, apart, other, 0.0), apart)
    half = with_size_towards(head, apart, other, 0.5)
    np.testing.assert_allclose(half, (apart + none_left) / 2)


@pytest.mark.parametrize(
    ("text", "nouns"),
    [
        ("and his sisters", ["sister"]),
        ("what would her parents look like", ["mother", "father"]),
        ("their mum please", ["mum"]),
        ("make him wider", []),
    ],
)
def test_relatives_are_named_by_one_list(text, nouns):
    assert [kin.noun for kin in kin_wanted(text)] == nouns


def test_the_family_of_the_old_are_children_and_of_the_young_parents():
    assert all(kin.years < 0 for kin in kin_wanted("make a family", has_children=True))
    assert {kin.noun for kin in kin_wanted("make a family")} >= {"mother", "father"}


def test_a_relative_is_called_by_whose_she_is():
    talk = Conversation(word_model())
    talk.say("a woman of 30")
    reply = talk.say("what would her mother look like?")
    assert "her mother" in reply.text and talk.cast.person(2).names == ("the mother",)


def test_relatives_are_at_rest_and_wear_nothing_of_whom_they_come_from():
    talk = Conversation(word_model())
    talk.say("a laughing man")
    face = talk.face
    dark = face.params.replace(glasses=glasses_like("square", "black", "dark", None))
    alone = as_relative(replace(face, params=dark), same_skin=True)
    talk.say("make his daughter")
    father, daughter = (person.face for person in talk.cast.people)
    assert np.max(father.params.expression) > 0.3 and alone.params.glasses is None
    assert np.max(daughter.params.expression) < 0.05
    assert daughter.attributes["age_years"] < father.attributes["age_years"]


def test_a_twin_sister_is_a_woman():
    assert [(kin.noun, kin.sex) for kin in kin_wanted("his twin sister")] == [("sister", "F")]
