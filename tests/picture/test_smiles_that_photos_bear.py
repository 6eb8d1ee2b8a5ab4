"""Smiles that words ask of a photo go no further than its pixels bear, and the rest is told."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.dialogue.made_heads import mean_head
from facegpt.picture.companions import BEARS, as_photos_bear


@pytest.fixture(scope="module")
def plain_params(head):
    return mean_head(head).params


def weights(**named: float) -> np.ndarray:
    return np.array(
        [next((w for stem, w in named.items() if n.startswith(stem)), 0.0) for n in ARKIT_NAMES], np.float32
    )


def test_a_broad_smile_is_bounded_and_told_and_a_plain_one_is_not(plain_params):
    rest = plain_params.replace(expression=weights())
    broad = plain_params.replace(expression=weights(mouthSmile=1.2, cheekSquint=0.8, mouthUpperUp=0.86, jawOpen=0.5))
    borne, less = as_photos_bear(rest, broad)
    wanted = {stem: BEARS[stem] for stem in ("mouthSmile", "cheekSquint", "mouthUpperUp")}
    assert less and np.allclose(borne.expression, weights(**wanted, jawOpen=0.5))
    plain = plain_params.replace(expression=weights(mouthSmile=0.9, eyeSquint=0.3))
    borne, less = as_photos_bear(rest, plain)
    assert borne is plain and not less


def test_what_the_photo_shows_already_stays(plain_params):
    laughs = plain_params.replace(expression=weights(mouthSmile=1.0, cheekSquint=0.9, mouthUpperUp=0.8))
    borne, less = as_photos_bear(laughs, laughs)
    assert borne is laughs and not less
