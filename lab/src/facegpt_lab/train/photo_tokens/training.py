"""Seeing, from start to end: `facegpt train photos`. The recipe of the shipped photo tokens.

1. Faces: crops of the studio with exact θ, and people's photos without any, looked at once.
2. The projector, with a head that sees the embedded tokens alone.  3. States of the language model, once.
4. The photo head on them, by the studio's θ.  5. The same with people's photos: a model-based autoencoder (Tewari et
al. 2017) whose decoder is the renderer.  6. If asked for, a joint finish with sentences (train/photo_tokens/joint.py).

ADAPTED goes on from the shipped photo tokens instead, on somebody's own photos: 1, 3 and 5, with a few crops of the
studio that it makes itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from facegpt.assets import asset_path
from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
from facegpt.language.model.photo_asset import PHOTO_TOKENS, save_photo_parts
from facegpt.language.model.photo_theta_head import PhotoHead
from facegpt.morphable.makehuman import head as makehuman
from facegpt.runtime import registry
from facegpt.runtime.progress import Progress
from facegpt_lab.synthesis.studio.shards import read_photo_shards, synthesize_photos
from facegpt_lab.train.loop import Loop, LoopSettings
from facegpt_lab.train.photo_tokens.faces import Faces, language_states
from facegpt_lab.train.photo_tokens.joint import JointStage, finish_jointly
from facegpt_lab.train.photo_tokens.losses import PhotoLosses, total
from facegpt_lab.train.photo_tokens.photo_folder import look_at, training_photos
from facegpt_lab.train.photo_tokens.views import Encoder, PhotoExamples, joined, studio_examples, with_detections

#: Noise on the states that the photo head sees in training, in SDs: it meets the same ones again and again.
NOISE = 0.5
#: The recognition network is asked every so many steps: it takes as long as all else.
ASKED_EVERY = 2


@dataclass(frozen=True)
class PhotosSettings:
    """How the photo parts are trained.

    Attributes:
        language: adapter file, or folder of a whole model; "" is the shipped one.
        start: file of photo tokens to go on from, without stages 2 and 4; SHIPPED for the shipped one, "" for none.
        crops: of the studio, at most. decoded: folder of the same crops in a run of `facegpt train landmarks`, whose
            detections are taken over; "" to detect anew. views: of each face in a photo.
        token_steps, head_steps, photo_steps: of stages 2, 4 and 5; with photo_steps 0, or without photos, no stage 5.
        batch, photo_batch: crops and photos in a step. asked_faces: photos of which the recognition network is asked,
            every second step; 0 leaves identity and perceptual losses out.
        token_rate, head_rate, photo_rate: learning rates.
        joint_steps: of the joint finish with sentences; 0 for none.
        precision: of the language model's passes, "float32" or "bfloat16". seed: of everything drawn.
    """

    language: str = ""
    start: str = ""
    crops: int = 3000
    decoded: str = ""
    views: int = 5
    token_steps: int = 400
    head_steps: int = 500
    photo_steps: int = 1200
    batch: int = 32
    photo_batch: int = 12
    asked_faces: int = 4
    token_rate: float = 1e-3
    head_rate: float = 1e-3
    photo_rate: float = 1.5e-3
    joint_steps: int = 0
    precision: str = "float32"
    seed: int = 0


#: As `start`: the photo tokens of the package.
SHIPPED = "shipped"
#: Crops of the studio that a run without SHARDS makes itself, and their seed: the recipe's.
OWN_CROPS, OWN_SEED = 400, 300
#: Goes on from the shipped photo tokens: minutes for a folder of some dozen photos.
ADAPTED = PhotosSettings(start=SHIPPED, crops=OWN_CROPS, photo_steps=200, photo_rate=1.5e-4)


class TokenStage(nn.Module):
    """Stage 2: the projector and a head of its own on the embedded tokens, by the studio's θ."""

    def __init__(self, model: FaceGPTForConditionalGeneration, faces: Faces, losses: PhotoLosses, rows: Tensor) -> None:
        super().__init__()
        config = model.config
        self.tokens = model.photo_tokens
        self.head = PhotoHead(1, config.hidden_size, config.photo_tokens, config.photo_width)
        self.head.standardise.sd.fill_(0.1)
        self.tokens.cell_scale.measure(faces.examples.view.grid)
        self.tokens.number_scale.measure(faces.numbers)
        self._of: Any = (faces, losses, rows)

    def losses(self, step: int, batch: int, seed: int) -> dict[str, Tensor]:
        """Compute the losses of one step."""
        faces, losses, rows = self._of
        chosen = rows[np.random.default_rng([seed, step, 1]).integers(0, len(rows), batch)]
        some = faces.examples.rows(chosen)
        states = self.tokens(some.view.grid, faces.numbers[chosen])[:, :, None]
        out = self.head(states, torch.zeros_like(states[:, 0]))
        return total(losses.supervised(out, some, faces.placed(chosen)))


class HeadStage:
    """Stages 4 and 5: a photo head on kept states.

    Args:
        head: learns. states: (N, S + 1, layers, D) float16, `<FACE>` last. renders, photos: rows to learn from.
        photos_from: the step from which photos are learnt from. batch, photo_batch: see PhotosSettings.
    """

    def __init__(
        self,
        head: PhotoHead,
        states: Tensor,
        faces: Faces,
        losses: PhotoLosses,
        renders: Tensor,
        photos: Tensor,
        settings: PhotosSettings,
    ) -> None:
        self.head, self.states, self.faces, self.compare = head, states, faces, losses
        self.renders, self.photos, self.settings = renders, photos, settings

    def read(self, rows: Tensor) -> Any:
        """Run the head on some faces."""
        own = self.states[rows].float()
        return self.head(own[:, :-1], own[:, -1])

    def supervised(self, step: int, seed: int) -> dict[str, Tensor]:
        """Compute the losses of a step by the studio's θ alone."""
        rows = self._draw(self.renders, self.settings.batch, [seed, step, 2])
        return total(self._on_renders(rows))

    def mixed(self, step: int, seed: int) -> dict[str, Tensor]:
        """Compute those of a step on crops and people's photos."""
        rows = self._draw(self.renders, self.settings.batch // 2, [seed, step, 3])
        photos = self._draw(self.photos, self.settings.photo_batch, [seed, step, 4])
        asked = self.settings.asked_faces if step % ASKED_EVERY == ASKED_EVERY - 1 else 0
        return total({**self._on_renders(rows), **self._on_photos(photos, asked)})

    @torch.no_grad()
    def validate(self, renders: Tensor, photos: Tensor) -> dict[str, float]:
        """The losses on held-out faces."""
        self.head.eval()
        asked = len(photos) if self.settings.asked_faces else 0
        found = self._on_renders(renders) | (self._on_photos(photos, asked) if len(photos) else {})
        self.head.train()
        return {name: float(value) for name, value in found.items()}

    def _on_renders(self, rows: Tensor) -> dict[str, Tensor]:
        return self.compare.supervised(self.read(rows), self.faces.examples.rows(rows), self.faces.placed(rows))

    def _on_photos(self, rows: Tensor, asked: int) -> dict[str, Tensor]:
        return self.compare.seen(self.read(rows), self.faces.examples.rows(rows), self.faces.placed(rows), asked)

    @staticmethod
    def _draw(rows: Tensor, count: int, seed: list[int]) -> Tensor:
        return rows[np.random.default_rng(seed).integers(0, len(rows), count)]


class PhotosTraining:
    """One run in a folder; a run that was stopped goes on where it was.

    Args:
        folder: for faces, states, logs, checkpoints and the result.
        crops: folder of the studio's shards; None to make `settings.crops` of them in the run's folder.
        photos: folder of people's photos, or None.
        settings: as they were when it began.
    """

    def __init__(self, folder: Path, crops: Path | None, photos: Path | None, settings: PhotosSettings) -> None:
        from facegpt_lab.train.photo_tokens.language_model import seeing_model

        self.folder, self.settings = folder, settings
        people = training_photos(photos, folder) if photos is not None and settings.photo_steps else []
        folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(settings.seed)
        self.head_model = makehuman.load()
        self.losses = PhotoLosses.of(self.head_model, registry.load("render"))
        self.faces = self._faces(crops, people)
        view = self.faces.examples.view
        changes = {"photo_channels": view.grid.shape[2], "photo_numbers": self.faces.numbers.shape[1]}
        start = asset_path(PHOTO_TOKENS) if settings.start == SHIPPED else settings.start
        self.model, self.processor = seeing_model(settings.language, start, **changes)
        self.rows = self.faces.split(settings.views)

    def run(self) -> dict[str, Any]:
        """Train and save; give the card."""
        if not self.settings.start:
            self.train_tokens()
        states = self.states()
        if self.settings.start:
            stage = self.stage(self.model.photo_head.requires_grad_(True), states)
            stage.head.standardise.noise = NOISE
        else:
            self.model.photo_head = self.fresh_head(states, self.settings.seed)
            stage = self.stage(self.model.photo_head, states)
            self.train_head(stage, self.folder / "head", self.settings.seed)
        before = stage.validate(self.rows[1], self.rows[3])
        self.train_photos(stage, self.folder / "photos", self.settings.seed)
        card = {
            "settings": asdict(self.settings),
            "faces": {"renders": self.faces.renders, "views of photos": len(self.faces.examples) - self.faces.renders},
            "validation before the photos": before,
            "validation": stage.validate(self.rows[1], self.rows[3]),
        }
        if self.settings.joint_steps:
            card["joint"] = self.train_jointly()
        (self.folder / "card.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
        save_photo_parts(self.model, self.folder / "photo_tokens.safetensors", "facegpt train photos")
        return card

    def train_tokens(self) -> None:
        """Stage 2."""
        s = self.settings
        torch.manual_seed(s.seed)
        stage = TokenStage(self.model, self.faces, self.losses, self.rows[0])
        stage.tokens.requires_grad_(True)
        self._run(stage, lambda step: stage.losses(step, s.batch, s.seed), "tokens", s.token_steps, s.token_rate)

    def fresh_head(self, states: Tensor, seed: int, layers: Sequence[bool] | None = None) -> PhotoHead:
        """Make an untrained photo head for kept states. layers: which it sees, all by default."""
        torch.manual_seed(seed)
        config = self.model.config
        sizes = (len(config.photo_layers), config.hidden_size, config.photo_tokens, config.photo_width)
        head = PhotoHead(*sizes, noise=NOISE)
        some = states[:: max(1, len(states) // 512)].float().flatten(0, 1).double()
        head.standardise.mean.copy_(some.mean(0))
        head.standardise.sd.copy_(some.std(0).clamp_min(1e-3))
        head.see_layers(list(layers or [True] * len(config.photo_layers)))
        return head

    def stage(self, head: PhotoHead, states: Tensor) -> HeadStage:
        """Put a head on kept states."""
        return HeadStage(head, states, self.faces, self.losses, self.rows[0], self.rows[2], self.settings)

    def train_head(self, stage: HeadStage, folder: Path, seed: int) -> None:
        """Stage 4."""
        s = self.settings
        self._run(stage.head, lambda step: stage.supervised(step, seed), folder.name, s.head_steps, s.head_rate, folder)

    def train_photos(self, stage: HeadStage, folder: Path, seed: int, photos: bool = True) -> None:
        """Stage 5; without `photos` as many steps on the studio's crops alone, to compare with."""
        s = self.settings
        if not s.photo_steps or not len(self.rows[2]):
            return

        def losses(step: int) -> dict[str, Tensor]:
            again = step + s.head_steps
            return stage.mixed(again, seed) if photos else stage.supervised(again, seed)

        self._run(stage.head, losses, folder.name, s.photo_steps, s.photo_rate, folder, stage)

    def train_jointly(self) -> dict[str, Any]:
        """Stage 6."""
        s, (renders, held, photos, held_photos) = self.settings, self.rows
        stage = JointStage(self.model, self.processor, self.faces, self.losses, renders, photos, s.seed)
        return finish_jointly(stage, self.folder / "joint", s.joint_steps, (held, held_photos), s.precision)

    def states(self) -> Tensor:
        """Stage 3: run the language model over all faces, once."""
        from safetensors.torch import load_file, save_file

        path = self.folder / "states.safetensors"
        if path.is_file():
            found = load_file(path)["states"]
            if len(found) == len(self.faces.examples):
                return found
        found = language_states(self.model, self.processor, self.faces, self.settings.seed, self.settings.precision)
        part = path.with_name(path.name + ".part")
        save_file({"states": found}, part)
        part.replace(path)
        return found

    def _run(
        self,
        module: nn.Module,
        losses: Any,
        name: str,
        steps: int,
        rate: float,
        folder: Path | None = None,
        stage: HeadStage | None = None,
    ) -> None:
        settings = LoopSettings(
            steps, rate, warmup=min(30, steps // 4 + 1), save_every=100, average_from=0.6, seed=self.settings.seed
        )
        loop = Loop(module, losses, folder or self.folder / name, settings)
        with Progress(f"training the {name}", steps) as progress:

            def report(step: int) -> dict[str, float]:
                progress(step)
                return stage.validate(self.rows[1][:64], self.rows[3][:64]) if stage else {}

            loop.run(report)
        module.eval()

    def _faces(self, crops: Path | None, photos: Sequence[Path]) -> Faces:
        """Look at all crops and photos, or read what a run before has seen."""
        s, encoder = self.settings, Encoder(self.head_model)
        seen = [look_at(photos, encoder, s.views, s.seed, self.folder / "faces")] if photos else []
        path = self.folder / "renders.safetensors"
        if not path.is_file():
            samples = read_photo_shards(crops or self._own_crops())
            told = with_detections(samples, Path(s.decoded)) if s.decoded else samples
            studio_examples(told, encoder, s.crops, self.losses.geometry, s.seed).save(path)
        renders = PhotoExamples.load(path)
        return Faces.of(joined([renders, *seen]), len(renders), self.losses.geometry)

    def _own_crops(self) -> Path:
        """Make crops of the studio, or complete them."""
        synthesize_photos(self.folder / "crops", self.settings.crops, OWN_SEED)
        return self.folder / "crops"
