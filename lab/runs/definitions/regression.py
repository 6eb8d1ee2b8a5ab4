"""One neuron each against reading by definition, both in closed form: how far few examples go.

A Gaussian process over (sentence, quantity) pairs: likeness of sentences (their pooled states) times likeness of
quantities. Where quantities are alike only to themselves, each has a neuron of its own (a ridge regression); where they
are as alike as their definitions, an example of one teaches the others; a mix is a definition with a part of its own.
Needs the states of `compare states`. Seconds.

    python -m lab.runs.definitions.regression FOLDER
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facegpt.language.targets import EMOTIONS
from lab.runs.definitions.compare import Texts, load
from lab.runs.definitions.head import Definitions

SHARES = (0.125, 0.25, 0.5, 1.0)
#: Share of a quantity's likeness that is its definition's: 0 one neuron each, 1 by definition alone.
BY_DEFINITION = (0.0, 0.25, 0.5, 0.75, 1.0)
NOISES = tuple(10.0 ** np.arange(-2.5, 1.6, 0.5))
_FEW = 0.33


def pooled(texts: Texts) -> np.ndarray:
    """(B, 2 · COMPONENTS): mean and strongest state of each sentence's words, of mean square 1 each."""
    words = [each[1:].numpy() for each in texts.states]
    strongest = [np.take_along_axis(w, np.abs(w).argmax(0)[None], 0)[0] for w in words]
    parts = [np.stack([w.mean(0) for w in words]), np.stack(strongest)]
    return np.concatenate([x / np.sqrt((x**2).mean()) for x in parts], 1)


def wanted(texts: Texts) -> np.ndarray:
    """(B, 2K + E + N - 1) 0 or 1: low poles, high poles, units and emotions that a sentence names."""
    targets = [each.example.target for each in texts.examples]
    mean = np.stack([t.attribute_mean for t in targets])
    emotion = np.eye(len(EMOTIONS))[[t.emotion for t in targets]][:, 1:]
    units = np.stack([t.expression_gate * (t.expression > 0) for t in targets])
    return np.concatenate([mean < 0, mean > 0, units, emotion], 1).astype(float)


def likeness(d: Definitions) -> np.ndarray:
    """(Q, Q) of the definitions of `wanted`, 1 on the diagonal."""
    middle, side = d.middle.numpy(), d.side.numpy()
    kinds = [middle - side, middle + side, d.unit.numpy(), d.emotion.numpy()[1:]]
    vectors = np.concatenate(kinds)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors @ vectors.T


class Process:
    """The process fitted to sentences x (B, F) and what they say y (B, Q); `quantities` (Q, Q) is their likeness."""

    def __init__(self, x: np.ndarray, y: np.ndarray, quantities: np.ndarray) -> None:
        self.x, self.constant, self.quantities = x, y.mean(0), quantities
        self.values, self.axes = np.linalg.eigh(x @ x.T / x.shape[1])
        self.own_values, self.own_axes = np.linalg.eigh(quantities)
        self.turned = self.axes.T @ (y - self.constant) @ self.own_axes

    def __call__(self, x: np.ndarray, noise: float) -> np.ndarray:
        """Read sentences: (B, Q) at a variance of the labels' noise."""
        weights = self.turned / (np.outer(self.values.clip(0), self.own_values.clip(0)) + noise)
        dual = self.axes @ weights @ self.own_axes.T
        return self.constant + (x @ self.x.T / x.shape[1]) @ dual @ self.quantities


def precision(chance: np.ndarray, truth: np.ndarray) -> float:
    """Average precision of all decisions together."""
    order = np.argsort(-chance, axis=None, kind="stable")
    hits = truth.ravel()[order]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits > 0].mean())


def curve(folder: Path, seeds: int) -> None:
    """Print the learning curves; of all sentences there is one draw only."""
    train, held, definitions = load(folder)
    x, y, held_x, held_y = pooled(train), wanted(train), pooled(held), wanted(held)
    alike, own = likeness(definitions), np.eye(y.shape[1])
    count = y.sum(0)
    rare = count <= np.quantile(count, _FEW)
    said, few = int(held_y.sum()), int(held_y[:, rare].sum())
    print(f"{said} things said, {few} of them rare (at most {count[rare].max():.0f} examples)")
    print("share | by definition | average precision, all | rare (mean ± SD of draws)")
    for share in SHARES:
        for part in BY_DEFINITION:
            found = []
            for seed in range(seeds if share < 1 else 1):
                rows = np.random.default_rng(seed).permutation(len(x))[: round(share * len(x))]
                process = Process(x[rows], y[rows], part * alike + (1 - part) * own)
                found.append(_both_halves(process, held_x, held_y, rare))
            mean, sd = np.mean(found, 0), np.std(found, 0)
            print(f"{len(rows)} | {part} | {mean[0]:.3f} ± {sd[0]:.3f} | {mean[1]:.3f} ± {sd[1]:.3f}", flush=True)


def _both_halves(process: Process, x: np.ndarray, y: np.ndarray, rare: np.ndarray) -> tuple[float, float]:
    """Scores of each half at the noise that the other half chose."""
    read = [process(x, noise) for noise in NOISES]
    halves = [np.arange(len(x)) % 2 == k for k in range(2)]
    chosen = np.zeros_like(y)
    for other, half in (halves, halves[::-1]):
        chosen[half] = max(read, key=lambda each: precision(each[other], y[other]))[half]
    return precision(chosen, y), precision(chosen[:, rare], y[:, rare])


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=5, help="draws of sentences")
    options = parser.parse_args(arguments)
    curve(options.folder, options.seeds)


if __name__ == "__main__":
    main()
