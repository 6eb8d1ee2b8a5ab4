"""`facegpt bench stages`: where the processor's time goes from a photo's file to its saved folder, stage by stage.

What users get by default: hair, glasses, headwear, wrinkles. Seconds are the processor's, not the clock's, so that a
machine shared with others tells much the same; every round MediaPipe's networks run on the same photo, and ratios are
to the median of those. Stages that run inside others (the parts of the picture) count for themselves alone.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import facegpt
from facegpt.assets import asset_path
from facegpt.data.images import photo_of
from facegpt.errors import FaceGPTError
from facegpt.runtime.onnx_session import open_session
from facegpt.runtime.stages import stage, timed
from facegpt.runtime.threads import one_thread
from facegpt_lab.evaluate.benchmarks import waiting
from facegpt_lab.evaluate.benchmarks.fit import MEDIAPIPE
from facegpt_lab.evaluate.benchmarks.memory import peak_of_user
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.evaluate.shared_networks import detector

ROUNDS, QUICK_ROUNDS, WARM_UP = 9, 3, 1
#: Most that a quality may take in memory, in times of MediaPipe's networks; memory of `balanced`, MB; saving, ms.
MOST_TIMES = {"fast": 4.0, "balanced": 40.0, "best": 100.0}
MOST_MEMORY_MB, MOST_SAVING_MS = 700.0, 500.0
#: Stages that are none of the work in memory.
READING, SAVING = "file read", "folder saved"
#: Runs of MediaPipe's networks in a round.
PEER_RUNS = 5


@one_thread()
def bench(quick: bool, peer: Path | None = None) -> Report:
    """Time every stage of every quality on the bundled photo; medians, and their spread for whole qualities.

    peer: an ONNX network on a face crop, which runs on the same photo in every round (`crop_network`).
    """
    run_other = None if peer is None else crop_network(peer)
    torch.set_num_threads(1)
    qualities = ("fast", "balanced") if quick else tuple(MOST_TIMES)
    model, file = facegpt.load(), Path(asset_path("astronaut.png"))
    photo = photo_of(file).pixels
    alone: list[float] = []
    other: list[float] = []
    taken: dict[str, list[dict[str, float]]] = {quality: [] for quality in qualities}
    for turn in range((QUICK_ROUNDS if quick else ROUNDS) + WARM_UP):
        for quality in qualities:
            one, mediapipe = _stages(model, file, quality, turn), _processor_ms(lambda: detector().quick.detect(photo))
            others = [] if run_other is None else [_processor_ms(lambda: run_other(photo))]
            if turn >= WARM_UP:
                taken[quality].append(one)
                alone.append(mediapipe)
                other += others
    usual = float(np.median(alone))
    rows = [figure(MEDIAPIPE, usual, "ms")]
    if peer is not None:
        rows += [figure(f"{peer.name}, one crop", float(np.median(other)), "ms")]
        rows += [figure(f"{peer.name} over {MEDIAPIPE}", float(np.median(other)) / usual, "ratio")]
    for quality, rounds in taken.items():
        rows += _rows(quality, rounds, usual)
    rows += [*waiting.rows(qualities), *_memory_rows()]
    return Report("the bundled photo, one face, one thread; processor time, where no clock is named", tuple(rows))


def _stages(model: facegpt.FaceGPT, file: Path, quality: str, turn: int) -> dict[str, float]:
    """Milliseconds of each stage from the file to the folder.

    turn: each makes another head, of a photo that begins so many pixels later, or hair and skin would be kept.
    """
    with tempfile.TemporaryDirectory() as folder, timed() as clock:
        with stage(READING):
            photo = photo_of(file)
        with stage("the rest"):
            faces = model.reconstruct(photo.pixels[turn:, turn:], quality)
        with stage(SAVING):
            faces[0].save(folder)
    return {name: 1e3 * seconds for name, seconds in clock.seconds.items()}


def crop_network(file: Path) -> Callable[[np.ndarray], object]:
    """What crops the largest face of a photo (H, W, 3) and runs an ONNX network on it, as 3DDFA-V2's published path.

    Its first input is (N, 3, S, S), float32, in -1..1; our detector finds the box, once a photo.

    Raises:
        FaceGPTError: if the file is not there, or no such network.
    """
    if not file.is_file():
        raise FaceGPTError(f"there is no file '{file}'")
    try:
        session = open_session(file)
        told = session.get_inputs()[0]
        _, channels, height, width = told.shape
    except Exception as error:  # onnxruntime has a class of its own for each of the ways
        raise FaceGPTError(f"'{file}' is no ONNX network on pictures ({type(error).__name__})") from None
    if channels != 3 or not (isinstance(height, int) and height == width):
        raise FaceGPTError(f"'{file}' takes {told.shape}, not (N, 3, S, S)")

    boxes: dict[int, tuple[float, float, float, float]] = {}

    def run(photo: np.ndarray) -> object:
        if id(photo) not in boxes:
            found = detector().quick.detect(photo)
            edges = np.array([0, 0, photo.shape[1], photo.shape[0]], float)
            box = np.clip(found[0].box, 0, edges[[2, 3, 2, 3]]) if found else edges
            boxes[id(photo)] = (float(box[0]), float(box[1]), float(box[2]), float(box[3]))
        crop = Image.fromarray(photo).resize((width, height), Image.Resampling.BILINEAR, boxes[id(photo)])
        pixels = (np.asarray(crop, np.float32).transpose(2, 0, 1)[None] - 127.5) / 128
        return session.run(None, {told.name: pixels})

    return run


def _processor_ms(work: Callable[[], object]) -> float:
    """Milliseconds of the processor that a run of it takes."""
    start = time.process_time()
    for _ in range(PEER_RUNS):
        work()
    return 1e3 * (time.process_time() - start) / PEER_RUNS


def _rows(quality: str, rounds: list[dict[str, float]], peer: float) -> list[Row]:
    """Medians of the stages, largest first; the work in memory with its quartiles; ratios to the peer's median."""
    names = sorted(rounds[0], key=lambda name: -np.median([one.get(name, 0.0) for one in rounds]))
    rows = []
    for name in names:
        median = float(np.median([one.get(name, 0.0) for one in rounds]))
        rows.append(figure(f"{quality}: {name}", median, "ms", at_most=MOST_SAVING_MS if name == SAVING else None))
    whole = [sum(ms for name, ms in one.items() if name not in (READING, SAVING)) for one in rounds]
    low, middle, high = (float(value) for value in np.percentile(whole, [25, 50, 75]))
    rows += [figure(f"{quality}: in memory", middle, "ms"), figure(f"{quality}: in memory, 25 %", low, "ms")]
    rows.append(figure(f"{quality}: in memory, 75 %", high, "ms"))
    return [*rows, figure(f"{quality} over {MEDIAPIPE}", middle / peer, "ratio", at_most=MOST_TIMES[quality])]


def _memory_rows() -> list[Row]:
    found = peak_of_user("balanced")
    name = "balanced: peak memory of a process, saving included"
    return [] if found is None else [figure(name, found, "MB", at_most=MOST_MEMORY_MB)]
