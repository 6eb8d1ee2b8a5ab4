"""Training of the dense landmark network on crops of the photo studio: `facegpt train landmarks`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from facegpt.assets import load_arrays
from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name
from facegpt.morphable.makehuman import DENSE_ASSET, MakeHumanHead
from facegpt.train.landmarks_crops import CropStore, Labels, Mirror, Window, cut, lose_borders, write_crops
from facegpt.train.landmarks_errors import DetectorErrors
from facegpt.train.landmarks_lift import PointPeople, learn_lifting
from facegpt.train.landmarks_losses import losses, squared_mm, surface_metrics
from facegpt.train.landmarks_network import (
    CROP,
    DETECTED,
    MEAN_COLOUR,
    SD_COLOUR,
    DenseLandmarkNetwork,
    NetworkOutput,
    NetworkSizes,
)
from facegpt.train.loop import Loop, LoopSettings
from facegpt.types import FaceGPTError

#: Crops whose statistics the batch norms take after the weights were averaged; crops that the start is fitted to.
STATISTICS, FITTED = 1024, 4000


@dataclass(frozen=True)
class LandmarkSettings:
    """How the network is trained.

    Attributes:
        steps: at most. minutes: stop after these, 0: no limit.
        batch: crops of one step. learning_rate: the highest.
        lift_steps: steps on points alone before the first crop.
        threads: of torch. precision: "float32", or "bfloat16" where the processor has it (AMX, GPUs).
        save_every: steps between checkpoints. validate_every: checkpoints between validations.
        seed: of everything drawn. sizes: of the network; its points are set from the crops.
    """

    steps: int = 20_000
    minutes: float = 65.0
    batch: int = 64
    learning_rate: float = 2e-3
    lift_steps: int = 2000
    threads: int = 2
    precision: str = "float32"
    save_every: int = 250
    validate_every: int = 3
    seed: int = 0
    sizes: NetworkSizes = field(default_factory=lambda: NetworkSizes(0))


def mirror_of(model: MakeHumanHead) -> Mirror:
    """Work out what a mirror does to points, identity (each of the head's coefficients keeps or turns its sign)."""
    basis = np.asarray(model.identity_basis, np.float64)
    mirrored = basis[:, model.mirror] * (-1, 1, 1)
    signs = (basis * mirrored).sum((1, 2)) / (basis**2).sum((1, 2))
    swap = [ARKIT_NAMES.index(mirror_arkit_name(name)) for name in ARKIT_NAMES]
    return Mirror(load_arrays(DENSE_ASSET)["mirror"], np.round(signs).astype(np.float32), np.array(swap))


def train_from_shards(
    crops: Path, validation: Path, folder: Path, settings: LandmarkSettings, errors: Path | None, count: int
) -> dict[str, Any]:
    """Decode the studio's shards into the folder of a run (once) and train; give the card.

    Args:
        crops: folder of shards to learn from.
        validation: one of other seeds.
        folder: of the run.
        settings: see there.
        errors: the detector's measured errors, or None for made-up ones alone.
        count: crops to read at most.
    """
    from facegpt.morphable import makehuman
    from facegpt.synthesis.photo_shards import read_photo_shards

    model = makehuman.load()
    learnt = write_crops(read_photo_shards(crops), folder / "crops", min(count, count_samples(crops)))
    unseen = write_crops(read_photo_shards(validation), folder / "validation", count_samples(validation))
    drawn = DetectorErrors.load(errors) if errors else DetectorErrors()
    return LandmarkTraining(folder, learnt, unseen, model, drawn, settings).run()


def count_samples(shards: Path) -> int:
    """Read how many samples a folder of shards holds from its card."""
    path = shards / "card.json"
    if not path.is_file():
        raise FaceGPTError(f"'{shards}' holds no card.json; make crops with facegpt synthesize photos")
    return int(json.loads(path.read_text(encoding="utf-8"))["count"])


def whitened(image: np.ndarray) -> Tensor:
    """Turn sRGB (B, 3, H, W) in 0..1 into the network's input."""
    plain = torch.from_numpy((image - MEAN_COLOUR) / SD_COLOUR).float()
    return plain.contiguous(memory_format=torch.channels_last)


class LandmarkTraining:
    """One run in a folder: log.jsonl, checkpoint, and at the end network.safetensors and card.json.

    Args:
        folder: of the run.
        crops: to learn from. validation: never learnt from.
        model: the head whose coefficients the labels are.
        errors: of the detector.
        settings: see there.
    """

    def __init__(
        self,
        folder: Path,
        crops: CropStore,
        validation: CropStore,
        model: MakeHumanHead,
        errors: DetectorErrors,
        settings: LandmarkSettings = LandmarkSettings(),
    ) -> None:
        torch.set_num_threads(settings.threads)
        torch.manual_seed(settings.seed)
        self.folder, self.crops, self.validation = folder, crops, validation
        self.errors, self.settings, self.mirror = errors, settings, mirror_of(model)
        self.metrics = surface_metrics(model)
        sizes = {**asdict(settings.sizes), "points": crops.arrays["points_px"].shape[1]}
        self.network = DenseLandmarkNetwork(NetworkSizes(**sizes))
        self._fit_start()
        self._lift(model)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.saves = 0
        loop = LoopSettings(
            steps=settings.steps,
            minutes=settings.minutes,
            learning_rate=settings.learning_rate,
            warmup=200,
            weight_decay=0.02,
            clip=3.0,
            every=25,
            save_every=settings.save_every,
            precision=settings.precision,
            average_from=0.0,
            seed=settings.seed,
        )
        self.loop = Loop(self.network, self._compute, folder, loop)
        for group in self.loop.optimizer.param_groups:
            group["fused"] = True  # one pass over memory: saves 4 % of a step

    def run(self) -> dict[str, Any]:
        """Train to the end, from the folder's checkpoint if there is one; give the card."""
        self.loop.run(self._on_save)
        scores = self.finish()
        card = {
            "settings": asdict(self.settings),
            "crops": len(self.crops),
            "steps": self.loop.step,
            "seconds": round(self.loop.seconds, 1),
            "validation": scores,
        }
        (self.folder / "card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
        return card

    def finish(self) -> dict[str, float]:
        """Take the batch norms' statistics, write the network and give its scores on the validation crops."""
        self._take_statistics()
        self.write_network()
        return self.scores()

    def batch(
        self, rows: Labels, rng: np.random.Generator, window: Window, training: bool = True
    ) -> tuple[Labels, Labels]:
        """Make a batch: what the network sees (image, detected) and the truth."""
        truth = cut(rows, window, self.mirror, CROP)
        if training:
            lose_borders(truth, rng)
        detected = self.errors.place(rng, truth["points"], CROP / 2, truth, hard=training)
        return {"image": truth.pop("image"), "detected": detected}, truth

    def _compute(self, step: int) -> dict[str, Tensor]:
        """Draw the batch of a step, the same for the same step, and give its losses."""
        rng = np.random.default_rng([self.settings.seed, step])
        chosen = np.sort(rng.integers(0, len(self.crops), self.settings.batch))
        seen, truth = self.batch(self.crops.rows(chosen), rng, Window.random(rng, self.settings.batch, CROP))
        out = self.network(whitened(seen["image"]), torch.from_numpy(seen["detected"]))
        tensors = {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in truth.items()}
        return losses(out, tensors, self.metrics)

    def _lift(self, model: MakeHumanHead) -> None:
        """Teach the network what points say of a person, or read it where this run has done so before."""
        from safetensors.torch import load_file, save_file

        settings, path = self.settings, self.folder / "lift.safetensors"
        if path.is_file():
            self.network.load_state_dict(load_file(path), strict=False)
        elif settings.lift_steps:
            count = len(self.crops)
            labels = self.crops.arrays["expression"][:count], self.crops.arrays["yaw_deg"][:count]
            people = PointPeople.of(model, *labels)
            learn_lifting(self.network, people, self.metrics, settings.lift_steps, settings.seed)
            self.folder.mkdir(parents=True, exist_ok=True)
            starts = ("person_first.", "person_rest.", "identity.", "expression.")
            learnt = {name: value for name, value in self.network.state_dict().items() if name.startswith(starts)}
            save_file(learnt, path)

    def _fit_start(self) -> None:
        """Set the linear start: the mean and spread of the detector's points and, from them, the other points."""
        rng = np.random.default_rng([self.settings.seed, 0, 1])
        count = min(FITTED, len(self.crops))
        rows = {name: array[:count] for name, array in self.crops.arrays.items() if name != "image"}
        window = Window.random(rng, count, CROP)
        rows["image"] = np.broadcast_to(np.zeros((), np.uint8), (count, *self.crops.arrays["image"].shape[1:]))
        seen, truth = self._without_image(rows, window, rng)
        flat = seen.reshape(count, -1).astype(np.float64)
        mean, sd = flat.mean(0), float(flat.std(0).mean())
        known = np.column_stack([flat - mean, np.ones(count)])
        more = truth[:, DETECTED:].reshape(count, -1)
        ridge = 0.01 * count * sd**2 * np.eye(known.shape[1])
        ridge[-1, -1] = 1e-6
        found = np.linalg.solve(known.T @ known + ridge, known.T @ more)
        network = self.network
        with torch.no_grad():
            network.detected_mean.copy_(torch.from_numpy(mean))
            network.detected_sd.fill_(sd)
            network.more_matrix.copy_(torch.from_numpy(found[:-1]))
            network.more_offset.copy_(torch.from_numpy(found[-1] - mean @ found[:-1]))

    def _without_image(self, rows: Labels, window: Window, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Give detected and true points of rows whose images are not wanted."""
        half = CROP / 2
        points = (np.asarray(rows["points_px"]) - window.corner[:, None] - (half - 0.5)) / half
        yaw = np.array(rows["yaw_deg"])
        points[window.flip] = points[window.flip][:, self.mirror.points] * (-1, 1)
        yaw[window.flip] *= -1
        labels = {"yaw_deg": yaw, "px_per_mm": np.asarray(rows["px_per_mm"])}
        return self.errors.place(rng, points, half, labels), points

    def _on_save(self, step: int) -> dict[str, float]:
        """Validate the averaged weights now and then, and write them for whoever wants an early network."""
        self.saves += 1
        if self.saves % self.settings.validate_every:
            return {}
        with self._averaged():
            return self.finish()

    @contextmanager
    def _averaged(self) -> Iterator[None]:
        """Use the mean of the parameters for a while."""
        own = {name: p.detach().clone() for name, p in self.loop.trained.items()}
        state = torch.get_rng_state()
        try:
            self.loop._take_average()
            yield
        finally:
            with torch.no_grad():
                for name, parameter in self.loop.trained.items():
                    parameter.copy_(own[name])
            torch.set_rng_state(state)

    @torch.no_grad()
    def _take_statistics(self) -> None:
        """Give the batch norms the statistics of training crops under the present weights."""
        norms = [m for m in self.network.modules() if isinstance(m, nn.BatchNorm2d)]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # the plain mean over all batches
        self.network.train()
        rng = np.random.default_rng([self.settings.seed, 0, 2])
        count, batch = min(STATISTICS, 16 * len(self.crops)), 128
        for _ in range(max(count // batch, 1)):
            chosen = np.sort(rng.integers(0, len(self.crops), batch))
            seen, _ = self.batch(self.crops.rows(chosen), rng, Window.random(rng, batch, CROP))
            self.network(whitened(seen["image"]), torch.from_numpy(seen["detected"]))

    def write_network(self) -> None:
        """Write the network's weights and sizes, whole or not at all."""
        from safetensors.torch import save_file

        part = self.folder / "network.safetensors.part"
        tensors = {name: value.contiguous() for name, value in self.network.state_dict().items()}
        save_file(tensors, part, metadata={"sizes": json.dumps(asdict(self.network.sizes))})
        part.replace(self.folder / "network.safetensors")

    @torch.no_grad()
    def scores(self, count: int = 1000) -> dict[str, float]:
        """Score the network on validation crops, each looked at once, in the middle of its crop."""
        self.network.eval()
        collected: list[dict[str, np.ndarray]] = []
        for first in range(0, min(count, len(self.validation)), 200):
            rows = self.validation.rows(np.arange(first, min(first + 200, count, len(self.validation))))
            rng = np.random.default_rng([self.settings.seed, first, 3])
            seen, truth = self.batch(rows, rng, Window.middle(len(rows["yaw_deg"]), CROP), training=False)
            out = self.network(whitened(seen["image"]), torch.from_numpy(seen["detected"]))
            collected.append(_crop_scores(out, seen, truth, self.metrics.identity, self.metrics.expression))
        self.network.train()
        together = {name: np.concatenate([each[name] for each in collected]) for name in collected[0]}
        return _summary(together)


def _crop_scores(
    out: NetworkOutput, seen: Labels, truth: Mapping[str, np.ndarray], identity: Tensor, expression: Tensor
) -> dict[str, np.ndarray]:
    """Give scores of each crop: mean point errors in mm, whitened squares, squared mm of coefficients, hits."""
    to_mm = (CROP / 2 / truth["px_per_mm"])[:, None]
    off = np.linalg.norm(out.points.numpy() - truth["points"], axis=2)
    inside = np.abs(truth["points"]).max(2) < 1.0
    detector = np.linalg.norm(seen["detected"] - truth["points"][:, :DETECTED], axis=2) * to_mm
    z, e = torch.from_numpy(truth["identity"]), torch.from_numpy(truth["expression"])
    inside_one = off**2 < 2.28 * np.exp(2 * out.log_sigma.numpy())  # 68 % of a round Gaussian
    return {
        "detected_mm": (off[:, :468] * to_mm).mean(1),
        "detector_mm": detector[:, :468].mean(1),
        "ibug68_mm": (off[:, 478:546] * to_mm).mean(1),
        "more_mm": np.where(inside, off * to_mm, 0)[:, 546:].sum(1) / np.maximum(inside[:, 546:].sum(1), 1),
        "inside_one_sigma": inside_one[:, :546].mean(1),
        "identity_mm2": squared_mm(out.identity, z, identity).numpy(),
        "mean_head_mm2": squared_mm(torch.zeros_like(z), z, identity).numpy(),
        "expression_mm2": squared_mm(out.expression, e, expression).numpy(),
        "rest_mm2": squared_mm(torch.zeros_like(e), e, expression).numpy(),
        "identity_within_sd": ((out.identity - z).abs() < out.identity_log_sd.exp()).float().mean(1).numpy(),
        "visible": ((out.visible.numpy() > 0) == (truth["visible"] > 0))[:, :546].mean(1),
        "parts": (out.parts.numpy().argmax(1) == truth["parts"]).mean((1, 2)),
        "frontal": (np.abs(truth["yaw_deg"]) < 30).astype(np.float32),
    }


def _summary(scores: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Sum up: medians of errors, means of shares, and the share of the deviation from the mean head recovered."""
    frontal = scores["frontal"] > 0
    found = {name: float(np.median(scores[name])) for name in scores if name.endswith("_mm")}
    found |= {
        name: float(scores[name].mean()) for name in ("inside_one_sigma", "identity_within_sd", "visible", "parts")
    }
    for name, rows in (("", np.ones(len(frontal), bool)), ("_frontal", frontal)):
        if rows.any():
            ratio = np.sqrt(scores["identity_mm2"][rows]).mean() / np.sqrt(scores["mean_head_mm2"][rows]).mean()
            found[f"identity_recovered{name}"] = float(1 - ratio)
    ratio = np.sqrt(scores["expression_mm2"]).mean() / np.sqrt(scores["rest_mm2"]).mean()
    found["expression_recovered"] = float(1 - ratio)
    return {name: round(value, 4) for name, value in found.items()}
