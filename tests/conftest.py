"""What many tests share: the head, the bundled photo, and the optional data that are not part of the repository."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import settings

torch.set_num_threads(1)
# Kernels compile on their first call: a deadline per example would judge the machine, not the code.
settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")


def data_folder() -> Path | None:
    """Find the optional data: $FACEGPT_DATA, else shared/data beside the checkout."""
    root = Path(__file__).resolve().parents[1]
    places = [Path(os.environ["FACEGPT_DATA"])] if "FACEGPT_DATA" in os.environ else [root.parent / "shared" / "data"]
    return next((place for place in places if place.is_dir()), None)


@pytest.fixture(autouse=True, scope="session")
def own_load():
    """Look up `facegpt.load`, which the package keeps from its first use, before a test puts a stand-in there."""
    import facegpt

    return facegpt.load


@pytest.fixture(autouse=True, scope="module")
def picture_sizes():
    """Stand-ins draw small pictures to save time: what they set ends with their file."""
    import facegpt.face

    sizes = facegpt.face.PREVIEW_SIZE, facegpt.face.TEXTURE_SIZE
    yield
    facegpt.face.PREVIEW_SIZE, facegpt.face.TEXTURE_SIZE = sizes


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with photos, portraits, clips and the ICT head; tests that need it are skipped without."""
    folder = data_folder()
    if folder is None:
        pytest.skip("needs the optional data (set FACEGPT_DATA to its folder)")
    return folder


@pytest.fixture
def small_disk(tmp_path):
    """A disk of its own that holds 6 MB; see helpers/small_disk.py."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", place], capture_output=True)
    if mounted.returncode:
        pytest.skip("a disk can be mounted by root alone")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


@pytest.fixture(scope="session")
def head():
    """The default head model."""
    from facegpt.morphable.makehuman import head as makehuman

    return makehuman.load()


@pytest.fixture(scope="session")
def astronaut() -> np.ndarray:
    """The bundled photo, (512, 512, 3) uint8."""
    from PIL import Image

    import facegpt

    path = Path(facegpt.__file__).parent / "assets" / "astronaut.png"
    return np.asarray(Image.open(path).convert("RGB"))


@pytest.fixture(scope="module")
def shipped_words():
    """The shipped language model; tests that need it are skipped without the base model."""
    from facegpt.language.model.base import SMOLLM2, is_converted
    from facegpt.runtime.cache import cache_folder

    if not is_converted(cache_folder() / SMOLLM2.folder):
        pytest.skip("needs the base language model (facegpt models pull base)")
    from facegpt.language import load_language_model

    return load_language_model()
