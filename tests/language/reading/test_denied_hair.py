"""Who is said not to be bald has hair; who is said to be bald beside another denial has none."""

import numpy as np
import pytest

from facegpt.generate.draw_hair import SHAVED, Wearer, change_hair, draw_hair
from facegpt.generate.understood import understood
from facegpt.hair.presets import PRESETS
from facegpt.language.hair_wish import HairWish
from facegpt.language.reading.hair.denied import denied_stretches
from facegpt.types import Hair


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("a man without beard, not bald, not smiling", ["beard", "bald", "smiling"]),
        ("he isn't bald", ["bald"]),
        ("no beard and not bald", ["beard", "bald"]),
        ("not only bald", []),
        ("a bald man", []),
    ],
)
def test_a_denial_reaches_to_the_end_of_its_clause(text, denied):
    assert [text[first:end].strip() for _, first, end in denied_stretches(text)] == denied


@pytest.mark.parametrize(
    "text",
    [
        "a man without beard, not bald, not smiling",
        "a man who is not bald",
        "he isn't bald",
        "a woman, not a bald one",
        "no beard and not bald",
        "an old man who is no longer bald",
        "someone who doesn't look bald",
        "never bald, a round face",
    ],
)
@pytest.mark.parametrize("is_edit", [False, True])
def test_who_is_not_bald_is_asked_to_have_hair(shipped_words, text, is_edit):
    request = shipped_words.read(text, is_edit=is_edit).request
    said = request.hair.said
    assert said.get("kind") != "bald" and said.get("length") != "none" and said.get("crown") == "full"
    assert "hair crown: full" in understood(request)


@pytest.mark.parametrize(
    "text", ["a man with no hair", "a bald man, not smiling", "a bald man without a beard", "bald, no beard"]
)
def test_who_is_bald_beside_another_denial_stays_so(shipped_words, text):
    assert shipped_words.read(text).request.hair.said["length"] == "none"


def test_hair_is_drawn_and_grows_where_bareness_is_denied():
    old, wish = Wearer(man=True, age_years=80.0), HairWish({"crown": "full"})
    for seed in range(20):
        hair = draw_hair({}, old, np.random.default_rng(seed), wish)
        assert PRESETS[hair.style].family not in SHAVED
        assert hair.groom is not None and hair.groom.crown_thinning < 0.2
    grown = change_hair(Hair("bald", (0.1, 0.1, 0.1)), {}, old, np.random.default_rng(0), wish)
    assert PRESETS[grown.style].family not in SHAVED
