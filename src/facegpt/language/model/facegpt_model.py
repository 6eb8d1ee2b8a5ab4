"""FaceGPT as a transformers model: a base language model, `<FACE>`, faces as input, and the face head.

The face parts act on the base by hooks (its embedding, its output layer, its linear layers), so a base of any class
keeps its own code, names of weights, images, cache and generation. They act where a pass has to do with faces: where
one is read (`face_at`), where faces or photos are given, and in training. Any other text is the base's own.
"""

from __future__ import annotations

import inspect
import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText, GenerationMixin, PreTrainedModel
from transformers.utils import ModelOutput

from facegpt.language.model.config import FaceGPTConfig
from facegpt.language.model.face_embedding import TokensFromNumbers
from facegpt.language.model.face_head import FaceHead, FaceHeadOutput, FaceHeadSizes
from facegpt.language.model.face_reading import feature_size
from facegpt.language.model.lora import Adapters, Row
from facegpt.language.model.packed_layers import pack
from facegpt.language.model.photo_theta_head import PhotoHead, PhotoHeadOutput
from facegpt.language.model.photo_tokens import PhotoInput, PhotoTokens
from facegpt.types import FaceGPTError

# newer transformers call it cache; both names work, and users can do nothing about it
logging.getLogger("transformers.utils.generic").addFilter(lambda said: "past_key_values" not in said.getMessage())
_AUTO = {"causal": AutoModelForCausalLM, "image-text": AutoModelForImageTextToText}
_START_BIAS = -10.0
#: How much the adapters that read words count.
WORDS_SCALE = 2.0
#: Parts that a file of their own holds (assets/photo_tokens.safetensors).
_PHOTO_PARTS = ("photo_tokens.", "photo_head.")


@dataclass
class FaceGPTOutput(ModelOutput):
    """Results of one pass.

    Attributes:
        logits: (B, T, vocabulary). loss: cross-entropy of `labels`, if given.
        request: what the face head read at `face_at`, if given. seen: what the photo head read there of `photos`.
        past_key_values, hidden_states: as the base gives them.
    """

    loss: Tensor | None = None
    logits: Tensor | None = None
    request: FaceHeadOutput | None = None
    seen: PhotoHeadOutput | None = None
    past_key_values: Any = None
    hidden_states: tuple[Tensor, ...] | None = None


class FaceGPTForConditionalGeneration(PreTrainedModel, GenerationMixin):
    """See the module's text."""

    config_class = FaceGPTConfig
    main_input_name = "input_ids"
    _supports_sdpa = True
    _tied_weights_keys: Any = None

    def __init__(self, config: FaceGPTConfig, base: PreTrainedModel | None = None) -> None:
        super().__init__(config)
        size = config.hidden_size
        self.base: Any = base if base is not None else _AUTO[config.base_kind].from_config(config.base_config())
        self._tied_weights_keys = _with_prefix(getattr(self.base, "_tied_weights_keys", None))
        counts = (config.attributes, config.expression, config.emotions, config.measures, config.kinds)
        sizes = FaceHeadSizes(*counts, tuple(config.asked_measures))
        dropping: Any = {"dropout": config.head_dropout, "noise": config.head_noise}
        self.face_head = FaceHead(len(config.head_layers), size, sizes, config.head_width, **dropping)
        self.face_embedding = TokensFromNumbers(feature_size(config.attributes), config.face_tokens, size)
        if config.photo_geometry:
            self.photo_tokens = PhotoTokens(config.photo_channels, config.photo_numbers, config.photo_geometry, size)
            self.photo_head = PhotoHead(len(config.photo_layers), size, config.photo_tokens, config.photo_width)
        self.face_row = nn.Parameter(torch.zeros(size))
        self.face_bias = nn.Parameter(torch.tensor(_START_BIAS))
        self.adapters = Adapters(
            self.base if config.lora_rank else nn.Module(),
            max(config.lora_rank, 1),
            config.lora_alpha,
            config.lora_first_layer,
        )
        if config.words_rank:
            self.words_adapters = Adapters(self.base, config.words_rank, WORDS_SCALE * config.words_rank)
            self.words_adapters.acting = False
        self._faces_to_place: Tensor | None = None
        self._photos_to_place: tuple[Tensor, Tensor] | None = None
        self.base.get_input_embeddings().register_forward_hook(self._place_faces)
        self.base.get_output_embeddings().register_forward_hook(self._score_face)
        self.post_init()

    @classmethod
    def from_base(
        cls, path: str | Path, dtype: torch.dtype = torch.float32, packed: bool = False, **changes: Any
    ) -> FaceGPTForConditionalGeneration:
        """Put fresh face parts beside a base model from a folder (or the hub), whose parameters are frozen.

        Args:
            path: a folder or name that transformers can read.
            dtype: of the base's parameters; those of the face parts are float32.
            packed: whether the base only reads, on a processor (packed_layers).
            changes: fields of FaceGPTConfig other than `base` and `base_kind`.
        """
        own = AutoConfig.from_pretrained(path)
        kind = "image-text" if getattr(own, "vision_config", None) is not None else "causal"
        try:
            base = _AUTO[kind].from_pretrained(path, dtype=torch.float16 if packed else dtype)
        except (OSError, ValueError) as error:
            raise FaceGPTError(f"the base model '{path}' cannot be loaded: {error}") from None
        if packed:
            pack(base.base_model)  # its output layer is its embedding
            base.float()
        config = FaceGPTConfig(base=base.config.to_dict(), base_kind=kind, **changes)
        model = cls(config, base)
        model.freeze_base()
        return model

    def freeze_base(self) -> None:
        """Let training change the face parts only."""
        self.base.requires_grad_(False)

    def _init_weights(self, module: nn.Module) -> None:
        """Leave every part as its constructor made it."""

    def get_input_embeddings(self) -> nn.Module:
        """The base's embedding."""
        return self.base.get_input_embeddings()

    def get_output_embeddings(self) -> nn.Module:
        """The base's output layer."""
        return self.base.get_output_embeddings()

    def face_parts(self) -> dict[str, Tensor]:
        """Everything but the base and the photo parts: what an adapter file holds."""
        others = ("base.", *_PHOTO_PARTS)
        return {name: value for name, value in self._beside_base() if not name.startswith(others)}

    def photo_parts(self) -> dict[str, Tensor]:
        """The projector of photos and the photo head: what a file of photo tokens holds."""
        return {name: value for name, value in self._beside_base() if name.startswith(_PHOTO_PARTS)}

    def _beside_base(self) -> Iterator[tuple[str, Tensor]]:
        """The tensors of all parts but the base, by their names in the whole."""
        yield from ((name, value.data) for name, value in self.named_parameters(recurse=False))
        for part, module in self.named_children():
            if part != "base":
                yield from module.state_dict(prefix=f"{part}.").items()

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        faces: Tensor | None = None,
        face_at: Tensor | None = None,
        is_edit: Tensor | None = None,
        numbers: Tensor | None = None,
        photos: PhotoInput | None = None,
        since: Tensor | None = None,
        **for_base: Any,
    ) -> FaceGPTOutput:
        """Run the base, and face head and photo head where `face_at` is given.

        Args:
            input_ids: (B, T).
            attention_mask: (B, T), 0 for padding (at the end, in training).
            labels: (B, T) next tokens to learn, -100 for none; shifted here.
            faces: (N, F) numbers of the faces whose slots are in input_ids, in their order (FaceReading.features).
            face_at: (B,) where `<FACE>` stands.
            is_edit: (B,), see FaceHead.
            numbers: (R, 3), see FaceHead.
            photos: faces of photos whose slots are in input_ids.
            since: (B,), see FaceHead.
            for_base: passed on: pixel_values, past_key_values, …
        """
        self.give(faces, photos)
        wants_states = face_at is not None or for_base.pop("output_hidden_states", False)
        self._tell_token_types(input_ids, for_base)
        about_faces = face_at is not None or self._has_faces(faces, photos) or self.training
        reads_words = face_at is not None and photos is None
        with self.adapters.acting_if(about_faces), self.words_acting_if(reads_words):
            out = self.base(
                input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=wants_states, **for_base
            )
        request = seen = None
        if face_at is not None:
            mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
            request = self.read_states(out.hidden_states, mask, face_at, is_edit, numbers, since)
            if photos is not None:
                seen = self.photo_head(*self.photo_states(out.hidden_states, photos.at, face_at))
        loss = None if labels is None else next_token_loss(out.logits, labels)
        return FaceGPTOutput(loss, out.logits, request, seen, out.past_key_values, out.hidden_states)

    def words_acting_if(self, wanted: bool, row: Row | None = None) -> AbstractContextManager[None]:
        """Inside, the adapters that read words act or are silent; see Adapters.acting_if."""
        return self.words_adapters.acting_if(wanted, row) if self.config.words_rank else nullcontext()

    def embed_faces(self, faces: Tensor) -> Tensor:
        """Embeddings of the slots of N faces, made of their numbers: (N · face_tokens, D)."""
        return self.face_embedding(faces).flatten(0, 1)

    def embed_photos(self, photos: PhotoInput) -> Tensor:
        """Embeddings of the slots of N photos, made of the faces in them: (N, photo_tokens, D)."""
        if not self.config.photo_geometry:
            raise FaceGPTError("this model takes no photos: it has no photo tokens (facegpt train photos makes them)")
        return self.photo_tokens(photos.grid, photos.numbers)

    def photo_states(self, states: tuple[Tensor, ...], at: Tensor, face_at: Tensor) -> tuple[Tensor, Tensor]:
        """Pick what the photo head sees of a pass: (N, S, layers, D) of N photos' slots, (N, layers, D) of `<FACE>`.

        Args:
            states: of all layers.
            at: (N, 2) conversation and first slot.
            face_at: (B,) where `<FACE>` stands.
        """
        slots = at[:, 1:] + torch.arange(self.config.photo_tokens, device=at.device)
        chosen = [states[k].float() for k in self.config.photo_layers]
        own = torch.stack([layer[at[:, :1], slots] for layer in chosen], 2)
        return own, torch.stack([layer[at[:, 0], face_at[at[:, 0]]] for layer in chosen], 1)

    def give(self, faces: Tensor | None, photos: PhotoInput | None) -> None:
        """Keep the embeddings of given faces and photos for the next pass over a prompt."""
        self._faces_to_place = None if faces is None else self.embed_faces(faces)
        self._photos_to_place = None if photos is None else (photos.at, self.embed_photos(photos))

    def read_states(
        self,
        states: Sequence[Tensor] | Mapping[int, Tensor],
        mask: Tensor,
        face_at: Tensor,
        is_edit: Tensor | None = None,
        numbers: Tensor | None = None,
        since: Tensor | None = None,
    ) -> FaceHeadOutput:
        """Let the face head read the hidden states that a pass of the base gave."""
        chosen = torch.stack([states[k].float() for k in self.config.head_layers], dim=2)
        edit = torch.zeros_like(face_at) if is_edit is None else is_edit
        none = torch.zeros((0, 3), dtype=torch.long, device=face_at.device)
        return self.face_head(chosen, mask, face_at, edit, none if numbers is None else numbers, since)

    @torch.no_grad()
    def generate(  # type: ignore[override]
        self, input_ids: Tensor, faces: Tensor | None = None, photos: PhotoInput | None = None, **options: Any
    ) -> Any:
        """Generate as the base does; `faces` and `photos` as in forward, other options are transformers' own.

        Without faces and photos the words are those of the base.
        """
        self.give(faces, photos)
        self._tell_token_types(input_ids, options)
        try:
            with self.adapters.acting_if(self._has_faces(faces, photos)):
                return self.base.generate(input_ids=input_ids, **options)
        finally:
            self.give(None, None)

    @staticmethod
    def _has_faces(faces: Tensor | None, photos: PhotoInput | None) -> bool:
        return faces is not None or photos is not None

    def _tell_token_types(self, input_ids: Tensor, options: dict[str, Any]) -> None:
        """Add which tokens stand for a picture, where the base wants that beside it (Qwen-VL, transformers 5)."""
        wanted = "mm_token_type_ids" in inspect.signature(self.base.forward).parameters
        if wanted and "image_grid_thw" in options and "mm_token_type_ids" not in options:
            options["mm_token_type_ids"] = (input_ids == self.base.config.image_token_id).long()

    def _place_faces(self, _: nn.Module, arguments: tuple[Tensor, ...], output: Tensor) -> Tensor | None:
        """Put the embeddings of input faces and photos into their slots; the first pass over a prompt uses them up."""
        if self._faces_to_place is None and self._photos_to_place is None:
            return None
        slots = arguments[0] == self.config.slot_token
        if self._photos_to_place is not None:
            at, embedded = self._photos_to_place
            places = at[:, 1:] + torch.arange(embedded.shape[1], device=at.device)
            if len(at) and (int(places.max()) >= slots.shape[1] or not bool(slots[at[:, :1], places].all())):
                raise FaceGPTError("a photo's tokens do not fit their places in the conversation")
            output = output.index_put((at[:, :1].expand_as(places), places), embedded.to(output.dtype))
            slots = slots.index_put((at[:, :1].expand_as(places), places), torch.zeros_like(slots[:1, :1]))
        placed = output.new_zeros(0, output.shape[-1]) if self._faces_to_place is None else self._faces_to_place
        if int(slots.sum()) != len(placed):
            raise FaceGPTError(f"{len(placed)} face tokens do not fit {int(slots.sum())} places in the conversation")
        self._faces_to_place = self._photos_to_place = None
        return output.masked_scatter(slots[..., None], placed.to(output.dtype))

    def _score_face(self, _: nn.Module, arguments: tuple[Tensor, ...], output: Tensor) -> Tensor:
        """`<FACE>` a score of its own: its id was reserved by the base and never learnt. Slots are never said.

        Where the adapters are silent it is never said either: its score was learnt with them.
        """
        states = arguments[0]
        score = states @ self.face_row.to(states.dtype) + self.face_bias.to(states.dtype)
        score = score if self.adapters.acting else torch.full_like(score, -1e4)
        before, after = (
            min(self.config.face_token, self.config.slot_token),
            max(self.config.face_token, self.config.slot_token),
        )
        never = torch.full_like(score, -1e4)
        pair = (score, never) if self.config.face_token < self.config.slot_token else (never, score)
        pieces = [output[..., :before], pair[0][..., None], output[..., before + 1 : after], pair[1][..., None]]
        return torch.cat([*pieces, output[..., after + 1 :]], dim=-1)


def next_token_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy (nats per token) of labels (B, T) against logits (B, T, vocabulary) of the tokens before them."""
    flat = logits[:, :-1].flatten(0, 1).float()
    return nn.functional.cross_entropy(flat, labels[:, 1:].flatten(), ignore_index=-100)


def face_log_odds(logits: Tensor, face_token: int) -> Tensor:
    """Log of p(`<FACE>`) / p(any other token) from logits (…, vocabulary)."""
    own = logits[..., face_token].float()
    others = logits.float().index_fill(-1, torch.tensor([face_token], device=logits.device), -math.inf)
    return own - others.logsumexp(-1)


def _with_prefix(keys: Any) -> Any:
    """Say where tied weights are, seen from the model around the base (transformers 4: a list, 5: a dictionary)."""
    if isinstance(keys, dict):
        return {f"base.{name}": f"base.{source}" for name, source in keys.items()}
    return [f"base.{name}" for name in keys] if keys else None
