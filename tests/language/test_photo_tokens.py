"""Photos as tokens: placed right, loaded whole, learnt through the renderer, read as heads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from placed_people import CHANNELS, people
from tiny_language import FACE, SLOT, TINY_PARTS, save_tiny, tiny_llava, tiny_qwen_vl, tiny_smolvlm, tiny_tokenizer

from facegpt.assets import FOLDER
from facegpt.encode.photo_view import photo_view
from facegpt.language.language_model import LanguageModel
from facegpt.language.model.face_reading import FaceReading
from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
from facegpt.language.model.photo_asset import load_photo_parts, photo_config, save_photo_parts
from facegpt.language.model.photo_theta import NUMBERS, SLICES, deviations, params_of, rolled_light, theta_of
from facegpt.language.model.photo_theta_head import PhotoHead, PhotoHeadOutput
from facegpt.language.model.photo_tokens import PhotoInput
from facegpt.language.model.processor import FaceGPTProcessor
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman import head as makehuman
from facegpt.render.lighting import default_studio_lighting, sh_basis
from facegpt.render.numba_cpu.renderer import NumbaRenderer
from facegpt.types import AssetError, DensePoints, FaceGPTError
from facegpt_lab.synthesis.texts.corpus import load_corpus
from facegpt_lab.train.loop import Loop, LoopSettings
from facegpt_lab.train.photo_tokens import joint as photos_joint
from facegpt_lab.train.photo_tokens.faces import Faces, conversation_batch, language_states
from facegpt_lab.train.photo_tokens.likeness import SMALL_PX, chip_squares
from facegpt_lab.train.photo_tokens.losses import PhotoLosses, srgb, total
from facegpt_lab.train.photo_tokens.training import ASKED_EVERY, HeadStage, PhotosSettings
from facegpt_lab.train.photo_tokens.views import Encoder, PhotoExamples

GEOMETRY, TOKENS = 2, 18


@pytest.fixture(scope="module")
def head():
    return makehuman.load()


@pytest.fixture(scope="module")
def losses(head):
    return PhotoLosses.of(head, NumbaRenderer(1))


@pytest.fixture(scope="module")
def base_folder(tmp_path_factory):
    return save_tiny(tmp_path_factory.mktemp("base"))


@pytest.fixture
def processor():
    return FaceGPTProcessor(tiny_tokenizer(), FACE, SLOT, face_tokens=4, photo_tokens=TOKENS)


def seeing(base_folder, seed=0):
    torch.manual_seed(seed)
    photos = {"photo_geometry": GEOMETRY, "photo_channels": CHANNELS, "photo_layers": [0, 2, 4], "photo_width": 32}
    return FaceGPTForConditionalGeneration.from_base(base_folder, **TINY_PARTS, **photos).eval()


def examples_of(losses: PhotoLosses, count: int, seed: int = 0) -> Faces:
    """Make known heads as training faces; the second half is people's photos: pictures of them, without truth."""
    theta, view = people(losses.geometry, count, seed)
    first = losses.geometry.place(view)
    drawn, covers = losses.draw(theta, 64)
    picture = (drawn.clamp(0, 1) ** (1 / 2.2) * 255).to(torch.uint8)
    truth = deviations(theta, view, first)
    chip = (srgb(losses.draw(theta, SMALL_PX, *chip_squares(view.detected))[0]).clamp(0, 1) * 255).to(torch.uint8)
    examples = PhotoExamples(view, truth, torch.ones_like(truth), picture, (covers * 255).to(torch.uint8), chip)
    return Faces.of(examples, count // 2, losses.geometry)


def test_the_closed_form_placing_finds_the_pose_of_a_head_that_is_known(losses):
    geometry = losses.geometry
    theta, view = people(geometry, 6)
    known = replace(view, identity=theta.identity, expression=theta.expression)
    found = geometry.place(known)
    assert torch.allclose(found.rotation, theta.placing.rotation, atol=5e-3)  # radians
    assert torch.allclose(found.centre, theta.placing.centre, atol=2e-3)
    assert torch.allclose(found.log_scale, theta.placing.log_scale, atol=3e-3)


def test_deviations_are_the_way_back_from_theta(losses):
    theta, view = people(losses.geometry, 4)
    first = losses.geometry.place(view)
    again = theta_of(deviations(theta, view, first), view, first)
    for name in ("identity", "expression", "albedo", "lighting"):
        assert torch.allclose(getattr(again, name), getattr(theta, name), atol=1e-4), name
    assert torch.allclose(again.placing.rotation, theta.placing.rotation, atol=1e-4)
    assert torch.allclose(again.placing.log_depth, theta.placing.log_depth, atol=1e-4)


def test_parameters_in_the_photo_show_the_points_where_the_crop_does(head, losses):
    theta, _ = people(losses.geometry, 1)
    turn, scale, shift = 0.4, 0.6, np.array([20.0, -35.0])
    crop = np.column_stack([scale * np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]), shift])
    size, middle = (401, 301), np.array([200.0, 150.0])
    optical = torch.from_numpy((2 * (crop[:, :2] @ middle + crop[:, 2]) + 1) / 128 - 1).float()[None]
    theta = replace(theta, optical=optical)
    dense = DensePoints(*[np.zeros(1)] * 7, crop=crop, crop_px=128)
    params = params_of(theta, 0, head, losses.geometry, dense, size)
    points = losses.geometry.points(theta.identity, theta.expression)
    in_crop = losses.geometry.project(points, theta.placing, optical)[0].numpy()
    pixels = params.camera.project(params.pose.apply(points[0].numpy()))
    assert np.allclose((2 * (pixels @ crop[:, :2].T + crop[:, 2]) + 1) / 128 - 1, in_crop, atol=1e-3)
    assert np.allclose(params.pose.rotation @ params.pose.rotation.T, np.eye(3), atol=1e-5)
    assert np.isfinite(head_vertices(head, params)).all()


def test_light_turns_with_the_picture():
    light, angle = default_studio_lighting().astype(float), 0.7
    normals = np.random.default_rng(0).normal(size=(20, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    assert np.allclose(sh_basis(normals @ turn.T) @ rolled_light(light, angle), sh_basis(normals) @ light, atol=1e-6)


def test_photos_and_faces_stand_in_their_own_places(base_folder, processor, losses):
    model = seeing(base_folder)
    faces = examples_of(losses, 2)
    reading = FaceReading(np.linspace(-1, 1, len(ATTRIBUTES)))
    content = [{"type": "photo"}, {"type": "face"}, {"type": "text", "text": "and"}, {"type": "photo"}]
    found = processor([{"role": "user", "content": content}])
    assert len(found.photos) == 2 and found.ids.count(SLOT) == 2 * TOKENS + 4
    photos = PhotoInput(faces.examples.view.grid, faces.numbers, torch.tensor([[0, k] for k in found.photos]))
    embedded = []
    model.get_input_embeddings().register_forward_hook(lambda *given: embedded.append(given[2]))
    with torch.no_grad():
        model(torch.tensor([found.ids]), faces=torch.from_numpy(reading.features())[None], photos=photos)
        own = model.photo_tokens(photos.grid, photos.numbers)
        face = model.embed_faces(torch.from_numpy(reading.features())[None])
    first, second = found.photos
    assert torch.allclose(embedded[0][0, first : first + TOKENS], own[0])
    assert torch.allclose(embedded[0][0, second : second + TOKENS], own[1])
    assert torch.allclose(embedded[0][0, first + TOKENS : first + TOKENS + 4], face)


def test_photos_without_places_are_refused(base_folder, processor, losses):
    faces = examples_of(losses, 2)
    ids = torch.tensor([processor("no photo here").ids])
    photos = PhotoInput(faces.examples.view.grid[:1], faces.numbers[:1], torch.tensor([[0, 2]]))
    with pytest.raises(FaceGPTError, match="do not fit"):
        seeing(base_folder)(ids, photos=photos)
    blind = FaceGPTForConditionalGeneration.from_base(base_folder, **TINY_PARTS)
    with pytest.raises(FaceGPTError, match="takes no photos"):
        blind(ids, photos=photos)


def test_a_model_without_photo_tokens_leaves_photos_out_of_the_conversation(base_folder, losses):
    blind = FaceGPTForConditionalGeneration.from_base(base_folder, **TINY_PARTS).eval()
    plain = FaceGPTProcessor(tiny_tokenizer(), FACE, SLOT, face_tokens=4)
    language = LanguageModel(blind, plain, with_rules=False)
    _, view = people(losses.geometry, 1)
    turns = [{"role": "user", "content": [{"type": "photo", "photo": view}, {"type": "text", "text": "a big nose"}]}]
    assert language.read(turns).face_probability == language.read("a big nose").face_probability
    with pytest.raises(FaceGPTError, match="takes no photos"):
        language.see([view])


def test_a_file_of_photo_tokens_is_loaded_whole_or_not_at_all(base_folder, tmp_path):
    from safetensors.torch import load_file, save_file

    model, other = seeing(base_folder, 1), seeing(base_folder, 2)
    path = save_photo_parts(model, tmp_path / "photo_tokens.safetensors")
    assert photo_config(path)["photo_geometry"] == GEOMETRY
    load_photo_parts(other, path)
    for name, value in other.photo_parts().items():
        assert torch.allclose(value, model.photo_parts()[name], atol=2e-3), name
    parts = load_file(path)
    before = {name: value.clone() for name, value in other.photo_parts().items()}
    for change in ({"more": torch.zeros(1)}, {}):
        damaged = {**parts, **change}
        damaged.pop("photo_head.queries")
        save_file({name: value + 1 for name, value in damaged.items()}, path)
        with pytest.raises(AssetError, match="nothing was loaded"):
            load_photo_parts(other, path)
        assert all(torch.equal(value, before[name]) for name, value in other.photo_parts().items())
    path.write_bytes(b"no safetensors")
    with pytest.raises(AssetError, match="cannot be read"):
        photo_config(path)
    assert not any(name.startswith("photo") for name in model.face_parts())


def test_the_gradient_of_the_drawn_picture_reaches_the_projector(base_folder, processor, losses):
    model = seeing(base_folder)
    faces = examples_of(losses, 2, seed=3)
    with torch.no_grad():
        for layer in model.photo_head.out.values():
            layer.weight.copy_(torch.randn_like(layer.weight) * 0.05)
    rows = torch.arange(2)
    ids, mask, photos, face_at = conversation_batch(processor, faces, rows, 0)
    weight = model.photo_tokens.cell_out.weight
    weight.requires_grad_(True)

    def photometric() -> torch.Tensor:
        out = model(ids, mask, photos=photos, output_hidden_states=True)
        own, face = model.photo_states(out.hidden_states, photos.at, face_at)
        theta = theta_of(model.photo_head(own, face).mean, faces.examples.view, faces.first)
        return losses.photometric(theta, faces.examples.picture, faces.examples.skin)

    photometric().backward()
    direction = weight.grad / weight.grad.norm()
    step = 2e-3
    with torch.no_grad():
        weight += step * direction
        above = photometric()
        weight -= 2 * step * direction
        below = photometric()
    assert float((above - below) / (2 * step)) == pytest.approx(float((weight.grad * direction).sum()), rel=0.1)


def test_a_few_faces_are_learnt_by_heart_from_their_photos_alone(losses):
    faces = examples_of(losses, 8)
    mean = torch.zeros(8, NUMBERS, requires_grad=True)
    optimizer = torch.optim.Adam([mean], 0.05)
    values = []
    for _ in range(25):
        told = total(losses.seen(PhotoHeadOutput(mean, mean * 0), faces.examples, faces.first))
        optimizer.zero_grad()
        told["total"].backward()
        optimizer.step()
        values.append({name: float(value.detach()) for name, value in told.items()})
    assert values[-1]["photo"] < 0.5 * values[0]["photo"]
    assert values[-1]["landmarks"] < 0.7 * values[0]["landmarks"]


@pytest.fixture
def stage(base_folder, processor, losses):
    faces = examples_of(losses, 8)
    states = language_states(seeing(base_folder), processor, faces, 0, "float32")
    torch.manual_seed(0)
    head = PhotoHead(3, 48, TOKENS, 32, dropout=0.1)
    settings = PhotosSettings(batch=4, photo_batch=2)
    return HeadStage(head, states, faces, losses, torch.arange(4), torch.arange(4, 8), settings)


def test_training_on_renders_and_photos_lowers_the_loss_and_resumes_to_the_same_curve(stage, tmp_path):
    start = {name: value.clone() for name, value in stage.head.state_dict().items()}

    def run(folder, steps, until=None):
        loop = Loop(stage.head, lambda step: stage.mixed(step, 0), folder, LoopSettings(steps, 3e-3, 2, save_every=4))
        if until:
            loop._finished = lambda: loop.step >= until
        loop.run()
        return {name: value.clone() for name, value in stage.head.state_dict().items()}

    before = stage.validate(torch.arange(4), torch.arange(4, 8))
    whole = run(tmp_path / "whole", 12)
    after = stage.validate(torch.arange(4), torch.arange(4, 8))
    assert after["landmarks"] < before["landmarks"] and after["points"] < before["points"]
    stage.head.load_state_dict(start)
    run(tmp_path / "halved", 12, until=4)
    again = run(tmp_path / "halved", 12)
    assert all(torch.allclose(whole[name], again[name], atol=1e-5) for name in whole)


def test_the_recognition_network_is_asked_now_and_then(stage):
    rows = stage.photos
    without, told = stage.mixed(0, 0), stage.mixed(ASKED_EVERY - 1, 0)
    assert {"identity", "perceptual"} == set(told) - set(without)
    scores = stage.validate(stage.renders, rows)
    assert 0 < scores["identity"] < 4


def test_a_head_without_the_language_model_hears_nothing_of_its_layers(stage):
    stage.head.see_layers([True, False, False])
    stage.head.eval()
    with torch.no_grad():
        one = stage.read(torch.arange(2)).mean
        stage.states[:, :, 1:] += 1.0
        assert torch.equal(stage.read(torch.arange(2)).mean, one)


def test_the_joint_finish_teaches_words_and_sight_at_once(base_folder, processor, losses, tmp_path, monkeypatch):
    records = load_corpus("train")[:6]
    monkeypatch.setattr(photos_joint, "load_corpus", lambda split: records)
    monkeypatch.setattr(photos_joint, "EVERY", 1)
    monkeypatch.setattr(photos_joint, "EVERY_VALIDATION", 1)
    model, faces = seeing(base_folder), examples_of(losses, 8)
    rows = torch.arange(4), torch.arange(4, 8)
    joint = photos_joint.JointStage(model, processor, faces, losses, *rows)
    model.train()
    told = joint.losses(0)
    told["total"].backward()
    assert {"words_face", "photos_photo", "photos_landmarks", "photos_identity", "photos_face"} <= set(told)
    for name in ("adapters.", "photo_tokens.cell_out", "photo_head.queries", "face_head.queries", "face_row"):
        moved = [p.grad for n, p in model.named_parameters() if n.startswith(name) and p.grad is not None]
        assert sum(float(grad.abs().sum()) for grad in moved) > 0, name
    assert model.get_input_embeddings().weight.grad is None
    card = photos_joint.finish_jointly(joint, tmp_path, 2, rows, "bfloat16")
    assert card["before"].keys() == card["after"].keys() and (tmp_path / "language_adapter.safetensors").is_file()


def test_the_model_answers_with_a_photo_in_the_conversation(base_folder, processor, losses):
    language = LanguageModel(seeing(base_folder), processor, with_rules=False)
    _, views = people(losses.geometry, 2)
    one, two = views.rows([0]), views.rows([1])
    turns = [{"role": "user", "content": [{"type": "photo", "photo": one}, {"type": "text", "text": "hello"}]}]
    assert isinstance(language.answer(turns, max_new_tokens=5), str)
    assert language.read(turns).face_probability != language.read("hello").face_probability
    theta, told = language.see([one, two])
    assert len(theta.identity) == 2 and told.log_sd.shape == (2, NUMBERS)
    alone, _ = language.see([one])  # the first of two faces is read as it is alone
    assert torch.allclose(theta.placing.centre[0], alone.placing.centre[0], atol=0.05)


@pytest.mark.parametrize("make", [tiny_llava, tiny_smolvlm, tiny_qwen_vl], ids=["llava", "smolvlm", "qwen-vl"])
def test_bases_with_their_own_eyes_take_photo_tokens_too(make, tmp_path, processor, losses):
    model = seeing(save_tiny(tmp_path, make()[0]))
    faces = examples_of(losses, 2)
    ids, mask, photos, face_at = conversation_batch(processor, faces, torch.arange(2), 0)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name.startswith("photo"))
    out = model(ids, mask, photos=photos, face_at=face_at, use_cache=False)
    told = total(losses.seen(out.seen, faces.examples, faces.first))
    told["total"].backward()
    assert float(model.photo_tokens.cell_out.weight.grad.abs().sum()) > 0
    given = PhotoInput(photos.grid[:1], photos.numbers[:1], photos.at[:1])
    grown = model.generate(ids[:1, : int(face_at[0])], photos=given, max_new_tokens=3, do_sample=False)
    assert grown.shape[1] <= int(face_at[0]) + 3


def test_a_photo_and_its_detection_become_a_view_that_is_placed_on_the_face(head, losses):
    encoder = Encoder(head)
    with Image.open(FOLDER / "astronaut.png") as picture:
        image = np.asarray(picture.convert("RGB"))
    detection = encoder.detector.detect(image)[0]
    dense = encoder.landmarker.predict(image, detection)
    view = photo_view(dense, detection, image.shape[1], image.shape[0])
    first = losses.geometry.place(view)
    params = params_of(
        theta_of(torch.zeros(1, NUMBERS), view, first), 0, head, losses.geometry, dense, image.shape[1::-1]
    )
    points = head.embedding("mediapipe478")(head_vertices(head, params))
    seen = params.camera.project(params.pose.apply(points))[:468]
    side = np.ptp(detection.points[:468, 0])
    assert np.linalg.norm(seen - detection.points[:468, :2], axis=1).mean() < 0.04 * side
    assert SLICES["light"].stop == NUMBERS
