"""The renderer for GPUs, held to the same contract on machines without one: numba's simulator runs its kernels."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from renderer_scenes import QUAD, quad, smooth_texture, view, white_light

from facegpt.render.numba_cuda.renderer import NumbaCudaRenderer
from facegpt.types import FaceGPTError

SUITES = ("test_renderer.py", "test_renderer_gradients.py")
#: The simulator takes half an hour for all of the suites; by default the long gradient scenes are left to a GPU.
LONG = "double_precision or outline or occlusion or finds_its_way or growing or moving_an_edge"
CHOSEN = "numba-cuda" if os.environ.get("FACEGPT_WHOLE_SIMULATOR") else f"numba-cuda and not ({LONG})"


@pytest.mark.slow
def test_the_contract_holds_in_the_simulator():
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1"}
    paths = [str(Path(__file__).with_name(name)) for name in SUITES]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "slow or not slow"]
    done = subprocess.run(
        [*command, "-k", CHOSEN, *paths], env=environment, capture_output=True, text=True, timeout=3600
    )
    summary = done.stdout.strip().splitlines()[-1]
    assert done.returncode == 0, done.stdout[-4000:]
    assert "passed" in summary and "skipped" not in summary, summary


@pytest.mark.skipif(NumbaCudaRenderer().is_available, reason="there is a GPU, or its simulator")
def test_without_a_gpu_it_says_so():
    eye = view()
    with pytest.raises(FaceGPTError, match="numba-cuda cannot run"):
        NumbaCudaRenderer().render(quad(3.5, 6.5, 20.5, 11.5, eye), QUAD, smooth_texture(), white_light(), eye)


def test_its_pyramid_holds_the_texture_and_its_means():
    from facegpt.render.numba_cuda.renderer import flatten_pyramid

    texture = torch.arange(3 * 16 * 8.0).reshape(1, 3, 16, 8)
    flat, levels = flatten_pyramid(texture)
    assert levels.tolist() == [[0, 16, 8], [384, 8, 4]]
    torch.testing.assert_close(flat[0, :384], texture.reshape(-1))
    assert flat[0, 384].item() == pytest.approx((0 + 1 + 8 + 9) / 4)
