"""What turns do to attributes, read from states: cues, the network against torch, the join;
and the two sides of a comparison."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.earlier import Earlier, in_context
from facegpt.language.item_network import ItemNetwork, load_item_network
from facegpt.language.model.face_reading import FaceReading, History
from facegpt.language.reading import attribute_network
from facegpt.language.reading.attribute_network import Asked, asked_by
from facegpt.language.reading.movements import Moved
from facegpt.language.reading.text_reading import attribute_request, opposed
from facegpt.language.targets import ATTRIBUTES, CLASSES
from lab.runs.language.changes.item_network import Network

SMILE, OTHER_SMILE = ARKIT_NAMES.index("mouthSmileLeft"), ARKIT_NAMES.index("mouthSmileRight")
JAW = ARKIT_NAMES.index("jawOpen")
LOW, HIGH = CLASSES.index("low"), CLASSES.index("high")


def face(**weights):
    return np.array([weights.get(name, 0.0) for name in ARKIT_NAMES])


def test_cues_of_attributes_keep_each_change_apart():
    wider = np.zeros(len(ATTRIBUTES))
    wider[ATTRIBUTES.index("nose_width")] = 1.0
    none = np.zeros(len(ATTRIBUTES))
    now, before = (attribute_network.cues(History(asked=asked)) for asked in ((none, none, wider), (none, wider, none)))
    assert not np.array_equal(now, before)
    k = ATTRIBUTES.index("nose_width")
    changed = np.abs(now - attribute_network.cues(History(asked=(none, none, none)))).sum(1)
    assert changed.argmax() == k
    asked = attribute_network.cues(History(asks=("nose_breadth",)))  # the measure of nose_width
    assert asked[k, -1] == 1 and asked[:, -1].sum() == 1


def test_the_network_is_the_one_that_torch_trained():
    torch.manual_seed(0)
    parts = np.eye(7)
    net = Network(3 * 8, cues=5, outputs=3, parts=parts, names=6).eval()
    net.named.data *= 4
    states, cues = torch.randn(1, 9, 3, 8), torch.randn(1, 7, 5)
    with torch.inference_mode():
        right = net(states, torch.ones(1, 9, dtype=torch.bool), cues)[0].numpy()
    plain = ItemNetwork({name: value[None].astype(np.float32) for name, value in net.arrays().items()})
    assert plain.fits(states[0].numpy()) and not plain.fits(None)
    assert plain.read(states[0].numpy(), cues[0].numpy()) == pytest.approx(right, abs=0.02)  # half precision


def test_padding_changes_nothing():
    torch.manual_seed(1)
    net = Network(3 * 8, cues=5, outputs=2, parts=np.eye(4)).eval()
    states, cues = torch.randn(1, 6, 3, 8), torch.randn(1, 4, 5)
    longer = torch.cat([states, torch.randn(1, 3, 3, 8)], 1)
    mask = torch.tensor([[True] * 6 + [False] * 3])
    with torch.inference_mode():
        assert torch.allclose(net(longer, mask, cues), net(states, mask[:, :6], cues), atol=1e-5)


def test_a_movement_is_shown_by_its_odds():
    said, rest = np.full(len(ARKIT_NAMES), -3.0), np.full(len(ARKIT_NAMES), -2.0)
    said[[JAW, SMILE]], rest[SMILE] = 3.0, 2.0
    weight, named = Moved(said, rest, np.zeros(len(ARKIT_NAMES))).shown(0.5)
    assert np.flatnonzero(named).tolist() == sorted((JAW, SMILE))
    assert weight[JAW] == 0.5 and weight.sum() == 0.5  # the smile comes to rest


def test_two_sides_that_are_told_alike_bear_each_other_out():
    said = np.full(len(ARKIT_NAMES), -5.0)
    said[[SMILE, OTHER_SMILE]] = np.log(0.4 / 0.6)  # either: 1 - .6², more than 1.5 times .4
    odds = Moved(said, np.full(len(ARKIT_NAMES), -2.0), np.zeros(len(ARKIT_NAMES)))
    assert not odds.shown(0.45)[1].any() and odds.shown(0.41)[1][[SMILE, OTHER_SMILE]].all()


@given(st.integers(0, 2**32 - 1))
def test_probabilities_of_attributes_survive_the_way_there_and_back(seed):
    p = np.random.default_rng(seed).dirichlet(np.ones(len(CLASSES)), 5) * 0.98 + 0.02 / len(CLASSES)
    size = np.ones(5)
    assert asked_by(p, size).probabilities(p) == pytest.approx(p, abs=1e-6)
    other = Asked(np.full(5, 2.0), np.full(5, -2.0), size)
    joined = asked_by(p, size).joined(other, 1.0).probabilities(p)
    assert joined.sum(1) == pytest.approx(np.ones(5))
    assert (joined[:, CLASSES.index("low")] > joined[:, CLASSES.index("high")]).all()


def test_the_shipped_network_speaks_of_every_attribute():
    network, items = load_item_network(attribute_network.ATTRIBUTE_NETWORK), len(ATTRIBUTES)
    states = np.random.default_rng(0).normal(size=(6, 3, 576)).astype(np.float32)
    cues = np.zeros((items, network.weights["cues"].shape[2]), np.float32)
    found = network.read(states, cues)
    assert network.fits(states) and found.shape == (items, 3) and np.isfinite(found).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "named"),
    [("half that", "mouthSmileLeft"), ("no smile any more", "mouthSmileLeft"), ("open the mouth", "jawOpen")],
)
def test_plain_turns_on_what_a_face_wears_are_read(shipped_words, text, named):
    smiling = face(mouthSmileLeft=0.8, mouthSmileRight=0.8)
    worn = FaceReading(np.zeros(len(ATTRIBUTES)), expression=smiling, history=History(wore=(face(),)))
    earlier = (Earlier("a big smile", "mouth smile"),)
    request = shipped_words.read(in_context(earlier, text), worn, True).request
    assert request.expression_named[ARKIT_NAMES.index(named)]
    after = np.where(request.expression_named, request.expression, smiling)
    if text == "half that":
        assert 0.2 < after[SMILE] < 0.65 and abs(after[SMILE] - after[OTHER_SMILE]) < 0.2
    elif text == "open the mouth":
        assert after[JAW] > 0.3 and after[SMILE] == pytest.approx(0.8)
    else:
        assert after[SMILE] < 0.15 and after[OTHER_SMILE] < 0.15


def of_sides(*sides: tuple[float, float]) -> np.ndarray:
    """Probabilities of attributes from those of low and high; the rest is open."""
    found = np.zeros((len(sides), len(CLASSES)))
    for k, (low, high) in enumerate(sides):
        found[k, [CLASSES.index("open"), LOW, HIGH]] = 1 - low - high, low, high
    return found


def told_together(probability, degree=0.75, spread=0.2, named=None) -> list[int]:
    count = len(probability)
    named = np.ones(count, bool) if named is None else named
    return opposed(probability, np.full(count, degree), np.full(count, np.log(spread)), named).tolist()


def test_the_less_sure_of_two_alike_changes_its_side():
    assert told_together(of_sides((0.95, 0.04), (0.6, 0.39))) == [LOW, HIGH]
    assert told_together(of_sides((0.45, 0.54), (0.02, 0.97))) == [LOW, HIGH]


@pytest.mark.parametrize(
    ("probability", "more"),
    [
        (of_sides((0.95, 0.02), (0.9, 0.08)), {}),  # sure of both: both are small
        (of_sides((0.95, 0.04), (0.39, 0.6)), {}),  # opposite already
        (of_sides((0.6, 0.39), (0.6, 0.39)), {"degree": 1.5}),  # said of each, not of one beside the other
        (of_sides((0.6, 0.39), (0.6, 0.39)), {"spread": 0.6}),
        (of_sides((0.6, 0.39), (0.6, 0.39), (0.6, 0.39)), {}),  # three
        (of_sides((0.6, 0.39), (0.1, 0.09)), {"named": np.array([True, False])}),
    ],
)
def test_all_else_is_as_likely_as_it_looks(probability, more):
    assert told_together(probability, **more) == (probability[:, 1:].argmax(1) + 1).tolist()


def test_changes_are_read_one_by_one():
    probability, size, spread = of_sides((0.95, 0.04), (0.6, 0.39)), np.full(2, 0.75), np.full(2, -1.6)
    new, _ = attribute_request(probability, size, spread, 0.1, False)
    change, _ = attribute_request(probability, size, spread, 0.1, True)
    assert new[0] < 0 < new[1] and (change < 0).all()
