"""What is wrong with --avatar and --retexture is said before any work begins."""

from __future__ import annotations

import json

import pytest

from facegpt.cli.main import main


@pytest.fixture
def told(capsys):
    def run(*words: str) -> tuple[int, str]:
        code = main([str(word) for word in words])
        return code, capsys.readouterr().err

    return run


def test_a_folder_without_an_avatar_is_refused(told, tmp_path):
    for words in (("track", "clip.mp4"), ("reconstruct", "photo.jpg"), ("track", "0", "--live")):
        code, said = told(*words, "--avatar", tmp_path, "-o", tmp_path / "out")
        assert code != 0
        assert "holds no avatar" in said or "there is no" in said


def test_a_damaged_avatar_is_refused(told, tmp_path):
    (tmp_path / "avatar.json").write_text("{", "utf-8")
    code, said = told("track", "clip.mp4", "--avatar", tmp_path, "-o", tmp_path / "out")
    assert code == 1
    assert "damaged" in said


def test_an_avatar_of_another_version_is_refused(told, tmp_path):
    (tmp_path / "avatar.json").write_text(json.dumps({"format": "facegpt-avatar", "version": 99}), "utf-8")
    code, said = told("track", "clip.mp4", "--avatar", tmp_path, "-o", tmp_path / "out")
    assert code == 1
    assert "version 99" in said


def test_another_skin_needs_an_avatar_and_a_clip_that_can_be_read_again(told, tmp_path):
    code, said = told("track", "clip.mp4", "--retexture", "paint.png", "-o", tmp_path / "out")
    assert code == 1
    assert "--avatar" in said
    code, said = told("track", "0", "--live", "--avatar", tmp_path, "--retexture", "paint.png", "-o", tmp_path / "out")
    assert code == 1
    assert "--live" in said
