"""The verb personalize: a folder that loads, JSON alone on stdout, and the exit code of work that was stopped."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from small_disk import filled

import facegpt
from facegpt.cli.main import main
from facegpt.personal import build, tune
from facegpt.personal.avatar import Avatar, SourceClip, load_avatar
from facegpt.personal.head import PersonalHead
from facegpt.personal.settings import PersonalizeSettings


@pytest.fixture
def made(head, monkeypatch) -> list:
    """What was asked of `build_avatar`, which makes a plain avatar; no clip is opened."""
    asked: list = []
    monkeypatch.setattr("facegpt.cli.early.check_clips", lambda clips: None)

    def build_plain(model, clips, settings):
        asked.append((list(clips), settings))
        avatar = Avatar(
            settings.name,
            PersonalHead(head, settings.name, np.zeros(60), np.zeros((head.sizes.vertices, 3))),
            np.full((64, 64, 4), 128, np.uint8),
            np.full((64, 64), 128, np.uint8),
            np.zeros(128, np.float32),
            np.zeros(head.sizes.albedo, np.float32),
            (SourceClip("a.mp4", "", 10, 4, 700.0, 0.1),),
        )
        return replace(avatar, state="stopped") if settings.minutes else avatar

    monkeypatch.setattr(build, "build_avatar", build_plain)
    monkeypatch.setattr(tune, "tune_encoder", lambda model, avatar, clips, progress: avatar)
    monkeypatch.setattr(facegpt, "load", lambda: None)
    return asked


def test_the_verb_writes_a_folder_that_loads(made, head, tmp_path, capsys):
    assert main(["personalize", "a.mp4", "b.mp4", "-o", str(tmp_path / "anna"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    clips, settings = made[0]
    assert clips == ["a.mp4", "b.mp4"] and settings.name == told["name"] == "anna"  # the folder's name
    assert load_avatar(tmp_path / "anna", head).head.model_id == told["model_id"]
    assert all((tmp_path / "anna" / path.rsplit("/", 1)[-1]).is_file() for path in told["files"])


def test_work_that_was_stopped_is_saved_and_says_so(made, head, tmp_path, capsys):
    words = ["personalize", "a.mp4", "-o", str(tmp_path / "out"), "--name", "Ben", "--minutes", "0.1"]
    assert main(words) == 130
    assert "stopped" in capsys.readouterr().out
    assert load_avatar(tmp_path / "out", head).state == "stopped"


def test_on_a_full_disk_no_avatar_is_lost(made, head, small_disk, capsys, tmp_path, monkeypatch):
    """The one that is there stays whole; the new one is saved elsewhere, and where is said."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "elsewhere"))
    folder = small_disk / "anna"
    earlier_files(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    filled(small_disk)
    assert main(["personalize", "a.mp4", "-o", str(folder), "--name", "Ben"]) == 1
    said = capsys.readouterr().err
    assert "make room" in said and "The avatar is in" in said
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    (place,) = (tmp_path / "elsewhere").iterdir()
    assert str(place) in said and load_avatar(place, head).name == "Ben"


def test_tuning_ends_when_the_minutes_are_over_and_what_ran_on_is_told(made, monkeypatch, caplog):
    clock = [0.0]

    def slow(model, avatar, clips, progress):
        for step in range(1000):
            clock[0] += 60
            progress(step / 1000)

    monkeypatch.setattr(tune.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(tune, "tune_encoder", slow)
    plain = build.build_avatar
    monkeypatch.setattr(build, "build_avatar", lambda *asked: replace(plain(*asked), state="done"))
    avatar = tune.personalized(None, ["a.mp4"], PersonalizeSettings(name="Ben", minutes=3))
    assert avatar.adapter is None and 3 < clock[0] / 60 <= 4
    assert "4.0 minutes, more than the 3" in caplog.text


def earlier_files(folder):
    """A small avatar's files that stand for one that is there."""
    folder.mkdir()
    for name in ("avatar.safetensors", "avatar.json", "texture.png"):
        (folder / name).write_bytes(name.encode() * 100)
