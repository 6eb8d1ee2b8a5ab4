"""`--doubt`: pictures of how unsure each place of a head is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from facegpt.cli.main import main
from facegpt.errors import FaceGPTError
from facegpt.export.bundle import FileOptions
from facegpt.face import Face
from facegpt.face.doubt import doubt_mm, doubt_picture
from facegpt.types import IdentityDoubt


@pytest.fixture(scope="module")
def unsure():
    """A mean head of whose first shape nothing is known, and all else."""
    face = _mean()
    covariance = np.full(face.model.sizes.identity, 1e-6)
    covariance[3] = 1.0
    return replace(face, doubt=IdentityDoubt(np.sqrt(covariance), np.diag(covariance)))


def _mean() -> Face:
    import facegpt

    return facegpt.load().mean_face()


def test_a_place_is_as_unsure_as_the_unknown_shape_moves_it(unsure):
    rng, model = np.random.default_rng(3), unsure.model
    moved = model.identity_basis[3].astype(np.float64)
    told, face = doubt_mm(unsure), np.linalg.norm(moved, axis=1)
    assert told.shape == (model.sizes.vertices,)
    # a similarity takes off a part of what the shape moves, and adds nothing on the whole
    rows = rng.choice(len(face), 2000)
    assert np.corrcoef(told[rows], face[rows])[0, 1] > 0.3 and told.mean() < face.mean() * 1.1


def test_a_surer_head_is_drawn_with_a_scale_that_ends_earlier(unsure):
    surer = replace(unsure, doubt=IdentityDoubt(unsure.doubt.sd, unsure.doubt.covariance / 16))
    assert np.allclose(doubt_mm(surer), doubt_mm(unsure) / 4)
    picture = doubt_picture(unsure, 120)
    assert picture.shape == (137, 360, 3) and len(np.unique(picture.reshape(-1, 3), axis=0)) > 200


def test_a_head_from_words_has_no_doubt_to_draw():
    with pytest.raises(FaceGPTError, match="not known"):
        doubt_mm(_mean())


def test_a_folder_has_the_picture_where_it_is_asked_for_and_none_later(unsure, tmp_path):
    unsure.save_folder(tmp_path, None, FileOptions(doubt=True))
    with Image.open(tmp_path / "doubt.png") as picture:
        assert picture.width > picture.height
    unsure.save_folder(tmp_path, None)
    assert not (tmp_path / "doubt.png").exists()


def test_reconstruct_offers_it(capsys):
    with pytest.raises(SystemExit):
        main(["reconstruct", "--help"])
    assert "doubt.png" in capsys.readouterr().out
