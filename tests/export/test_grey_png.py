"""Pictures are encoded without loss, grey ones too: another program reads what was written."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from facegpt.export.images import png_bytes


@pytest.mark.parametrize(
    ("shape", "kind"),
    [((5, 7), np.uint8), ((5, 7, 3), np.uint8), ((5, 7, 4), np.uint8), ((1, 1, 3), np.uint8), ((5, 7), np.uint16)],
)
def test_another_reader_sees_the_same_pixels(shape, kind):
    image = np.random.default_rng(0).integers(0, np.iinfo(kind).max, shape, dtype=kind, endpoint=True)
    with Image.open(io.BytesIO(png_bytes(image))) as opened:
        assert opened.format == "PNG"
        assert np.array_equal(np.asarray(opened), image)
