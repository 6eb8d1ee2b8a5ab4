"""Our face detector beside MediaPipe's own package: recall on hard photos, and time, in one run.

    pip install mediapipe==0.10.21 && pip install -e .        # an environment for the comparison only
    python benchmarks/bench_detect.py --task face_landmarker.task [--quick] [--json]

Needs the optional data (FACEGPT_DATA). MediaPipe runs as its users run it: the whole photo, several faces, expression
scores; from 1.0 on its package sends usage statistics, which 0.10.21 does not. Without the package our part runs alone.
Both take turns on the same photo, on the same core.
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict
from pathlib import Path

import numpy as np

from facegpt.types import Array
from facegpt_lab.evaluate.judges.distortions import Distortion, Picture, table
from facegpt_lab.evaluate.protocols import detection
from facegpt_lab.evaluate.registry import Row, figure


def plain_mediapipe(task: Path) -> detection.Find:
    """Make MediaPipe's FaceLandmarker; its normalised points become pixels with the first pixel's centre at (0, 0)."""
    import mediapipe
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(task)), num_faces=50, output_face_blendshapes=True
    )
    landmarker = vision.FaceLandmarker.create_from_options(options)

    def find(picture: Picture) -> list[Array]:
        image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(picture))
        height, width = picture.shape[:2]
        faces = landmarker.detect(image).face_landmarks
        normalised = [np.array([[p.x, p.y, p.z] for p in points]) for points in faces]
        return [points * [width, height, width] - [0.5, 0.5, 0.0] for points in normalised]

    return find


def speed_rows(detectors: dict[str, detection.Find], truths: list[detection.Truth], quick: bool) -> list[Row]:
    """Time all detectors in turn on photos of 640 px and on full-HD frames with one small face."""
    frame = next(one for one in table() if one.name == "face 80 px in full HD")
    whole = Distortion("plain", "640 × 640", lambda picture, points: (picture, points))
    out = []
    for distortion, label in ((whole, "portrait, 640 × 640"), (frame, "face of 80 px in full HD")):
        pictures = [distortion.apply(one.picture, one.points)[0] for one in truths[:: max(1, len(truths) // 20)]]
        for name, taken in detection.times_ms(detectors, pictures, 1 if quick else 3).items():
            out.append(figure(f"{name}: {label} (median)", float(np.median(taken)), "ms"))
            out.append(figure(f"{name}: {label} (90th percentile)", float(np.percentile(taken, 90)), "ms"))
    return out


def main() -> None:
    """Run both and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", type=Path, help="MediaPipe's face_landmarker.task; left out: ours alone")
    parser.add_argument("--quick", action="store_true", help="a few photos")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    parser.add_argument("--core", type=int, default=0, help="the core that everything runs on (Linux)")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {options.core})
    truths = detection.read_truths(20, 100) if options.quick else detection.read_truths()
    detectors = detection.ours()
    if options.task:
        detectors["MediaPipe"] = plain_mediapipe(options.task)
    compared = {name: find for name, find in detectors.items() if name != "facegpt, fast"}
    scores = detection.recall_table(compared, truths, table())
    speeds = speed_rows(detectors, truths, options.quick)
    if options.json:
        rows = [
            asdict(row) | {"metric": f"{name}: {row.metric}"}
            for name, of_one in scores.items()
            for row in detection.rows(of_one, with_targets=name == "facegpt")
        ]
        command = "python benchmarks/bench_detect.py --task face_landmarker.task" + " --quick" * options.quick
        data = f"{len(truths)} photos of the optional data, distorted"
        speed = [asdict(row) for row in speeds]
        print(json.dumps({"name": "detect", "data": data, "command": command, "rows": rows + speed}))
        return
    print(f"{len(truths)} photos. Recall %, mean error of the points in % of the face, false faces per photo\n")
    print(detection.as_text(scores), "\n")
    print("\n".join(f"{row.metric:60} {row.value:8.1f} {row.unit}" for row in speeds))


if __name__ == "__main__":
    main()
