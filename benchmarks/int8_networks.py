"""Networks in 8 bits beside their own precision: time, and error at what each is for.

    python benchmarks/int8_networks.py --calibrate 16 --test 32

onnxruntime's static quantisation: weights a channel, activations by the extremes of pictures that are looked at first.
Pictures are the studio's, where points are known; those that calibrate are others than those that test. Each
network is exchanged alone, so that the next one's input is nearly the same. Time is the processor's, one thread, the
two precisions in turns on the same inputs; the ratio of medians. Nothing is kept.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

#: Networks: what they do, their files, and where their session is held (the second name is the holder's attribute).
NETWORKS = {
    "detector": ("face_detector.onnx", "faces", "_finder"),
    "points of the detector": ("face_landmarks.onnx", "faces", "_landmarker"),
    "dense points": ("dense_landmarks.onnx", "dense", "_session"),
    "parts": ("networks/face_parts.onnx", "parts", "_parts"),
    "hair": ("networks/hair_mask.onnx", "parts", "_hair"),
}
#: Seeds of pictures that calibrate, apart from STUDIO_SEED's.
CALIBRATE_SEED = 920_000_000
#: Errors by what they are of.
ERRORS = ("68 points", "dense points", "hair, changed", "hair and face, changed")
#: Turns of the clock.
TURNS = 9


class Recorder:
    """A session that notes what it is fed."""

    def __init__(self, session: Any) -> None:
        self._session, self.fed = session, list[dict[str, Any]]()

    def run(self, names: Any, inputs: dict[str, Any]) -> Any:
        """Note and run."""
        self.fed.append({name: np.array(value) for name, value in inputs.items()})
        return self._session.run(names, inputs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


class Looks:
    """What looks at pictures, with sessions that can be exchanged."""

    def __init__(self) -> None:
        from facegpt.detect.mediapipe import MediaPipeDetector
        from facegpt.encode.dense_landmarks import DenseLandmarker
        from facegpt.encode.parts import PartsReader

        self.detector, self.dense, self.parts = MediaPipeDetector(), DenseLandmarker(), PartsReader()
        self.faces = self.detector._networks
        self._first: dict[tuple[int, tuple[int, ...]], Any] = {}

    @contextmanager
    def exchanged(self, name: str, change: Callable[[Any], Any]) -> Iterator[Any]:
        """A context in which one network's session is another."""
        _, holder, attribute = NETWORKS[name]
        owner = getattr(self, holder)
        own = getattr(owner, attribute)
        owner.__dict__[attribute] = new = change(own)
        try:
            yield new
        finally:
            owner.__dict__[attribute] = own

    def errors(self, photo: Any) -> dict[str, float]:
        """Errors on one picture: points in % of the side of the face's box, parts as shares of what changed."""
        from facegpt.fitting.mediapipe_points import MEDIAPIPE_68
        from facegpt_lab.evaluate.judges.known_shape import points68_px
        from facegpt_lab.evaluate.judges.same_face import annotated_face
        from facegpt_lab.evaluate.shared_networks import head

        marks = points68_px(head(), photo.params)
        try:
            found = annotated_face(self.detector.detect(photo.image), marks)
        except np.linalg.LinAlgError:  # of a face without a size: the network is broken
            found = None
        if found is None:
            return {"faces lost": 1.0}
        side = float(np.sqrt(np.prod(np.ptp(marks, 0))))
        off = np.linalg.norm(found.points[list(MEDIAPIPE_68), :2] - marks, axis=1)[17:]
        dense = self.dense.predict(photo.image, found)
        there = photo.visible.astype(bool)
        far = np.linalg.norm(dense.points_px - photo.points_px, axis=1)[there]
        told = self.parts.read(photo.image, found.points, dense)
        ours = {"faces lost": 0.0, "68 points": 100 * off.mean() / side, "dense points": 100 * far.mean() / side}
        ours["hair, changed"] = self._changed(photo, told, (3, 4))
        ours["hair and face, changed"] = self._changed(photo, told, (1, 2, 3, 4))
        return ours

    def _changed(self, photo: Any, told: Any, which: tuple[int, ...]) -> float:
        """1 - IoU of parts with what the networks' own precision said of the same picture, which comes first."""
        sure = self._at_cells(photo, told, which) > 0.5
        first = self._first.setdefault((id(photo), which), sure)
        return 1 - float((sure & first).sum() / max((sure | first).sum(), 1))

    @staticmethod
    def _at_cells(photo: Any, told: Any, which: tuple[int, ...]) -> Any:
        rows, columns = photo.parts.shape
        cell = photo.image.shape[0] / rows
        places = np.stack(np.meshgrid((np.arange(columns) + 0.5) * cell, (np.arange(rows) + 0.5) * cell), -1)
        return told.at(places.reshape(-1, 2) - 0.5)[:, list(which)].sum(-1)


def quantised(file: Path, fed: Sequence[dict[str, Any]], folder: Path) -> Path:
    """Write a network in 8 bits."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self._left = iter(fed)

        def get_next(self) -> Any:
            return next(self._left, None)

    ready, out = folder / f"{file.stem}_ready.onnx", folder / f"{file.stem}_int8.onnx"
    quant_pre_process(str(file), str(ready), skip_symbolic_shape=True)
    kinds = {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QInt8, "quant_format": QuantFormat.QDQ}
    # 7 bits a weight: processors without VNNI add pairs of products in 16 bits
    quantize_static(str(ready), str(out), Reader(), per_channel=True, reduce_range=True, **kinds)
    return out


def ratio_of_times(own: Any, small: Any, fed: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """Milliseconds of a run in both precisions, in turns."""
    taken: list[list[float]] = [[], []]
    for _ in range(TURNS):
        for k, session in enumerate((own, small)):
            begun = time.process_time()
            for inputs in fed:
                session.run(None, inputs)
            taken[k].append(1e3 * (time.process_time() - begun) / len(fed))
    return float(np.median(taken[0])), float(np.median(taken[1]))


def mean_errors(looks: Looks, photos: Sequence[Any]) -> dict[str, float]:
    """Medians over pictures, of faces lost the mean."""
    rows = [looks.errors(photo) for photo in photos]
    found = {name: [row[name] for row in rows if name in row] for name in ("faces lost", *ERRORS)}
    return {name: round(float((np.median if name in ERRORS else np.mean)(of)), 4) for name, of in found.items()}


def run(calibrate: int, test: int) -> dict[str, Any]:
    """The table."""
    from facegpt.assets import asset_path
    from facegpt.runtime.onnx_session import open_session
    from facegpt_lab.evaluate.studio_pictures import SETTINGS, STUDIO_SEED
    from facegpt_lab.synthesis.studio.sample import make_photo

    looks = Looks()
    known = [make_photo(CALIBRATE_SEED + k, SETTINGS) for k in range(calibrate)]
    photos = [make_photo(STUDIO_SEED + k, SETTINGS) for k in range(test)]
    table: dict[str, Any] = {"own precision": mean_errors(looks, photos)}
    print(json.dumps(table), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, (asset, _, _) in NETWORKS.items():
            file = Path(asset_path(asset))
            with looks.exchanged(name, Recorder) as recorder:
                for photo in known:
                    looks.errors(photo)
            small = open_session(quantised(file, recorder.fed, Path(folder)))
            own_ms, small_ms = ratio_of_times(open_session(file), small, recorder.fed[:8])
            with looks.exchanged(name, partial(_instead, small)):
                errors = mean_errors(looks, photos)
            table[name] = {"ms": round(own_ms, 2), "ms_int8": round(small_ms, 2), **errors}
            print(json.dumps({name: table[name]}), flush=True)
    return table


def _instead(small: Any, _: Any) -> Any:
    return small


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calibrate", type=int, default=16)
    parser.add_argument("--test", type=int, default=32)
    options = parser.parse_args()
    print(json.dumps(run(options.calibrate, options.test), indent=2))


if __name__ == "__main__":
    main()
