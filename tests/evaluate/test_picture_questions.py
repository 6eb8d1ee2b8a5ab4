"""POPE and LLaVA-Bench on small made-up data in their formats, with a tiny LLaVA of random weights."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image
from tiny_language import TINY_PARTS, save_tiny, tiny_llama, tiny_llava, tiny_tokenizer

from facegpt.cli.main import main
from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
from facegpt.types import FaceGPTError
from facegpt_lab.evaluate.judges import picture_questions
from facegpt_lab.evaluate.published import llava_bench, pope
from facegpt_lab.evaluate.registry import run

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% for c in m['content'] %}"
    "{% if c['type'] == 'image' %}<image>{% else %}{{ c['text'] }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def save_seeing_base(folder):
    """Write a tiny LLaVA with what prepares its pictures, as a user would have one."""
    from transformers import CLIPImageProcessor, LlavaProcessor

    pictures = CLIPImageProcessor(size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16})
    tiny_llava()[0].save_pretrained(folder)
    LlavaProcessor(
        pictures,
        tiny_tokenizer(),
        **{"patch_size": 8, "vision_feature_select_strategy": "default", "num_additional_image_tokens": 1},
        **{"image_token": "<image>", "chat_template": TEMPLATE},
    ).save_pretrained(folder)
    return folder


def save_trained(base, folder, adapted: bool):
    """Write a model beside its base as `facegpt train words --base` does; `adapted` ones answer otherwise."""
    model = FaceGPTForConditionalGeneration.from_base(base, **TINY_PARTS)
    if adapted:
        torch.manual_seed(1)
        for name, parameter in model.adapters.named_parameters():
            parameter.data += torch.randn_like(parameter) * name.endswith("up")
    model.save_pretrained(folder / "model")
    tiny_tokenizer().save_pretrained(folder / "model")
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    base = save_seeing_base(tmp_path_factory.mktemp("base"))
    return save_trained(base, tmp_path_factory.mktemp("run"), adapted=True)


def write_lines(path, records):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def save_pictures(folder, names):
    folder.mkdir(parents=True)
    for k, name in enumerate(names):
        Image.fromarray(np.random.default_rng(k).integers(0, 255, (24, 30, 3), "u1")).save(folder / name)


@pytest.fixture(autouse=True)
def short_answers(monkeypatch):
    """Random weights never end an answer by themselves."""
    monkeypatch.setattr(pope, "LONGEST_ANSWER", 6)
    monkeypatch.setattr(llava_bench, "LONGEST_QUICK", 8)


@pytest.fixture
def pope_folder(tmp_path):
    folder = tmp_path / "POPE"
    for kind in ("random", "popular"):
        records = [
            {"question_id": k, "image": f"{k % 2}.png", "text": f"Is there a {what} in the image?", "label": label}
            for k, (what, label) in enumerate([("dog", "yes"), ("cup", "no"), ("car", "no")], start=1)
        ]
        write_lines(folder / f"coco_pope_{kind}.json", records)
    save_pictures(folder / "val2014", ["0.png", "1.png"])
    return folder


@pytest.fixture
def bench_folder(tmp_path):
    folder = tmp_path / "llava-bench-in-the-wild"
    records = [
        {"question_id": k, "image": f"{k:03d}.png", "text": "What is this?", "category": kind}
        for k, kind in enumerate(("conv", "detail", "complex", "conv"), start=1)
    ]
    write_lines(folder / "questions.jsonl", records)
    save_pictures(folder / "images", [f"{k:03d}.png" for k in range(1, 5)])
    return folder


@pytest.mark.parametrize(
    ("answer", "yes"),
    [("Yes", True), ("No, there is none.", False), ("There is not. Yes.", False), ("Yes. There is no other.", True)],
)
def test_the_first_sentence_says_yes_or_no(answer, yes):
    assert pope.says_yes(answer) is yes


def test_the_five_scores_of_known_answers():
    yes, truth = np.array([1, 1, 1, 0, 0], bool), np.array([1, 0, 1, 1, 0], bool)  # 2 hits, 1 false, 1 missed
    found = pope.scores(yes, truth)
    expected = {"accuracy": 0.6, "precision": 2 / 3, "recall": 2 / 3, "F1": 2 / 3, "yes": 0.6}
    assert found == pytest.approx(expected)
    assert pope.scores(np.zeros(5, bool), truth)["F1"] == 0


def test_a_gain_on_every_question_has_an_interval_above_nil():
    truth = np.tile([True, False], 50)
    rows = {row.metric: row.value for row in pope.table(["random"] * 100, ~truth, truth, truth)}
    assert rows["random: accuracy of ours above the base's"] == 1
    assert rows["random: accuracy of ours above the base's, 95 % interval from"] == 1
    assert rows["all, base: accuracy"] == 0 and rows["all, ours: F1"] == pytest.approx(1)


def test_about_pictures_without_faces_both_answer_as_the_base_did(trained, bench_folder):
    pair = picture_questions.load_pair(trained, longest=12)
    processor, tokenizer = tiny_processor(trained), tiny_tokenizer()
    picture = bench_folder / "images" / "001.png"
    content = [{"type": "image", "image": Image.open(picture)}, {"type": "text", "text": "What?"}]
    given = processor.apply_chat_template(
        [{"role": "user", "content": content}],
        **{"add_generation_prompt": True, "tokenize": True, "return_dict": True, "return_tensors": "pt"},
    )
    original = tiny_llava()[0].generate(**given, max_new_tokens=12, do_sample=False)
    expected = tokenizer.decode(original[0, given["input_ids"].shape[1] :], skip_special_tokens=True).strip()
    assert pair.base(picture, "What?") == expected
    assert pair.ours(picture, "What?") == expected  # its adapters, which are not nil, are silent there


def tiny_processor(run_folder):
    from transformers import AutoProcessor

    config = json.loads((run_folder / "model" / "config.json").read_text())
    return AutoProcessor.from_pretrained(config["base"]["_name_or_path"])


def test_pope_of_a_model_that_learnt_nothing_differs_in_nothing(tmp_path, pope_folder, capsys):
    base = save_seeing_base(tmp_path / "base")
    run_folder = save_trained(base, tmp_path / "run", adapted=False)
    words = ["eval", "pope", str(pope_folder), "--model", str(run_folder), "-o", str(tmp_path / "out"), "--json"]
    assert main(words) == 0
    report = json.loads(capsys.readouterr().out)
    rows = {row["metric"]: row["value"] for row in report["rows"]}
    assert "6 questions" in report["data"]
    for kind in ("all", "random", "popular"):
        assert rows[f"{kind}, base: yes"] == rows[f"{kind}, ours: yes"]
        assert rows[f"{kind}: accuracy of ours above the base's, 95 % interval to"] == 0


def test_llava_bench_writes_what_the_review_script_reads_and_goes_on_where_it_stopped(trained, bench_folder, tmp_path):
    options = {"folder": bench_folder, "model": trained, "output": tmp_path / "out"}
    report = run("eval", "llava_bench", quick=True, **options)
    rows = {row.metric: row.value for row in report.rows}
    assert rows["all: answers that changed"] == 0 and "conv: ours longer by" in rows
    asked = read_lines(tmp_path / "out" / "llava_bench_questions.jsonl")
    assert [line["category"] for line in asked] == ["conv", "detail", "complex", "conv"]
    for name in ("base", "ours"):
        answers = read_lines(tmp_path / "out" / f"llava_bench_{name}.jsonl")
        assert [line["question_id"] for line in answers] == [line["question_id"] for line in asked]
        assert set(answers[0]) >= {"prompt", "text", "answer_id", "model_id"}
    file = tmp_path / "out" / "llava_bench_ours.jsonl"
    whole = file.read_text()
    kept = whole.splitlines()[:2]
    file.write_text("\n".join([kept[0], kept[1].replace('"text": "', '"text": "kept ')]) + '\n{"question_id": 3, "te')
    run("eval", "llava_bench", quick=True, **options)
    again = file.read_text().splitlines()
    assert '"text": "kept ' in again[1] and again[2:] == whole.splitlines()[2:]


def read_lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_words_in_both_answers():
    assert llava_bench.same_words("a red car", "a blue car") == pytest.approx(2 / 3)
    assert llava_bench.same_words("", "") == 1


def test_wrong_models_are_told_apart(tmp_path, trained):
    with pytest.raises(FaceGPTError, match="--model takes the folder"):
        picture_questions.load_pair(None, 8)
    with pytest.raises(FaceGPTError, match="there is no model"):
        picture_questions.load_pair(tmp_path, 8)
    with pytest.raises(FaceGPTError, match="'llama'"):
        picture_questions.load_pair(save_tiny(tmp_path / "plain"), 8)
    blind = save_trained(save_tiny(tmp_path / "blind", tiny_llama()), tmp_path / "run", adapted=False)
    with pytest.raises(FaceGPTError, match="sees no pictures"):
        picture_questions.load_pair(blind, 8)


def test_a_model_without_its_picture_files_says_which(tmp_path):
    base = save_seeing_base(tmp_path / "base")
    run_folder = save_trained(base, tmp_path / "run", adapted=False)
    (base / "processor_config.json").unlink()
    with pytest.raises(FaceGPTError, match=r"processor_config\.json"):
        picture_questions.load_pair(run_folder, 8)


def test_missing_sets_say_where_to_get_them(tmp_path, pope_folder, bench_folder):
    with pytest.raises(FaceGPTError, match="RUCAIBox"):
        pope.read_questions(tmp_path / "nowhere")
    with pytest.raises(FaceGPTError, match="hub"):
        llava_bench.read_questions(tmp_path / "nowhere")
    (pope_folder / "val2014" / "1.png").unlink()
    with pytest.raises(FaceGPTError, match=r"'1\.png' is missing; get the files"):
        pope.read_questions(pope_folder)
    (bench_folder / "questions.jsonl").write_text('{"question_id": 1}\n')
    with pytest.raises(FaceGPTError, match=r"line 1 .*'image'"):
        llava_bench.read_questions(bench_folder)
    (bench_folder / "questions.jsonl").write_text("\n")
    with pytest.raises(FaceGPTError, match="no questions"):
        llava_bench.read_questions(bench_folder)
    wrong = {"question_id": 1, "image": "0.png", "text": "?", "label": "?"}
    write_lines(pope_folder / "coco_pope_popular.json", [wrong])
    with pytest.raises(FaceGPTError, match="not yes or no"):
        pope.read_questions(pope_folder)


def test_an_evaluation_without_a_folder_of_yours_says_so(tmp_path):
    with pytest.raises(FaceGPTError, match="takes no folder"):
        run("eval", "synthetic", quick=True, folder=tmp_path)
