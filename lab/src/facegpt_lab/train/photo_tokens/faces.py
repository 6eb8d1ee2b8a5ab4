"""Faces to learn to see from, the conversations about them, and what the language model makes of those."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import torch
from torch import Tensor

from facegpt.encode.photo_view import CropGeometry, Placing
from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
from facegpt.language.model.photo_tokens import PhotoInput
from facegpt.language.model.processor import FaceGPTProcessor
from facegpt.runtime.progress import Progress
from facegpt_lab.train.photo_tokens.views import PhotoExamples

#: What stands beside the photo in a conversation whose `<FACE>` is asked for.
WORDINGS = (
    *("Make a 3D head of this photo.", "reconstruct this face", "3d please", "Turn this picture into a head."),
    *("Can I have my head in 3D?", "this one", "Please build the head in the picture.", "give me a rigged head of her"),
)
#: Every so many-th crop, and face of a photo, is held out to watch the training by.
HELD_OUT = 10
#: Of fewer faces in photos than this, none is held out; of fewer than HELD_OUT, the last.
LEAST_TO_HOLD_OUT = 4
_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class Faces:
    """All faces of a run, the studio's `renders` first, then people's, and what the language model made of them.

    Attributes:
        examples: N faces. first: their first placing. numbers: (N, G). renders: how many are the studio's.
        people: (N,) which photo a face is from, -1 for the studio's.
    """

    examples: PhotoExamples
    first: Placing
    numbers: Tensor
    renders: int

    @classmethod
    def of(cls, examples: PhotoExamples, renders: int, geometry: CropGeometry) -> Faces:
        """Place the faces."""
        first = geometry.place(examples.view)
        return cls(examples, first, geometry.numbers(examples.view, first), renders)

    def placed(self, rows: Tensor) -> Placing:
        """Take some of the placings."""
        f = self.first
        return Placing(f.rotation[rows], f.centre[rows], f.log_scale[rows], f.log_depth[rows])

    def split(self, views: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The rows to learn from and those held out: renders, held-out renders, photos, held-out photos."""
        every = torch.arange(len(self.examples))
        photo = every >= self.renders
        group = torch.where(photo, (every - self.renders) // max(views, 1), every)
        faces = (len(every) - self.renders) // max(views, 1)
        steps = torch.where(photo, min(HELD_OUT, max(faces, LEAST_TO_HOLD_OUT)), HELD_OUT)
        held = group % steps == steps - 1
        return every[~photo & ~held], every[~photo & held], every[photo & ~held], every[photo & held]


@torch.no_grad()
def language_states(
    model: FaceGPTForConditionalGeneration, processor: FaceGPTProcessor, faces: Faces, seed: int, precision: str
) -> Tensor:
    """Run the language model over a conversation with each face: (N, S + 1, layers, D) float16, `<FACE>` last."""
    model.eval()
    count = len(faces.examples)
    config = model.config
    out = torch.empty(count, config.photo_tokens + 1, len(config.photo_layers), config.hidden_size, dtype=torch.half)
    done = 0
    with Progress("states of photos", count) as progress:
        order = torch.tensor(sorted(range(count), key=lambda row: len(wording(row, seed))))  # little padding
        for rows in order.split(_AT_ONCE):
            ids, mask, photos, face_at = conversation_batch(processor, faces, rows, seed)
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
                passed = model(ids, mask, photos=photos, output_hidden_states=True, use_cache=False, logits_to_keep=1)
            own, face = model.photo_states(passed.hidden_states, photos.at, face_at)
            out[rows] = torch.cat([own, face[:, None]], 1).half()
            done += len(rows)
            progress(done)
    return out


def wording(row: int, seed: int) -> str:
    """Say what stands beside a face."""
    return WORDINGS[zlib.crc32(f"{seed} {row}".encode()) % len(WORDINGS)]


def conversation_batch(
    processor: FaceGPTProcessor, faces: Faces, rows: Tensor, seed: int
) -> tuple[Tensor, Tensor, PhotoInput, Tensor]:
    """Make a conversation about each of some faces: ids and mask (B, T), the photos, and where `<FACE>` is (B,)."""
    told = []
    for row in rows.tolist():
        text = {"type": "text", "text": wording(row, seed)}
        told.append(processor([{"role": "user", "content": [{"type": "photo"}, text]}]))
    longest = max(len(each.ids) for each in told)
    ids = torch.full((len(told), longest), processor.tokenizer.pad_token_id or 0)
    mask = torch.zeros_like(ids)
    for k, each in enumerate(told):
        ids[k, : len(each.ids)] = torch.tensor(each.ids)
        mask[k, : len(each.ids)] = 1
    at = torch.tensor([[k, each.photos[0]] for k, each in enumerate(told)])
    photos = PhotoInput(faces.examples.view.grid[rows], faces.numbers[rows], at)
    return ids, mask, photos, mask.sum(1) - 1
