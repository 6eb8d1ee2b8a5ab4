"""What photos may paint is looked at in a window of the atlas: the layers are those of the whole atlas."""

from __future__ import annotations

import numpy as np

from facegpt.appearance import complete


def test_the_window_holds_what_may_be_painted_with_a_margin_and_keeps_coarser_texels():
    mask = np.zeros((64, 64), np.float32)
    mask[20:30, 33:50] = 0.5
    rows, columns = complete.painted_window(mask)
    assert (rows.start, rows.stop) == (8, 44)
    assert (columns.start, columns.stop) == (20, 64)


def test_layers_of_a_window_are_those_of_the_whole_atlas(monkeypatch):
    rng = np.random.default_rng(0)
    mask = np.zeros((128, 128), np.float32)
    mask[40:80, 50:90] = 1.0
    own, mirrored = (0.1 * rng.normal(size=(128, 128, 3)).astype(np.float32) for _ in range(2))
    weights = [mask * rng.random(mask.shape).astype(np.float32) for _ in range(2)]
    given = own, mirrored, *weights, np.full((128, 128, 2), 0.3, np.float32), mask
    in_window = complete.plan_layers(*given)
    monkeypatch.setattr(complete, "painted_window", lambda mask: (slice(None), slice(None)))
    whole = complete.plan_layers(*given)
    shown = mask > 0
    for name in ("under", "own_offset", "mirrored_offset", "grain"):
        assert np.abs(getattr(in_window, name) - getattr(whole, name))[shown].max() < 1e-5
