"""Training of the dense landmark network on crops of the photo studio: `facegpt train landmarks`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from facegpt.assets import load_arrays
from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name
from facegpt.encode.landmark_network import (
    CROP,
    DETECTED,
    MEAN_COLOUR,
    SD_COLOUR,
    DenseLandmarkNetwork,
    NetworkSizes,
)
from facegpt.morphable.makehuman.head import DENSE_ASSET, MakeHumanHead
from facegpt.types import FaceGPTError
from facegpt_lab.train.landmarks.crops import (
    CropMix,
    CropStore,
    Labels,
    Mirror,
    Window,
    cut,
    lose_borders,
    placed,
    write_crops,
)
from facegpt_lab.train.landmarks.detected_points import add_detected
from facegpt_lab.train.landmarks.hard_crops import write_hard
from facegpt_lab.train.landmarks.lift import PointPeople, learn_lifting
from facegpt_lab.train.landmarks.losses import losses, surface_metrics
from facegpt_lab.train.landmarks.made_up_errors import DetectorErrors
from facegpt_lab.train.landmarks.photo_consistency import WEIGHTS as PHOTO_WEIGHTS
from facegpt_lab.train.landmarks.photo_consistency import Habit, PhotoFaces, draw_views, photo_losses
from facegpt_lab.train.landmarks.scores import crop_scores, summary
from facegpt_lab.train.loop import Loop, LoopSettings
from facegpt_lab.train.processes import join_processes

#: Crops whose statistics the batch norms take after the weights were averaged; crops that the start is fitted to.
STATISTICS, FITTED = 1024, 4000
#: Share of a batch that hard crops have.
HARD_SHARE = 0.16
#: Layers that keep most of what they know when a run starts from another one, and the factor of their learning rate.
STARTED, SLOWER = ("trunk.", "pyramid.", "reduce.", "from_image.", "parts."), 0.5


@dataclass(frozen=True)
class LandmarkSettings:
    """How the network is trained.

    Attributes:
        steps: at most. minutes: stop after these, 0: no limit.
        batch: crops of one step. learning_rate: the highest.
        lift_steps: steps on points alone before the first crop.
        alone: share of the crops whose picture is all that the network gets.
        made_up: share of the others that get made-up points in place of the detector's own.
        hard: crops made hard (hard_crops.py), and their share of a batch. photos: share of a batch that are views
            of photos, where there are such.
        threads: of torch. precision: "float32", or "bfloat16" where the processor has it (AMX, GPUs).
        save_every: steps between checkpoints. validate_every: checkpoints between validations.
        seed: of everything drawn. start: network.safetensors of another run, to go on from where its sizes fit.
        held: parts of the network that stay as they are, those of others that read them (the trunk's grid) with them.
        looked_at: crops of each folder that the detector looks at, None: all; the others get made-up points.
        sizes: of the network; its points are set from the crops.
    """

    steps: int = 20_000
    minutes: float = 65.0
    batch: int = 64
    learning_rate: float = 2e-3
    lift_steps: int = 2000
    alone: float = 0.35
    made_up: float = 0.2
    hard: tuple[int, float] = (8000, HARD_SHARE)
    photos: float = 0.04
    threads: int = 2
    precision: str = "float32"
    save_every: int = 250
    validate_every: int = 3
    seed: int = 0
    start: str = ""
    held: tuple[str, ...] = ()
    looked_at: int | None = None
    sizes: NetworkSizes = field(default_factory=lambda: NetworkSizes(0))


def mirror_of(model: MakeHumanHead) -> Mirror:
    """Work out what a mirror does to points, identity (each of the head's coefficients keeps or turns its sign)."""
    basis = np.asarray(model.identity_basis, np.float64)
    mirrored = basis[:, model.mirror] * (-1, 1, 1)
    signs = (basis * mirrored).sum((1, 2)) / (basis**2).sum((1, 2))
    swap = [ARKIT_NAMES.index(mirror_arkit_name(name)) for name in ARKIT_NAMES]
    return Mirror(load_arrays(DENSE_ASSET)["mirror"], np.round(signs).astype(np.float32), np.array(swap))


def train_from_shards(
    crops: Path,
    validation: Path,
    folder: Path,
    settings: LandmarkSettings,
    count: int,
    more: Sequence[tuple[Path, float]] = (),
    photos: Path | None = None,
) -> dict[str, Any]:
    """Decode the studio's shards into the folder of a run (once), let the detector look at them, train, give the card.

    Args:
        crops: folder of shards to learn from.
        validation: one of other seeds.
        folder: of the run.
        settings: see there.
        count: crops to read at most of each folder.
        more: further folders of shards and their shares of a batch.
        photos: file of faces of photos (lab/runs/landmarks/photo_crops.py), or None.
    """
    from facegpt.morphable.makehuman import head as makehuman
    from facegpt_lab.synthesis.studio.shards import read_photo_shards

    model = makehuman.load()
    with join_processes().in_turns():  # the first decodes, the others find it done
        sources = {"crops": crops, "validation": validation}
        sources |= {f"more-{k}": shards for k, (shards, _) in enumerate(more, 1)}
        stores = {}
        for name, shards in sources.items():
            stores[name] = write_crops(read_photo_shards(shards), folder / name, min(count, count_samples(shards)))
            add_detected(stores[name], folder / name, count=settings.looked_at)
        learnt, unseen = stores["crops"], stores["validation"]
        shares = [(stores[f"more-{k}"], share) for k, (_, share) in enumerate(more, 1)]
        number, share = settings.hard
        if number and share:
            shares.append((write_hard(learnt, folder / "hard", number, settings.seed), share))
    faces = PhotoFaces.load(photos) if photos else None
    return LandmarkTraining(folder, learnt, unseen, model, settings, shares, faces).run()


def count_samples(shards: Path) -> int:
    """Read how many samples a folder of shards holds from its card."""
    path = shards / "card.json"
    if not path.is_file():
        raise FaceGPTError(f"'{shards}' holds no card.json; make crops with facegpt synthesize photos")
    return int(json.loads(path.read_text(encoding="utf-8"))["count"])


def whitened(image: np.ndarray) -> Tensor:
    """The network's input of sRGB (B, 3, H, W) in 0..1."""
    plain = torch.from_numpy((image - MEAN_COLOUR) / SD_COLOUR).float()
    return plain.contiguous(memory_format=torch.channels_last)


def start_from(network: DenseLandmarkNetwork, path: Path) -> None:
    """Take the weights of another run where their shapes fit."""
    from safetensors.torch import load_file

    if not path.is_file():
        raise FaceGPTError(f"there is no network '{path}' to start from")
    own = network.state_dict()
    for name, value in load_file(path).items():
        if name in own and own[name].shape == value.shape:
            own[name].copy_(value)


class LandmarkTraining:
    """One run in a folder: log.jsonl, checkpoint, and at the end network.safetensors and card.json.

    Args:
        folder: of the run.
        crops: to learn from. validation: never learnt from.
        model: the head whose coefficients the labels are.
        settings: see there.
        more: further crops to learn from, with their shares of a batch.
        photos: faces of real photos, without labels; None: renders alone.
    """

    def __init__(
        self,
        folder: Path,
        crops: CropStore,
        validation: CropStore,
        model: MakeHumanHead,
        settings: LandmarkSettings = LandmarkSettings(),
        more: Sequence[tuple[CropStore, float]] = (),
        photos: PhotoFaces | None = None,
    ) -> None:
        processes = join_processes()
        self.process = () if processes.count == 1 else (processes.rank,)
        torch.set_num_threads(settings.threads)
        torch.manual_seed(settings.seed)
        self.folder, self.crops, self.validation, self.mix = folder, crops, validation, CropMix(crops, more)
        self.errors, self.settings, self.mirror = DetectorErrors.of(crops), settings, mirror_of(model)
        self.habit = Habit.of(crops, self.mirror) if photos else None
        self.photos = photos if self.habit else None
        self.metrics = surface_metrics(model)
        sizes = {**asdict(settings.sizes), "points": crops.arrays["points_px"].shape[1]}
        self.network = DenseLandmarkNetwork(NetworkSizes(**sizes))
        self._fit_start()
        self._lift(model)
        if settings.start:
            start_from(self.network, Path(settings.start))
        self.network.hold(settings.held)
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
        rates = {name: SLOWER for name in STARTED} if settings.start else {}
        self.loop = Loop(self.network, self._compute, folder, loop, rates, processes)
        for group in self.loop.optimizer.param_groups:
            group["fused"] = True  # one pass over memory: saves 4 % of a step

    def run(self) -> dict[str, Any]:
        """Train to the end, from the folder's checkpoint if there is one; give the card."""
        self.loop.run(self._on_save)
        if any(self.process):
            return {"validation": {}}  # the first process writes
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
        """Make a batch: what the network sees (image, detected, known) and the truth."""
        truth = cut(rows, window, self.mirror, CROP)
        if training:
            lose_borders(truth, rng)
        seen = {"image": truth.pop("image"), "known": np.ones(len(window.flip), np.float32)}
        own = truth.pop("detected", np.full((len(window.flip), DETECTED, 2), np.nan, np.float32))
        lost = np.isnan(own[:, 0, 0])
        if training:
            seen["known"] = (rng.random(len(lost)) >= self.settings.alone).astype(np.float32)
            lost |= rng.random(len(lost)) < self.settings.made_up
        made_up = self.errors.place(rng, truth["points"], CROP / 2, truth, hard=training)
        return seen | {"detected": np.where(lost[:, None, None], made_up, own)}, truth

    def _compute(self, step: int) -> dict[str, Tensor]:
        """Draw the batch of a step, the same for the same step and process, and give its losses."""
        rng = np.random.default_rng([self.settings.seed, step, *self.process])
        faces = int(rng.binomial(self.settings.batch // 2, self.settings.photos)) if self.photos else 0
        count = self.settings.batch - 2 * faces
        seen, truth = self.batch(self.mix.rows(rng, count), rng, Window.random(rng, count, CROP))
        views = None
        if self.photos and self.habit and faces:
            views = draw_views(self.photos, self.habit, self.mirror, rng, faces)
            known = (rng.random(2 * faces) >= self.settings.alone).astype(np.float32)
            looks = {"image": views.image, "detected": views.detected, "known": known}
            seen = {name: np.concatenate([seen[name], looks[name]]) for name in looks}
        out = self.network(whitened(seen["image"]), *(torch.from_numpy(seen[name]) for name in ("detected", "known")))
        tensors = {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in truth.items()}
        found = losses(out[:count], tensors, self.metrics)
        if views and self.habit:
            own = photo_losses(out[count:], views, self.habit, self.mirror)
            share = 2 * faces / self.settings.batch
            of_photos = torch.stack([PHOTO_WEIGHTS[name] * value for name, value in own.items()]).sum()
            found |= {"total": (1 - share) * found["total"] + share * of_photos, **own}
        return found

    def _lift(self, model: MakeHumanHead) -> None:
        """Teach the network what points say of a person, or read it where this run has done so before."""
        from safetensors.torch import load_file, save_file

        settings, path = self.settings, self.folder / "lift.safetensors"
        if path.is_file():
            self.network.load_state_dict(load_file(path), strict=False)
        elif settings.lift_steps and not settings.start:
            count = len(self.crops)
            labels = self.crops.arrays["expression"][:count], self.crops.arrays["yaw_deg"][:count]
            people = PointPeople.of(model, *labels)
            learn_lifting(self.network, people, self.metrics, settings.lift_steps, settings.seed)
            self.folder.mkdir(parents=True, exist_ok=True)
            starts = ("person_first.", "person_rest.", "identity.", "expression.")
            learnt = {name: value for name, value in self.network.state_dict().items() if name.startswith(starts)}
            save_file(learnt, path)

    def _fit_start(self) -> None:
        """Set what is known before the first step: the mean points, and what offsets of some say of the others."""
        rng = np.random.default_rng([self.settings.seed, 0, 1])
        count = min(FITTED, len(self.crops))
        window = Window.random(rng, count, CROP)
        points = placed(self.crops.arrays["points_px"][:count], window, self.mirror, CROP / 2).astype(np.float64)
        flat = (points - points.mean(0)).reshape(count, -1)
        detected, more = flat[:, : 2 * DETECTED], flat[:, 2 * DETECTED :]
        ridge = 0.01 * count * detected.var() * np.eye(2 * DETECTED)
        with torch.no_grad():
            self.network.mean_points.copy_(torch.from_numpy(points.mean(0)))
            self.network.more_matrix.copy_(
                torch.from_numpy(np.linalg.solve(detected.T @ detected + ridge, detected.T @ more))
            )

    def _on_save(self, step: int) -> dict[str, float]:
        """Validate the averaged weights now and then, and write them for whoever wants an early network."""
        self.saves += 1
        if self.saves % self.settings.validate_every or any(self.process):  # the first process writes
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
        """The batch norms the statistics of training crops under the present weights."""
        norms = [m for m in self.network.modules() if isinstance(m, nn.BatchNorm2d) and m.weight.requires_grad]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # the plain mean over all batches
        self.network.train()
        rng = np.random.default_rng([self.settings.seed, 0, 2])
        count, batch = min(STATISTICS, 16 * len(self.crops)), 128
        for _ in range(max(count // batch, 1)):
            seen, _ = self.batch(self.mix.rows(rng, batch), rng, Window.random(rng, batch, CROP))
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
            collected.append(crop_scores(out, seen, truth, self.metrics.identity, self.metrics.expression))
        self.network.train()
        together = {name: np.concatenate([each[name] for each in collected]) for name in collected[0]}
        return summary(together)
