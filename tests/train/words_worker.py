"""What each process of test_words_in_processes.py does; torchrun starts it: words_worker.py BASE FOLDER."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from made_up_sentences import SENTENCES, few_turns, fresh, text_example
from safetensors.torch import save_file
from tiny_language import FACE, SLOT, tiny_tokenizer
from torch import Tensor

from facegpt.language.model.processor import FaceGPTProcessor
from facegpt_lab.train import words
from facegpt_lab.train.loop import Loop, LoopSettings
from facegpt_lab.train.processes import Processes, join_processes
from facegpt_lab.train.words.corpus_examples import random_reading
from facegpt_lab.train.words.examples import EncodedExample, encode
from facegpt_lab.train.words.sharding import decoder_layers, mesh_of, place
from facegpt_lab.train.words.stages import TextStage
from facegpt_lab.train.words.training import WordsSettings, WordsTraining

#: Texts of each kind, with a face before them and without, all of one length.
OF_EACH = len(SENTENCES)
TRIAL = {"samples": 10, "follow_ups": 10, "movement_turns": 10, "yes_or_no": 10, "terse": 10, "sentences": 15}
EPOCHS = {"head_epochs": 0.3, "adapter_epochs": 0.3, "finish_epochs": 0.3}


def examples() -> list[EncodedExample]:
    """Every sentence twice: alone, and with a face before it, so that the gradient of faces is seen too."""
    processor = FaceGPTProcessor(tiny_tokenizer(), FACE, SLOT, 4)
    found = []
    for k, (text, labels) in enumerate(SENTENCES.items()):
        padded = text.ljust(max(map(len, SENTENCES)))
        bare = text_example(padded, labels, key=f"{k}/bare")
        content = [{"type": "face"}, {"type": "text", "text": padded}]
        faces = (random_reading(np.random.default_rng(k), {}),)
        seen = replace(bare, messages=[{"role": "user", "content": content}], faces=faces, key=f"{k}/seen")
        found += [encode(bare, processor), encode(seen, processor)]
    return found


def stage_of(base: Path, processes: Processes, rests: bool) -> TextStage:
    """Adapters, face embedding and head on a base; steps of all texts of a kind. `rests`: nothing is drawn in them."""
    model = fresh(base)
    place(model, "cpu", mesh_of(processes))
    texts = examples()
    tokens = OF_EACH // processes.count * max(len(each.ids) for each in texts)
    dropout = 0.0 if rests else 0.15
    stage = TextStage(model, texts, 0, adapt=True, tokens=tokens, token_dropout=dropout, processes=processes)
    stage.choose_parameters()
    return stage


def learn(base: Path, folder: Path, processes: Processes, steps: int = 4) -> dict[str, Tensor]:
    """Train a few steps; give the parameters after them, and each step's gradients."""
    stage = stage_of(base, processes, rests=True)
    loop = Loop(stage.model, stage.losses, folder, LoopSettings(steps, 1e-3, warmup=1), processes=processes)
    found: dict[str, Tensor] = {}

    def keep(*_: Any) -> None:
        found.update(
            {f"gradient/{loop.step}/{n}": p.grad.clone() for n, p in loop.trained.items() if p.grad is not None}
        )

    loop.optimizer.register_step_pre_hook(keep)
    for group in loop.optimizer.param_groups:
        group["eps"] = 1e-3  # Adam divides by the size of a gradient: of rounding errors it would make whole steps
    loop.run()
    return found | {f"parameter/{name}": p.detach().clone() for name, p in loop.trained.items()}


def stopped_and_resumed(base: Path, folder: Path, processes: Processes, stop_at: int | None) -> dict[str, Tensor]:
    """Train six steps, in a folder of two runs if the first was stopped after its checkpoint; give the parameters."""
    for stop in [stop_at, None] if stop_at is not None else [None]:
        stage = stage_of(base, processes, rests=False)
        settings = LoopSettings(6, 1e-3, warmup=1, every=1, save_every=3, average_from=0.3)
        loop = Loop(stage.model, lambda step: _unless(step == stop, stage, step), folder, settings, processes=processes)  # noqa: B023
        try:
            loop.run()
        except KeyboardInterrupt:
            continue
    return {name: p.detach().clone() for name, p in loop.trained.items()}


def _unless(stopped: bool, stage: TextStage, step: int) -> dict[str, Tensor]:
    if stopped:
        raise KeyboardInterrupt
    return stage.losses(step)


def shares(base: Path, processes: Processes) -> dict[str, float]:
    """Which share of the decoder layers' numbers lies in this process, and of all numbers of the base."""
    stage = stage_of(base, processes, rests=True)

    def share(modules: list[torch.nn.Module]) -> float:
        parameters = {p for module in modules for p in module.parameters()}
        own = sum((p.to_local() if hasattr(p, "to_local") else p).numel() for p in parameters)
        return own / sum(p.numel() for p in parameters)

    return {"layers": share(decoder_layers(stage.model.base)), "base": share([stage.model.base])}


def main() -> None:
    """Do everything, one after the other; the last run ends the processes' bond."""
    base, folder = Path(sys.argv[1]), Path(sys.argv[2])
    torch.set_num_threads(1)
    processes = join_processes()
    report: dict[str, Any] = {"shares": shares(base, processes)}
    save_file(learn(base, folder / "learn", processes), folder / f"learnt-{processes.rank}.safetensors")
    whole = stopped_and_resumed(base, folder / "whole", processes, None)
    resumed = stopped_and_resumed(base, folder / "stopped", processes, 4)
    report["resumed"] = max(float((whole[name] - value).abs().max()) for name, value in resumed.items())
    started = time.monotonic()
    words.training.conversation_turns = few_turns  # test_follow_ups.py reads all
    training = WordsTraining(folder / "run", WordsSettings(base=str(base), tokens=600, **TRIAL, **EPOCHS))
    report["card"] = training.run()["validation"]
    report["seconds"] = time.monotonic() - started
    (folder / f"report-{processes.rank}.json").write_text(json.dumps(report), encoding="utf-8")


if __name__ == "__main__":
    main()
