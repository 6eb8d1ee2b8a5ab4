"""Each quality of `reconstruct` beside MediaPipe's own time on the same photo, in turn in one process.

    python benchmarks/bench_qualities.py --task face_landmarker.task [--rounds 15]

MediaPipe is the peer only: install it in an environment for the comparison. Prints medians and ratios; one thread each.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

os.environ.setdefault("OMP_NUM_THREADS", "1")  # must come before numpy is imported

import numpy as np
import torch
from PIL import Image

import facegpt
from facegpt.assets import asset_path


def mediapipe_find(task: str, image: np.ndarray) -> Callable[[], object]:
    """Make MediaPipe's landmarker with expression scores, as its users run it."""
    import mediapipe
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=task), num_faces=1, output_face_blendshapes=True
    )
    landmarker = vision.FaceLandmarker.create_from_options(options)
    picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=image)
    print("mediapipe", mediapipe.__version__)
    return lambda: landmarker.detect(picture)


def main() -> None:
    """Time everything in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", required=True)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    torch.set_num_threads(1)
    image = np.array(Image.open(asset_path("astronaut.png")).convert("RGB"))
    model = facegpt.load()
    steps = {"MediaPipe": mediapipe_find(options.task, image)}
    for quality in ("fast", "balanced", "best"):
        steps[quality] = lambda quality=quality: model.reconstruct(image, quality=quality)
    times: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(options.rounds + 2):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            if turn >= 2:
                times[name].append(1e3 * (time.perf_counter() - start))
    print("| step | median ms | 10-90 % | times MediaPipe |\n|---|---|---|---|")
    for name, taken in times.items():
        low, middle, high = np.percentile(taken, [10, 50, 90])
        ratio = np.median(np.divide(taken, times["MediaPipe"]))
        print(f"| {name} | {middle:.1f} | {low:.1f}-{high:.1f} | {ratio:.1f} |")


if __name__ == "__main__":
    main()
