"""A photo becomes a saved head without torch, whose import takes a second and 150 MB."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys, tempfile
import facegpt
from facegpt.assets import asset_path
face = facegpt.load().reconstruct(asset_path("astronaut.png"), sys.argv[1])[0]
with tempfile.TemporaryDirectory() as folder:
    face.save(folder)
print("torch" in sys.modules)
"""


@pytest.fixture(scope="module")
def kept() -> None:
    """The first photo on a machine writes its networks down with torch; later ones read them."""
    subprocess.run([sys.executable, "-c", PROGRAM, "fast"], capture_output=True, timeout=600, check=True)


@pytest.mark.slow
@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("quality", ["fast", "balanced", "best"])
def test_a_photo_becomes_a_saved_head_without_torch(quality):
    done = subprocess.run([sys.executable, "-c", PROGRAM, quality], capture_output=True, text=True, timeout=600)
    assert done.stdout.strip() == "False", done.stderr
