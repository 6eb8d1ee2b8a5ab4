"""Learning relief from photos: what explains the light costs less, unusable pictures are named, runs go on."""

import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from facegpt.appearance.light import ambient_light
from facegpt.assets import asset_path
from facegpt.conventions import HEAD_TO_CAMERA_AXES
from facegpt.detail.fold_groups import GROUPS
from facegpt.detail.network import detail_network, read_network, use_network
from facegpt.detail.observation import CHANNELS
from facegpt.detail.skin_window import HEIGHT, WIDTH
from facegpt.types import AssetError, Camera, FaceGPTError, Pose
from facegpt_lab.synthesis.relief.folds import sculpted
from facegpt_lab.synthesis.relief.relief_photo import Lamps, relief_photo
from facegpt_lab.train.detail.adapting import HELD_SCULPTURES, NETWORK, DetailSettings, DetailTraining
from facegpt_lab.train.detail.examples import Studio
from facegpt_lab.train.detail.photo_loss import WEIGHTS, photo_loss
from facegpt_lab.train.detail.photos import Looker, look_at

MASK = torch.ones(1, 48, 48)


def fold():
    rows = torch.arange(48.0)[:, None].expand(48, 48)
    return -0.4 * torch.exp(-(((rows - 24) / 4) ** 2))[None]


def lit(relief):
    """Channels of a photo whose light a relief (1, 48, 48) made, to first order; gains .8 across and -1.2 down."""
    channels = torch.zeros(1, CHANNELS, 48, 48)
    channels[:, 4], channels[:, 5], channels[:, 6] = 1, 0.8, -1.2
    down, across = torch.gradient(relief, dim=(1, 2))
    channels[:, :3] = 10 * (0.8 * across - 1.2 * down)
    return channels


def test_the_relief_that_made_the_light_explains_it():
    truth = fold()
    costs = [photo_loss(lambda _, d=d: d, lit(truth), MASK, MASK) for d in (truth, 0 * truth, -truth)]
    light = [float(cost["photometric"]) for cost in costs]
    assert light[0] < 1e-6 < light[1] < light[2]


def test_a_rough_relief_costs_more_than_a_smooth_one_by_every_term_but_the_light():
    rough = fold() + 0.05 * torch.randn(1, 48, 48, generator=torch.Generator().manual_seed(0))
    one, other = (photo_loss(lambda _, d=d: d, lit(fold()), MASK, MASK) for d in (fold(), rough))
    assert all(float(other[name]) > float(one[name]) for name in WEIGHTS)


def test_a_term_that_is_left_out_does_not_count():
    weights = {name: value for name, value in WEIGHTS.items() if name != "uv"}
    told = photo_loss(lambda _: fold(), lit(fold()), MASK, MASK)
    less = photo_loss(lambda _: fold(), lit(fold()), MASK, MASK, weights)
    assert float(told["total"] - less["total"]) == pytest.approx(WEIGHTS["uv"] * float(told["uv"]), rel=1e-4)


def test_nothing_is_learnt_where_the_light_is_not_believed():
    told = photo_loss(lambda _: fold(), lit(0 * fold()), 0 * MASK, MASK)
    assert float(told["total"]) == 0


@pytest.fixture(scope="module")
def portrait():
    """A photo of a sculpted head, two pixels a mm, from the front."""
    studio, rng = Studio.ready(), np.random.default_rng(3)
    pose, camera = Pose(HEAD_TO_CAMERA_AXES, np.array([0.0, 0.0, 900.0])), Camera(2.0 * 830, (219.5, 219.5), 440, 440)
    params = studio.person(rng).replace(pose=pose, camera=camera, expression=np.zeros(52, np.float32))
    lamps = Lamps(ambient_light(), np.array([[0.5, -0.6, -0.6]]), np.full((1, 3), 0.6))
    bare = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    relief = sculpted(studio.canvas, rng, dict.fromkeys(GROUPS, 1.0))
    return relief_photo(studio.model, studio.renderer, params, relief, bare, studio.open_to_light, lamps, rng).image


@pytest.fixture
def folder(tmp_path, portrait):
    """One good photo, a damaged file, one whose face is too small and a picture without a face."""
    photos = tmp_path / "photos"
    photos.mkdir()
    Image.fromarray(portrait).save(photos / "a.png")
    shutil.copy(asset_path("astronaut.png"), photos / "astronaut.png")
    (photos / "broken.jpg").write_bytes(b"\xff\xd8 no picture")
    Image.fromarray(np.full((200, 200, 3), 90, np.uint8)).save(photos / "wall.png")
    return photos


def test_unusable_pictures_are_named_and_nothing_is_looked_at_twice(folder, tmp_path, capsys):
    mask = detail_network().mask.numpy()
    found = look_at(sorted(folder.iterdir()), Looker.ready(), mask, tmp_path / "kept")
    said = capsys.readouterr().err
    assert (
        len(found) == 1 and "broken.jpg" in said and "wall.png" in said and "astronaut.png" in said and "1 of 4" in said
    )
    again = look_at(sorted(folder.iterdir()), None, mask, tmp_path / "kept")  # nobody looks
    assert again == found and "wall.png" in capsys.readouterr().err
    trust = np.load(found[0])[-1]
    assert trust.min() >= 0 and trust.max() <= 1 and (trust > 0.5).sum() > 5000
    (folder / "a.png").unlink()
    with pytest.raises(FaceGPTError, match="none of the 3 photos"):
        look_at(sorted(folder.iterdir()), Looker.ready(), mask, tmp_path / "other")


@pytest.mark.slow
def test_a_run_writes_a_network_that_can_be_used_and_goes_on(folder, tmp_path):
    settings = DetailSettings(sculptures=HELD_SCULPTURES + 1, steps=2, batch=1)
    card = DetailTraining(tmp_path / "run", folder, settings).run()
    assert card["faces"]["photos"] >= 1 and np.isfinite(card["validation"]["photometric"])
    assert json.loads((tmp_path / "run" / "card.json").read_text("utf-8")) == card
    again = DetailTraining(tmp_path / "run", folder, settings).run()  # its steps are done: nothing changes
    assert again["validation"] == card["validation"]
    made = read_network(tmp_path / "run" / NETWORK)
    assert torch.equal(made.mask, detail_network().mask)
    use_network(tmp_path / "run" / NETWORK)
    try:
        assert torch.equal(next(detail_network().parameters()), next(made.parameters()))
    finally:
        use_network(None)
    with pytest.raises(AssetError):
        use_network(folder / "wall.png")
