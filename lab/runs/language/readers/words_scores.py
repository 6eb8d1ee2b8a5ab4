"""Score what the adapters in all layers and the face head read of held-out sentences.

    python -m lab.runs.language.readers.words_scores                          # the shipped ones
    python -m lab.runs.language.readers.words_scores run20 run21              # the mean of what runs learnt
    python -m lab.runs.language.readers.words_scores --silent                 # without the adapters in all layers

Three tables: the batches on denials and comparisons (q, r), every sixth of all other sentences, and what questions for
yes or no claim in conversations.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

from facegpt.language.model.base import base_tokenizer, cached_base
from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
from facegpt.language.model.processor import CHATML, FaceGPTProcessor
from facegpt_lab.synthesis.texts.conversations import conversation_turns
from facegpt_lab.synthesis.texts.corpus import load_corpus
from facegpt_lab.train.words.corpus_examples import example_from
from facegpt_lab.train.words.examples import EncodedExample, TextExample, encode
from facegpt_lab.train.words.stages import TextStage
from facegpt_lab.train.words.training import spare_tokens
from facegpt_lab.train.words.turn_examples import examples_of_turn
from lab.runs.language.readers.words_adapter import RANK, mean_of, model_with_rank
from lab.runs.language.states_network import quicker_precision

OF_DENIALS, EVERY = ("nq-", "nr-", "nv-"), 6


def held_out() -> dict[str, list[TextExample]]:
    """The texts of each table."""
    records = [each for each in load_corpus("validation") if each.task in ("imagine", "edit")]
    denials = [each for each in records if each.id.startswith(OF_DENIALS)]
    others = [each for each in records if not each.id.startswith(OF_DENIALS)]
    examples = [example for turn in conversation_turns(True) for example in examples_of_turn(turn)]
    return {
        "denials and comparisons": [example_from(each) for each in denials],
        "others": [example_from(each) for each in others[::EVERY]],
        "claims": [each for each in examples if each.key.startswith("claim/")],
    }


def encoded(
    model: FaceGPTForConditionalGeneration, examples: Sequence[TextExample]
) -> tuple[list[EncodedExample], int]:
    """The texts as tokens, and the id of padding."""
    tokenizer = base_tokenizer(cached_base())
    processor = FaceGPTProcessor(tokenizer, *spare_tokens(tokenizer), model.config.face_tokens, CHATML)
    return [encode(each, processor) for each in examples], tokenizer.pad_token_id or 0


def print_scores(model: FaceGPTForConditionalGeneration, acting: bool = True) -> None:
    """Print both tables."""
    precision = quicker_precision()
    for name, examples in held_out().items():
        texts, pad = encoded(model, examples)
        stage = TextStage(model, texts, pad, adapt=True, embed=False, tokens=1600)
        with (
            torch.autocast("cpu", precision, enabled=precision != torch.float32),
            model.words_acting_if(acting),
        ):
            scores = stage.validate(texts)
        print(f"{name}, {len(examples)} texts", flush=True)
        for key, value in scores.means().items():
            print(f"  {key} {value:.3f} of {scores.counts()[key]}", flush=True)


def main() -> None:
    """Score."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="*")
    parser.add_argument("--silent", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    model = model_with_rank(RANK)
    if options.folders:
        model.load_state_dict(mean_of([folder / "words.safetensors" for folder in options.folders]), strict=False)
    model.base.to(quicker_precision())
    print_scores(model, not options.silent)


if __name__ == "__main__":
    main()
