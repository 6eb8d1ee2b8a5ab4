"""The face head: from the hidden states of a conversation to a distribution over named quantities of one head.

It sees several layers, not the last alone, and every token, not `<FACE>` alone: a small model forgets early words.
Standardised states of all tokens are mixed in both directions by two small layers. Then each token votes for
classes, units and emotions (the strongest votes count: most say nothing), and one learnt query for each quantity,
joined with the state of `<FACE>`, attends over all tokens. Turns before the last one are seen, but don't vote.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from facegpt.language.targets import CLASSES

_GENERAL = ("sex", "age", "emotion", "decline", "expression", "age_years", "unusual", "count", "keep")
_FARTHEST = 24


@dataclass(frozen=True)
class FaceHeadSizes:
    """How many of each there are: K attributes, E expression weights, N emotions, M measures, kinds of a number.

    asked_measures: which measures a question can name apart from the attributes of the same name.
    """

    attributes: int
    expression: int
    emotions: int
    measures: int
    kinds: int
    asked_measures: tuple[int, ...]


@dataclass(frozen=True)
class FaceHeadOutput:
    """What the head says about B conversations with R numbers in all.

    Attributes:
        attribute_class: (B, K, 6) logits over CLASSES. attribute_size: (B, K) |degree| in SDs if named.
        attribute_spread: (B, K) log of the error expected of it, in SDs.
        sex: (B, 3) logits of woman, open, man.
        age: (B, 4): logit that an age is named, lowest and highest in centuries, log of their expected error.
        emotion: (B, N) logits. intensity: (B,) logit of 0..1.
        gate, weight: (B, E) logits that a unit is named, and of its weight where it is to be seen.
        at_rest: (B, E) logits that a unit, if named, must be at rest ("mouth closed").
        asks: (B, Q) logits in the order of targets.ASKABLE. decline: (B,) logit.
        keep: (B,) logit that a change leaves all else as it is.
        number_measure: (R, M) logits, several may hold. number_kind: (R, kinds) logits. number_sign: (R,) logit of +.
        number_years: (R,) logit that the number is the age of the face.
    """

    attribute_class: Tensor
    attribute_size: Tensor
    attribute_spread: Tensor
    sex: Tensor
    age: Tensor
    emotion: Tensor
    intensity: Tensor
    gate: Tensor
    weight: Tensor
    at_rest: Tensor
    asks: Tensor
    decline: Tensor
    keep: Tensor
    number_measure: Tensor
    number_kind: Tensor
    number_sign: Tensor
    number_years: Tensor

    def of(self, conversation: int, numbers: slice) -> FaceHeadOutput:
        """What the head says about one conversation, whose numbers stand there among all: a batch of one."""
        own, rows = slice(conversation, conversation + 1), {name: getattr(self, name) for name in vars(self)}
        return FaceHeadOutput(**{k: v[numbers if k.startswith("number_") else own] for k, v in rows.items()})


class Standardise(nn.Module):
    """Subtract each dimension's mean and divide by its SD, both measured once on the training texts.

    In training, noise of `noise` SDs is added: the head sees the same states again and again and would learn them by
    heart.
    """

    mean: Tensor
    sd: Tensor

    def __init__(self, layers: int, size: int, noise: float = 0.0) -> None:
        super().__init__()
        self.noise = noise
        self.register_buffer("mean", torch.zeros(layers, size))
        self.register_buffer("sd", torch.ones(layers, size))

    def forward(self, states: Tensor) -> Tensor:
        """Standardise (B, T, layers, D)."""
        standard = ((states - self.mean) / self.sd).clamp(-8.0, 8.0)
        return standard + self.noise * torch.randn_like(standard) if self.training and self.noise else standard


class FaceHead(nn.Module):
    """See the module's text.

    Args:
        layers: how many layers' states it sees. size: D of each. sizes: of the outputs.
        width: its own D. heads: of its attentions. dropout: in training. noise: see Standardise.
    """

    def __init__(
        self,
        layers: int,
        size: int,
        sizes: FaceHeadSizes,
        width: int = 256,
        heads: int = 4,
        dropout: float = 0.1,
        noise: float = 0.0,
    ) -> None:
        super().__init__()
        self.sizes, self.heads = sizes, heads
        self.standardise = Standardise(layers, size, noise)
        self.enter = nn.Linear(layers * size, width)
        self.enter_norm = nn.LayerNorm(width)
        self.is_edit = nn.Embedding(2, width)
        self.dropout = nn.Dropout(dropout)
        self.mix = nn.ModuleList(
            nn.TransformerEncoderLayer(width, heads, 2 * width, dropout, "gelu", batch_first=True, norm_first=True)
            for _ in range(2)
        )
        queries = sizes.attributes + sizes.expression + sizes.measures + len(_GENERAL)
        self.queries = nn.Parameter(torch.randn(queries, width) * 0.5)
        self.votes = nn.Linear(width, sizes.attributes * len(CLASSES) + sizes.expression + sizes.emotions)
        self.from_face = nn.Linear(width, width)
        self.key, self.value = nn.Linear(width, width), nn.Linear(width, width)
        self.after = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.GELU(), nn.Dropout(dropout))
        self.attribute_out = PerQuery(sizes.attributes, width, len(CLASSES) + 3)
        self.unit_out = PerQuery(sizes.expression, width, 2)
        self.rest_votes, self.rest_out = nn.Linear(width, sizes.expression), PerQuery(sizes.expression, width, 1)
        self.measure_out = PerQuery(sizes.measures, width, 1)
        self.general_out = nn.ModuleDict(
            {name: nn.Linear(width, outputs) for name, outputs in zip(_GENERAL, self._general_sizes(), strict=True)}
        )
        self.number = NumberReader(width, sizes.measures, sizes.kinds, dropout)
        self._start_with_nothing_said()

    @torch.no_grad()
    def _start_with_nothing_said(self) -> None:
        """Before any training every attribute is open and no unit, measure or question is named."""
        self.attribute_out.bias[:, 0] = 4.0
        self.attribute_out.bias[:, len(CLASSES) + 2] = -4.0
        self.unit_out.bias[:, 0] = -4.0
        self.measure_out.bias.fill_(-4.0)
        self.number.out.bias[: self.sizes.measures] = -4.0
        self.number.years.bias.fill_(-4.0)

    def _general_sizes(self) -> tuple[int, ...]:
        return (3, 4, self.sizes.emotions + 1, 1, 1, 1, 1, 1, 1)

    def forward(
        self,
        states: Tensor,
        mask: Tensor,
        face_at: Tensor,
        is_edit: Tensor,
        numbers: Tensor,
        since: Tensor | None = None,
    ) -> FaceHeadOutput:
        """Read B conversations.

        Args:
            states: (B, T, layers, D) hidden states.
            mask: (B, T) bool, true for tokens; the first token (an attention sink) is left out in any case.
            face_at: (B,) where `<FACE>` is.
            is_edit: (B,) whether a given head is changed.
            numbers: (R, 3) int: conversation, first token, token after the last, for each number in the texts.
            since: (B,) first token of the last turn; None: there is no other.
        """
        mask = mask.bool().clone()
        mask[:, 0] = False
        tokens = self.enter_norm(self.enter(self.standardise(states).flatten(2)))
        tokens = self.dropout(tokens + self.is_edit(is_edit.long())[:, None])
        for layer in self.mix:
            tokens = layer(tokens, src_key_padding_mask=~mask)
        face = tokens[torch.arange(len(tokens), device=tokens.device), face_at]
        answers = self.after(self._attend(tokens, mask, face))
        place = torch.arange(mask.shape[1], device=mask.device)
        voting = mask if since is None else mask & (place >= since[:, None])
        return self._outputs(answers, self._count_votes(tokens, voting), self.number(tokens, mask, numbers))

    def _count_votes(self, tokens: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """(B, K, classes), (B, E), (B, N), (B, E): soft maxima over the tokens, 0 where all votes are equal."""
        votes = torch.cat([self.votes(tokens), self.rest_votes(tokens)], 2).masked_fill(~mask[..., None], -torch.inf)
        most = votes.logsumexp(1) - mask.sum(1, keepdim=True).clamp_min(1).log()
        s = self.sizes
        counts = [s.attributes * len(CLASSES), s.expression, s.emotions, s.expression]
        attribute, unit, emotion, rest = most.split(counts, dim=1)
        return attribute.unflatten(1, (s.attributes, -1)), unit, emotion, rest

    def _attend(self, tokens: Tensor, mask: Tensor, face: Tensor) -> Tensor:
        """Let each query gather what it needs: (B, Q, width)."""
        query = self.queries[None] + self.from_face(face)[:, None]
        q, k, v = (self._split(x) for x in (query, self.key(tokens), self.value(tokens)))
        found = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None])
        return found.transpose(1, 2).flatten(2)

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def _outputs(
        self,
        answers: Tensor,
        votes: tuple[Tensor, Tensor, Tensor, Tensor],
        numbers: tuple[Tensor, Tensor, Tensor, Tensor],
    ) -> FaceHeadOutput:
        s = self.sizes
        pieces = answers.split([s.attributes, s.expression, s.measures, len(_GENERAL)], dim=1)
        attribute, unit, measure = self.attribute_out(pieces[0]), self.unit_out(pieces[1]), self.measure_out(pieces[2])
        general = {name: self.general_out[name](pieces[3][:, k]) for k, name in enumerate(_GENERAL)}
        classes = len(CLASSES)
        asks = [general[name] for name in ("expression", "age_years", "unusual", "count")]
        return FaceHeadOutput(
            attribute_class=attribute[..., :classes] + votes[0],
            attribute_size=nn.functional.softplus(attribute[..., classes] + 0.55),
            attribute_spread=attribute[..., classes + 1].clamp(-3.0, 1.0),
            sex=general["sex"],
            age=general["age"],
            emotion=general["emotion"][:, :-1] + votes[2],
            intensity=general["emotion"][:, -1],
            gate=unit[..., 0] + votes[1],
            weight=unit[..., 1],
            at_rest=self.rest_out(pieces[1])[..., 0] + votes[3],
            asks=torch.cat([*asks, attribute[..., classes + 2], measure[:, list(s.asked_measures), 0]], dim=1),
            decline=general["decline"][:, 0],
            keep=general["keep"][:, 0],
            number_measure=numbers[0],
            number_kind=numbers[1],
            number_sign=numbers[2],
            number_years=numbers[3],
        )


class PerQuery(nn.Module):
    """A linear layer of its own for each query: (B, Q, width) → (B, Q, outputs)."""

    def __init__(self, queries: int, width: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(queries, width, outputs) * width**-0.5)
        self.bias = nn.Parameter(torch.zeros(queries, outputs))

    def forward(self, x: Tensor) -> Tensor:
        """Apply each query's layer."""
        return torch.einsum("bqd,qdo->bqo", x, self.weight) + self.bias


class NumberReader(nn.Module):
    """For each number in a text: which measures it is about or whether it is the age, its kind and sign. No amount."""

    def __init__(self, width: int, measures: int, kinds: int, dropout: float) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.distance = nn.Embedding(2 * _FARTHEST + 1, 1)
        self.after = nn.Sequential(nn.LayerNorm(2 * width), nn.Linear(2 * width, width), nn.GELU(), nn.Dropout(dropout))
        self.out = nn.Linear(width, measures + kinds + 1)
        self.split = (measures, kinds, 1)
        self.years = nn.Linear(width, 1)

    def forward(self, tokens: Tensor, mask: Tensor, numbers: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Read numbers (R, 3) in tokens (B, T, width): logits (R, measures), (R, kinds), (R,) of +, (R,) of an age."""
        row, start, end = numbers.unbind(1)
        place = torch.arange(tokens.shape[1], device=tokens.device)
        inside = ((place >= start[:, None]) & (place < end[:, None])).to(tokens.dtype)
        own = torch.einsum("rt,rtd->rd", inside / inside.sum(1, keepdim=True).clamp_min(1), tokens[row])
        distance = (place - start[:, None]).clamp(-_FARTHEST, _FARTHEST) + _FARTHEST
        score = torch.einsum("rd,rtd->rt", self.query(own), self.key(tokens)[row]) * own.shape[-1] ** -0.5
        score = (score + self.distance(distance)[..., 0]).masked_fill(~mask[row], -torch.inf)
        around = torch.einsum("rt,rtd->rd", score.softmax(1), self.value(tokens)[row])
        read = self.after(torch.cat([own, around], 1))
        measures, kinds, sign = self.out(read).split(self.split, dim=1)
        return measures, kinds, sign[:, 0], self.years(read)[:, 0]
