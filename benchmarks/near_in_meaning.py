"""Find sentences of a blind set that mean nearly what a training sentence says, by the base model's own states.

    python benchmarks/near_in_meaning.py BLIND.jsonl [--against FOLDER_OR_FILE ...]

A text is the mean of the frozen base's states of layer 18 over its tokens, less the mean over all texts, of length one;
two texts are as near as their product says. What is near is set by the training texts themselves: of the pairs that
`near_duplicates.py` finds among them, by their words, nine of ten are at least as near as the threshold. Ids and
scores are printed, never a text, so that the set stays unread. Some five minutes of one core.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from near_duplicates import CONTAINED, JACCARD, KNOWN, TURN, Known, texts, words

from facegpt.language.loading import load_language_model
from facegpt.language.model.layers import states_from

LAYER, TOKENS, BATCH = 18, 120, 32
#: Of the pairs that are near by their words, so many are nearer in meaning than the threshold.
NEARER = 0.9


def meanings(said: Sequence[str]) -> np.ndarray:
    """(N, D) float32, not yet centred."""
    language = load_language_model()
    model, tokenizer = language.model, language.processor.tokenizer
    ids = [tokenizer(text, add_special_tokens=False)["input_ids"][:TOKENS] or [0] for text in said]
    order = np.argsort([len(each) for each in ids])
    found = np.zeros((len(said), model.config.hidden_size), np.float32)
    with torch.inference_mode(), model.adapters.acting_if(False):
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            padded = torch.nn.utils.rnn.pad_sequence([torch.tensor(ids[k]) for k in rows], batch_first=True)
            counts = torch.tensor([len(ids[k]) for k in rows])
            mask = torch.arange(padded.shape[1]) < counts[:, None]
            states = states_from(model, model.get_input_embeddings()(padded), 0, LAYER)[LAYER]
            found[rows] = ((states * mask[..., None]).sum(1) / counts[:, None]).float().numpy()
    return found


def unit(vectors: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Vectors less their mean, of length one."""
    centred = vectors - mean
    return np.asarray(centred / np.linalg.norm(centred, axis=1, keepdims=True))


def of_near_pairs(said: Sequence[str], vectors: np.ndarray) -> np.ndarray:
    """How near in meaning the texts are whose words are near those of an earlier one."""
    known, found = Known([]), []
    for k, text in enumerate(said):
        jaccard, contained = known.closest(text)
        if jaccard > JACCARD or contained > CONTAINED:
            found.append(float((vectors[:k] @ vectors[k]).max()))
        known.add(text)
    return np.array(found)


def wording(sources: Sequence[Path]) -> list[str]:
    """Every text of some files or folders, once."""
    found: dict[str, None] = {}
    for source in sources:
        for file in sorted(source.rglob("*.jsonl")) if source.is_dir() else [source]:
            for line in file.read_text(encoding="utf-8").splitlines():
                found |= dict.fromkeys(texts(json.loads(line)))
    return list(found)


def main() -> None:
    """List the blind sentences that are near in meaning, with the threshold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("blind", type=Path)
    parser.add_argument("--against", type=Path, nargs="+", default=KNOWN[:1])
    parser.add_argument("--of", type=int, default=4000, help="training texts whose pairs set the threshold")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    records = [json.loads(line) for line in asked.blind.read_text(encoding="utf-8").splitlines()]
    records = [record for record in records if len(words(record.get("text", ""))) >= TURN]
    learnt = [text for text in wording(asked.against) if len(words(text)) >= TURN]
    vectors = meanings([*learnt, *(record["text"] for record in records)])
    mean = vectors[: len(learnt)].mean(0)
    own, blind = unit(vectors[: len(learnt)], mean), unit(vectors[len(learnt) :], mean)
    pairs = of_near_pairs(learnt[:: max(1, len(learnt) // asked.of)], own[:: max(1, len(learnt) // asked.of)])
    threshold = float(np.quantile(pairs, 1 - NEARER))
    nearest = np.concatenate([(part @ own.T).max(1) for part in np.array_split(blind, 20)])
    for record, score in zip(records, nearest, strict=True):
        if score >= threshold:
            print(f"{record['id']}  {score:.2f}")
    near = int((nearest >= threshold).sum())
    print(
        f"{near} of {len(records)} are near in meaning: {threshold:.2f} and more, from {len(pairs)} pairs near by words"
    )
    print(f"the nearest of {len(learnt)} texts: median {np.median(nearest):.2f}, 90 % {np.quantile(nearest, 0.9):.2f}")


if __name__ == "__main__":
    main()
