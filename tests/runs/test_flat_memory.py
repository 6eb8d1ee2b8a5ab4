"""What the run over thousands of pictures says of its samples."""

from __future__ import annotations

import os

import numpy as np
import pytest
from PIL import Image

from benchmarks import flat_memory


def _samples(mb_a_thousand: float) -> list[tuple[int, float]]:
    """Memory that rises by so much, with a saw-tooth of 60 MB and noise, and fills caches in the first pictures."""
    rng, done = np.random.default_rng(3), np.arange(0, 2000, 2)
    memory = 900 + mb_a_thousand * done / 1000 + done % 37 + rng.normal(0, 10, len(done)) - 500 * (done < 40)
    return [(int(number), float(mb)) for number, mb in zip(done, memory, strict=True)]


@pytest.mark.parametrize("slope", [0.0, 30.0, 200.0])
def test_the_rise_lies_within_its_interval(slope):
    line = flat_memory.line_through(_samples(slope))
    assert line.low <= slope <= line.high and line.high - line.low < 10
    assert line.mb_per_thousand == pytest.approx(slope, abs=5)


def test_pictures_of_one_photo_differ(tmp_path):
    photo = tmp_path / "photo.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)).save(photo)
    made = {np.asarray(flat_memory.variant(photo, number)).tobytes() for number in range(8)}
    assert len(made) == 8


def test_memory_and_time_of_a_process_are_read_and_of_none_are_0():
    assert flat_memory.resident_mb(os.getpid()) > 10 and flat_memory.processor_s(os.getpid()) > 0
    assert flat_memory.resident_mb(2**30) == 0 and flat_memory.processor_s(2**30) == 0
