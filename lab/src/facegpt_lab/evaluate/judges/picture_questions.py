"""Questions about pictures, asked of a language model that sees: of its base alone, and of ours.

What `pope` and `llava_bench` share. Answers are kept as they come, in the published answer format: one JSON object a
line with question_id, prompt, text, answer_id, model_id and metadata.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facegpt.data.images import read_image
from facegpt.runtime.atomic_files import make_folder
from facegpt.runtime.progress import Progress
from facegpt.types import FaceGPTError

#: What both evaluations say when --model is missing or is something else.
MODEL_FROM = (
    "--model takes the folder that `facegpt train words --base MODEL -o RUN` made, where MODEL is a language model "
    "that sees pictures (LLaVA, SmolVLM, Qwen-VL)"
)
_PROCESSOR_FILES = ("processor_config.json", "preprocessor_config.json")

#: Gives the answer to a text about a picture file.
Answerer = Callable[[Path, str], str]


@dataclass(frozen=True)
class Question:
    """One line of a file of questions.

    Attributes:
        number: its question_id. image: the picture. text: what is asked. kind: its category, or the file's name.
        label: the right answer where the file has one, else "".
    """

    number: int | str
    image: Path
    text: str
    kind: str
    label: str = ""


@dataclass(frozen=True)
class Pair:
    """The two who answer: `base` is the base model without any face part, `ours` the whole model.

    `weights` is the hash of their weights.
    """

    base: Answerer
    ours: Answerer
    weights: str


def read_lines(path: Path, needed: Iterable[str]) -> list[dict[str, Any]]:
    """Read a file of one JSON object a line. Raises FaceGPTError with the line that is none, or lacks a field."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            record = None
        lacking = [name for name in needed if not isinstance(record, dict) or name not in record]
        if lacking:
            raise FaceGPTError(f"line {number} of '{path}' is not a JSON object with the field '{lacking[0]}'")
        found.append(record)
    if not found:
        raise FaceGPTError(f"'{path}' holds no questions")
    return found


def picture_in(folders: Iterable[Path], name: str, where_from: str) -> Path:
    """Find a picture by its name in one of some folders. Raises FaceGPTError with where to get it."""
    found = [folder / name for folder in folders if (folder / name).is_file()]
    if not found:
        raise FaceGPTError(f"the picture '{name}' is missing; get {where_from}")
    return found[0]


def load_pair(folder: Path | None, longest: int) -> Pair:
    """Load a model of `facegpt train words --base …`: as it is, and its base alone on the same weights.

    Args:
        folder: RUN, or RUN/model.
        longest: tokens of an answer.

    Raises:
        FaceGPTError: if there is none, it is not whole, its base sees no pictures, or its picture files are missing.
    """
    from transformers import AutoModelForImageTextToText

    folder = _model_folder(folder)
    model = _whole_model(folder)
    if model.config.base_kind != "image-text":
        raise FaceGPTError(f"the base of the model in '{folder}' sees no pictures; {MODEL_FROM}")
    processor = _processor(folder, model.config)
    alone: Any = AutoModelForImageTextToText.from_config(model.config.base_config())
    # The same tensors, in modules without hooks. All face parts are hooks, and the adapters are not merged.
    alone.load_state_dict(model.base.state_dict(), assign=True)
    alone.eval().requires_grad_(False)
    quiet = {"suppress_tokens": [model.config.face_token]}
    return Pair(_answerer(alone, processor, longest), _answerer(model, processor, longest, **quiet), _digest(folder))


def ask(questions: Sequence[Question], answer: Answerer, file: Path, name: str, weights: str) -> list[str]:
    """The answers, in order; those that `file` holds from an earlier, stopped run of the same model are taken.

    Args:
        questions: what is asked.
        answer: who answers.
        file: of answers, written as they come.
        name: model_id in the file.
        weights: hash of the model.
    """
    make_folder(file.parent)
    keys = [_key(question, weights) for question in questions]
    done = _kept(file, keys)
    texts = [record["text"] for record in done]
    with file.open("w", encoding="utf-8") as out, Progress(f"questions, {name}", len(questions)) as progress:
        out.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in done)
        for count in range(len(done), len(questions)):
            question = questions[count]
            texts.append(answer(question.image, question.text))
            record = {
                **{"question_id": question.number, "prompt": question.text, "text": texts[-1]},
                **{"answer_id": keys[count], "model_id": name, "metadata": {"category": question.kind}},
            }
            out.write(json.dumps(record, ensure_ascii=False) + "\n")
            out.flush()
            progress(count + 1)
    return texts


def _key(question: Question, weights: str) -> str:
    told = (question.number, question.image.name, question.text, question.kind, weights)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:22]


def _kept(file: Path, keys: Sequence[str]) -> list[dict[str, Any]]:
    """The answers at the start of a file that are answers to these questions; a broken last line is none."""
    done: list[dict[str, Any]] = []
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    for line, key in zip(lines, keys, strict=False):
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            break
        if record.get("answer_id") != key:
            break
        done.append(record)
    return done


def _model_folder(folder: Path | None) -> Path:
    if folder is None:
        raise FaceGPTError(MODEL_FROM)
    found = [place for place in (folder, folder / "model") if (place / "config.json").is_file()]
    if not found:
        raise FaceGPTError(f"there is no model in '{folder}'; {MODEL_FROM}")
    return found[0]


def _whole_model(folder: Path) -> Any:
    """Load a saved model, its adapters beside the base's weights and not in them."""
    from facegpt.language.model.base import quiet_transformers
    from facegpt.language.model.config import FaceGPTConfig
    from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration

    kind = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type")
    if kind != FaceGPTConfig.model_type:
        raise FaceGPTError(f"the model in '{folder}' is a '{kind}', not one of FaceGPT's; {MODEL_FROM}")
    with quiet_transformers():
        loaded: Any = FaceGPTForConditionalGeneration.from_pretrained(folder, output_loading_info=True)
    model, report = loaded
    wrong = sorted(key for keys in ("missing_keys", "unexpected_keys", "mismatched_keys") for key in report[keys])
    if wrong:
        raise FaceGPTError(f"the model in '{folder}' is not whole: {len(wrong)} parts differ (for example {wrong[0]})")
    return model.eval().requires_grad_(False)


def _processor(folder: Path, config: Any) -> Any:
    """Find what turns pictures and words into tokens: beside the model, else where its base came from."""
    from transformers import AutoProcessor

    base = Path(str((config.base or {}).get("_name_or_path") or folder))
    for place in (folder, base):
        if any((place / name).is_file() for name in _PROCESSOR_FILES):
            return AutoProcessor.from_pretrained(place)
    raise FaceGPTError(
        f"'{folder}' lacks what prepares pictures for its base; copy the base's {' or '.join(_PROCESSOR_FILES)} there"
    )


def _answerer(model: Any, processor: Any, longest: int, **options: Any) -> Answerer:
    import torch
    from PIL import Image

    # The turn's end as the tokenizer has it: a base's configuration may know only the end of a text.
    options["eos_token_id"] = processor.tokenizer.eos_token_id

    def answer(image: Path, text: str) -> str:
        picture = Image.fromarray(read_image(image).pixels)
        content = [{"type": "image", "image": picture}, {"type": "text", "text": text}]
        given = processor.apply_chat_template(
            [{"role": "user", "content": content}],
            **{"add_generation_prompt": True, "tokenize": True, "return_dict": True, "return_tensors": "pt"},
        )
        with torch.inference_mode():
            out = model.generate(**given, max_new_tokens=longest, do_sample=False, **options)
        return processor.tokenizer.decode(out[0, given["input_ids"].shape[1] :], skip_special_tokens=True).strip()

    return answer


def _digest(folder: Path) -> str:
    told = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")):
        with file.open("rb") as opened:
            while chunk := opened.read(1 << 20):
                told.update(chunk)
    return told.hexdigest()
