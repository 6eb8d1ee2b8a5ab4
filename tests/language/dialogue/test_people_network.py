"""The network that reads where people begin in a request: its arithmetic without torch, its places, what it cuts."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from facegpt.language.dialogue.who.people_in_words import wanted_people
from facegpt.language.dialogue.who.people_network import (
    AROUND,
    FIRST,
    FURTHER,
    PeopleNetwork,
    begins_in,
    with_neighbours,
)


def test_it_computes_what_its_torch_twin_computes():
    torch = pytest.importorskip("torch")
    from lab.runs.language.who.people_network import Network, packed

    torch.manual_seed(0)
    twin = Network(3 * 8).eval()
    states = torch.randn(2, 9, 3, 8)
    mask = torch.ones(2, 9, dtype=torch.bool)
    mask[1, 6:] = False
    expected = twin(states, mask).detach().numpy()
    for row, count in ((0, 9), (1, 6)):
        odds = packed(twin).odds(states[row, :count].numpy())
        found = odds - np.log(np.exp(odds).sum(1, keepdims=True))
        assert found == pytest.approx(expected[row, :count], abs=0.02)  # weights in half precision


def test_two_side_by_side_are_their_mean():
    torch = pytest.importorskip("torch")
    from lab.runs.language.who.people_network import Network, joined, packed

    torch.manual_seed(1)
    one, other = packed(Network(3 * 8).eval()), packed(Network(3 * 8).eval())
    states = np.random.default_rng(0).standard_normal((7, 3, 8)).astype(np.float32)
    mean = (one.odds(states) + other.odds(states)) / 2
    assert joined(one, other).odds(states) == pytest.approx(mean, abs=1e-4)


def test_each_token_sees_its_neighbours_and_what_is_before_and_behind():
    seen = np.arange(1.0, 6.0)[:, None]
    found = with_neighbours(seen)
    assert found.shape == (5, len(AROUND) + 3)
    assert found[2].tolist() == [1, 2, 3, 4, 5, 0, 1.5, 4.5, 5]
    assert found[0, -3:].tolist() == [0, 3.5, 5] and found[4, -3:].tolist() == [2.5, 0, 5]


class _Told(PeopleNetwork):
    """Begins people at given tokens."""

    def odds(self, states):
        odds = np.tile([5.0, 0, 0], (len(states), 1))
        for k, kind in self.weights.items():
            odds[int(k), kind] = 9
        return odds


def test_places_are_those_of_the_first_letters_of_tokens():
    spans = [(0, 1), (1, 5), (5, 6), (6, 10), (10, 12), (12, 17)]
    told = _Told({"0": FIRST, "4": FURTHER})
    assert told.begins("a man, and a woman", np.zeros((8, 1, 1)), spans) == [0, 11]
    assert _Told({"0": FIRST}).begins("a man, and a woman", np.zeros((8, 1, 1)), spans) == []


def test_without_states_or_with_words_left_out_the_words_alone_decide():
    assert begins_in("a man", SimpleNamespace(states=None, spans=())) == []
    assert begins_in("a man", SimpleNamespace(states=np.zeros((4, 3, 576)), spans=())) == []
    assert begins_in("a man", SimpleNamespace()) == []


def test_what_is_said_of_all_goes_to_each_and_stops_where_somebody_begins():
    text = "two sisters, both with red hair: the first with a high forehead, the second with a low one"
    starts = [text.index("the first"), text.index("the second")]
    first, second, *rest = [wanted.text for wanted in wanted_people(text, starts)]
    assert "high forehead" in first and "low one" not in first and "red hair" in first
    assert "low one" in second and "red hair" in second and not rest
    text = "a thin man, a fat woman, both past sixty"
    texts = [wanted.text for wanted in wanted_people(text, [0, text.index("a fat")])]
    assert texts == ["a thin man, past sixty", "a fat woman, past sixty"]


def test_one_person_stays_whole():
    text = "a woman, mid-forties, and a nose that is a bit wide"
    assert [wanted.text for wanted in wanted_people(text, [])] == [text]


#: Requests and how many people they are about.
COUNTED = {
    "my landlord, bald and broad, and his mother, tiny with a beak of a nose": 2,
    "a man and his mother": 2,
    "an old fisherman and his daughter, freckled": 2,
    "draw me a bride and a groom": 2,
    "a couple: she round-faced, he gaunt": 2,
    "the tall one has a hook nose, the short one a snub nose": 2,
    "INT. KITCHEN. OLGA (50s), wide mouth, stirs. TIM (8), freckles, watches.": 2,
    "a baker with round cheeks, a nurse, fifty, and an old judge with bushy brows": 3,
    "a woman of forty, thin lips, and a chin that comes forward": 1,
    "an uncle who has his mother's nose and a wide jaw": 1,
}


@pytest.mark.slow
def test_people_of_a_request_are_counted(shipped_words):
    def count(text: str) -> int:
        return len(wanted_people(text, begins_in(text, shipped_words.read(text))))

    assert len([text for text, people in COUNTED.items() if count(text) != people]) <= 1
