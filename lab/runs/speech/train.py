"""Train the network from sound to articulation on spoken sentences with phone times.

python -m lab.runs.speech.train DATA OUT.npz [--minutes 4]

DATA: the folder of make_data. Features are kept beside OUT, so that training can start again at once.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from torch import Tensor, nn

from facegpt.animate.speech.coarticulation import articulation
from facegpt.animate.speech.effort import effort
from facegpt.animate.speech.features import CENTRE_S, FEATURES, RATE, Level, LogMel
from facegpt.animate.speech.network import DELAY, DILATIONS
from facegpt.animate.speech.phones import CONTACTS, TRACKS, TimedPhone, phone_table, simple
from facegpt.types import Array
from lab.runs.speech.augment import music, noise, spoiled
from lab.runs.speech.make_data import TESTED

_VERSIONS, _RECORDED_VERSIONS, _LENGTH, _BATCH, _RATE = 2, 20, 200, 24, 2e-3
_WEIGHT = torch.tensor([3.0 if t in CONTACTS else 4.0 if t == "jaw" else 2.0 for t in TRACKS])
SIGNS = tuple(phone_table())


class Net(nn.Module):
    """What network.py runs (the same layers), with the speech sound as a second task that shapes what it hears."""

    def __init__(self, size: int = 160) -> None:
        super().__init__()
        widths = [FEATURES, *[size] * len(DILATIONS)]
        self.layers = nn.ModuleList(
            nn.Conv1d(a, b, 3, dilation=d) for a, b, d in zip(widths, widths[1:], DILATIONS, strict=False)
        )
        self.leave = nn.Linear(size, len(TRACKS) + len(SIGNS))

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, 80) → tracks (B, T, 9) before the sigmoid and scores of the sounds (B, T, S)."""
        hidden = features.transpose(1, 2)
        for layer, dilation in zip(self.layers, DILATIONS, strict=True):
            made = torch.relu(layer(nn.functional.pad(hidden, (2 * dilation, 0))))
            hidden = made if hidden.shape[1] != made.shape[1] else hidden + made
        out = self.leave(nn.functional.dropout(hidden, 0.1, self.training).transpose(1, 2))
        return out[..., : len(TRACKS)], out[..., len(TRACKS) :]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=Path, help="weights to train on from")
    parser.add_argument("--rate", type=float, default=_RATE)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(asked.seed)
    rng = np.random.default_rng(asked.seed)
    cached = asked.out.with_suffix(".features")
    paths = sorted(p for p in asked.data.glob("*.npz") if p.stem not in TESTED)
    kept_out = [p for p in paths if p.stem.isdigit() and int(p.stem) % 25 == 0]
    if not cached.exists():
        with cached.open("wb") as file:
            many = [(p, _VERSIONS if p.stem.isdigit() else _RECORDED_VERSIONS) for p in paths if p not in kept_out]
            taught = [example for p, versions in many for example in examples(p, rng, versions)]
            keep(file, taught + [silent(rng) for _ in range(len(taught) // 12)])
            keep(file, [example for p in kept_out for example in examples(p, rng, 1)])
    with cached.open("rb") as file:
        taught, tested = kept(file), kept(file)
    print(f"{len(taught)} examples", flush=True)
    net = Net()
    if asked.start:
        take_up(net, asked.start)
    fit(net, taught, tested, asked.out, asked.minutes * 60, asked.rate, rng)


def examples(path: Path, rng: np.random.Generator, versions: int) -> list[tuple[Array, Array, Array]]:
    """Features, tracks and sounds of one sentence, in some versions; pauses around it."""
    held = np.load(path)
    before, after = (np.zeros(int(seconds * RATE), np.float32) for seconds in rng.uniform(0.1, 0.7, 2))
    samples = np.concatenate([before, held["samples"].astype(np.float32), after])
    spans = zip(held["signs"], held["times"] + len(before) / RATE, strict=True)
    phones = [TimedPhone(str(sign), start, end) for sign, (start, end) in spans]
    times = np.arange(len(samples) // 320) * 0.02 + CENTRE_S
    tracks = articulation(phones, times, effort(samples, RATE, times)).astype(np.float32)
    sounds = sound_numbers(phones, times)
    found = []
    for version in range(versions):
        heard = levelled(spoiled(samples, rng) if version else samples * np.float32(10 ** rng.uniform(-1, 0.2)))
        found.append((heard, tracks[: len(heard)], sounds[: len(heard)]))
    return found


def keep(file: BinaryIO, made: list[tuple[Array, Array, Array]]) -> None:
    """Write examples end to end in half precision, so that training can start again at once."""
    np.save(file, np.array([len(example[0]) for example in made]))
    for part, kind in enumerate((np.float16, np.float16, np.uint8)):
        np.save(file, np.concatenate([example[part] for example in made]).astype(kind))


def kept(file: BinaryIO) -> list[tuple[Array, Array, Array]]:
    """Read what `keep` wrote."""
    ends = np.cumsum(np.load(file))[:-1]
    parts = [np.split(np.load(file).astype(kind), ends) for kind in (np.float32, np.float32, np.int64)]
    return list(zip(*parts, strict=True))


def levelled(samples: Array) -> Array:
    """Features (n, 80) of samples at RATE as the stream makes them."""
    return Level().push(LogMel().push(samples))


def sound_numbers(phones: list[TimedPhone], times: Array) -> Array:
    """Which sound is heard at each time, as a row of SIGNS."""
    numbers = np.zeros(len(times), np.int64)
    for phone in simple(phones):
        numbers[(times >= phone.start_s) & (times < phone.end_s)] = SIGNS.index(phone.ipa)
    return numbers


def silent(rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Music or noise, with the mouth at rest."""
    if rng.random() < 0.6:
        sound = spoiled(music(5.0, rng), rng)
    else:
        swell = np.interp(np.arange(5 * RATE), np.linspace(0, 5 * RATE, 12), rng.uniform(0.2, 1, 12))
        sound = (noise(5 * RATE, rng) * swell * 10 ** rng.uniform(-4, -0.8)).astype(np.float32)
    heard = levelled(sound)
    return heard, np.zeros((len(heard), len(TRACKS)), np.float32), np.zeros(len(heard), np.int64)


def batch(taught: list, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Random pieces: sentences end to end, each batch row of another microphone."""
    rows = []
    for _ in range(_BATCH):
        parts, length = [], 0
        skip = int(rng.integers(0, 60))
        while length < _LENGTH + skip:
            part = taught[rng.integers(len(taught))]
            parts.append(part)
            length += len(part[0])
        heard, tracks, sounds = (np.concatenate([p[k] for p in parts])[skip : skip + _LENGTH] for k in range(3))
        tilt = rng.normal(0, 0.2) * np.linspace(-1, 1, 40) + rng.normal(0, 0.1)
        rows.append(((heard + np.tile(tilt, 2)).astype(np.float32), tracks, sounds))
    heard, tracks, sounds = (torch.from_numpy(np.stack([row[k] for row in rows])) for k in range(3))
    return heard, tracks, sounds


def loss_of(net: Net, heard: Tensor, tracks: Tensor, sounds: Tensor) -> tuple[Tensor, Tensor]:
    """Weighted squared errors of the tracks DELAY vectors ago, and the loss of the sounds."""
    raw, scores = net(heard)
    raw, scores, tracks, sounds = raw[:, DELAY:], scores[:, DELAY:], tracks[:, :-DELAY], sounds[:, :-DELAY]
    made = torch.sigmoid(raw)
    scale = torch.tensor([0.12 if t == "jaw" else 0.15 if t in ("upper", "lower") else 0.4 for t in TRACKS])
    errors = ((made - tracks) / scale) ** 2
    return (errors * _WEIGHT).mean(), nn.functional.cross_entropy(scores.flatten(0, 1), sounds.flatten())


def take_up(net: Net, path: Path) -> None:
    """Give a network the weights of a file of `write`; its second task starts anew."""
    state = net.state_dict()
    for name, array in np.load(path).items():
        state[name][: len(array)] = torch.from_numpy(array.astype(np.float32))


def fit(net: Net, taught: list, tested: list, out: Path, seconds: float, rate: float, rng: np.random.Generator) -> None:
    """Train for so long; write the weights at the end and every minute."""
    start, said, step = time.process_time(), 0.0, 0
    optimiser = torch.optim.AdamW(net.parameters(), rate, weight_decay=1e-3)
    while (spent := time.process_time() - start) < seconds:
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 50) * max(0.02, 0.5 + 0.5 * np.cos(np.pi * spent / seconds))
        errors, missed = loss_of(net, *batch(taught, rng))
        optimiser.zero_grad()
        (errors + 0.4 * missed).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        step += 1
        if spent - said > 30:
            said = spent
            print(f"{spent:.0f} s step {step} loss {errors.item():.3f} sounds {missed.item():.3f}", flush=True)
            print(judged(net, tested), flush=True)
            write(net, out)
    print(f"step {step} {judged(net, tested)}", flush=True)
    write(net, out)


@torch.no_grad()
def judged(net: Net, tested: list) -> str:
    """Correlation of each track over the sentences that taught nothing."""
    net.eval()
    made, truth = [], []
    for heard, tracks, _ in tested:
        made.append(torch.sigmoid(net(torch.from_numpy(heard)[None])[0])[0, DELAY:].numpy())
        truth.append(tracks[:-DELAY])
    net.train()
    a, b = np.concatenate(made), np.concatenate(truth)
    return " ".join(f"{t} {np.corrcoef(a[:, k], b[:, k])[0, 1]:.2f}" for k, t in enumerate(TRACKS))


def write(net: Net, out: Path) -> None:
    """The weights that network.py reads, in half precision, without the second task."""
    arrays = {name: tensor.detach().numpy() for name, tensor in net.state_dict().items()}
    for name in ("leave.weight", "leave.bias"):
        arrays[name] = arrays[name][: len(TRACKS)]
    beside = out.with_suffix(".part.npz")
    np.savez(beside, **{name: array.astype(np.float16) for name, array in arrays.items()})
    os.replace(beside, out)


if __name__ == "__main__":
    main()
