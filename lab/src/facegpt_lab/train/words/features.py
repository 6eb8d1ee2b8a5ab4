"""Hidden states of frozen layers, computed once and kept in a file, so that training runs the upper layers alone."""

from __future__ import annotations

import hashlib
import inspect
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
from facegpt.language.model.layers import can_split, decoder_of, states_from
from facegpt.language.model.placement import moved
from facegpt.types import FaceGPTError
from facegpt_lab.train.words.examples import EncodedExample, collate, length_batches

_TOKENS_AT_ONCE = 2048
_UNFINISHED = "states.unfinished.npy"


class FrozenStates:
    """A file of hidden states (tokens, layers, D) in float16, and where each example begins in it.

    Args:
        folder: has states.npy and index.json.

    Attributes:
        layers: their numbers. parts: digest of the face parts that they depend on (digest_of_parts).
    """

    def __init__(self, folder: Path) -> None:
        index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        self.layers: list[int] = index["layers"]
        self.parts: str = index.get("parts", "")
        self.starts: dict[str, tuple[int, int]] = {key: tuple(place[:2]) for key, place in index["examples"].items()}
        self._contents: dict[str, int] = {key: place[2] for key, place in index["examples"].items()}
        self.states = np.load(folder / "states.npy", mmap_mode="r", allow_pickle=False)

    def __contains__(self, key: str) -> bool:
        return key in self.starts

    def fits(self, example: EncodedExample) -> bool:
        """Whether the states of this example are here, of the same tokens and faces."""
        return self._contents.get(example.example.key) == checksum(example)

    def batch(self, keys: Sequence[str], longest: int) -> Tensor:
        """The states of some examples, padded with zeros: (B, T, layers, D) float32."""
        out = torch.zeros(len(keys), longest, *self.states.shape[1:])
        for k, key in enumerate(keys):
            start, length = self.starts[key]
            out[k, :length] = torch.from_numpy(np.array(self.states[start : start + length], np.float32))
        return out

    def by_layer(self, keys: Sequence[str], longest: int) -> dict[int, Tensor]:
        """The same by the layer's number: (B, T, D) each."""
        return dict(zip(self.layers, self.batch(keys, longest).unbind(2), strict=True))


@torch.no_grad()
def write_states(
    model: FaceGPTForConditionalGeneration,
    examples: Sequence[EncodedExample],
    folder: Path,
    pad: int,
    layers: Sequence[int] | None = None,
    progress: Callable[[int, int], None] | None = None,
    below: FrozenStates | None = None,
    known: FrozenStates | None = None,
) -> FrozenStates:
    """Run the frozen model over examples and keep the states of the layers that the face head sees.

    Args:
        model: without trained adapters in the layers whose states are kept.
        examples: each with a `key` of its own.
        folder: where the file goes.
        pad: id of the padding token.
        layers: whose states are kept; by default those that the face head sees. No layer above the last of them is run.
        progress: called with the texts done and in all.
        below: states of these examples that are known; layers above the last of them alone are run.
        known: such states of an earlier call; texts that are in it are not run again.
    """
    keys = [each.example.key for each in examples]
    if len(set(keys)) != len(keys):
        raise FaceGPTError("two training texts have the same key; each needs its own")
    folder.mkdir(parents=True, exist_ok=True)
    layers = list(layers or model.config.head_layers)
    parts = digest_of_parts(model, max(layers))
    kept = known if known is not None and (known.layers, known.parts) == (layers, parts) else None
    to_do = [k for k, example in enumerate(examples) if kept is None or not kept.fits(example)]
    if kept is not None and not to_do:
        return kept
    starts = np.concatenate([[0], np.cumsum([len(each.ids) for each in examples])])
    shape = (int(starts[-1]), len(layers), model.config.hidden_size)
    file = np.lib.format.open_memmap(folder / _UNFINISHED, "w+", np.float16, shape)
    for k, key in enumerate(keys):
        if kept is not None and kept.fits(examples[k]):
            start, length = kept.starts[key]
            file[starts[k] : starts[k + 1]] = kept.states[start : start + length]
    done = len(examples) - len(to_do)
    for rows, found in _states_batch_by_batch(model, examples, to_do, pad, layers, below):
        for k, row in enumerate(rows):
            file[starts[row] : starts[row + 1]] = found[k, : len(examples[row].ids)]
        done += len(rows)
        if progress:
            progress(done, len(examples))
    file.flush()
    index = {
        key: (int(starts[k]), len(each.ids), checksum(each))
        for k, (key, each) in enumerate(zip(keys, examples, strict=True))
    }
    (folder / "index.json").unlink(missing_ok=True)
    (folder / _UNFINISHED).replace(folder / "states.npy")
    told = {"layers": layers, "parts": parts, "examples": index}
    (folder / "index.json").write_text(json.dumps(told), encoding="utf-8")
    return FrozenStates(folder)


def _states_batch_by_batch(
    model: FaceGPTForConditionalGeneration,
    examples: Sequence[EncodedExample],
    chosen: Sequence[int],
    pad: int,
    layers: Sequence[int],
    below: FrozenStates | None,
) -> Iterator[tuple[list[int], np.ndarray]]:
    """Rows of examples and their states (B, T, layers, D) float16, those of like length together."""
    was_training = model.training
    model.eval()
    for places in length_batches([len(examples[k].ids) for k in chosen], _TOKENS_AT_ONCE, seed=0):
        rows = [chosen[place] for place in places]
        batch = moved(collate([examples[k] for k in rows], rows, pad), model.device)
        if below is None:
            states = all_states(model, batch.ids, batch.faces, max(layers))
        else:
            keys = [examples[k].example.key for k in rows]
            states = with_states_above(model, moved(below.by_layer(keys, batch.ids.shape[1]), model.device))
        yield rows, torch.stack([states[k] for k in layers], 2).to(torch.float16).cpu().numpy()
    model.train(was_training)


def checksum(example: EncodedExample) -> int:
    """Of the tokens and the faces of an example: another text under the same key has another one."""
    faces = b"".join(face.features().tobytes() for face in example.example.faces)
    return zlib.crc32(np.array(example.ids, np.int64).tobytes() + faces)


def digest_of_parts(model: FaceGPTForConditionalGeneration, last: int) -> str:
    """Digest of the face parts that states up to a layer's depend on: face embedding, and adapters of lower blocks."""
    names = ("face_embedding.",) if last <= model.config.lora_first_layer else ("face_embedding.", "adapters.")
    digest = hashlib.sha256()
    for name, value in sorted(model.face_parts().items()):
        if name.startswith(names):
            digest.update(name.encode() + value.to(torch.float16).cpu().numpy().tobytes())
    return digest.hexdigest()[:16]


def all_states(
    model: FaceGPTForConditionalGeneration, ids: Tensor, faces: Tensor | None, last: int | None = None
) -> dict[int, Tensor]:
    """The hidden states of every layer, or of those up to `last`, for texts padded at their ends.

    0 is the embedding, the last layer's are normed. Causal attention never looks at padding that comes after a text, so
    no mask is needed.
    """
    if not can_split(model):
        with placed_faces(model, faces):
            found = model.base(input_ids=ids, use_cache=False, output_hidden_states=True, **_few_logits(model))
        return dict(enumerate(found.hidden_states))
    with placed_faces(model, faces):
        embedded = model.get_input_embeddings()(ids)
    last = None if last is None or last >= len(decoder_of(model).layers) else last
    return {0: embedded, **states_from(model, embedded, 0, last)}


def _few_logits(model: FaceGPTForConditionalGeneration) -> dict[str, int]:
    """Ask a base that can for the last token's logits alone: those of all are a twelfth of a pass, and none is used."""
    return {"logits_to_keep": 1} if "logits_to_keep" in inspect.signature(model.base.forward).parameters else {}


def with_states_above(model: FaceGPTForConditionalGeneration, kept: dict[int, Tensor]) -> dict[int, Tensor]:
    """States of some layers by their number, and those of every layer above the last of them."""
    first = max(kept)
    return {**kept, **states_from(model, kept[first], first)}


class placed_faces:  # noqa: N801 - used as a context
    """Inside, the next pass of the base puts these faces into their slots."""

    def __init__(self, model: FaceGPTForConditionalGeneration, faces: Tensor | None) -> None:
        self.model, self.faces = model, faces

    def __enter__(self) -> None:
        self.model._faces_to_place = None if self.faces is None else self.model.embed_faces(self.faces)

    def __exit__(self, *error: Any) -> None:
        self.model._faces_to_place = None
