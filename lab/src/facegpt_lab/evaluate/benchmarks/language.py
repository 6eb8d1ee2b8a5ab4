"""Speed of words: `imagine` beside a plain pass of the base over the same prompt, tokens per second of chat, start-up.

What is kept of texts is forgotten before each round, so that every prompt is new. Base and ours run in turn in one
process with equal threads, so that a busy machine slows both.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from facegpt_lab.evaluate.judges.ability import base_of
from facegpt_lab.evaluate.registry import Report, Row, figure

PROMPTS = (
    "an elderly woman with a narrow nose, happily surprised",
    "a man in his forties, heavy set, crooked nose, thick brows and stubble, with a slight smile on one side",
    "She is twenty-five. Her face is long and narrow, her jaw slim, her lips full, her eyes wide-set and a little "
    "tilted; her skin is very dark, she has freckles, and she has just been told that she got the job she wanted.",
)
QUESTION = "Tell me a short story about a lighthouse keeper and a seagull."
#: What a new process does to read its first sentence, once the package and the head are there; seconds at most.
START = """
import time, facegpt
model = facegpt.load()
started = time.perf_counter()
model.language.read("an elderly woman with a narrow nose, happily surprised")
print(time.perf_counter() - started)
"""
#: What commands and served processes do before.
AS_COMMANDS = """
from facegpt.runtime.start.deferred_modules import defer_modules
defer_modules()
"""
STARTS, START_SECONDS = 3, 3.0
ROUNDS, ROUNDS_QUICK, TOKENS, TOKENS_QUICK = 15, 5, 128, 32
#: `imagine` of a new prompt may take this long; chat keeps this share of the base's speed.
IMAGINE_MS, TOKENS_SHARE = 250.0, 0.90


def bench(quick: bool = False) -> Report:
    """Measure `imagine` and chat of the default language model beside its base."""
    import torch

    from facegpt.api import load

    model = load()
    language: Any = model.language
    base = base_of(language)
    rounds = ROUNDS_QUICK if quick else ROUNDS
    rows: list[Row] = []
    for prompt in PROMPTS:
        ids = torch.tensor([language.processor(prompt).ids])
        plain, whole, read = _in_turn(
            rounds,
            partial(base, ids),
            partial(model.imagine, prompt),
            partial(language.read, prompt),
            before=language.forget,
        )
        name = f"{ids.shape[1]} tokens"
        rows.append(figure(f"plain pass of the base over {name}", plain, "ms"))
        rows.append(figure(f"reading {name}", read, "ms"))
        rows.append(figure(f"imagine, {name}", whole, "ms", at_most=IMAGINE_MS))
    name = "start: language part loaded, first sentence read"
    rows.append(figure(name, _start(), "s", at_most=START_SECONDS))
    rows.append(figure(f"{name}, as commands do", _start(AS_COMMANDS), "s", at_most=START_SECONDS))
    rows += _tokens_per_second(language, base, TOKENS_QUICK if quick else TOKENS, 1 if quick else 3)
    data = f"{len(PROMPTS)} prompts, median of {rounds} rounds in turn, {torch.get_num_threads()} threads"
    return Report(data, tuple(rows))


def _start(before: str = "") -> float:
    """Seconds that a new process takes for its first sentence; the median, files having been read before.

    before: what the process does first.
    """
    command = [sys.executable, "-c", before + START]
    seconds = [float(subprocess.run(command, capture_output=True, check=True, text=True).stdout) for _ in range(STARTS)]
    return statistics.median(seconds)


def _in_turn(rounds: int, *actions: Callable[[], Any], before: Callable[[], None] = lambda: None) -> list[float]:
    """Time several actions in turn; gives the median of each in ms. The first round warms up and does not count.

    before: is done before each action, and not timed.
    """
    import torch

    times = np.zeros((rounds + 1, len(actions)))
    with torch.inference_mode():
        for row in times:
            for k, action in enumerate(actions):
                before()
                start = time.perf_counter()
                action()
                row[k] = 1000 * (time.perf_counter() - start)
    return [float(t) for t in np.median(times[1:], axis=0)]


def _tokens_per_second(language: Any, base: Any, count: int, rounds: int) -> list[Row]:
    """Generate the same number of tokens with both, in turn."""
    import torch

    ids = torch.tensor([language.processor(QUESTION, ask_face=False).ids])
    options = {"attention_mask": torch.ones_like(ids), "max_new_tokens": count, "min_new_tokens": count}
    plain, ours = _in_turn(
        rounds,
        lambda: base.generate(ids, do_sample=False, **options),
        lambda: language.model.generate(ids, do_sample=False, **options),
    )
    base_speed, our_speed = 1000 * count / plain, 1000 * count / ours
    return [
        figure("chat, base", base_speed, "tokens/s"),
        figure("chat, ours", our_speed, "tokens/s", at_least=TOKENS_SHARE * base_speed),
    ]
