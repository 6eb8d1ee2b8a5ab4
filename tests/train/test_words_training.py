"""Training: the losses teach what they should, a killed run goes on to the same curve, several processes agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from made_up_sentences import SENTENCES, few_turns, fresh, text_example
from tiny_language import FACE, SLOT, save_tiny, tiny_qwen_vl, tiny_tokenizer
from torch import nn

from facegpt.language.model.adapter import save_adapter
from facegpt.language.model.processor import FaceGPTProcessor
from facegpt.language.numbers import find_numbers
from facegpt.language.reading.text_reading import decode_reading
from facegpt.language.targets import ATTRIBUTES, EMOTIONS
from facegpt.types import FaceGPTError
from facegpt_lab.synthesis.texts.corpus import Record, load_corpus
from facegpt_lab.train.log import curve, read_log, summary
from facegpt_lab.train.loop import Loop, LoopSettings
from facegpt_lab.train.words.calibrate import calibrate
from facegpt_lab.train.words.corpus_examples import example_from
from facegpt_lab.train.words.examples import collate, encode, length_batches
from facegpt_lab.train.words.losses import (
    AVERAGE,
    HIGH,
    LOW,
    NOT_HIGH,
    OPEN,
    attribute_classes,
    degrees_apart,
    face_loss,
    request_losses,
)
from facegpt_lab.train.words.stages import TextStage
from facegpt_lab.train.words.training import WordsSettings, WordsTraining, build, repeats_of

#: A few texts of every kind for whole trainings, and few steps: a real one draws thousands, for most of a minute.
FEW = {"sentences": 20, "follow_ups": 10, "movement_turns": 10, "yes_or_no": 10, "terse": 10}
EPOCHS = {"head_epochs": 0.5, "adapter_epochs": 0.5, "finish_epochs": 0.5}


@pytest.fixture(autouse=True)
def conversations(monkeypatch):
    """Ten of the written conversations; test_follow_ups.py reads all."""
    monkeypatch.setattr("facegpt_lab.train.words.training.conversation_turns", few_turns)


@pytest.fixture(scope="module")
def base_folder(tmp_path_factory):
    return save_tiny(tmp_path_factory.mktemp("base"))


@pytest.fixture
def processor():
    return FaceGPTProcessor(tiny_tokenizer(), FACE, SLOT, face_tokens=4)


@pytest.fixture
def examples(processor):
    return [encode(text_example(text, labels), processor) for text, labels in SENTENCES.items()]


def test_labels_become_the_classes_that_they_say():
    labels = {
        "attributes": {"nose_size": 1.5, "jaw_width": -0.5, "eye_size": 0},
        "not": {"ear_size": 1},
        "relations": [["face_length", ">", "face_width"]],
    }
    batch = collate([encode_plain(labels)], [0], 0)
    classes, degree = attribute_classes(batch.target)
    found = {name: int(classes[0, k]) for k, name in enumerate(ATTRIBUTES) if classes[0, k] != OPEN}
    assert found == {
        **{"nose_size": HIGH, "jaw_width": LOW, "eye_size": AVERAGE, "ear_size": NOT_HIGH},
        **{"face_length": HIGH, "face_width": LOW},
    }
    assert degree[0, ATTRIBUTES.index("nose_size")] == 1.5


def test_compared_parts_stand_apart():
    def degrees(named, *relations):
        mean, known = torch.zeros(1, 4), torch.zeros(1, 4, dtype=torch.bool)
        for k, degree in named.items():
            mean[0, k], known[0, k] = degree, True
        return degrees_apart(mean, known, torch.tensor([(0, *each) for each in relations]))[0].tolist()

    assert degrees({}, (0, 1)) == [0.75, -0.75, 0, 0]
    assert degrees({}, (0, 1), (1, 2)) == [1, 0, -1, 0]  # in order, the one between is no side's
    assert degrees({1: 1.0}, (0, 1)) == [2, 1, 0, 0]  # wide, and the other wider still
    assert degrees({0: -1.0, 1: -1.0}, (0, 1)) == [-1, -2, 0, 0]
    assert degrees({0: 1.0}, (0, 1)) == [1, -0.75, 0, 0]  # far enough as it is


def encode_plain(labels):
    return encode(text_example("x", labels), FaceGPTProcessor(tiny_tokenizer(), FACE, SLOT, 4))


def test_what_contradicts_itself_is_not_learnt(base_folder):
    labels = {"attributes": {"hair_length": 1}, "conflict": ["hair_length"]}
    stage = TextStage(fresh(base_folder), [encode_plain(labels)], 0)
    batch = collate(stage.examples, [0], 0)
    assert batch.target["attribute_scored"][0, ATTRIBUTES.index("hair_length")] == 0


def test_numbers_of_a_text_get_the_measures_they_are_about():
    batch = collate([encode_plain({})], [0], 0)
    assert batch.numbers.shape == (0, 3)
    text = "both lips 1 mm thicker, he is 40"
    goal = {"upper_vermilion_height": {"change": 1}, "lower_vermilion_height": {"change": 1}}
    found = encode(text_example(text, {"mm": goal}), FaceGPTProcessor(tiny_tokenizer(), FACE, SLOT, 4))
    batch = collate([found], [0], 0)
    assert batch.target["number_measure"].sum(1).tolist() == [2.0, 0.0]


def test_the_number_within_the_labelled_years_is_the_age():
    text = "about 50, nose 40 mm wide, five moles"
    labels = {"age_years": [47, 53], "mm": {"nose_breadth": {"value": 40}}}
    found = encode(text_example(text, labels), FaceGPTProcessor(tiny_tokenizer(), FACE, SLOT, 4))
    assert collate([found], [0], 0).target["number_years"].tolist() == [1.0, 0.0, 0.0]
    told = encode(text_example(text, {}), FaceGPTProcessor(tiny_tokenizer(), FACE, SLOT, 4))
    assert not collate([told], [0], 0).target["number_years"].any()


@pytest.mark.parametrize(
    ("years", "numbers", "age"),
    [
        ((0.51, 0.53), (5.0, -5.0), (52.0, 52.0)),  # near enough: as it is written
        ((0.50, 0.58), (5.0, -5.0), (50.0, 58.0)),  # "52 or so"
        ((0.20, 0.30), (-5.0, -5.0), (20.0, 30.0)),  # no number is the age: the network's own
        ((0.51, 0.53), (1.0, 4.0), (40.0, 40.0)),  # the likelier number
    ],
)
def test_an_age_is_the_number_that_the_network_takes_for_it(base_folder, processor, years, numbers, age):
    text = "a man of 52, forty moles"
    stage = TextStage(fresh(base_folder).eval(), [encode(text_example(text, {}), processor)], 0)
    with torch.no_grad():
        out, _ = stage.read(collate(stage.examples, [0], 0))
    said = torch.tensor([[4.0, *years, 0.0]])
    out = replace(out, age=said, number_years=torch.tensor(numbers))
    found = decode_reading(out, 0, find_numbers(text), stage.model.config.thresholds, False, float).request.age_years
    assert found == pytest.approx(age, abs=0.6)


@pytest.mark.parametrize(
    ("labels", "times"),
    [
        ({"emotion": "anger"}, 1),
        ({"expression": {"mouthSmileLeft": 0.7, "mouthSmileRight": 0.7, "jawOpen": 0.5}}, 1),
        ({"expression": {"eyeBlinkLeft": 0.7}}, 3),
        ({"expression": {"eyeBlinkLeft": 0.7}, "expression_off": ["eyeBlinkRight"]}, 3),
        ({"expression": {"mouthSmileLeft": 1, "mouthSmileRight": 0.35}}, 3),
    ],
)
def test_what_moves_one_side_comes_more_often(labels, times):
    assert repeats_of(encode_plain(labels)) == times


def test_a_named_movement_is_at_rest_or_as_strong_as_it_is_read(base_folder, processor):
    stage = TextStage(fresh(base_folder).eval(), [encode(text_example("x", {}), processor)], 0)
    with torch.no_grad():
        out, _ = stage.read(collate(stage.examples, [0], 0))
    units = out.gate.shape[1]
    gate, weight, rest = torch.full((1, units), -9.0), torch.full((1, units), -2.0), torch.full((1, units), -3.0)
    gate[0, [3, 5]], rest[0, 5] = 9.0, 3.0
    out = replace(out, gate=gate, weight=weight, at_rest=rest)
    found = decode_reading(out, 0, [], stage.model.config.thresholds, True, float).request
    assert np.flatnonzero(found.expression_named).tolist() == [3, 5]
    assert found.expression[3] == pytest.approx(1 / (1 + np.exp(2.0)), abs=1e-6)  # however faint
    assert np.delete(found.expression, 3).max() == 0


def test_what_must_be_at_rest_teaches_nothing_about_strengths(base_folder, processor):
    labels = {"expression_off": ["jawOpen"]}
    stage = TextStage(fresh(base_folder).eval(), [encode(text_example("x", labels), processor)], 0)
    batch = collate(stage.examples, [0], 0)
    with torch.no_grad():
        out, _ = stage.read(batch)
    right = replace(out, at_rest=torch.full_like(out.at_rest, 8.0))
    losses, fewer = request_losses(out, batch.target), request_losses(right, batch.target)
    assert losses["weight"] == 0 and losses["at_rest"] > fewer["at_rest"]


def test_changes_of_expression_come_twice_and_changes_of_looks_once(processor):
    worn = {"mouthSmileLeft": 0.7, "mouthSmileRight": 0.7}
    moved, shaped = {"expression": worn}, {"attributes": {"nose_width": 1}}
    given = [Record("x", "more", "edit", "edit", "plain", labels) for labels in (moved, {"emotion": "anger"}, shaped)]
    assert [repeats_of(encode(example_from(record), processor)) for record in given] == [2, 2, 1]


def test_the_face_loss_falls_when_the_decision_is_right():
    wanted, counted = torch.tensor([1.0, 0.0]), torch.ones(2)
    right, wrong = torch.tensor([4.0, -4.0]), torch.tensor([-4.0, 4.0])
    assert face_loss(right, wanted, counted) < 0.1 < face_loss(wrong, wanted, counted)


def test_batches_hold_every_text_once_and_keep_to_their_size():
    lengths = list(np.random.default_rng(0).integers(5, 60, 200))
    batches = list(length_batches(lengths, 300, seed=1))
    assert sorted(k for rows in batches for k in rows) == list(range(200))
    assert all(max(lengths[k] for k in rows) * len(rows) <= 300 for rows in batches if len(rows) > 1)
    assert list(length_batches(lengths, 300, seed=1)) == batches != list(length_batches(lengths, 300, seed=2))


def test_a_few_sentences_are_learnt_by_heart(base_folder, examples):
    model = fresh(base_folder)
    stage = TextStage(model, examples, 0, adapt=True, tokens=400, token_dropout=0.0)
    stage.choose_parameters()
    stage.standardise()
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-3)
    wanted = ("imagine attributes", "emotion one-word emotion", "sex", "age", "units found", "millimetres")
    missed, right_for = set(wanted), 0
    for step in range(220):
        optimizer.zero_grad()
        stage.losses(step)["total"].backward()
        optimizer.step()
        if step % 20 == 19:
            scores = stage.validate(examples).means()
            missed = {name for name in wanted if scores[name] != 1.0}
            right_for = 0 if missed else right_for + 1
        if right_for == 2:  # and stay learnt
            break
    assert not missed


def test_the_base_itself_never_changes(base_folder, examples, tmp_path):
    model = fresh(base_folder)
    before = {name: value.clone() for name, value in model.base.state_dict().items()}
    stage = TextStage(model, examples, 0, adapt=True)
    stage.choose_parameters()
    Loop(model, stage.losses, tmp_path, LoopSettings(steps=3, warmup=1)).run()
    assert all(torch.equal(before[name], value) for name, value in model.base.state_dict().items())


def run_to(base_folder, examples, folder, steps, stop_at=None):
    model = fresh(base_folder)
    stage = TextStage(model, examples, 0, adapt=True, tokens=120)
    stage.choose_parameters()
    loop = Loop(
        model, stage.losses, folder, LoopSettings(steps=steps, warmup=2, every=1, save_every=3, average_from=0.3)
    )
    if stop_at is not None:
        compute = loop.compute

        def killed(step):
            if step == stop_at:
                raise KeyboardInterrupt
            return compute(step)

        loop.compute = killed
        with pytest.raises(KeyboardInterrupt):
            loop.run()
        return None
    loop.run()
    return [line["total"] for line in read_log(folder / "log.jsonl") if "total" in line]


def test_a_killed_run_goes_on_to_the_same_curve(base_folder, examples, tmp_path):
    whole = run_to(base_folder, examples, tmp_path / "whole", 9)
    run_to(base_folder, examples, tmp_path / "killed", 9, stop_at=5)
    resumed = run_to(base_folder, examples, tmp_path / "killed", 9)
    assert len(whole) == 9
    assert np.allclose(whole, resumed, rtol=1e-5)


def test_a_checkpoint_of_other_settings_or_a_damaged_one_is_refused(base_folder, examples, tmp_path):
    run_to(base_folder, examples, tmp_path, 3)
    with pytest.raises(FaceGPTError, match="other settings"):
        run_to(base_folder, examples, tmp_path, 4)
    (tmp_path / "checkpoint" / "state.safetensors").write_bytes(b"broken")
    with pytest.raises(FaceGPTError, match="damaged"):
        run_to(base_folder, examples, tmp_path, 3)


def test_a_loss_that_is_no_number_stops_with_a_sentence(base_folder, examples, tmp_path):
    model = fresh(base_folder)
    TextStage(model, examples, 0).choose_parameters()
    broken = Loop(model, lambda step: {"total": model.face_bias * float("nan")}, tmp_path, LoopSettings(steps=2))
    with pytest.raises(FaceGPTError, match="learning rate"):
        broken.run()


def test_calibrated_thresholds_part_what_is_said_from_what_is_not(base_folder, examples):
    model = fresh(base_folder)
    stage = TextStage(model, examples, 0, adapt=True, tokens=400)
    stage.choose_parameters()
    chosen = calibrate(stage.outputs(examples))
    assert {"named", "emotion", "face", "unit", "number", "age", "sex"} <= set(chosen)
    assert all(0 < value < 1 for value in chosen.values())


def test_the_curve_of_falling_losses_falls(tmp_path):
    assert curve([3.0, 2.0, 1.0]) == "█▅▁"
    log = tmp_path / "log.jsonl"
    log.write_text('{"step": 1, "seconds": 60, "total": 2.0}\n{"step": 2, "seconds": 120, "total": 1.0}\n{"st')
    assert "2.000 →    1.000" in summary(log)


def test_corpus_records_say_with_their_faces_whether_they_edit():
    for record in load_corpus("validation")[::40]:
        example = example_from(record)
        content = example.messages[0]["content"]
        assert sum(part["type"] == "face" for part in content) == len(example.faces)
        assert bool(example.target.is_edit) == record.has_face_before


@pytest.mark.slow
def test_a_whole_training_of_a_tiny_base_ends_with_a_model_that_reads(base_folder, tmp_path):
    from facegpt.language.loading import load_language_model

    few = FEW | {"samples": 20, "sentences": 40}
    settings = WordsSettings(base=str(base_folder), **EPOCHS, **few)
    card = WordsTraining(tmp_path, settings).run()
    assert card["validation"] and (tmp_path / "card.json").is_file()
    reading = load_language_model(tmp_path / "model").read("a man with a big nose")
    assert reading.request.emotion in EMOTIONS


@pytest.mark.slow
def test_training_goes_on_from_an_adapter_file(base_folder, tmp_path):
    model, _ = build(str(base_folder))
    with torch.no_grad():
        model.face_head.queries.fill_(0.25)
    start = save_adapter(model, tmp_path / "start.safetensors", "")
    settings = WordsSettings(
        base=str(base_folder), start=str(start), samples=5, adapter_epochs=0.1, adapter_rate=1e-5, **FEW
    )
    training = WordsTraining(tmp_path / "run", settings)
    training.run()
    assert torch.allclose(training.model.face_head.queries, torch.tensor(0.25), atol=1e-3)
    assert not (tmp_path / "run" / "head").exists() and (tmp_path / "run" / "model" / "config.json").is_file()


@pytest.mark.slow
def test_the_head_of_an_adapter_file_learns_on_alone(base_folder, tmp_path):
    model, _ = build(str(base_folder))
    adapted = [p for name, p in model.named_parameters() if "adapters" in name and name.endswith("up")]
    assert adapted
    with torch.no_grad():
        for each in adapted:
            each.fill_(0.01)
    start = save_adapter(model, tmp_path / "start.safetensors", "")
    settings = WordsSettings(base=str(base_folder), start=str(start), head_only=True, samples=5, finish_epochs=1, **FEW)
    training = WordsTraining(tmp_path / "run", settings)
    training.run()
    learnt = dict(training.model.named_parameters())
    assert all(torch.all(p == 0.01) for name, p in learnt.items() if "lora_B" in name)
    assert not torch.equal(training.model.face_head.queries, model.face_head.queries)


@pytest.mark.slow
def test_a_base_that_sees_is_trained_by_the_same_recipe(tmp_path):
    base, _, _ = tiny_qwen_vl()
    folder = save_tiny(tmp_path / "base", base)
    settings = WordsSettings(base=str(folder), samples=10, **EPOCHS, **FEW)
    card = WordsTraining(tmp_path / "run", settings).run()
    assert (tmp_path / "run" / "model" / "config.json").is_file() and card["validation"]


def test_averaged_gradients_lie_in_memory_as_their_parameters_do(tmp_path):
    model = nn.Conv2d(3, 8, 3).to(memory_format=torch.channels_last)
    loop = Loop(model, lambda step: {}, tmp_path, LoopSettings(steps=1))
    model(torch.randn(2, 3, 9, 9)).square().mean().backward()
    before = {name: p.grad.clone() for name, p in model.named_parameters()}
    loop._average_gradients()
    for name, parameter in model.named_parameters():
        assert torch.equal(parameter.grad, before[name]) and parameter.grad.stride() == parameter.stride()
