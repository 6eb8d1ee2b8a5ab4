"""Which file of a head model is used: the one that was added, as long as it is the same; the variable goes first."""

from __future__ import annotations

import json

import numpy as np
import pytest
from made_up_user_heads import write_bfm_2009, write_flame, write_gnm

from facegpt.cli.main import main
from facegpt.models.files import load_head
from facegpt.morphable.user_files import REMEMBERED, add_file, remembered, statuses, user_file
from facegpt.types import AssetError, FaceGPTError


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("FACEGPT_HOME", str(folder))
    for name in ("ICT", "GNM", "FLAME", "BFM"):
        monkeypatch.delenv(f"FACEGPT_{name}_MODEL", raising=False)
    return folder


def status(name):
    return next(row["status"] for row in statuses() if row["name"] == name)


def test_without_a_file_the_sentence_says_where_it_is_to_be_had_and_how_it_is_added():
    with pytest.raises(AssetError, match=r"https://flame\.is\.tue\.mpg\.de.*facegpt models add flame PATH.*licence"):
        load_head("flame")
    assert status("flame") == "not added"


def test_an_added_file_is_found_again(tmp_path):
    path = write_bfm_2009(tmp_path)
    assert add_file("bfm", path).model_id == "bfm/2009"
    assert user_file("bfm") == path.resolve()
    assert remembered()["bfm"]["sha256"] and status("bfm") == "ok"
    assert load_head("bfm").model_id == "bfm/2009"


def test_adding_one_keeps_the_others(tmp_path):
    add_file("bfm", write_bfm_2009(tmp_path))
    add_file("flame", write_flame(tmp_path))
    assert set(remembered()) == {"bfm", "flame"}


def test_a_changed_file_is_noticed_and_a_touched_one_is_not(tmp_path):
    path = write_bfm_2009(tmp_path)
    add_file("bfm", path)
    path.touch()
    assert user_file("bfm") == path.resolve()
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(AssetError, match="has changed"):
        user_file("bfm")
    assert status("bfm") == "missing or changed"


def test_a_file_that_is_gone_is_named(tmp_path):
    path = write_bfm_2009(tmp_path)
    add_file("bfm", path)
    path.unlink()
    with pytest.raises(AssetError, match=r"01_MorphableModel\.mat.*no longer there"):
        user_file("bfm")


def test_the_variable_goes_before_what_was_added(tmp_path, monkeypatch):
    add_file("bfm", write_bfm_2009(tmp_path))
    (tmp_path / "other").mkdir()
    other = write_bfm_2009(tmp_path / "other")
    monkeypatch.setenv("FACEGPT_BFM_MODEL", str(other))
    assert user_file("bfm") == other
    monkeypatch.setenv("FACEGPT_BFM_MODEL", str(tmp_path / "none.mat"))
    with pytest.raises(AssetError, match=r"FACEGPT_BFM_MODEL.*none\.mat"):
        user_file("bfm")


def test_what_is_refused_is_not_remembered(tmp_path):
    with pytest.raises(AssetError, match=r"there is no file"):
        add_file("gnm", tmp_path / "gnm_head.npz")
    np.savez(tmp_path / "gnm_head.npz", something=np.zeros(1))
    with pytest.raises(AssetError, match="it lacks"):
        add_file("gnm", tmp_path / "gnm_head.npz")
    with pytest.raises(FaceGPTError, match="there are: ict, gnm, flame, bfm"):
        add_file("smpl", tmp_path / "gnm_head.npz")
    assert remembered() == {}


@pytest.mark.parametrize("content", ["", "[]", '{"bfm": 3}', '{"bfm": {}}', "{"])
def test_a_damaged_memory_is_no_traceback(cache, content):
    cache.mkdir()
    (cache / REMEMBERED).write_text(content)
    with pytest.raises(AssetError, match="bfm"):
        user_file("bfm")


def test_the_command_says_what_it_recognised_and_the_licence(tmp_path, capsys):
    path = write_gnm(tmp_path)
    assert main(["models", "add", "gnm", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["model_id"] == "gnm/3" and "Apache-2.0" in told["licence"] and "4 identity modes" in told["summary"]
    assert main(["models", "list", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out) if row.get("kind") == "morphable"}
    assert rows["gnm"]["status"] == "ok" and rows["ict"]["status"] == "not added"


def test_the_command_fails_in_a_sentence(tmp_path, capsys):
    assert main(["models", "add", "flame", str(tmp_path / "none.pkl")]) == 1
    answer = capsys.readouterr()
    assert answer.out == "" and "none.pkl" in answer.err and "Traceback" not in answer.err
