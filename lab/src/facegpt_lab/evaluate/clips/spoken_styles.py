"""A person's way of speaking carried to other speech: is it nearest to that person's other half?

Four filmed people (optional data): three clips and one man's sentences of GRID, each in two halves. Styles of one half
are carried to sentences of LibriVox; the speech that comes out is measured as a clip is, and compared with the other
halves of all four. Three of them pull faces more than they speak, and one does so in one half only: of her the halves
themselves are no pair, so that halves which are, are counted once more by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from facegpt.animate.animating import TALKING, How, speaking
from facegpt.animate.curves import Curves
from facegpt.animate.sound import Sound, read_sound
from facegpt.animate.speech.from_sound import speech_curves
from facegpt.animate.style import GROUPS, Style, style_of
from facegpt.conventions import ARKIT_NAMES
from facegpt.types import Array
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.registry import Row, figure, optional_data

#: Every so manieth clip of the one man, from which; how many; sentences that are put together, and how often.
_EVERY, _FROM, _COUNT, _SENTENCES, _SPEECHES, _FPS = 19, 4, 8, 3, 6, 30.0


@dataclass(frozen=True)
class Followed:
    """A clip's person: expressions (T, 52), turns (T, 3) degrees, frames a second."""

    weights: list[list[float]]
    turn_deg: list[list[float]]
    fps: float


def followed(path: Path) -> Followed:
    """Follow the person who is seen most."""
    import facegpt
    from facegpt.animate.driver import driving_curves

    curves = driving_curves(facegpt.load(), str(path))[0].complete()
    return Followed(curves.weights.tolist(), curves.turns.tolist(), curves.fps)


def style_rows(workers: int | None = None) -> list[Row]:
    """How often speech in the style of one half is nearest to the same person's other half."""
    data = optional_data()
    films = [data / "clips" / f"{name}.mp4" for name in ("d3", "d6", "d18")]
    man = sorted((data / "clips_grid").glob("s1_*.mpg"))[_FROM::_EVERY][:_COUNT]
    kept: Kept[Path, Followed] = Kept("speech_styles", lambda told: Followed(**told))
    seen = in_processes(followed, [*films, *man], "following the clips", workers, kept)
    halves = [styles_of_halves([one]) for one in seen[: len(films)]] + [styles_of_halves(seen[len(films) :])]
    spoken = _speeches(data / "speech")
    right, paired = [], []
    for half in (0, 1):
        others = [figures_of(styles[1 - half]) for styles in halves]
        for person, styles in enumerate(halves):
            itself = _nearest(figures_of(styles[half]), others) == person
            for seed, (curves, sound) in enumerate(spoken):
                made = speaking(curves, sound, How(style=styles[half], seed=seed))
                right.append(_nearest(figures_of(style_of(made, TALKING)), others) == person)
                paired.append(itself)
    pairs = np.array(right)[paired]
    return [
        figure(
            f"style nearest the own other half, {len(right)} speeches", float(np.mean(right)), "share", at_least=0.8
        ),
        figure(f"the same, {len(pairs)} of halves that are a pair", float(pairs.mean()), "share", at_least=0.8),
    ]


def styles_of_halves(clips: list[Followed]) -> tuple[Style, Style]:
    """Styles of the first and the second half of what was followed, clip after clip, turns about their means."""
    weights = np.concatenate([np.array(one.weights) for one in clips])
    turns = np.concatenate([np.array(one.turn_deg) - np.mean(one.turn_deg, 0) for one in clips])
    middle = len(weights) // 2
    first, second = (
        style_of(Curves(ARKIT_NAMES, weights[part], clips[0].fps, turns[part]), TALKING)
        for part in (slice(0, middle), slice(middle, None))
    )
    return first, second


def figures_of(style: Style) -> Array:
    """What is compared of styles, in units that are alike: log ratios."""
    ranges = [np.log(style.ranges[name] + 0.05) for name in GROUPS]
    return np.array(
        [*ranges, *(style.left[name] for name in GROUPS), np.log(style.blink_every_s), *np.log(style.sway_deg)]
    )


def _nearest(found: Array, others: list[Array]) -> int:
    return int(np.argmin([np.abs(found - other).sum() for other in others]))


def _speeches(folder: Path) -> list[tuple[Curves, Sound]]:
    sounds = [read_sound(path) for path in sorted(folder.glob("*.wav"))]
    made = []
    for some in list(combinations(sounds, _SENTENCES))[:_SPEECHES]:
        sound = Sound(np.concatenate([one.samples for one in some]), some[0].rate)
        made.append((speech_curves(sound.samples, sound.rate, fps=_FPS), sound))
    return made
