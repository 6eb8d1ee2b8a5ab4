"""Where things run. No GPU is needed: torch and numba are told that there are two, and what reaches each part is looked
at; what a part then computes on a GPU is not tested here (the simulator draws, see the last test)."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numba.cuda
import numpy as np
import onnxruntime
import pytest
import torch
from example_plug_in import install
from stand_in import photo_folder, stand_in_model
from tiny_language import tiny_llama, tiny_tokenizer

import facegpt.api
from facegpt import FaceGPTError
from facegpt.cli.main import main
from facegpt.reconstruct import person_photos, several_photos
from facegpt.runtime import onnx_session
from facegpt.runtime.device import choose_device

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


@pytest.fixture
def two_gpus(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(numba.cuda, "is_available", lambda: True)


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.fixture
def providers(monkeypatch) -> list:
    """The providers that each ONNX network is opened with; onnxruntime claims to have CUDA."""
    opened, real = [], onnxruntime.InferenceSession

    def session(path, settings, providers):
        opened.append(providers)
        return real(path, settings, providers=[CPU])

    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, CPU])
    onnx_session._say_that_it_runs_on_the_processor.cache_clear()
    return opened


# Names


@pytest.mark.parametrize(
    ("name", "chosen"), [("cpu", "cpu"), ("cuda", "cuda:0"), ("cuda:1", "cuda:1"), ("auto", "cuda:0")]
)
def test_a_gpu_is_taken_where_there_is_one(two_gpus, name, chosen):
    assert choose_device(name) == chosen


def test_without_one_auto_is_the_processor(no_gpu):
    assert choose_device("auto") == choose_device("cpu") == "cpu"


@pytest.mark.parametrize("name", ["tpu", "", "CUDA", "cuda:", "cuda:-1", "cuda:x", "cpu:0", None, 0])
def test_other_names_are_refused_with_those_there_are(two_gpus, name):
    with pytest.raises(FaceGPTError, match=f"there is no device '{name}'; there are: cpu, cuda .*cuda:1.*auto"):
        facegpt.load(device=name)


# What is missing


def refused(device: str = "cuda") -> str:
    with pytest.raises(FaceGPTError) as caught:
        facegpt.load(device=device)
    text = str(caught.value)
    assert text.startswith(f"the device '{device}' cannot be used: ") and text.endswith("device 'cpu' works everywhere")
    assert "\n" not in text
    return text


def test_torch_without_cuda_is_told_with_where_to_get_it(no_gpu, monkeypatch):
    monkeypatch.setattr(torch.version, "cuda", None)
    assert "torch was installed without CUDA (pytorch.org/get-started" in refused()


def test_no_gpu_or_driver_is_told(no_gpu, monkeypatch):
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    assert "torch finds no NVIDIA GPU, or no driver" in refused("cuda:1")


def test_a_number_beyond_the_last_gpu_is_told(two_gpus):
    assert "torch finds 2 GPUs, the last of which is cuda:1" in refused("cuda:2")


def test_numba_without_a_toolkit_is_told_with_what_to_install(two_gpus, monkeypatch):
    monkeypatch.setattr(numba.cuda, "is_available", lambda: False)
    assert "numba finds no CUDA toolkit (libNVVM); pip install 'numba-cuda" in refused()
    assert choose_device("auto") == "cpu"


def test_numba_without_its_cuda_part_is_told_with_what_to_install(two_gpus, monkeypatch):
    monkeypatch.delattr(numba, "cuda")
    monkeypatch.setitem(sys.modules, "numba.cuda", None)
    assert "numba has no CUDA here" in refused() and "pip install 'numba-cuda" in refused()


def test_a_renderer_that_needs_a_gpu_says_so_when_it_is_named(no_gpu):
    with pytest.raises(FaceGPTError, match="the renderer 'numba-cuda' cannot run here: torch"):
        facegpt.load(renderer="numba-cuda")


# What reaches the parts


def test_the_renderer_of_a_gpu_draws_the_heads(two_gpus):
    model = facegpt.load(device="cuda:1")
    assert (model.device, model.renderer.name, model.renderer.device) == ("cuda:1", "numba-cuda", "cuda:1")
    face = model.mean_face()
    assert face.renderer is model.renderer and face.neutral().renderer is model.renderer
    assert facegpt.load(device="cuda:1", renderer="numba-cpu").renderer.name == "numba-cpu"
    assert facegpt.load().renderer is None and facegpt.load().mean_face().renderer is None


def test_the_networks_that_look_at_faces_are_opened_on_the_gpu(two_gpus, providers):
    model = facegpt.load(device="cuda:1")
    assert model.detector.name == "mediapipe" and model.landmarker is not None
    assert len(providers) == 4  # finder, points, expression; dense landmarks
    for (name, settings), last in providers:
        assert (name, settings["device_id"], last) == (CUDA, "1", CPU)


def test_where_onnxruntime_has_no_cuda_they_run_on_the_processor_and_the_log_says_so_once(
    two_gpus, providers, monkeypatch, caplog, astronaut
):
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CPU])
    with caplog.at_level(logging.WARNING, "facegpt"):
        model = facegpt.load(device="cuda")
        assert len(model.detector.detect(astronaut)) == 1 and model.landmarker is not None
    assert providers == [[CPU]] * 4
    assert [("onnxruntime-gpu" in record.message) for record in caplog.records] == [True]


def test_a_gpu_that_onnxruntime_cannot_use_after_all_is_logged_too(two_gpus, providers, caplog):
    with caplog.at_level(logging.WARNING, "facegpt"):
        assert facegpt.load(device="cuda").detector is not None  # the sessions of `providers` never have CUDA
    assert len(caplog.records) == 1


def test_on_the_processor_nothing_is_said_and_cuda_not_asked_for(providers, caplog):
    with caplog.at_level(logging.WARNING, "facegpt"):
        model = facegpt.load()
        assert model.detector is not None and model.landmarker is not None
    assert providers == [[CPU]] * 4 and not caplog.records


def test_detectors_and_encoders_of_other_packages_are_told_of_the_device(two_gpus, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(install(tmp_path / "site"))
    model = facegpt.load("example-head", device="cuda:1", detector="red-boxes", renderer="all-green")
    assert model.detector.device == "cuda:1"


def test_the_language_model_is_asked_for_on_the_gpu(two_gpus, monkeypatch):
    asked = []
    monkeypatch.setattr("facegpt.language.loading.load_language_model", lambda **given: asked.append(given))
    for device in ("cuda:1", "cpu"):
        assert facegpt.load(device=device).language is None
    assert asked == [{"device": "cuda:1"}, {"device": "cpu"}]


def test_the_recognition_network_is_on_the_gpu(two_gpus, monkeypatch, astronaut):
    placed = []
    describer = person_photos.face_describer

    def noted(device):
        placed.append(device)
        return describer()  # there is no such GPU

    monkeypatch.setattr(person_photos, "face_describer", noted)

    def enough(head, sightings, together=None):
        raise FaceGPTError("enough")

    monkeypatch.setattr(several_photos, "fit_person", enough)
    beside = np.concatenate([astronaut, astronaut], 1)  # two faces: which one is the person's?
    on_processor = facegpt.load()
    model = SimpleNamespace(
        head=on_processor.head, detector=on_processor.detector, landmarker=None, texture=None, device="cuda:1"
    )
    with pytest.raises(FaceGPTError, match="enough"):
        several_photos.reconstruct_views(model, [_photo(astronaut), _photo(beside)], "balanced")
    assert set(placed) == {"cuda:1"}


def _photo(pixels):
    from facegpt.data.images import read_image

    return read_image(pixels)


# Torch's networks on another device: "meta" knows shapes and devices but no values


@pytest.fixture
def saved_language(tmp_path) -> Path:
    from facegpt.language.model.config import FaceGPTConfig
    from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration

    base = tiny_llama()
    config = FaceGPTConfig(base=base.config.to_dict(), face_token=4, slot_token=5, head_layers=[2, 4])
    FaceGPTForConditionalGeneration(config, base).save_pretrained(tmp_path)
    tiny_tokenizer().save_pretrained(tmp_path)
    return tmp_path


def test_a_language_model_moves_with_all_it_is_given(saved_language, monkeypatch):
    from facegpt.language import load_language_model
    from facegpt.language.model import facegpt_model, placement
    from facegpt.language.model.face_reading import FaceReading
    from facegpt.language.targets import ATTRIBUTES

    language = load_language_model(saved_language, with_rules=False, device="meta")
    assert {parameter.device.type for parameter in language.model.parameters()} == {"meta"}
    given, taken_back, placed = {}, [], placement.moved

    def forward(**inputs):
        given.update(inputs)
        out = torch.zeros(1, 2, 320, device="meta")
        return SimpleNamespace(logits=out, request=out, seen=None)

    def moved(value, where):  # nothing can be read from "meta"
        return placed(value, where) if str(where) == "meta" else taken_back.append((value, where)) or value

    monkeypatch.setattr(language.model, "forward", forward)
    monkeypatch.setattr(placement, "moved", moved)
    monkeypatch.setattr(facegpt_model, "face_log_odds", lambda logits, token: 0.0)
    monkeypatch.setattr("facegpt.language.language_model.read_after_network", lambda out, *_, **__: out)
    face = FaceReading(np.zeros(len(ATTRIBUTES)))
    language.read("make the nose 3 mm wider", face, is_edit=True)
    tensors = {name: value.device.type for name, value in given.items() if isinstance(value, torch.Tensor)}
    assert tensors == dict.fromkeys(("input_ids", "faces", "face_at", "is_edit", "since", "numbers"), "meta")
    assert [(value is None, where) for value, where in taken_back] == [(False, "cpu"), (True, "cpu")]


def test_a_record_moves_with_all_its_tensors():
    from facegpt.language.model.photo_tokens import PhotoInput
    from facegpt.language.model.placement import moved

    photos = PhotoInput(*(torch.zeros(2) for _ in range(3)))
    found = moved({"photos": photos, "faces": None, "ids": torch.zeros(1)}, "meta")
    assert isinstance(found["photos"], PhotoInput) and found["faces"] is None
    assert {each.device.type for each in (*found["photos"], found["ids"])} == {"meta"}


def test_the_recognition_network_takes_chips_from_any_device():
    from facegpt.encode.recognition import FaceRecognition

    found = FaceRecognition().to("meta")(torch.zeros(2, 3, 150, 150))
    assert found.shape == (2, 128) and found.device.type == "meta"


# The command line


def run(capsys, *words) -> tuple[int, str, str]:
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err


@pytest.mark.parametrize("verb", [("reconstruct", "x.jpg"), ("imagine", "a man"), ("edit", "last", "older"), ("chat",)])
def test_the_command_refuses_other_devices_as_wrong_use(capsys, verb):
    with pytest.raises(SystemExit) as stopped:
        main([*verb, "--device", "tpu"])
    assert stopped.value.code == 2
    assert "there is no device 'tpu'; there are: cpu, cuda" in capsys.readouterr().err


def test_a_device_that_cannot_be_used_fails_before_the_first_photo(no_gpu, capsys, tmp_path):
    photos = photo_folder(tmp_path / "photos", 2)
    code, out, err = run(capsys, "reconstruct", *photos, "-o", tmp_path / "out", "--device", "cuda")
    assert code == 1 and out == "" and err.startswith("facegpt: the device 'cuda' cannot be used: torch")
    assert len(err.strip().splitlines()) == 1 and not (tmp_path / "out").exists()


def test_the_command_hands_the_device_on(two_gpus, monkeypatch, capsys, tmp_path):
    asked = []

    def load(**given):
        asked.append(given)
        if len(asked) > 1:
            raise FaceGPTError("no words here")
        return stand_in_model()

    monkeypatch.setattr(facegpt.api, "load", load)
    monkeypatch.setenv("FACEGPT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("facegpt.cli.early.check_device", lambda device: None)
    (photo,) = photo_folder(tmp_path / "photos", 1)
    code, out, _ = run(capsys, "reconstruct", photo, "-o", tmp_path / "out", "--device", "auto", "--json")
    assert code == 0 and json.loads(out)["done"] == 1
    for verb in (("imagine", "a man"), ("edit", photo, "older"), ("chat",)):
        code, _, err = run(capsys, *verb, "-o", tmp_path / "more", "--device", "cuda:1")
        assert code == 1 and "no words here" in err
    assert asked == [{"device": "cuda:0"}, *[{"device": "cuda:1"}] * 3]


# Pictures by the kernels of the GPU

SIMULATED = """
import sys, numpy as np
sys.path[:0] = {paths!r}
from made_up_head import made_up_head, made_up_params, made_up_texture
from facegpt.face import Face
from facegpt.runtime import registry
head = made_up_head()
params = made_up_params(head)
texture = made_up_texture(head, params)
drawn = [Face(head, params, photo_texture=texture, renderer=registry.load("render", name)).render(20).astype(int)
         for name in ("numba-cpu", "numba-cuda")]
assert drawn[0][..., 3].mean() > 80
print(np.abs(drawn[0] - drawn[1]).max())
"""


@pytest.mark.slow
def test_pictures_by_the_gpu_s_kernels_are_those_of_the_processor_s():
    paths = [str(Path(__file__).parent / "helpers")]
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1"}
    command = [sys.executable, "-c", SIMULATED.format(paths=paths)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout) <= 1  # of 255
