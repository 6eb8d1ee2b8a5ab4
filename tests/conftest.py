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

#: Files that take long (`bash test --durations=60` tells), for several workers to begin with. By the number of tests,
#: as pytest-xdist sorts them, those of few long tests came last, and one worker had nothing left to do.
LONGEST = (
    *("test_renderer_cuda", "test_words_in_processes", "test_request_to_head", "test_words_training", "test_readme"),
    *("test_public_contract", "test_other_heads", "test_no_torch", "test_landmark_training", "test_photo_folder"),
    *("test_avatar_networks", "test_detail_photos", "test_typing", "test_examples", "test_page_session"),
    *("test_page_talk", "test_page_photo", "test_serve_real", "test_serve_jobs", "test_many_photos"),
)


def data_folder() -> Path | None:
    """Find the optional data: $FACEGPT_DATA, else shared/data beside the checkout."""
    root = Path(__file__).resolve().parents[1]
    places = [Path(os.environ["FACEGPT_DATA"])] if "FACEGPT_DATA" in os.environ else [root.parent / "shared" / "data"]
    return next((place for place in places if place.is_dir()), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let several workers begin with the files that take longest, so that none is left with one of them at the end."""
    if hasattr(config, "workerinput"):
        rank = {name: place for place, name in enumerate(LONGEST)}
        items.sort(key=lambda item: rank.get(item.path.stem, len(rank)))


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


@pytest.fixture(scope="session")
def shipped_words():
    """The shipped language model, for all that read and change nothing; skips where its base cannot be fetched."""
    from facegpt.language import load_language_model
    from facegpt.language.model.base import cached_base
    from facegpt.types import FaceGPTError

    try:
        cached_base()
    except FaceGPTError as error:
        pytest.skip(f"needs the base language model: {error}")

    return load_language_model()
