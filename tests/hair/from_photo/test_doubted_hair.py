"""What is said where a photo hardly tells which kind of hair it shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import facegpt
from facegpt.assets import asset_path
from facegpt.data.images import read_image
from facegpt.hair.from_photo import found
from facegpt.hair.from_photo.traits import HairTraits
from facegpt.hair.presets import FAMILIES, PRESETS
from facegpt.reconstruct import hair as hair_of_photo
from facegpt.reconstruct.left_out import with_left_out
from facegpt.reconstruct.photo import bald_head, faces_seen

DOUBT = "which kind of hair"


@pytest.fixture(scope="module")
def bald():
    """The bundled photo's head without hair, and what is seen of it."""
    model = facegpt.load()
    seen = next(iter(faces_seen(model, read_image(asset_path("astronaut.png")))))
    return bald_head(model, seen, "balanced")[0], seen


def worn(bald, monkeypatch, families, least):
    """The head with hair, where its families are so likely and silhouettes below `least` are doubted."""
    monkeypatch.setattr(found, "hair_traits", lambda *_: HairTraits(np.full(4, 0.25), families))
    monkeypatch.setattr(found, "DOUBTED_AGREEMENT", least)
    return hair_of_photo.with_hair(*bald, "auto", "balanced")


def test_hair_of_any_family_on_an_outline_that_disagrees_is_kept_with_the_head_as_a_doubt(bald, monkeypatch):
    face = worn(bald, monkeypatch, np.full(len(FAMILIES), 0.1), 1.1)
    assert DOUBT in face.params.worn.hair
    [told] = [each for each in with_left_out(face, bald[1]).ignored if DOUBT in each]
    assert f"({PRESETS[face.params.hair.style].words[0]})" in told and "_" not in told


def test_nothing_is_said_where_the_outline_agrees(bald, monkeypatch):
    face = worn(bald, monkeypatch, np.full(len(FAMILIES), 0.1), 0.0)
    assert DOUBT not in face.params.worn.hair and not face.params.worn.left_out


def test_a_style_that_was_asked_for_is_never_in_doubt(bald):
    face, seen = bald
    face = hair_of_photo.with_hair(replace(face), seen, "bob", "balanced")
    assert face.params.hair.style == "bob" and not face.params.worn.left_out


def test_a_head_of_several_photos_says_the_same_doubt_and_that_tied_hair_is_drawn_loose(bald, monkeypatch):
    face, seen = bald
    likely_tied = np.where(np.array(FAMILIES) == "gathered", 0.4, 0.1)
    monkeypatch.setattr(hair_of_photo, "TIED", 0.0)
    monkeypatch.setattr(found, "likely_tied", found.likely)  # another kind of hair than the tied one is drawn
    monkeypatch.setattr(found, "likely_of", lambda *_: ("short",))
    monkeypatch.setattr(found, "hair_traits", lambda *_: HairTraits(np.full(4, 0.25), likely_tied))
    monkeypatch.setattr(found, "DOUBTED_AGREEMENT", 1.1)
    views = hair_of_photo.with_shared_hair([face, face], [seen, seen], "auto", "balanced", [None, None], 0)
    assert all(hair_of_photo.LOOSE in view.params.worn.left_out for view in views)
    assert all(sum(DOUBT in each for each in view.params.worn.left_out) == 1 for view in views)


def test_only_hair_that_strikes_everybody_as_other_is_a_rival():
    likely = {"coily_afro_locs": 0.5, "gathered": 0.3, "bob": 0.1, "medium": 0.1}
    traits = HairTraits(np.full(4, 0.25), np.array([likely.get(name, 0.0) for name in FAMILIES]))
    assert found.rival(traits, "afro_short") == pytest.approx(0.3)  # tied
    assert found.rival(traits, "ponytail") == pytest.approx(0.5)  # coils
    loose = HairTraits(np.full(4, 0.25), np.array([0.5 if name in ("bob", "medium") else 0.0 for name in FAMILIES]))
    assert found.rival(loose, "bob") == 0
    assert found.rival(loose, "buzz") == pytest.approx(1)
