"""The verb animate and its page: files, what it says, and sentences for everything that is wrong."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import numpy as np
import pytest
from stand_in import picture, stand_in_model

import facegpt.api
import facegpt.face
from facegpt.cli.main import main

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "animate.md"


@pytest.fixture(autouse=True)
def stand_in(monkeypatch, tmp_path):
    monkeypatch.setattr(facegpt.api, "load", stand_in_model)
    monkeypatch.setenv("FACEGPT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def curves(tmp_path):
    path = tmp_path / "curves.csv"
    path.write_text("time_s,jawOpen\n" + "".join(f"{k / 30},{k / 10}\n" for k in range(10)))
    return str(path)


@pytest.fixture
def photo(tmp_path):
    picture((40, 40, 120, 140), (200, 60, 250, 120)).save(tmp_path / "two.png")
    return str(tmp_path / "two.png")


def test_the_take_of_a_photo_and_of_what_it_saved(photo, curves, capsys):
    assert main(["animate", photo, "--curves", curves, "-o", "take", "--no-video", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["frames"], told["fps"], told["people"]) == (10, 30.0, 1)
    names = {Path(path).name for path in told["files"]}
    assert {"animation.glb", "livelink.csv", "curves.npz", "curves.json"} <= names
    assert all(Path(path).is_file() for path in told["files"])
    assert main(["animate", photo, "--face", "1", "--curves", "take", "-o", "again", "--no-video"]) == 0
    with np.load("take/curves.npz") as one, np.load("again/curves.npz") as two:
        assert np.abs(one["weights"] - two["weights"]).max() < 1e-5
        assert not np.allclose(one["identity"], two["identity"])


def test_several_faces_move_by_several_curves(photo, curves, capsys):
    assert main(["animate", photo, "--curves", curves, curves, "-o", "take", "--no-video", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["people"] == 2
    assert Path("take/person_1/animation.glb").is_file()
    assert main(["animate", photo, "--curves", curves, curves, curves, "-o", "take", "--no-video"]) == 1
    assert "3 drivers" in capsys.readouterr().err


def test_a_video_of_the_head_is_written(photo, curves, capsys):
    av = pytest.importorskip("av")
    assert main(["animate", photo, "--curves", curves, "-o", "take", "--size", "64", "--background", "white"]) == 0
    with av.open("take/video.mp4") as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(frames) == 10 and frames[0].shape == (64, 64, 3)
    assert frames[0][2, 2].min() > 240
    assert not [p for p in Path("take").iterdir() if p.name.startswith(".")]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--curves", "nothing.csv"], 1, "there is no file or folder 'nothing.csv'"),
        (["--curves", "empty.csv"], 1, "'empty.csv' holds no curves"),
        (["--audio", "nothing.wav"], 1, "there is no file 'nothing.wav'"),
        (["--audio", "text.wav"], 1, "cannot be read as sound"),
        (["--driver", "nothing.mp4"], 1, "there is no file 'nothing.mp4'"),
        (["--words", "  "], 1, "the performance"),
        (["--words", "nods", "--curves", "empty.csv"], 2, "not allowed with"),
        ([], 2, "one of the arguments"),
        (["--curves", "curves.csv", "--gain", "-1"], 1, "gain is 0 to 10"),
        (["--curves", "curves.csv", "--face", "7"], 1, "there is no face 7"),
        (["--curves", "curves.csv", "--background", "mauvish"], 1, "there is no colour 'mauvish'"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(photo, curves, capsys, arguments, code, said):
    Path("empty.csv").write_text("")
    Path("text.wav").write_text("this is no sound")
    try:
        given = main(["animate", photo, *arguments, "-o", "take"])
    except SystemExit as ended:
        given = ended.code
    assert given == code
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def test_a_photo_without_a_face_and_a_photo_that_is_a_head(tmp_path, curves, capsys):
    picture().save("none.png")
    assert main(["animate", "none.png", "--curves", curves, "-o", "take"]) == 1
    assert "no face" in capsys.readouterr().err
    picture((40, 40, 120, 140)).save("one.png")
    assert main(["reconstruct", "one.png", "-o", "one"]) == 0
    assert main(["animate", "one", "--curves", curves, "-o", "take", "--photo"]) == 1
    assert "only a photo can move as a photo" in capsys.readouterr().err


def test_the_page_s_python_runs_as_it_stands(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(facegpt, "load", stand_in_model)
    (block,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    (tmp_path / "page.py").write_text(block)
    runpy.run_path(str(tmp_path / "page.py"))
    said = [line.split("#")[1].strip() for line in block.splitlines() if line.startswith("print")]
    assert capsys.readouterr().out.split("\n")[:-1] == said
