"""Training on relief: what is right costs nothing, pieces are the same for their step; the rival solves its problem."""

import numpy as np
import torch

from facegpt.detail.network import detail_network
from facegpt.detail.observation import CHANNELS, contrast
from facegpt.detail.skin_window import HEIGHT, WIDTH
from facegpt_lab.evaluate.skin_relief.score import relief_score
from facegpt_lab.train.detail.added_relief import shade
from facegpt_lab.train.detail.laid_over import lay_over
from facegpt_lab.train.detail.training import PIECE, STORED, Pieces, loss


def stored(folder, seed):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((STORED + 1, HEIGHT, WIDTH)).astype(np.float16)
    values[4] = 1
    np.save(folder / f"{seed:05d}.npy", values)
    return values


def test_a_network_that_is_right_costs_nothing():
    channels, relief = torch.ones(2, CHANNELS, 32, 32), torch.rand(2, 32, 32)
    right, wrong = (lambda _: relief), (lambda _: relief + torch.rand(2, 32, 32))
    mask = torch.ones(2, 32, 32)
    assert float(loss(right, channels, relief, mask)["total"]) == 0
    assert float(loss(wrong, channels, relief, mask)["total"]) > 1
    assert float(loss(wrong, channels, relief, 0 * mask)["total"]) == 0


def test_absolute_errors_of_slopes_count_when_asked_for():
    channels, relief, mask = torch.ones(1, CHANNELS, 32, 32), torch.zeros(1, 32, 32), torch.ones(1, 32, 32)
    tilted = torch.arange(32.0).expand(1, 32, 32) * 0.3  # wrong by 0.3 mm a texel, everywhere
    plain, both = (loss(lambda _: tilted, channels, relief, mask, angles) for angles in (0.0, 10.0))
    assert abs(float(both["total"] - plain["total"]) - 10 * 0.3) < 0.05
    assert float(loss(lambda _: relief, channels, relief, mask, 10.0)["total"]) == 0


def test_light_of_an_added_relief_is_what_its_slopes_do():
    values = np.zeros((STORED + 1, 64, 64), np.float32)
    values[4], values[5] = 1, 0.8  # seen, lit from the side; one pixel a texel
    columns = np.mgrid[:64, :64][1]
    relief = (0.1 * np.sin(columns / 8)).astype(np.float32)
    change = shade(values, relief, np.random.default_rng(0))
    slope = 0.1 / 8 * np.cos(columns / 8)
    inside = np.s_[8:-8, 8:-8]
    assert np.corrcoef(change[inside].ravel(), slope[inside].ravel())[0, 1] > 0.7  # hollows darken beside the slopes
    assert np.abs(shade(values, 0 * relief, np.random.default_rng(0))).max() == 0
    values[4] = 0
    assert np.abs(shade(values, relief, np.random.default_rng(0))).max() == 0  # nothing changes where nothing is seen


def test_what_is_laid_over_a_piece_has_its_own_colour_where_skin_is_seen():
    changed = []
    for seed in range(20):
        values = np.zeros((STORED + 1, 112, 112), np.float32)
        values[4] = 1
        values[4, :, :30] = 0  # not seen
        before = values.copy()
        lay_over(values, np.random.default_rng(seed))
        assert np.isfinite(values).all() and np.abs(values[:3, :, :30]).max() == 0
        assert np.array_equal(values[5:], before[5:]) and (values[4] <= before[4]).all()
        changed.append(float(np.abs(values[:3]).max()))
    assert np.mean(np.array(changed) > 2) > 0.7  # a fifth of a log unit; some lie where nothing is seen


def test_pieces_get_the_folds_of_others_beside_their_own(tmp_path):
    for seed in range(4):
        stored(tmp_path, seed)
    mask = np.ones((HEIGHT, WIDTH), np.float32)
    plain, more = (Pieces(tmp_path, 3, 1, mask, added=share).stacked for share in (0.0, 1.0))
    files = sorted(tmp_path.glob("*.npy"))[1:2]
    one, other = plain(files, np.random.default_rng(2)), more(files, np.random.default_rng(2))
    assert one[1].shape == other[1].shape and float(other[1][:, 0].std()) > float(one[1][:, 0].std())


def test_pieces_are_the_same_for_their_step_and_divided_by_the_contrast(tmp_path):
    for seed in range(4):
        stored(tmp_path, seed)
    batches = Pieces(tmp_path, 3, 1, np.ones((HEIGHT, WIDTH), np.float32))
    one, other = batches.draw(7), batches.draw(7)
    assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))
    assert one[0].shape == (3, CHANNELS, PIECE, PIECE) and one[1].shape == (3, 2, PIECE, PIECE)
    assert len(batches.files()) == 3
    channels, relief = batches.validation()
    whole = np.load(tmp_path / "00000.npy").astype(np.float32)
    scale = contrast(whole[[0, 1, 2, 4]])
    assert np.allclose(relief[0].numpy(), whole[STORED] / scale, atol=1e-5)
    assert np.allclose(channels[0, 5].numpy(), whole[5])


def test_the_network_gives_a_window_and_no_more_than_its_bound():
    network = detail_network()
    with torch.no_grad():
        drawn = network(torch.randn(1, CHANNELS, HEIGHT, WIDTH) * 5)
    assert drawn.shape == (1, HEIGHT, WIDTH) and float(drawn.abs().max()) <= 3.0
    assert sum(p.numel() for p in network.parameters()) < 2.5e6
    assert float(network.mask.min()) >= 0 and float(network.mask.max()) <= 1 and float(network.regions.max()) <= 1


def test_scores_of_the_truth_and_of_nothing(head):
    from facegpt.detail.skin_window import skin_geometry, skin_window

    geometry = skin_geometry(skin_window(head), head.mean_vertices)
    rows = np.mgrid[:HEIGHT, :WIDTH][0]
    truth = (0.3 * np.sin(rows / 4)).astype(np.float32)
    where = skin_window(head).triangle >= 0
    perfect, nothing = (relief_score(geometry, d, truth, where) for d in (truth, np.zeros_like(truth)))
    assert perfect.found < 0.1 and perfect.correlation > 0.999  # degrees
    assert nothing.coarse > 2 and abs(nothing.found - nothing.coarse) < 0.01
