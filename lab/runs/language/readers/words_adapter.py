"""Learn the adapters in all layers that read words, with the face head, from the shipped adapter on.

The adapters of the upper layers stay: the photo tokens learnt with them. Those in all layers act beside them, where
words are read without photos; in some steps they are silent, so that the head still reads photos' passes too.

    python -m lab.runs.language.readers.words_adapter FOLDER --device cuda --rounds 6 --tokens 12000  # minutes of a GPU
    python -m lab.runs.language.readers.words_adapter FOLDER --seed 0 --compile    # one core; another seed on another
    python -m lab.runs.language.readers.words_adapter FOLDER ANOTHER --write  # their mean into assets/
    python -m lab.runs.language.readers.words_adapter FOLDER --write --half  # half the way there from what is shipped
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import torch
from safetensors.torch import load_file
from torch import Tensor

from facegpt.assets import FOLDER, asset_path, register
from facegpt.language.loading import ADAPTER
from facegpt.language.model.adapter import adapter_config, load_adapter, save_adapter
from facegpt.language.model.base import SMOLLM2, cached_base
from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
from facegpt_lab.synthesis.texts.corpus import load_corpus
from facegpt_lab.synthesis.texts.dialogues import sample_at
from facegpt_lab.train.loop import Loop, LoopSettings
from facegpt_lab.train.words.corpus_examples import example_from
from facegpt_lab.train.words.examples import EncodedExample, encode
from facegpt_lab.train.words.sample_examples import example_of
from facegpt_lab.train.words.stages import TextStage
from facegpt_lab.train.words.training import WordsSettings, WordsTraining, repeats_of
from lab.runs.language.readers.exchanged_parts import exchanged
from lab.runs.language.states_network import quicker_precision
from lab.runs.language.together.low_rank import begin_as, of_rank
from lab.runs.language.turns_leg import among

#: Rank while they learn; the shipped ones keep the RANK largest directions of each.
LEARNT_RANK, RANK = 16, 8
TOKENS, RATE, OF_THE_HEAD = 1600, 6e-4, 0.4
#: Shares of the turns of conversations, and of the situations.
OF_TURNS, OF_SITUATIONS = 0.3, 1.0
#: How many drawn texts, denials and comparisons, and questions for yes or no.
SAMPLES, DENIALS, QUESTIONS = 6000, 4000, 6000
_SEED = 60
#: One of so many held-out sentences is scored on a processor before and after.
OF_VALIDATION = 6
#: Share of the steps in which the adapters are silent.
SILENT = 0.12
LEARNT = ("words_adapters.", "face_head.", "face_row", "face_bias")


class WordsLeg(WordsTraining):
    """Goes on from the shipped adapter with adapters in all layers.

    Args:
        folder: for the checkpoint and the result. minutes: how long at most; 0: no limit. seed: of the order of the
            texts. tokens: of a step. device: where it learns. share: of the texts that compare nothing that are
            learnt from.
    """

    def __init__(
        self, folder: Path, minutes: float, seed: int, tokens: int = TOKENS, device: str = "cpu", share: float = 1.0
    ) -> None:
        settings = WordsSettings(
            samples=SAMPLES, yes_or_no=QUESTIONS, seed=_SEED, tokens=tokens, minutes=minutes, device=device
        )
        self.order, self.share = seed, share
        super().__init__(folder, settings)
        torch.manual_seed(0)
        self.model = model_with_rank(LEARNT_RANK).to(self.processes.device)

    def _texts(self) -> list[EncodedExample]:
        texts = [*(each for each in super()._texts() if is_kept(each)), *self._denials(), *self._exchanged()]
        return [each for each in texts if compares(each) or among(f"{each.example.key}/of", self.share)]

    def _exchanged(self) -> list[EncodedExample]:
        """Written comparisons with other parts in place of theirs."""
        records = exchanged(load_corpus("train"), load_corpus("validation"))
        return [encode(example_from(record), self.processor) for record in records]

    def _denials(self) -> list[EncodedExample]:
        """Drawn ones, no text twice."""
        drawn = (sample_at(k, _SEED + 1, {"denial": 1.0}) for k in range(DENIALS))
        once = {sample.text: sample for sample in drawn}.values()
        return [encode(example_of(sample, f"denial/{k}"), self.processor) for k, sample in enumerate(once)]

    def learn(self, compile_layers: bool, rounds: float = 0.0) -> None:
        """Train, and save adapters and head; rounds: over the texts, 0: until the minutes end."""
        model, on_cpu = self.model, self.model.device.type == "cpu"
        precision = quicker_precision() if on_cpu else torch.bfloat16
        stage = TextStage(
            model, self.train, self.pad, adapt=True, embed=False, tokens=self.settings.tokens, seed=self.order
        )
        stage.repeats = [repeats_of(each) for each in self.train]
        for name, parameter in model.named_parameters():
            parameter.requires_grad_(name.startswith(LEARNT) and "standardise" not in name)
        model.base.to(precision)
        layers = model.base.model.layers
        for k, layer in enumerate(layers if compile_layers else ()):
            layers[k] = torch.compile(layer, dynamic=True)
        print(f"{len(self.train)} texts, {sum(len(each.ids) for each in self.train)} tokens", flush=True)

        def losses(step: int) -> Mapping[str, Tensor]:
            with model.words_acting_if(Random(step).random() >= SILENT):
                return stage.losses(step)

        every = stage.steps_per_epoch()
        settings = LoopSettings(
            round(rounds * every) or 10**6,
            RATE,
            every=25,
            save_every=100 if on_cpu else every,
            minutes=self.settings.minutes,
            precision="bfloat16" if precision == torch.bfloat16 else "float32",
            average_from=0.5,
            seed=self.order,
        )
        print(f"before: {self.held_out(stage)}", flush=True)
        loop = Loop(model, losses, self.folder / "leg", settings, dict.fromkeys(LEARNT[1:], OF_THE_HEAD))
        loop.run(None if on_cpu else lambda step: print(step, self.held_out(stage), flush=True) or {})
        print(f"after: {self.held_out(stage)}", flush=True)
        save_adapter(
            model, self.folder / "words.safetensors", SMOLLM2.sha256, "lab/runs/language/readers/words_adapter.py"
        )

    def held_out(self, stage: TextStage) -> dict[str, float]:
        """Scores on the validation sentences."""
        texts = self.validation[:: OF_VALIDATION if self.model.device.type == "cpu" else 1]
        with self.model.words_acting_if(True):
            return {name: round(value, 4) for name, value in stage.validate(texts).means().items()}


def model_with_rank(rank: int) -> FaceGPTForConditionalGeneration:
    """The shipped model; its adapters in all layers have this rank, and begin as they are."""
    shipped = asset_path(ADAPTER)
    changes, _ = adapter_config(shipped)
    had = changes.pop("words_rank", 0)
    model = FaceGPTForConditionalGeneration.from_base(cached_base(), **changes, words_rank=had)
    load_adapter(model, shipped)
    if had == rank:
        return model
    larger = FaceGPTForConditionalGeneration.from_base(cached_base(), **changes, words_rank=rank)
    words, own = {}, {}
    for name, value in model.face_parts().items():
        (words if name.startswith(LEARNT[0]) else own)[name.removeprefix("words_")] = value
    larger.load_state_dict(own, strict=False)
    begin_as(larger.words_adapters, words)
    return larger


def is_kept(example: EncodedExample) -> bool:
    """Whether a text is learnt from."""
    key, target = example.example.key, example.example.target
    if key.startswith("turn/"):
        return among(key, OF_TURNS)
    bare = target.known > 0 and target.emotion > 0 and not target.attribute_mask.any()
    return among(key, OF_SITUATIONS) if bare and not target.expression_gate.any() else True


def compares(example: EncodedExample) -> bool:
    """Whether a text compares, or says that something is average."""
    target = example.example.target
    return bool(len(target.relations) or ((target.attribute_mask > 0) & (target.attribute_mean == 0)).any())


def mean_of(files: Sequence[Path], beside: Sequence[dict[str, Tensor]] = ()) -> dict[str, Tensor]:
    """The mean of what some runs learnt: of the products of adapters, kept at RANK, and of all else.

    Args:
        files: of the runs.
        beside: parameters by name that count as one run more each.
    """
    learnt = [*(load_file(file) for file in files), *beside]
    own = [name for name in learnt[0] if not name.startswith(LEARNT[0])]
    found = {name: sum(each[name].float() for each in learnt) / len(learnt) for name in own}
    adapters = {}
    for name in (name for name in learnt[0] if name.startswith(LEARNT[0])):
        size = 1 / len(learnt) if name.endswith(".up") else 1.0
        adapters[name] = torch.cat([size * each[name].float() for each in learnt], 1 if name.endswith(".up") else 0)
    return {**found, **of_rank(adapters, RANK)}  # type: ignore[dict-item]


def write(files: Sequence[Path], half: bool = False) -> None:
    """Put the mean of some runs into assets/; half: of them and what is shipped."""
    model = model_with_rank(RANK)
    shipped = {name: value for name, value in model.face_parts().items() if name.startswith(LEARNT)}
    model.load_state_dict(mean_of(files, [shipped] if half else []), strict=False)
    note = json.dumps({"runs": len(files), "by": "lab/runs/language/readers/words_adapter.py"})
    save_adapter(model, FOLDER / ADAPTER, SMOLLM2.sha256, note)
    print(ADAPTER, register(ADAPTER))


def main() -> None:
    """Learn or write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--minutes", type=float, default=0.0, help="at most; 0: no limit")
    parser.add_argument("--rounds", type=float, default=0.0, help="over the texts; 0: until the minutes end")
    parser.add_argument("--tokens", type=int, default=TOKENS, help="of a step")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--share", type=float, default=1.0, help="of the texts that compare nothing")
    parser.add_argument("--compile", action="store_true", help="compile the layers: needs a C++ compiler")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--half", action="store_true", help="with --write: half the way from what is shipped")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.write:
        write([folder / "words.safetensors" for folder in options.folders], options.half)
        return
    leg = WordsLeg(options.folders[0], options.minutes, options.seed, options.tokens, options.device, options.share)
    leg.learn(options.compile, options.rounds)


if __name__ == "__main__":
    main()
