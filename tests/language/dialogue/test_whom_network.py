"""The network that reads whom words mean: its arithmetic without torch, what it is given, when cues alone decide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stand_in_words import word_model

from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.who import references
from facegpt.language.dialogue.who.cues import cues
from facegpt.language.dialogue.who.references import choices, features, meant, summed
from facegpt.language.dialogue.who.whom_network import WhomNetwork, choices_among, kind_of, load_whom_network
from facegpt.language.earlier import Earlier, in_context


@pytest.fixture(scope="module")
def model():
    return word_model()


@pytest.fixture(scope="module")
def three(model) -> Cast:
    return Cast().with_new(
        [model.imagine(f"a {who}", seed=k) for k, who in enumerate(("woman", "man", "woman"))], sex=["F", "M", "F"]
    )


def _among(text: str, cast: Cast, names=()):
    found = cues(text, cast)
    options = choices(found, cast)
    rows = [summed(features(each, found, cast)) for each in options]
    return options, choices_among(options, rows, found, cast, names or sorted({n for row in rows for n in row}))


def test_it_computes_what_its_torch_twin_computes(three):
    torch = pytest.importorskip("torch")
    from lab.runs.language.who.whom_network import Network, padded

    torch.manual_seed(0)
    _, among = _among("make the man's nose wider", three)
    twin = Network(2 * 8, among, np.linspace(-1, 1, among.cues.shape[1])).eval()
    for layer in (twin.like, twin.kind, twin.kind_skip):
        torch.nn.init.normal_(layer.weight, std=0.3)
    states = torch.randn(1, 7, 2, 8)
    given = {name: padded([getattr(among, name)]) for name in ("cues", "people", "inside", "outside", "kinds")}
    given["there"] = torch.ones(1, len(among.cues), dtype=torch.bool)
    expected = twin(states, torch.ones(1, 7, dtype=torch.bool), given)[0].detach().numpy()
    weights = {name: np.stack([value] * 2).astype(np.float32) for name, value in twin.arrays().items()}
    found = WhomNetwork((), weights).log_odds(states[0].numpy(), among)
    assert found == pytest.approx(expected, abs=0.05)  # weights in half precision
    assert np.exp(found).sum() == pytest.approx(1.0, abs=1e-3)


def test_shares_of_those_in_a_choice_and_out_of_it_are_whole(three):
    options, among = _among("the two women", three)
    assert among.inside.sum(1) == pytest.approx(np.ones(len(options)))
    rest = np.array([float(len(each) < len(three.people)) for each in options])
    assert among.outside.sum(1) == pytest.approx(rest)
    assert not (among.inside * among.outside).any()


def test_a_choice_knows_how_it_stands_to_those_spoken_of_last(three):
    cast = replace(three, focus=(2,))
    one, two, everyone, some, as_before, apart, as_before_one, as_before_more = range(8)
    alone = kind_of((2,), cast)
    assert [alone[k] for k in (one, as_before, as_before_one, apart, two)] == [1, 1, 1, 0, 0]
    others = kind_of((1, 3), cast)
    assert [others[k] for k in (two, some, apart, as_before, as_before_more)] == [1, 1, 1, 0, 0]
    assert kind_of((1, 2, 3), cast)[everyone] == 1


class _Likes(WhomNetwork):
    """A network that likes one choice."""

    def fits(self, states) -> bool:
        return len(states) > 0

    def log_odds(self, states, among):
        return among.inside[:, 2] - among.inside[:, :2].sum(1)


def test_the_network_decides_where_states_are_there_and_cues_alone_where_not(three, monkeypatch):
    cast = replace(three, focus=(1,))
    monkeypatch.setattr(references, "load_whom_network", lambda: _Likes((), {}))
    assert meant("wider", cast, np.zeros((3, 1, 4))) == (3,)
    assert meant("wider", cast, None) == (1,)


def test_states_of_another_model_are_not_read(three):
    size = load_whom_network().weights["project"].shape[2]
    network = load_whom_network()
    assert not network.fits(None) and not network.fits(np.zeros((0, 3, 4)))
    assert not network.fits(np.zeros((4, 1, size + 3)))
    cast = replace(three, focus=(1,))
    assert meant("wider", cast, np.zeros((4, 1, size + 3))) == meant("wider", cast)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "focus", "who"),
    [
        ("and the other woman, a broader chin please", (1,), (3,)),
        ("he should look grumpier", (1,), (2,)),
        ("give all of them thicker brows", (2,), (1, 2, 3)),
    ],
)
def test_people_are_found_in_states_too(shipped_words, three, text, focus, who):
    before = [Earlier("two women and a man", "face"), Earlier("give the first woman a wider mouth", "mouth width")]
    states = shipped_words.read(in_context(before, text)).states
    assert set(meant(text, replace(three, focus=focus), states)) == set(who)
