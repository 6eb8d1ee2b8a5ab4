"""The joint finish: sentences and photos in one step, losses of words and of the renderer together.

Adapters, face head, projector and photo head learn at once; the photos run through the whole language model, so that
the gradient of the drawn picture reaches the adapters and the projector.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from facegpt.language.model.adapter import save_adapter
from facegpt.language.model.base import SMOLLM2
from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration, face_log_odds
from facegpt.language.model.processor import FaceGPTProcessor
from facegpt.runtime.progress import Progress
from facegpt_lab.synthesis.texts.corpus import load_corpus
from facegpt_lab.train.loop import Loop, LoopSettings
from facegpt_lab.train.photo_tokens.faces import Faces, conversation_batch
from facegpt_lab.train.photo_tokens.losses import PhotoLosses, total
from facegpt_lab.train.words.corpus_examples import example_from
from facegpt_lab.train.words.examples import encode
from facegpt_lab.train.words.losses import face_loss
from facegpt_lab.train.words.stages import TextStage

#: Every so many-th sentence of the corpus is read, and of the validation sentences to watch the words by.
EVERY, EVERY_VALIDATION = 4, 8
#: Faces of each kind, and tokens of sentences, in a step; the learning rate, low since all parts are trained.
FACES, TOKENS, RATE = 6, 350, 1e-4
#: How much the photos count beside the sentences.
PHOTO_SHARE = 0.3


class JointStage:
    """Gives the losses of sentences and photos together.

    Args:
        model: trained, adapters not merged. processor: its own. faces: all of a run.
        losses: on faces. renders, photos: rows to learn from. seed: of everything drawn.
    """

    def __init__(
        self,
        model: FaceGPTForConditionalGeneration,
        processor: FaceGPTProcessor,
        faces: Faces,
        losses: PhotoLosses,
        renders: Tensor,
        photos: Tensor,
        seed: int = 0,
    ) -> None:
        self.model, self.processor, self.faces, self.compare = model, processor, faces, losses
        self.renders, self.photos, self.seed = renders, photos, seed
        pad = processor.tokenizer.pad_token_id or 0
        texts = [encode(example_from(record), processor) for record in load_corpus("train")[::EVERY]]
        self.text = TextStage(model, texts, pad, adapt=True, tokens=TOKENS, seed=seed)
        self.held_out = [encode(example_from(r), processor) for r in load_corpus("validation")[::EVERY_VALIDATION]]
        self.text.choose_parameters()
        for name, parameter in model.named_parameters():
            if name.startswith(("photo_tokens", "photo_head")):
                parameter.requires_grad_(True)

    def losses(self, step: int) -> dict[str, Tensor]:
        """Compute the losses of one step."""
        rng = np.random.default_rng([self.seed, step, 5])
        words = self.text.losses(step)
        renders = self.renders[rng.integers(0, len(self.renders), FACES)]
        photos = self.photos[rng.integers(0, len(self.photos), FACES)] if len(self.photos) else renders[:0]
        faces = self._faces(renders, photos, step)
        together = words["total"] + PHOTO_SHARE * faces["total"]
        told = {f"words_{name}": loss for name, loss in words.items() if name != "total"}
        return {**told, **{f"photos_{n}": loss for n, loss in faces.items() if n != "total"}, "total": together}

    def _faces(self, renders: Tensor, photos: Tensor, step: int) -> dict[str, Tensor]:
        rows = torch.cat([renders, photos])
        ids, mask, given, face_at = conversation_batch(self.processor, self.faces, rows, self.seed + step)
        passed = self.model(ids, mask, photos=given, output_hidden_states=True, use_cache=False, logits_to_keep=1)
        out = self.model.photo_head(*self.model.photo_states(passed.hidden_states, given.at, face_at))
        last = passed.hidden_states[-1][torch.arange(len(rows)), face_at - 1]
        odds = face_log_odds(self.model.get_output_embeddings()(last), self.model.config.face_token)
        found = {"face": face_loss(odds, torch.ones_like(odds), torch.ones_like(odds))}
        parts = torch.arange(len(rows)).split([len(renders), len(photos)])
        compares: tuple[Any, ...] = (self.compare.supervised, partial(self.compare.seen, asked=len(photos)))
        for own, compare in zip(parts, compares, strict=True):
            if not len(own):
                continue
            part = type(out)(out.mean[own].float(), out.log_sd[own].float())
            with torch.autocast(ids.device.type, enabled=False):  # the renderer draws in float32
                found |= compare(part, self.faces.examples.rows(rows[own]), self.faces.placed(rows[own]))
        return total(found)

    @torch.no_grad()
    def validate(self, renders: Tensor, photos: Tensor) -> dict[str, float]:
        """Score held-out sentences and faces."""
        self.model.eval()
        words = self.text.validate(self.held_out, None).means()
        faces = self._faces(renders[:48], photos[:48], 0)
        return {**words, **{f"photos_{name}": float(value) for name, value in faces.items() if name != "total"}}


def finish_jointly(
    stage: JointStage, folder: Path, steps: int, held: tuple[Tensor, Tensor], precision: str
) -> dict[str, Any]:
    """Run the joint stage; give the scores before and after, and write the adapter that goes with the photo parts."""
    before = stage.validate(*held)
    settings = LoopSettings(steps, RATE, warmup=max(1, steps // 5), every=5, save_every=10, precision=precision)
    loop = Loop(stage.model, stage.losses, folder, settings)
    with Progress("training words and photos", steps) as progress:

        def report(step: int) -> dict[str, float]:
            progress(step)
            return {}

        loop.run(report)
    save_adapter(stage.model, folder / "language_adapter.safetensors", SMOLLM2.sha256, "facegpt train photos")
    return {"before": before, "after": stage.validate(*held)}
