"""The local log of a training run: one JSON object a line; and its curves, drawn in a terminal."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from facegpt.types import FaceGPTError

_BLOCKS = " ▁▂▃▄▅▆▇█"


class Log:
    """Appends lines to a file. Nothing is sent anywhere."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, line: Mapping[str, Any]) -> None:
        """Append one line."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def cut_after(self, step: int) -> None:
        """Remove what was logged after a checkpoint: a resumed run writes it again."""
        if self.path.is_file():
            kept = [line for line in read_log(self.path) if line["step"] <= step]
            self.path.write_text("".join(json.dumps(line) + "\n" for line in kept), encoding="utf-8")


def read_log(path: Path) -> list[dict[str, Any]]:
    """Read a log; a last line that is not whole yet is left out."""
    lines = []
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            lines.append(json.loads(text))
        except json.JSONDecodeError:
            continue
    return lines


def curve(values: list[float], width: int = 60) -> str:
    """Draw values as one line of blocks, lowest to highest, averaged into `width` columns."""
    if not values:
        return ""
    columns = min(width, len(values))
    edges = [round(k * len(values) / columns) for k in range(columns + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
    low, high = min(means), max(means)
    scale = (len(_BLOCKS) - 2) / (high - low) if high > low else 0.0
    return "".join(_BLOCKS[1 + round((mean - low) * scale)] for mean in means)


def summary(path: Path) -> str:
    """The curves of every loss and the latest validation scores, for a terminal."""
    lines = read_log(path)
    steps = [line for line in lines if "validation" not in line]
    if not steps:
        return "nothing is logged yet"
    names = [name for name in steps[-1] if name not in ("step", "seconds", "lr", "norm")]
    text = [f"step {steps[-1]['step']}, {steps[-1]['seconds'] / 60:.1f} min"]
    for name in sorted(names, key=lambda name: (name != "total", name)):
        values = [line[name] for line in steps if name in line]
        text.append(f"{name:>12} {values[0]:8.3f} → {values[-1]:8.3f}  {curve(values)}")
    scores = [line["validation"] for line in lines if "validation" in line]
    if scores:
        text.append("validation: " + ", ".join(f"{name} {value:.3f}" for name, value in scores[-1].items()))
    return "\n".join(text)


def newest_log(folder: Path) -> Path:
    """Find the log of a training folder that was written to last.

    Raises:
        FaceGPTError: if there is none.
    """
    logs = sorted(folder.rglob("log.jsonl"), key=lambda path: path.stat().st_mtime)
    if not logs:
        raise FaceGPTError(f"there is no log of a training in '{folder}'")
    return logs[-1]


def watch(path: Path, every_s: float = 5.0) -> Iterator[str]:
    """Yield the summary each time that the log has grown, until the caller stops."""
    size = -1
    while True:
        now = path.stat().st_size if path.is_file() else 0
        if now != size:
            size = now
            yield summary(path) if now else "nothing is logged yet"
        time.sleep(every_s)
