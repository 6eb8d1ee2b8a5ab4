"""Make language_linear.npz: the linear head of the row "frozen LM, linear head" of FaceGPT-Bench.

Mean-pooled states of the frozen base over training sentences of the corpus, and a ridge regression for new heads and
one for edits. Ridge and thresholds are chosen on a tenth of those sentences that is left out. Six minutes of one core.

    python lab/runs/language/linear_head.py
    python lab/runs/language/linear_head.py --sentences 3000   # fewer, at random
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facegpt.language.model.base import base_tokenizer, cached_base
from facegpt.runtime.progress import Progress
from facegpt_lab.assets import FOLDER, register
from facegpt_lab.evaluate.protocols.words.text_linear import ASSET, AT_ONCE, K, Linear, N, pooled_states, targets_of
from facegpt_lab.synthesis.texts.corpus import Record, load_corpus

RIDGES = (10.0, 30.0, 100.0, 300.0, 1000.0)
LEAST = np.arange(0.1, 0.8, 0.05)
LEFT_OUT = 0.1
_FIRST = (0, K, K + 1, K + 4 + N)
_LAST = (K, K + 1, K + 2, K + 4 + N + 52)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write and register the asset."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=0, metavar="N", help="at most (default: all)")
    parser.add_argument("--states", type=Path, metavar="FILE", help="keep the states here, and go on from them")
    options = parser.parse_args(arguments)
    records = [record for record in load_corpus("train") if record.task in ("imagine", "edit")]
    records = [records[k] for k in np.random.default_rng(0).permutation(len(records))]
    records = records[: options.sentences or len(records)]
    states = states_of(records, options.states)
    arrays: dict[str, np.ndarray] = {}
    for task in ("imagine", "edit"):
        own = [k for k, record in enumerate(records) if record.task == task]
        head = fit(states[own], np.stack([targets_of(records[k].target()) for k in own]))
        arrays |= {
            f"{task}_weights": head.weights.astype(np.float16),
            f"{task}_scale": np.stack([head.mean, head.sd]).astype(np.float32),
            f"{task}_from": head.least.astype(np.float32),
        }
    np.savez_compressed(FOLDER / ASSET, **arrays)
    print(ASSET, register(ASSET), len(records), "sentences", (FOLDER / ASSET).stat().st_size, "bytes")


def states_of(records: Sequence[Record], file: Path | None) -> np.ndarray:
    """The pooled states (B, D) of the base, those in a file first."""
    import torch
    from transformers import AutoModelForCausalLM

    folder = cached_base()
    base, tokenizer = AutoModelForCausalLM.from_pretrained(folder).eval(), base_tokenizer(folder)
    rows = list(np.load(file)) if file and file.is_file() else []
    with Progress("states", len(records)) as progress, torch.autocast("cpu", torch.bfloat16):
        while len(rows) < len(records):
            rows += list(pooled_states(base, tokenizer, [r.text for r in records[len(rows) :][:AT_ONCE]]))
            progress(len(rows))
            if file and len(rows) % (10 * AT_ONCE) < AT_ONCE:
                np.save(file, np.stack(rows).astype(np.float32))
    return np.stack(rows[: len(records)])


def fit(states: np.ndarray, targets: np.ndarray) -> Linear:
    """Fit one head; the sentences are in random order."""
    held = int(len(states) * LEFT_OUT)
    best = min(RIDGES, key=lambda ridge: _error(states, targets, held, ridge))
    trial = _ridge(states[held:], targets[held:], best)
    said, wanted = trial(states[:held]), targets[:held]
    least = [_threshold(said[:, a:b], wanted[:, a:b]) for a, b in zip(_FIRST, _LAST, strict=True)]
    final = _ridge(states, targets, best)
    return Linear(final.mean, final.sd, final.weights, np.array(least))


def _error(states: np.ndarray, targets: np.ndarray, held: int, ridge: float) -> float:
    """The mean squared error on the first `held` sentences of a head fitted to the others."""
    return float(np.square(_ridge(states[held:], targets[held:], ridge)(states[:held]) - targets[:held]).mean())


def _ridge(states: np.ndarray, targets: np.ndarray, ridge: float) -> Linear:
    mean, sd = states.mean(0), states.std(0) + 1e-6
    x, constant = (states - mean) / sd, targets.mean(0)
    weights = np.linalg.solve(x.T @ x + ridge * np.eye(x.shape[1]), x.T @ (targets - constant))
    return Linear(mean, sd, np.vstack([weights, constant]), np.full(4, 0.5))


def _threshold(said: np.ndarray, wanted: np.ndarray) -> float:
    """Choose from which size something counts as said: the best F1, where the sign must be right."""
    scores = []
    for least in LEAST:
        found = np.abs(said) >= least
        hits = float((found & (wanted != 0) & (np.sign(said) == np.sign(wanted))).sum())
        scores.append(2 * hits / max(float(found.sum() + (wanted != 0).sum()), 1.0))
    return float(LEAST[int(np.argmax(scores))])


if __name__ == "__main__":
    main()
