"""Train the face head of assets/language_adapter.safetensors further, on kept states of the adapted language model.

Base and adapters stay as they are, so that a text is passed through them once and the head can meet it many times: this
is the long part of training.
`fit` writes FOLDER/face_head.safetensors, `ship` puts that into the adapter.

    python -m runs.language.face_head states FOLDER corpus             # some 8 minutes of a core
    python -m runs.language.face_head states FOLDER validation
    python -m runs.language.face_head states FOLDER samples_1 --count 12000 --seed 777
    python -m runs.language.face_head fit FOLDER --parts corpus samples_1 --minutes 25
    python -m runs.language.face_head fit FOLDER --parts corpus samples_1 --minutes 12 --start FILE
    python -m runs.language.face_head ship FOLDER
"""

from __future__ import annotations

import argparse
import json
import pickle
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from facegpt.assets import FOLDER, register
from facegpt.language.language_model import ADAPTER
from facegpt.language.model.face_head import FaceHead
from facegpt.synthesis.texts.corpus import load_corpus
from facegpt.synthesis.texts.dialogues import sample_at
from facegpt.train.words.calibrate import calibrate
from facegpt.train.words.corpus_examples import example_from
from facegpt.train.words.examples import EncodedExample, collate, encode, length_batches
from facegpt.train.words.features import FrozenStates, write_states
from facegpt.train.words.losses import request_losses, total
from facegpt.train.words.sample_examples import example_of
from facegpt.train.words.training import build, repeats_of
from facegpt.train.words.validate import Scores, decode_batch, score

#: Shares of the kinds of samples: everything that is read in a text beside the corpus itself.
MIX = {
    **{"looks": 0.2, "denial": 0.07, "emotion": 0.06, "movement": 0.09, "millimetres": 0.06, "edit": 0.1},
    **{"edit_joined": 0.06, "edit_expression": 0.08, "edit_millimetres": 0.08, "question": 0.05, "request": 0.01},
    **{"trap": 0.02, "conversation": 0.03, "joined": 0.05, "edit_person": 0.04},
}
#: The embedding and the layers whose states are kept.
LAYERS = (0, 9, 14, 18, 24, 30)
LONGEST, TOKENS = 100, 1600
RATE, DECAY, WARM, CLIP, DROPOUT, NOISE, HIDDEN = 6e-4, 0.02, 100, 1.0, 0.3, 0.4, 0.1
#: Share of the time after which weights are averaged, and what each step counts.
AVERAGE_FROM, AVERAGE_RATE = 0.3, 0.005
HEAD, TEXTS = "face_head.", "texts.pkl"


def examples_of(part: str, count: int, seed: int, processor: Any) -> list[EncodedExample]:
    """The texts of a part: "corpus", "validation", or that many samples of a seed."""
    if part in ("corpus", "validation"):
        split = "train" if part == "corpus" else part
        return [encode(example_from(record), processor) for record in load_corpus(split)]
    found: dict[str, EncodedExample] = {}
    index = 0
    while len(found) < count:
        sample = sample_at(index, seed, MIX)
        index += 1
        if sample.text not in found:
            text = encode(example_of(sample, f"{part}/{index}"), processor)
            if len(text.ids) <= LONGEST:
                found[sample.text] = text
    return list(found.values())


def adapted_model() -> tuple[Any, Any]:
    """The base with the packaged adapters merged, its head as built."""
    model, processor = build("")
    parts = {k: v.float() for k, v in load_file(FOLDER / ADAPTER).items() if not k.startswith(HEAD)}
    unknown = model.load_state_dict(parts, strict=False).unexpected_keys
    if unknown:
        raise SystemExit(f"the adapter has parts that the model lacks, for example {unknown[0]}")
    model.eval().requires_grad_(False)
    model.adapters.merge()
    return model, processor


def keep_states(folder: Path, part: str, count: int, seed: int) -> None:
    """Pass the texts of a part through the model once."""
    model, processor = adapted_model()
    texts = examples_of(part, count, seed, processor)
    (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / part / TEXTS).write_bytes(pickle.dumps(texts))
    with torch.autocast("cpu", torch.bfloat16):
        write_states(model, texts, folder / part, processor.tokenizer.pad_token_id or 0, LAYERS[1:])


class Part:
    """Texts with their states, as they were drawn (the generator may have changed since)."""

    def __init__(self, folder: Path) -> None:
        self.states = FrozenStates(folder)
        self.texts: list[EncodedExample] = pickle.loads((folder / TEXTS).read_bytes())


class Fitting:
    """The head, its data and its optimiser."""

    def __init__(self, folder: Path, parts: list[str], start: Path | None) -> None:
        self.model, processor = adapted_model()
        self.pad = processor.tokenizer.pad_token_id or 0
        self.embedding = self.model.get_input_embeddings().weight.detach().float()
        self.parts = [Part(folder / name) for name in parts]
        self.validation = Part(folder / "validation")
        config = self.model.config
        config.head_layers, config.head_dropout, config.head_noise = list(LAYERS), DROPOUT, NOISE
        sizes, width = self.model.face_head.sizes, config.head_width
        self.head = FaceHead(len(LAYERS), config.hidden_size, sizes, width, 4, DROPOUT, NOISE)
        if start:
            self.head.load_state_dict({k: v.float() for k, v in load_file(start).items()})
        else:
            self._standardise()
        weights = [p for p in self.head.parameters() if p.ndim > 1]
        others = [p for p in self.head.parameters() if p.ndim <= 1]
        groups = [{"params": weights, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.98))
        self.average: dict[str, Tensor] = {}

    def _standardise(self) -> None:
        some = np.asarray(self.parts[0].states.states[:60_000], np.float32)
        own = self.embedding.numpy()
        norm = self.head.standardise
        norm.mean.copy_(torch.from_numpy(np.concatenate([own.mean(0)[None], some.mean(0)])))
        norm.sd.copy_(torch.from_numpy(np.concatenate([own.std(0)[None], some.std(0).clip(1e-3)])))

    def batch(self, items: list[tuple[Part, int]]) -> tuple[Any, Tensor]:
        """Tokens with targets, and states (B, T, layers, D)."""
        batch = collate([part.texts[k] for part, k in items], list(range(len(items))), self.pad)
        size = (*batch.ids.shape, len(LAYERS), self.embedding.shape[1])
        states = torch.zeros(size)
        states[:, :, 0] = self.embedding[batch.ids]
        if batch.faces is not None:
            slots = (batch.ids == self.model.config.slot_token)[..., None]
            states[:, :, 0] = states[:, :, 0].masked_scatter(slots, self.model.embed_faces(batch.faces).float())
        for row, (part, k) in enumerate(items):
            first, length = part.states.starts[part.texts[k].example.key]
            kept = np.asarray(part.states.states[first : first + length], np.float32)
            states[row, :length, 1:] = torch.from_numpy(kept)
        return batch, states

    def run(self, minutes: float) -> None:
        """Learn for so long, the rate falling to a twentieth by the clock."""
        pool = [(part, k) for part in self.parts for k, text in enumerate(part.texts) for _ in range(repeats_of(text))]
        lengths = [len(part.texts[k].ids) for part, k in pool]
        start, step, epoch, recent = time.monotonic(), 0, 0, 0.0
        self.head.train()
        while True:
            for rows in length_batches(lengths, TOKENS, epoch):
                share = (time.monotonic() - start) / 60 / minutes
                if share >= 1:
                    return
                self._rate(step, share)
                loss = self._step([pool[k] for k in rows])
                recent = loss if not step else 0.99 * recent + 0.01 * loss
                step += 1
                if share > AVERAGE_FROM:
                    self._take_average()
                if step % 100 == 0:
                    print(f"step {step}, {100 * share:.0f} % of the time, loss {recent:.3f}", flush=True)
            epoch += 1

    def _rate(self, step: int, share: float) -> None:
        rate = RATE * min(1.0, (step + 1) / WARM) * (0.05 + 0.95 * 0.5 * (1 + np.cos(np.pi * share)))
        for group in self.optimizer.param_groups:
            group["lr"] = float(rate)

    def _step(self, items: list[tuple[Part, int]]) -> float:
        batch, states = self.batch(items)
        seen = batch.mask * (torch.rand(batch.mask.shape) >= HIDDEN)
        seen[torch.arange(len(seen)), batch.face_at] = 1
        with torch.autocast("cpu", torch.bfloat16):
            out = self.head(states, seen, batch.face_at, batch.is_edit, batch.numbers)
            losses = request_losses(out, batch.target)
        loss = total({name: value.float() for name, value in losses.items()})
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.head.parameters(), CLIP)
        self.optimizer.step()
        return float(loss.detach())

    def _take_average(self) -> None:
        for name, value in self.head.state_dict().items():
            if name in self.average:
                self.average[name].mul_(1 - AVERAGE_RATE).add_(value, alpha=AVERAGE_RATE)
            else:
                self.average[name] = value.clone()

    def finish(self) -> dict[str, float]:
        """Take the average, choose thresholds on the validation sentences and print the scores there."""
        self.head.load_state_dict(self.average or self.head.state_dict())
        self.head.eval()
        texts, outputs = self.validation.texts, []
        with torch.inference_mode():
            for rows in length_batches([len(text.ids) for text in texts], 2 * TOKENS, 0):
                batch, states = self.batch([(self.validation, k) for k in rows])
                out = self.head(states, batch.mask, batch.face_at, batch.is_edit, batch.numbers)
                outputs.append((replace(batch, rows=rows), out, np.full(len(rows), np.nan)))
        chosen = {name: value for name, value in calibrate(outputs).items() if name != "face"}
        thresholds = self.model.config.thresholds | chosen
        scores = Scores()
        for batch, out, odds in outputs:
            for row, reading in zip(batch.rows, decode_batch(out, odds, batch, texts, thresholds), strict=True):
                score(scores, texts[row].example, reading)
        counts = scores.counts()
        for name, mean in scores.means().items():
            print(f"{name:36s} {mean:.3f} of {counts[name]}")
        return chosen


def ship(folder: Path) -> None:
    """Put a fitted head into the packaged adapter, in half precision."""
    with safe_open(FOLDER / ADAPTER, "pt") as file:
        about = dict(file.metadata())
        parts = {name: file.get_tensor(name) for name in file.keys() if not name.startswith(HEAD)}  # noqa: SIM118
    with safe_open(folder / "face_head.safetensors", "pt") as file:
        thresholds = json.loads(file.metadata()["thresholds"])
        parts |= {HEAD + name: file.get_tensor(name).half() for name in file.keys()}  # noqa: SIM118
    config = json.loads(about["config"])
    config["head_layers"] = list(LAYERS)
    config["thresholds"] |= thresholds
    save_file(parts, FOLDER / ADAPTER, about | {"config": json.dumps(config)})
    print(register(ADAPTER))


def main() -> None:
    """Keep states, fit or ship."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("step", choices=("states", "fit", "ship"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("part", nargs="?", default="corpus", help="of states: which texts")
    parser.add_argument("--count", type=int, default=12_000)
    parser.add_argument("--seed", type=int, default=777)
    parser.add_argument("--parts", nargs="+", default=["corpus"], help="of fit: the corpus first")
    parser.add_argument("--start", type=Path)
    parser.add_argument("--minutes", type=float, default=25.0)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    if options.step == "states":
        keep_states(options.folder, options.part, options.count, options.seed)
    elif options.step == "ship":
        ship(options.folder)
    else:
        fitting = Fitting(options.folder, options.parts, options.start)
        fitting.run(options.minutes)
        about = {"thresholds": json.dumps(fitting.finish())}
        save_file(fitting.head.state_dict(), options.folder / "face_head.safetensors", about)


if __name__ == "__main__":
    main()
