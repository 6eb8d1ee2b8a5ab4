"""The 15 visemes as morph targets of a file."""

from __future__ import annotations

import numpy as np
import pytest
from glb_reader import Glb
from made_up_head import made_up_export

from facegpt.animate.speech.visemes import VISEMES, viseme_weights, with_visemes
from facegpt.conventions import ARKIT_NAMES
from facegpt.errors import FaceGPTError
from facegpt.export.gltf.document import write_glb


def test_each_viseme_is_the_mouth_of_its_sound():
    of = dict(zip(VISEMES, viseme_weights(), strict=True))
    jaw, pucker, close = (ARKIT_NAMES.index(name) for name in ("jawOpen", "mouthPucker", "mouthClose"))
    assert np.abs(of["viseme_sil"]).max() == 0
    assert of["viseme_aa"][jaw] == max(row[jaw] for row in of.values())
    assert of["viseme_U"][pucker] == max(row[pucker] for row in of.values())
    assert of["viseme_PP"][close] == pytest.approx(of["viseme_PP"][jaw])


def test_a_file_with_visemes_names_them_after_the_52_units(tmp_path):
    head = made_up_export()
    glb = Glb(write_glb(tmp_path / "head.glb", with_visemes(head)))
    assert glb.target_names == [*ARKIT_NAMES, *VISEMES]
    made = with_visemes(head).expression_basis
    assert np.allclose(made[52:], np.einsum("sk,kvc->svc", viseme_weights(), head.expression_basis), atol=1e-4)


def test_visemes_are_added_once():
    with pytest.raises(FaceGPTError, match="52 ARKit units"):
        with_visemes(with_visemes(made_up_export()))
