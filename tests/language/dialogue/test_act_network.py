"""The network that reads what a turn does: its arithmetic without torch, what it is told, what the shipped reads."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from facegpt.language.dialogue.act_network import ACTS, MAKING, Before, act_log_odds, context_of, load_act_network
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.deciding import Evidence, decide
from facegpt.language.dialogue.doing import refusal_of
from facegpt.language.earlier import Earlier, in_context
from facegpt.language.states_network import StatesNetwork

#: First turns of a new user: a head is wanted, or words are. None is in the corpus.
WANTED = (
    "the sort of woman who runs a lighthouse, wiry, amused",
    "ok so a bouncer with a squashed nose pls",
    "Our cook, sixty, three chins and always laughing.",
    "could I see a frightened miller?",
)
UNWANTED = (
    "what does a bouncer earn",
    "write four lines about my cook's chins",
    "hello hello",
    "my ears are cold, what helps?",
    "she lost face at the meeting",
)


def test_it_computes_what_its_torch_twin_computes():
    torch = pytest.importorskip("torch")
    from lab.runs.language.states_network import Network

    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    twin, before = Network(3 * 8, len(context_of(Before())), len(ACTS)).eval(), Before(2, 1, "edit")
    states = rng.normal(size=(5, 3, 8)).astype(np.float32)
    given = torch.from_numpy(states)[None], torch.ones(1, 5, dtype=torch.bool)
    expected = twin(*given, torch.from_numpy(context_of(before))[None]).detach().numpy()[0]
    network = StatesNetwork({name: value[None] for name, value in twin.arrays().items()})
    found = act_log_odds(network, states, before)
    assert [found[act] for act in ACTS] == pytest.approx(expected.tolist(), abs=0.02)  # weights in half precision


def test_votes_of_tokens_are_those_of_its_torch_twin():
    torch = pytest.importorskip("torch")
    from lab.runs.language.states_network import Network

    torch.manual_seed(1)
    twin = Network(3 * 8, 1, 5, votes=True).eval()
    states, mask = torch.randn(2, 6, 3, 8), torch.ones(2, 6, dtype=torch.bool)
    mask[1, 4:] = False
    expected = twin.scores(states, mask, torch.ones(2, 1)).detach().numpy()
    network = StatesNetwork({name: np.stack([value] * 2) for name, value in twin.arrays().items()})
    for row, count in ((0, 6), (1, 4)):
        found = network.scores(states[row, :count].numpy(), np.ones(1, np.float32))
        assert found.shape == (2, 5)
        assert found[0] == pytest.approx(expected[row], abs=0.02)  # weights in half precision


def test_what_the_conversation_holds_is_told_apart():
    holding = [Before(), Before(1), Before(2), Before(1, 1), Before(1, 0, "undo")]
    assert len({context_of(before).tobytes() for before in holding}) == len(holding)
    assert np.array_equal(context_of(Before(2)), context_of(Before(7)))
    assert all(context_of(before).sum() == 3 for before in holding)


def test_states_of_another_model_are_not_read():
    network = load_act_network()
    size = network.weights["project"].shape[2] // 3
    assert network.fits(np.zeros((4, 3, size)))
    assert not network.fits(np.zeros((4, 3, size + 1))) and not network.fits(None)


@pytest.mark.slow
def test_first_turns_get_a_head_when_they_want_one(shipped_words):
    def act(text: str) -> str:
        return decide(text, Cast(), 0, Evidence(0.0, shipped_words.read(text).states))

    assert [text for text in WANTED if act(text) not in MAKING] == []
    assert len([text for text in UNWANTED if act(text) in MAKING]) <= 1  # idioms that name the face are its weakest


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "act"), [("undo that again", "undo"), ("Hmm, scrap that.", "undo"), ("wider", "edit")]
)
def test_what_is_done_with_who_is_there_is_read(shipped_words, text, act):
    head = object()
    cast = Cast().with_new([head], sex=["F"]).with_changes({1: object()})
    turns = in_context([Earlier("an old nurse", "face"), Earlier("broader cheeks", "more cheek fullness")], text)
    assert decide(text, cast, 0, Evidence(0.0, shipped_words.read(turns).states)) == act


@pytest.mark.parametrize("text", ["How far does the thief's nose stick out?", "Is the honest one smiling?"])
def test_the_network_tells_what_is_declined_and_patterns_only_how(text):
    size = load_act_network().weights["project"].shape[2]
    known, unknown = (SimpleNamespace(text=text, states=states) for states in (np.zeros((4, 3, size // 3)), None))
    assert "won't guess" in refusal_of(unknown, "question")  # patterns alone take it for a question of character
    assert refusal_of(known, "question") == ""
    assert "what somebody is like" in refusal_of(known, "decline")
