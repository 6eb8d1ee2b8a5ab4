"""JPEGs that are cut off, as an interrupted download leaves them: what is there is read, with a warning."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from facegpt.assets import asset_path
from facegpt.batch.photos import Job, process
from facegpt.data.images import read_image
from facegpt.types import ImageError


def cut(share: float, **how) -> tuple[np.ndarray, bytes]:
    """The bundled photo, and the first part of its JPEG."""
    image = Image.open(asset_path("astronaut.png")).convert("RGB")
    data = io.BytesIO()
    image.save(data, "JPEG", quality=95, **how)
    return np.asarray(image), data.getvalue()[: int(share * len(data.getvalue()))]


def test_the_rows_that_are_there_are_read_with_a_warning(caplog):
    whole, data = cut(0.6)
    with caplog.at_level(logging.WARNING, "facegpt"):
        photo = read_image(data)
    assert photo.incomplete and photo.pixels.shape == whole.shape
    assert np.abs(photo.pixels[:200].astype(int) - whole[:200]).mean() < 4
    assert np.abs(photo.pixels[-60:].astype(int) - 128).max() <= 3  # nothing is made up below
    [said] = caplog.messages
    assert "cut off" in said and "% of the picture are missing" in said


def test_a_progressive_photo_that_is_cut_off_is_whole_and_coarser(caplog):
    whole, data = cut(0.6, progressive=True)
    with caplog.at_level(logging.WARNING, "facegpt"):
        photo = read_image(data)
    assert np.abs(photo.pixels.astype(int) - whole).mean() < 12
    assert "coarser" in caplog.text


def test_the_missing_part_is_where_it_is_in_a_turned_photo(tmp_path, caplog):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter, clockwise: the stored bottom is shown at the left
    _, data = cut(0.6, exif=exif.tobytes())
    with caplog.at_level(logging.WARNING, "facegpt"):
        photo = read_image(data)
    assert np.abs(photo.pixels[:, :60].astype(int) - 128).max() <= 3
    assert "missing" in caplog.text


def test_next_to_nothing_is_refused():
    for share in (0.001, 0.01, 0.025):
        with pytest.raises(ImageError):
            read_image(cut(share)[1])


def test_a_whole_photo_is_not_called_cut_off(caplog):
    with caplog.at_level(logging.WARNING, "facegpt"):
        assert not read_image(cut(1)[1]).incomplete
    assert caplog.messages == []
    assert not ImageFile.LOAD_TRUNCATED_IMAGES  # the switch of the whole process stays as the user has it


def test_a_photo_whose_face_is_lost_says_so(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(cut(0.4)[1])
    nobody = type("Nobody", (), {"reconstruct": lambda self, photo, quality, **how: []})
    outcome = process(Job(path, Path(tmp_path / "out"), "fast", None, None, "auto", "auto"), nobody)
    assert outcome.status == "failed" and "no face was found in what is left of" in outcome.error


def test_a_batch_says_of_which_photo_a_warning_is(tmp_path):
    _, data = cut(0.6)
    (tmp_path / "half.jpg").write_bytes(data)

    class SeesNobody:
        def reconstruct(self, photo, quality, **asked):
            logging.getLogger("facegpt").warning("the light is hard")
            return []

    outcome = process(Job(tmp_path / "half.jpg", tmp_path / "out", "fast", None), lambda: SeesNobody())
    assert outcome.photo.name == "half.jpg" and outcome.status == "failed"
    assert "cut off" in outcome.remarks[0] and outcome.remarks[-1] == "the light is hard"
    assert outcome.as_dict()["remarks"] == [*outcome.remarks]
