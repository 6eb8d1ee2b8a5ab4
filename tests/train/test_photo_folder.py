"""Learning from anybody's folder of photos, from the pictures to the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from facegpt.assets import FOLDER
from facegpt.cli.main import main
from facegpt.morphable.makehuman import head as makehuman
from facegpt.types import FaceGPTError
from facegpt_lab.train.photo_tokens import photo_folder
from facegpt_lab.train.photo_tokens import training as photos
from facegpt_lab.train.photo_tokens.faces import Faces
from facegpt_lab.train.photo_tokens.photo_folder import look_at, training_photos
from facegpt_lab.train.photo_tokens.training import ADAPTED, SHIPPED, PhotosSettings
from facegpt_lab.train.photo_tokens.views import Encoder, PhotoExamples


@pytest.fixture(scope="module")
def encoder():
    return Encoder(makehuman.load())


@pytest.fixture
def folder(tmp_path):
    """Two pictures of a person, and what else lies about in folders of photos."""
    made = tmp_path / "mine"
    (made / "more").mkdir(parents=True)
    (made / "broken.jpg").write_bytes(b"\xff\xd8 no picture")
    (made / "empty.png").write_bytes(b"")
    (made / "notes.txt").write_text("no picture", encoding="utf-8")
    Image.new("RGB", (200, 200), (90, 120, 90)).save(made / "meadow.png")
    with Image.open(FOLDER / "astronaut.png") as picture:
        person = picture.convert("RGB")
    person.save(made / "person.png")
    person.rotate(10, fillcolor=(128, 128, 128)).save(made / "more" / "turned.jpg", quality=92)
    return made


def test_pictures_that_cannot_be_used_are_named_once_and_counted(folder, encoder, tmp_path, capsys):
    paths = training_photos(folder)
    assert len(paths) == 5
    found = look_at(paths, encoder, 3, 0, tmp_path / "kept")
    assert len(found) == 6 and int(found.known.sum()) == 0
    lines = capsys.readouterr().err.splitlines()
    for name in ("broken.jpg", "empty.png", "meadow.png"):
        assert sum(name in line for line in lines) == 1, name
    assert "faces to learn from: 2 in 2 photos; 3 of 5 photos left out" in lines
    assert (found.skin[0] > 200).float().mean() > 0.15  # most of a face is skin
    assert found.chip.float().std() > 20


def test_what_was_seen_is_kept_and_only_changed_photos_are_looked_at_again(folder, encoder, tmp_path, monkeypatch):
    monkeypatch.setattr(photo_folder, "PART", 2)
    paths, kept = training_photos(folder), tmp_path / "kept"
    found = look_at(paths, encoder, 2, 0, kept)
    looked = []
    real = photo_folder.photo_examples
    monkeypatch.setattr(
        photo_folder, "photo_examples", lambda path, *rest: looked.append(path.name) or real(path, *rest)
    )
    again = look_at(paths, encoder, 2, 0, kept)
    assert looked == [] and torch.equal(again.view.points, found.view.points) and torch.equal(again.chip, found.chip)
    (folder / "person.png").touch()
    look_at(paths, encoder, 2, 0, kept)
    assert looked == ["person.png"]  # alone in the third part
    sorted(kept.glob("*.safetensors"))[0].write_bytes(b"damaged")
    with pytest.raises(FaceGPTError, match="damaged"):
        look_at(paths, encoder, 2, 0, kept)


def test_folders_without_photos_and_photos_without_faces_are_refused_with_a_sentence(tmp_path, encoder):
    with pytest.raises(FaceGPTError, match="there is no folder"):
        training_photos(tmp_path / "nowhere")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("no picture", encoding="utf-8")
    with pytest.raises(FaceGPTError, match="holds no photo"):
        training_photos(tmp_path / "mine")
    Image.new("RGB", (200, 200), (90, 120, 90)).save(tmp_path / "mine" / "meadow.png")
    with pytest.raises(FaceGPTError, match="none of the 1 photos"):
        look_at(training_photos(tmp_path / "mine"), encoder, 2, 0, tmp_path / "kept")


def test_photos_of_the_validation_half_and_results_are_never_learnt_from(tmp_path):
    (tmp_path / "portraits").mkdir()
    (tmp_path / "run" / "crops").mkdir(parents=True)
    for name in ("portraits/female_000", "portraits/female_001", "run/crops/sheet"):  # first: assets/photo_split.csv
        Image.new("RGB", (8, 8)).save(tmp_path / f"{name}.jpg")
    assert [path.name for path in training_photos(tmp_path, tmp_path / "run")] == ["female_001.jpg"]


@pytest.mark.parametrize(("people", "held"), [(2, 0), (5, 1), (30, 3)])
def test_of_a_few_photos_some_are_held_out_if_there_are_enough(people, held):
    views = 3
    faces = Faces.__new__(Faces)
    object.__setattr__(faces, "examples", range(20 + people * views))
    object.__setattr__(faces, "renders", 20)
    renders, held_renders, seen, held_out = faces.split(views)
    assert (len(renders), len(held_renders), len(seen), len(held_out)) == (18, 2, (people - held) * views, held * views)
    assert not set(seen.tolist()) & set(held_out.tolist())


def test_the_command_line_goes_on_from_the_shipped_tokens_with_photos_alone(folder, tmp_path, monkeypatch, capsys):
    asked = []

    class Run:
        def __init__(self, output, crops, photos, settings):
            asked.append((output, crops, photos, settings))

        def run(self):
            scores = {"landmarks": 1.0, "photo": 0.3, "identity": 0.4}
            return {"validation before the photos": scores, "validation": {**scores, "landmarks": 0.5}}

    monkeypatch.setattr(photos, "PhotosTraining", Run)
    output = tmp_path / "run"
    for words in (["train"], ["train", "photos"]):
        assert main([*words, "--photos", str(folder), "-o", str(output)]) == 0
        told = capsys.readouterr().out
        assert "1.000 -> 0.500" in told and "load_photo_parts" in told
    assert asked[0] == asked[1] == (output, None, folder, ADAPTED)
    assert ADAPTED.start == SHIPPED
    main(["train", "photos", "crops", "--photos", str(folder), "-o", str(output)])
    assert asked[-1][1:] == (Path("crops"), folder, PhotosSettings())


def test_the_command_line_says_what_is_missing(tmp_path, capsys):
    assert main(["train", "photos"]) == 1
    assert "--photos DIR" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stopped:
        main(["train"])
    assert stopped.value.code == 2
    assert "--photos DIR" in capsys.readouterr().err
    assert main(["train", "--photos", str(tmp_path / "nowhere"), "-o", str(tmp_path / "run")]) == 1
    assert "there is no file or folder" in capsys.readouterr().err and not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_folder_of_photos_is_learnt_from_and_the_result_can_be_used(folder, tmp_path, capsys):
    """Minutes: the base model reads all crops. Needs the base model in the cache."""
    from facegpt.language import load_language_model
    from facegpt.language.model.photo_asset import load_photo_parts

    output = tmp_path / "run"
    words = ["train", "photos", "--photos", str(folder), "-o", str(output), "--count", "40", "--steps", "4", "--json"]
    assert main(words) == 0
    card = json.loads(capsys.readouterr().out)
    assert card["faces"]["renders"] <= 40 and card["faces"]["views of photos"] == 10
    language = load_language_model()
    before = {name: value.clone() for name, value in language.model.photo_parts().items()}
    load_photo_parts(language.model, output / "photo_tokens.safetensors")
    after = language.model.photo_parts()
    moved = [name for name in before if not torch.equal(before[name], after[name])]
    assert moved and all(name.startswith("photo_head") for name in moved)
    assert max(float((before[n] - after[n]).abs().max()) for n in moved) < 0.05  # four small steps
    assert isinstance(PhotoExamples.load(output / "renders.safetensors"), PhotoExamples)
