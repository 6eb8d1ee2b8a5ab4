"""Things named by EfficientNet-Lite2: its layers against the published ones, crops, and hints of made-up beliefs."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from facegpt.encode import objects
from facegpt.encode.object_network import (
    InvertedBottleneck,
    ObjectNetwork,
    SameConvolution,
    load_object_network,
    scaled_channels,
)
from facegpt.encode.objects import KINDS, OBJECTS, crops_of, hints, objects_file, thing_classes, things_around
from facegpt.models.files import find_model_file
from facegpt.types import AssetError


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return ObjectNetwork().eval()


def test_the_network_has_the_published_number_of_parameters(network):
    assert sum(each.numel() for each in network.parameters()) == 6_092_072  # 6.092 million


def test_width_and_depth_are_scaled_as_published_but_not_at_the_ends(network):
    assert [scaled_channels(n) for n in (16, 24, 40, 80, 112, 192, 320)] == [16, 24, 48, 88, 120, 208, 352]
    ends = [block._project_conv.out_channels for block in network._blocks]
    assert [ends.count(n) for n in (16, 24, 48, 88, 120, 208, 352)] == [1, 3, 3, 4, 4, 5, 1]
    assert network._conv_stem.out_channels == 32 and network._conv_head.out_channels == 1280


def test_odd_padding_lies_right_and_below():
    layer = SameConvolution(1, 1, 3, 2)
    nn.init.ones_(layer.weight)
    squares = torch.arange(1.0, 17.0).reshape(1, 1, 4, 4)
    np.testing.assert_allclose(layer(squares)[0, 0].detach(), [[54, 45], [72, 54]])  # sums by hand
    assert SameConvolution(1, 1, 5, 1)(squares).shape == (1, 1, 4, 4)


def test_a_block_that_says_nothing_gives_its_input_back_where_shapes_allow():
    picture = torch.rand(1, 8, 6, 6)
    for stride, expected in ((1, picture), (2, torch.zeros(1, 8, 3, 3))):
        block = InvertedBottleneck(8, 8, 3, stride, 6).eval()
        nn.init.zeros_(block._project_conv.weight)
        assert torch.equal(block(picture), expected)


def test_pictures_are_scaled_about_the_middle_grey(network):
    heard = []
    hook = network._conv_stem.register_forward_pre_hook(lambda layer, inputs: heard.append(inputs[0]))
    with torch.no_grad():
        logits = network(torch.tensor([255.0, 127.0, 63.0]).reshape(1, 3, 1, 1).expand(1, 3, 32, 32))
    hook.remove()
    np.testing.assert_allclose(heard[0][0, :, 0, 0], [1.0, 0.0, -0.5])
    assert logits.shape == (1, 1000)


def test_weights_load_strictly_and_anything_else_is_refused(network, tmp_path):
    torch.save(network.state_dict(), tmp_path / "whole.pth")
    again = load_object_network(tmp_path / "whole.pth")
    picture = torch.rand(1, 3, 32, 32) * 255
    with torch.no_grad():
        assert torch.equal(again(picture), network(picture))
    less = {name: value for name, value in network.state_dict().items() if name != "_fc.bias"}
    torch.save(less, tmp_path / "less.pth")
    (tmp_path / "text.pth").write_text("hello")
    for name in ("less.pth", "text.pth"):
        with pytest.raises(AssetError, match=r"no EfficientNet-Lite2.*models pull objects"):
            load_object_network(tmp_path / name)


def test_the_pulled_weights_fit():
    if find_model_file("objects").status() != "ok":
        pytest.skip("needs `facegpt models pull objects`")
    network = load_object_network(objects_file())
    assert network.state_dict()["_blocks.20._project_conv.weight"].shape == (352, 1248, 1, 1)
    assert network._fc.weight.std() > 0.01


def test_the_table_names_each_thing_once_by_classes_that_there_are():
    table = thing_classes()
    assert len({(each.word, each.kind) for each in table}) == len(table) > 60
    for each in table:
        assert each.kind in KINDS and 0.3 <= each.least < 1 and all(0 <= n < 1000 for n in each.classes)
        assert each.word == each.word.strip() and not each.word.endswith(".")
    by_kind = [(number, each.kind) for each in table for number in each.classes]
    assert len(set(by_kind)) == len(by_kind)


def believed(**shares: float) -> np.ndarray:
    """(1000,) belief: c834=.4 gives class 834 that share.

    402 is an acoustic guitar, 515 a cowboy hat, 785 a seat belt, 834 a suit, 889 a violin, 911 wool, 978 a seashore,
    982 a groom.
    """
    belief = np.zeros(1000)
    for name, share in shares.items():
        belief[int(name[1:])] = share
    return belief


def told(shares, hat=False):
    return [(thing.word, thing.kind) for thing in hints(shares, hat)]


def test_classes_of_one_word_are_added_and_squares_of_a_face_averaged():
    both = believed(c834=0.3, c982=0.2)
    assert told({"close": both, "bust": both}) == [("a suit", "clothes")]
    assert told({"close": both, "bust": believed()}) == []


def test_headwear_has_to_be_surer_where_nothing_is_seen_on_the_head():
    for share, seen, unseen in ((0.34, False, False), (0.45, True, False), (0.55, True, True)):
        shares = {"close": believed(), "bust": believed(), "crown": believed(c911=share)}
        for hat, found in ((True, seen), (False, unseen)):
            assert told(shares, hat) == [("a knitted cap", "headwear")] * found


def test_the_crown_names_no_clothes_and_the_whole_photo_none_either():
    assert told({"close": believed(), "crown": believed(c834=0.9), "whole": believed(c834=0.9)}, hat=True) == []


def test_only_the_surest_of_hats_and_of_places_is_told_but_all_things_held():
    face = believed(c515=0.4, c911=0.5, c785=0.6)
    whole = believed(c978=0.7, c402=0.65, c889=0.9)
    found = told({"close": face, "bust": face, "whole": whole}, hat=True)
    assert found == [
        ("a violin", "held"),
        ("the sea", "place"),
        ("a guitar", "held"),
        ("a knitted cap", "headwear"),
    ]


def face_at(x: float, y: float, size: float) -> np.ndarray:
    return np.array([[x - size / 2, y - size / 2, 0], [x + size / 2, y + size / 2, 0]])


@pytest.mark.parametrize("at", [(500, 300, 100), (60, 60, 100), (960, 560, 90), (500, 300, 550)])
def test_squares_lie_within_the_photo(at):
    for left, top, right, bottom in crops_of(face_at(*at), (1000, 600)).values():
        assert right - left == pytest.approx(bottom - top) and right - left >= 90
        assert left >= 0 and top >= 0 and right <= 1000 + 1e-9 and bottom <= 600 + 1e-9


def test_the_bust_reaches_further_down_than_up_and_the_crown_lies_above():
    squares = crops_of(face_at(500, 300, 100), (1000, 600))
    assert squares["bust"] == pytest.approx((370, 205, 630, 465))
    assert squares["crown"][1] < squares["close"][1] and squares["whole"] == pytest.approx((200, 0, 800, 600))


def test_small_faces_are_not_looked_at_and_a_photo_of_a_face_alone_is_no_place():
    assert set(crops_of(face_at(500, 300, 30), (1000, 600))) == {"whole"}
    assert "whole" not in crops_of(face_at(320, 320, 400), (640, 640))


def test_nothing_is_hinted_at_or_fetched_without_the_pulled_file(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEGPT_HOME", str(tmp_path))
    assert things_around(np.zeros((64, 64, 3), np.uint8), face_at(32, 32, 50), False) is None
    assert list(tmp_path.iterdir()) == []


def test_the_pictures_of_the_squares_reach_the_network(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEGPT_HOME", str(tmp_path))
    objects_file().parent.mkdir()
    objects_file().touch()
    assert objects_file() == tmp_path / OBJECTS.folder / "efficientnet-lite2-9656183e.pth"
    seen = []

    def shares(pictures, path, device):
        seen.append(pictures)
        return np.tile(believed(c834=0.5), (len(pictures), 1))

    monkeypatch.setattr(objects, "_shares", shares)
    photo = np.full((600, 1000, 3), 90, np.uint8)
    photo[:, 830:] = 200
    (thing,) = things_around(photo, face_at(500, 300, 100), hat=False)
    assert (thing.word, thing.kind, thing.share) == ("a suit", "clothes", 0.5)
    assert seen[0].shape == (4, 260, 260, 3) and np.all(seen[0] == 90)  # all squares end before x = 830
