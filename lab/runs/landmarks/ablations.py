"""What each part of the data and of the loss is worth: `python -m lab.runs.landmarks.ablations --help`.

Five networks go on from the same one (or from nothing, without --start) for the same few steps: everything; crops
without real photos (no skins and backdrops of photos, no views of faces in photos); no crops by Mitsuba; half the
crops; and points learnt with one sigma for all. Each is judged on validation crops of the studio, and on path-traced
ICT heads (ict_tuning.py), constant offsets of each point off. What is done is kept; the table is OUT/ablations.json.
2 core-minutes a network.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from facegpt.encode.dense_landmarks import DenseLandmarker
from facegpt.encode.landmark_network import CROP, NetworkOutput
from facegpt.morphable.makehuman import head as makehuman
from facegpt.types import Array
from facegpt_lab.train.landmarks.crops import DETECTED_PX, CropStore, Window, cut
from facegpt_lab.train.landmarks.export import export_onnx, load_network
from facegpt_lab.train.landmarks.photo_consistency import PhotoFaces
from facegpt_lab.train.landmarks.training import LandmarkSettings, LandmarkTraining, mirror_of
from lab.runs.landmarks.ict_tuning import SURFACE, Faces, seen

SETTINGS = LandmarkSettings(
    steps=600,
    minutes=0,
    batch=24,
    learning_rate=1e-3,
    lift_steps=0,
    threads=1,
    precision="bfloat16",
    save_every=300,
    validate_every=100,
    seed=11,
)
VARIANTS = ("everything", "no real photos", "no Mitsuba", "half the crops", "one sigma")
MITSUBA_SHARE = 0.05
#: The one sigma, crop units: 2.6 px.
ONE_SIGMA = 0.04


def train(name: str, options: argparse.Namespace, folder: Path) -> None:
    """Train one variant and export it."""
    store, faces = CropStore(options.crops), PhotoFaces.load(options.faces)
    more = [] if name == "no Mitsuba" else [(CropStore(options.mitsuba), MITSUBA_SHARE)]
    plain = CropStore(options.plain)
    if name == "no real photos":
        store, faces = plain, None
    store.count = min(len(store), len(plain)) // (2 if name == "half the crops" else 1)
    validation, model = CropStore(options.validation), makehuman.load()
    settings = replace(SETTINGS, start=str(options.start or ""))
    training = LandmarkTraining(folder, store, validation, model, settings, more, faces)
    if name == "one sigma":
        training.network.register_forward_hook(lambda _, __, out: with_one_sigma(out))
    training.run()
    export_onnx(load_network(folder / "network.safetensors"), folder / "network.onnx", mirror_of(model).identity)


def with_one_sigma(out: NetworkOutput) -> NetworkOutput:
    """What a network says that knows no difference between sure and unsure points."""
    same = torch.full_like(out.log_sigma, float(np.log(ONE_SIGMA)))
    return replace(out, log_sigma=same, first_log_sigma=same)


def judge(path: Path, validation: CropStore, ict: Faces) -> dict[str, Array]:
    """A network's mean error in mm on each validation crop that the detector saw, and on each ICT face."""
    landmarker, mirror = DenseLandmarker(path), mirror_of(makehuman.load())
    rows = validation.rows(np.flatnonzero(~np.isnan(validation.arrays[DETECTED_PX][:, 0, 0])))
    made = cut(rows, Window.middle(len(rows["yaw_deg"]), CROP), mirror, CROP)
    points = seen(landmarker, made["image"] * 255, made["detected"])["points"][:, :SURFACE]
    off = np.linalg.norm(points - made["points"][:, :SURFACE], axis=2).mean(1)
    own = seen(landmarker, ict.crop, ict.detected)["points"]
    return {"validation": off * CROP / 2 / made["px_per_mm"], "ICT": ict.errors_mm(own).mean(1)}


def table(errors: dict[str, dict[str, Array]]) -> dict[str, Any]:
    """Sum up: mean error of each variant, and its paired ratio to the first with the 95 % interval of a bootstrap."""
    rng, first, out = np.random.default_rng(0), next(iter(errors)), {}
    for name, own in errors.items():
        out[name] = {}
        for data, values in own.items():
            base = errors[first][data]
            rows = rng.integers(0, len(base), (2000, len(base)))
            low, high = np.quantile(values[rows].mean(1) / base[rows].mean(1), (0.025, 0.975)).round(3)
            ratio = values.mean() / base.mean()
            out[name][data] = {"mm": float(values.mean()), "ratio": float(ratio), "interval": [float(low), float(high)]}
    return out


def main() -> None:
    """Train what is missing, judge, write and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, text in (
        ("crops", "folder of decoded crops (the crops/ of a run)"),
        ("plain", "the same of crops made without --skins and --photos; all variants have as many"),
        ("mitsuba", "the same of crops by Mitsuba"),
        ("validation", "the validation/ of a run"),
        ("faces", "file of photo_crops.py"),
        ("ict", "file of ict_tuning.py"),
        ("out", "folder for the networks and the table"),
    ):
        parser.add_argument(f"--{name}", type=Path, required=True, help=text)
    parser.add_argument("--start", type=Path, help="network.safetensors to go on from; it has seen what is left out")
    parser.add_argument("--only", choices=VARIANTS, nargs="*", help="train these only, and write no table")
    parser.add_argument("--judge", type=Path, nargs="*", help="judge these .onnx files instead")
    options = parser.parse_args()
    ict, validation = Faces.load(options.ict), CropStore(options.validation)
    if options.judge:
        files = {str(path): path for path in options.judge}
    else:
        files = {name: options.out / name.replace(" ", "-") / "network.onnx" for name in options.only or VARIANTS}
        for name, path in files.items():
            if not path.is_file():
                train(name, options, path.parent)
    if options.only:
        return
    found = table({name: judge(path, validation, ict) for name, path in files.items()})
    if not options.judge:
        (options.out / "ablations.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for name, own in found.items():
        texts = [f"{data} {v['mm']:.3f} mm, ratio {v['ratio']:.3f} {v['interval']}" for data, v in own.items()]
        print(f"{name}: {'; '.join(texts)}", flush=True)


if __name__ == "__main__":
    main()
