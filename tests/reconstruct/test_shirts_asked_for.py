"""The shirt of a photo's head as it is asked for: none, a colour, or one that there is not."""

from __future__ import annotations

import json

import pytest
from stand_in import photo_folder, stand_in_model

from facegpt.batch.photos import reconstruct_files
from facegpt.cli.main import main
from facegpt.types import FaceGPTError


def shirt_written(folder, photo, **asked):
    reconstruct_files([photo], folder, "balanced", workers=1, subfolders=False, make_model=stand_in_model, **asked)
    return json.loads((folder / "params.json").read_text())


def test_a_shirt_is_left_out_or_has_the_colour_asked_for(tmp_path):
    [photo] = photo_folder(tmp_path / "in", 1)
    bare = shirt_written(tmp_path / "out", photo, shirt="none")  # made again: the settings changed
    white = shirt_written(tmp_path / "out", photo, shirt="white")
    assert bare["shirt"] is None and white["shirt"] == {"colour_linear_rgb": [1.0, 1.0, 1.0]}


def test_a_colour_that_there_is_not_is_told_before_anything_is_loaded(tmp_path, capsys):
    [photo] = photo_folder(tmp_path / "in", 1)
    assert main(["reconstruct", str(photo), "-o", str(tmp_path / "out"), "--shirt", "reddisch"]) != 0
    assert "no colour 'reddisch'" in capsys.readouterr().err
    with pytest.raises(FaceGPTError, match="no colour"):
        stand_in_model().reconstruct(photo, shirt="reddisch")
