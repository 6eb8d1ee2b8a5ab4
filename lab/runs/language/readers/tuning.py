"""Compare what may learn: adapters by rank and by layers, and full tuning of the upper half, at equal texts.

Each trial goes on from the shipped adapters of the upper layers and the head, without what the adapters in all layers
learnt, and sees the same texts in the same order; held-out sentences are scored at the shipped thresholds.

    python -m lab.runs.language.readers.tuning FOLDER --steps 200 --compile      # some seven minutes a trial with AMX
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from facegpt.assets import asset_path
from facegpt.language.loading import ADAPTER
from facegpt.language.model.adapter import adapter_config, load_adapter
from facegpt.language.model.base import cached_base
from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
from facegpt_lab.train.loop import Loop, LoopSettings
from facegpt_lab.train.words.stages import TextStage
from facegpt_lab.train.words.training import repeats_of
from lab.runs.language.readers.words_adapter import OF_THE_HEAD, RATE, TOKENS, WordsLeg
from lab.runs.language.readers.words_scores import print_scores
from lab.runs.language.states_network import quicker_precision

UPPER = 15
#: Rank of the adapters, the first layer that has some, and the rate; 0: the layers themselves.
TRIALS = {
    "rank 8, upper half": (8, UPPER, RATE),
    "rank 8, all layers": (8, 0, RATE),
    "rank 64, all layers": (64, 0, RATE),
    "full, upper half": (0, UPPER, 5e-5),
}


def begun(rank: int) -> FaceGPTForConditionalGeneration:
    """The shipped head and adapters of the upper layers, and fresh ones in all."""
    changes, _ = adapter_config(asset_path(ADAPTER))
    shipped = FaceGPTForConditionalGeneration.from_base(cached_base(), **changes)
    load_adapter(shipped, asset_path(ADAPTER))
    model = FaceGPTForConditionalGeneration.from_base(cached_base(), **{**changes, "words_rank": max(rank, 1)})
    parts = {name: value for name, value in shipped.face_parts().items() if not name.startswith("words_adapters.")}
    model.load_state_dict(parts, strict=False)
    return model


def learns(name: str, rank: int, first: int) -> bool:
    """Whether a parameter learns in a trial."""
    if name.startswith(("face_head.", "face_row", "face_bias")):
        return "standardise" not in name
    whole, part = "base.model.layers.", "words_adapters.model/layers/"
    if not name.startswith(part if rank else whole):
        return False
    return int(name.removeprefix(part).removeprefix(whole).replace("/", ".").split(".")[0]) >= first


def trial(leg: WordsLeg, name: str, steps: int, compile_layers: bool) -> None:
    """Learn and score."""
    rank, first, rate = TRIALS[name]
    torch.manual_seed(0)
    model, precision = begun(rank), quicker_precision()
    for each, parameter in model.named_parameters():
        parameter.requires_grad_(learns(each, rank, first))
    if rank:
        model.base.to(precision)
    layers = model.base.model.layers
    for k, layer in enumerate(layers if compile_layers else ()):
        layers[k] = torch.compile(layer, dynamic=True)
    learnt = sum(p.numel() for p in model.parameters() if p.requires_grad)
    print(f"{name}: {learnt / 1e6:.1f} million numbers learn, with the head", flush=True)
    stage = TextStage(model, leg.train, leg.pad, adapt=True, embed=False, tokens=TOKENS, seed=0)
    stage.repeats = [repeats_of(each) for each in leg.train]

    def losses(step: int) -> Mapping[str, Tensor]:
        with model.words_acting_if(bool(rank)):
            return stage.losses(step)

    settings = LoopSettings(steps, rate, save_every=10**6, precision=str(precision).removeprefix("torch."))
    of_the_head = OF_THE_HEAD * RATE / rate
    rates = dict.fromkeys(("face_head.", "face_row", "face_bias"), of_the_head)
    loop = Loop(model, losses, leg.folder / name.replace(", ", "_").replace(" ", "_"), settings, rates)
    loop.run()
    print(f"{steps} steps in {loop.seconds:.0f} s", flush=True)
    print_scores(model, bool(rank))


def main() -> None:
    """Run the trials one after the other."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--trials", nargs="*", default=[*TRIALS], choices=[*TRIALS])
    parser.add_argument("--compile", action="store_true", help="compile the layers: needs a C++ compiler")
    options = parser.parse_args()
    torch.set_num_threads(1)
    leg = WordsLeg(options.folder, 1.0, 0)
    for name in options.trials:
        trial(leg, name, options.steps, options.compile)


if __name__ == "__main__":
    main()
