"""The configuration of a FaceGPT language model: a base of any class and the face parts beside it."""

from __future__ import annotations

from typing import Any

from transformers import AutoConfig, PretrainedConfig

from facegpt.encode.photo_view import CELLS
from facegpt.language.targets import MEASURES_SPOKEN, NETWORK_ATTRIBUTES


class FaceGPTConfig(PretrainedConfig):
    """What a FaceGPT model is made of.

    Attributes:
        base: the base model's own configuration, as a dictionary. base_kind: "causal" or "image-text".
        attributes, expression, emotions, measures, kinds: sizes of the vocabulary of requests (FaceHeadSizes).
        asked_measures: numbers of the measures that a question can name and that are no attribute.
        head_layers: numbers of the layers whose states the face head sees; 0 is the embedding.
        head_width, head_dropout, head_noise: of the face head.
        lora_rank, lora_alpha, lora_first_layer: of the adapters; rank 0 means none.
        words_rank: of the adapters in all layers that act beside them where words are read without photos; 0: none.
        face_token: id of `<FACE>`. slot_token: id of the place of a face given as input.
        face_tokens: tokens of one input face.
        photo_geometry: geometry tokens beside the 16 image tokens of a face in a photo; 0: the model takes no photos.
        photo_layers: numbers of the layers whose states the photo head sees, 0 (the embedding) first.
        photo_channels: of the encoder's grid. photo_numbers: how many become geometry tokens. photo_width: of the head.
        face_threshold: probability of `<FACE>` from which an answer has a face (calibrated).
        named_threshold, emotion_threshold, unit_threshold, ask_threshold, number_threshold, age_threshold:
            probabilities from which something counts as said (calibrated on validation sentences).
    """

    model_type = "facegpt"

    def __init__(
        self,
        base: dict[str, Any] | None = None,
        base_kind: str = "causal",
        attributes: int = 62,
        expression: int = 52,
        emotions: int = 24,
        measures: int = 34,
        kinds: int = 5,
        asked_measures: list[int] | None = None,
        head_layers: tuple[int, ...] | list[int] = (0, 9, 14, 18, 24, 30),
        head_width: int = 256,
        head_dropout: float = 0.3,
        head_noise: float = 0.5,
        lora_rank: int = 16,
        lora_alpha: float = 32.0,
        lora_first_layer: int = 18,
        words_rank: int = 0,
        face_token: int = 14,
        slot_token: int = 16,
        face_tokens: int = 4,
        photo_geometry: int = 0,
        photo_layers: tuple[int, ...] | list[int] = (0, 15, 30),
        photo_channels: int = 192,
        photo_numbers: int = 2408,
        photo_width: int = 192,
        thresholds: dict[str, float] | None = None,
        **others: Any,
    ) -> None:
        self.base, self.base_kind = base, base_kind
        self.attributes, self.expression, self.emotions = attributes, expression, emotions
        self.measures, self.kinds = measures, kinds
        self.asked_measures = _asked_measures() if asked_measures is None else asked_measures
        self.head_layers, self.head_width, self.head_dropout = list(head_layers), head_width, head_dropout
        self.head_noise = head_noise
        self.lora_rank, self.lora_alpha = lora_rank, lora_alpha
        self.lora_first_layer, self.words_rank = lora_first_layer, words_rank
        self.face_token, self.slot_token = face_token, slot_token
        self.face_tokens = face_tokens
        self.photo_geometry, self.photo_layers = photo_geometry, list(photo_layers)
        self.photo_channels, self.photo_numbers, self.photo_width = photo_channels, photo_numbers, photo_width
        self.thresholds = {**THRESHOLDS, **(thresholds or {})}
        super().__init__(**others)

    def base_config(self) -> PretrainedConfig:
        """The base's configuration as its own class."""
        fields = dict(self.base or {})
        return AutoConfig.for_model(fields.pop("model_type"), **fields)

    @property
    def photo_tokens(self) -> int:
        """Slots of one face of a photo; 0 where the model takes none."""
        return CELLS + self.photo_geometry if self.photo_geometry else 0

    @property
    def hidden_size(self) -> int:
        """D of the language model's hidden states."""
        return text_config(self.base_config()).hidden_size


#: Probabilities from which something counts as said, before they are calibrated on validation sentences.
THRESHOLDS = {"face": 0.5, "named": 0.5, "emotion": 0.5, "unit": 0.5, "ask": 0.5, "number": 0.5, "age": 0.5, "sex": 0.5}
#: Of the attributes of a change: what is not asked for must stay, so that one needs more than in a new head ("named").
THRESHOLDS |= {"decline": 0.5, "keep": 0.5, "changed": 0.5}


def _asked_measures() -> list[int]:
    return [k for k, name in enumerate(MEASURES_SPOKEN) if name not in NETWORK_ATTRIBUTES]


def text_config(config: PretrainedConfig) -> Any:
    """The part of a base's configuration that describes its language model."""
    return config.get_text_config()
