"""Faces looked at together beside one by one: processor time a face for batches of 1, 4 and 8.

    python benchmarks/face_batches.py

Each network runs on batches of noise of its own input, which takes the same time as faces. `photo` is a whole head,
`fast`: eight photos of one face each, and one picture in which the same eight lie side by side. `one pass` is the
language model's own look at the same faces. Runs take turns, so that a busy machine is busy for all; the figure is
the median of the processor's time. One thread.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

BATCHES = (1, 4, 8)
ROUNDS, WARM_UP = 15, 2
#: Rounds of what takes seconds.
FEW_ROUNDS = 5
#: Networks by what they do, with the sizes of inputs that the file leaves open.
NETWORKS = {
    "detector": ("face_detector.onnx", ()),
    "points of the detector": ("face_landmarks.onnx", ()),
    "dense points": ("dense_landmarks.onnx", ()),
    "parts": ("networks/face_parts.onnx", ()),
    "hair": ("networks/hair_mask.onnx", (384, 384)),
    "eyewear": ("networks/eyewear.onnx", ()),
}

Work = Callable[[], object]


def of_network(file: str, open_sizes: tuple[int, ...]) -> dict[int, Work]:
    """For each size of batch what runs a network on so many faces."""
    from facegpt.assets import asset_path
    from facegpt.runtime.start.kept_networks import open_kept

    session, rng = open_kept(asset_path(file)), np.random.default_rng(0)

    def run(count: int) -> Work:
        fed = {}
        for told in session.get_inputs():
            left = list(open_sizes)
            shape = [count] + [size if isinstance(size, int) else left.pop(0) for size in told.shape[1:]]
            fed[told.name] = rng.random(shape, dtype=np.float32)
        return lambda: session.run(None, fed)

    return {count: run(count) for count in BATCHES}


def montage(photo: NDArray[np.uint8], count: int) -> NDArray[np.uint8]:
    """So many copies of a photo in rows of at most four."""
    columns = min(count, 4)
    return np.tile(photo, (count // columns, columns, 1))


def of_photos(call: Callable[[NDArray[np.uint8]], list[Any]], count_faces: bool = True) -> dict[int, Work]:
    """For each size of batch what looks at one picture of so many faces."""
    from PIL import Image

    from facegpt.assets import asset_path

    photo = np.asarray(Image.open(asset_path("astronaut.png")).convert("RGB"))[:320, 60:380]

    def run(count: int) -> Work:
        picture = montage(photo, count)
        if count_faces and (found := len(call(picture))) != count:
            raise SystemExit(f"{found} of {count} faces were found")
        return lambda: call(picture)

    return {count: run(count) for count in BATCHES}


def times(works: dict[int, Work], rounds: int) -> dict[int, float]:
    """Milliseconds of the processor a face: medians over rounds in which all sizes of batch take turns."""
    taken: dict[int, list[float]] = {count: [] for count in works}
    for turn in range(rounds + WARM_UP):
        for count, work in works.items():
            begun = time.process_time()
            work()
            if turn >= WARM_UP:
                taken[count].append(1e3 * (time.process_time() - begun) / count)
    return {count: float(np.median(found)) for count, found in taken.items()}


def run(language: bool) -> dict[str, Any]:
    """Measure all and give the rows."""
    import facegpt
    from facegpt.runtime.threads import one_thread

    rows = []
    with one_thread():
        model = facegpt.load()
        measured = {name: times(of_network(*told), ROUNDS) for name, told in NETWORKS.items()}
        measured["a whole photo, `fast`"] = times(of_photos(lambda image: model.reconstruct(image, "fast")), FEW_ROUNDS)
        if language:
            measured["one pass of the language model"] = times(of_photos(model.see), FEW_ROUNDS)
    for name, of in measured.items():
        rows += [row(f"{name}: {count} together", of[count], "ms a face") for count in BATCHES]
        rows.append(row(f"{name}: {BATCHES[-1]} together over one by one", of[BATCHES[-1]] / of[1], "×"))
    return {"rows": rows}


def row(metric: str, value: float, unit: str) -> dict[str, Any]:
    """One figure."""
    return {"metric": metric, "value": round(value, 3), "unit": unit, "target": None, "met": None}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-language", action="store_true", help="leave the language model out")
    print(json.dumps(run(not parser.parse_args().no_language), indent=2))


if __name__ == "__main__":
    main()
