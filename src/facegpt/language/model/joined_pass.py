"""One pass of the base over many texts for several readers: each text is read with the adapters of its own reader.

A pass over a short text takes its time mostly for reading the base's weights. Here all tokens stand in one row, those
of one reader together, and texts that begin alike share the tokens of their beginning: a tree of tokens, in which each
sees only what stands before it (Miao et al. 2024, SpecInfer, sec. 4.2). Adapters that differ within a pass are those of
Punica (Chen et al. 2023).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from facegpt.language.model.face_head import FaceHeadOutput
from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration, face_log_odds
from facegpt.language.model.feelings_reader import FeelingsReader, layers_of_feelings
from facegpt.language.model.layers import Seen, TokenStore, states_of_trees
from facegpt.language.model.lora import Adapters
from facegpt.language.model.turn_adapter import TURN_LAYERS, TurnReader

#: What a store calls those who read tokens.
_READERS = ("faces", "words", "turns")


@dataclass(frozen=True)
class Prompt:
    """One text to read.

    Attributes:
        ids: its tokens, `<FACE>` last. numbers: first token and the one after the last of each number. since: the
            first token of the last turn. is_edit: see FaceHead.
        words: tokens for the reader of feelings (`feelings_reader.tokens_of`), () without it.
        turn: tokens for the reader of turns, () without it.
        alone: further ones for it, of the last turn without those before it.
    """

    ids: tuple[int, ...]
    numbers: tuple[tuple[int, int], ...] = ()
    since: int = 0
    is_edit: bool = False
    words: tuple[int, ...] = ()
    turn: tuple[int, ...] = ()
    alone: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class ReadTogether:
    """What a joined pass gives of one prompt.

    Attributes:
        request: what the face head reads. hidden: layer → (1, T, D) states of the prompt, of the layers that are read.
        answer: (D,) the last layer's state before `<FACE>`, for `answer_log_odds`.
        states, alone: (T, layers, D) of the turn reader, or None.
    """

    request: FaceHeadOutput
    hidden: Mapping[int, Tensor]
    answer: Tensor
    states: Tensor | None = None
    alone: Tensor | None = None


@dataclass
class _TokenTree:
    """Texts of one reader; those that begin alike share places. parents: -1 at the start of a text."""

    ids: list[int] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    _known: dict[tuple[int, int], int] = field(default_factory=dict)

    def add(self, ids: Sequence[int]) -> list[int]:
        """The places of a text's tokens."""
        path, parent = [], -1
        for depth, token in enumerate(ids):
            place = self._known.setdefault((parent, token), len(self.ids))
            if place == len(self.ids):
                self.ids.append(token)
                self.parents.append(parent)
                self.depths.append(depth)
            path.append(place)
            parent = place
        return path

    def counts(self, token: int) -> list[int]:
        """How often a token stands in the text up to each place, with that place."""
        found: list[int] = []
        for own, parent in zip(self.ids, self.parents, strict=True):
            found.append((found[parent] if parent >= 0 else 0) + (own == token))
        return found


def read_together(
    model: FaceGPTForConditionalGeneration,
    prompts: Sequence[Prompt],
    turns: TurnReader | None = None,
    faces: Tensor | None = None,
    store: TokenStore | None = None,
) -> list[ReadTogether]:
    """What the face head reads of each prompt, and the reader of turns of the same base beside it.

    Args:
        model: whose base is a Llama (layers.can_split).
        prompts: without photos.
        turns: reads their `turn`.
        faces: features (N, F) of the faces that have places in the prompts; these then begin alike up to the last one.
        store: of tokens that this model and these readers read before.
    """
    trees = [_TokenTree(), _TokenTree(), _TokenTree()]
    of_turns = [trees[2].add(each.turn) if turns else [] for each in prompts]
    of_last = [trees[2].add(each.alone) if turns else [] for each in prompts]
    own = [trees[0].add(each.ids) for each in prompts]
    states = _states(model, trees, None, turns, faces, store)
    since = len(trees[0].ids)
    found = []
    for k, request in enumerate(_requested(model, states, own, prompts)):
        hidden = {layer: state[own[k]][None] for layer, state in states.items()}
        meant, last = (_meant(turns, states, path[k], since) for path in (of_turns, of_last))
        found.append(ReadTogether(request, hidden, hidden[max(hidden)][0, -2].clone(), meant, last))
    return found


def answer_log_odds(model: FaceGPTForConditionalGeneration, answer: Tensor) -> float:
    """Log odds of `<FACE>` as an answer's first token; answer: of `ReadTogether`. Takes as long as ten tokens."""
    with model.adapters.acting_if(True):
        logits = model.get_output_embeddings()(answer[None, None])
    return float(face_log_odds(logits[0, 0], model.config.face_token))


def read_turns(
    model: FaceGPTForConditionalGeneration, turns: TurnReader, texts: Sequence[Sequence[int]], store: TokenStore
) -> list[Tensor]:
    """(T, layers, D) what the reader of turns makes of each text, its tokens given; store: as of `read_together`."""
    trees = [_TokenTree(), _TokenTree(), _TokenTree()]
    paths = [trees[2].add(ids) for ids in texts]
    states = _states(model, trees, None, turns, None, store)
    found = [_meant(turns, states, path, 0) for path in paths]
    return [each for each in found if each is not None]


def read_feelings(
    model: FaceGPTForConditionalGeneration,
    feelings: FeelingsReader,
    texts: Sequence[Sequence[int]],
    store: TokenStore,
    turns: TurnReader | None = None,
) -> list[Tensor]:
    """(E,) what the reader of feelings says of each text, its tokens given; store, turns: as of `read_together`."""
    trees = [_TokenTree(), _TokenTree(), _TokenTree()]
    paths = [trees[1].add(ids) for ids in texts]
    states = _states(model, trees, feelings, turns, None, store)
    return [_felt(feelings, states, path) for path in paths]


def _layers(model: FaceGPTForConditionalGeneration, turns: TurnReader | None) -> list[int]:
    """The layers whose states anybody reads."""
    last = model.base.config.num_hidden_layers
    of_turns = () if turns is None else turns.layers
    read = {*model.config.head_layers, *layers_of_feelings(last), *TURN_LAYERS, *of_turns}
    return sorted(layer for layer in read if layer <= last)


def _room(trees: Sequence[_TokenTree], store: TokenStore | None) -> TokenStore:
    """The store if the trees fit into it, or one of their own."""
    count = sum(len(tree.ids) for tree in trees)
    return TokenStore(count) if store is None or count > store.most else store


def _states(
    model: FaceGPTForConditionalGeneration,
    trees: Sequence[_TokenTree],
    feelings: FeelingsReader | None,
    turns: TurnReader | None,
    faces: Tensor | None,
    given: TokenStore | None,
) -> dict[int, Tensor]:
    """(N, D) states, by layer, over the tokens of the trees in a row: those of faces, of feelings and of turns."""
    device, store, layers = model.device, _room(trees, given), _layers(model, turns)
    readers = [reader.adapters if reader else None for reader in (feelings, turns)]
    told: list[Sequence[Hashable]] = [_with_faces(model, trees[0], faces), trees[1].ids, trees[2].ids]
    named = [(name, ids, tree.parents) for name, ids, tree in zip(_READERS, told, trees, strict=True)]
    store.make_room(named)
    placed = [store.place(*each) for each in named]
    every = torch.tensor([row for rows, _ in placed for row in rows], device=device)
    is_new = np.array([each for _, new in placed for each in new], bool)
    if is_new.any():
        try:
            found = _run(model, trees, readers, faces, store, is_new, every)
            store.keep(_new_rows(every, is_new), {layer: found[layer] for layer in layers})
        except BaseException:  # of a stop by the user too
            store.rows.clear()
            raise
    return {layer: store.states[layer][every] for layer in layers}


def _run(
    model: FaceGPTForConditionalGeneration,
    trees: Sequence[_TokenTree],
    readers: Sequence[Adapters | None],
    faces: Tensor | None,
    store: TokenStore,
    is_new: np.ndarray,
    every: Tensor,
) -> dict[int, Tensor]:
    """States (N, D) of all layers over the tokens that are new; `every`: rows of all in the store."""
    device = model.device
    new = torch.from_numpy(np.flatnonzero(is_new)).to(device)
    of_faces = [model.adapters, *([model.words_adapters] if model.config.words_rank else [])]
    adapters = [of_faces, *([each] if each else [] for each in readers)]
    seen = _seen(trees, is_new, every, adapters)
    ids = torch.tensor([token for tree in trees for token in tree.ids], device=device)[new]
    model.give(_unplaced(model, trees[0], faces, is_new), None)
    embedded = model.get_input_embeddings()(ids[None])[0]
    depths = torch.tensor([depth for tree in trees for depth in tree.depths], device=device)[new]
    return states_of_trees(
        model, embedded, depths, _new_rows(every, is_new), [each for each in seen if each.acts], store
    )


def _new_rows(every: Tensor, is_new: np.ndarray) -> slice:
    """The rows of the tokens that are new, which a store places one behind the other."""
    first = int(every[int(is_new.argmax())])
    return slice(first, first + int(is_new.sum()))


def _unplaced(
    model: FaceGPTForConditionalGeneration, tree: _TokenTree, faces: Tensor | None, is_new: np.ndarray
) -> Tensor | None:
    """The faces whose slots are new; those of the others stand in states that are kept."""
    slot = model.config.slot_token
    if faces is None or slot not in tree.ids:
        return faces
    told = zip(tree.ids, tree.counts(slot), is_new, strict=False)
    new = sorted(
        {(number - 1) // model.face_embedding.tokens for token, number, fresh in told if fresh and token == slot}
    )
    return faces[new] if new else None


def _with_faces(model: FaceGPTForConditionalGeneration, tree: _TokenTree, faces: Tensor | None) -> list[Hashable]:
    """The tokens of a tree as the store tells them apart: in its slots stand the faces."""
    if faces is None:
        return list(tree.ids)
    given, tokens = [face.tobytes() for face in faces.cpu().numpy()], model.face_embedding.tokens
    numbers = tree.counts(model.config.slot_token)
    slots = [token == model.config.slot_token for token in tree.ids]
    if any(slots) and max(numbers) > len(given) * tokens:
        return list(tree.ids)  # which is refused where they are placed
    told = zip(tree.ids, slots, numbers, strict=True)
    return [given[(number - 1) // tokens] if slot else token for token, slot, number in told]


def _seen(
    trees: Sequence[_TokenTree], is_new: np.ndarray, every: Tensor, adapters: Sequence[Sequence[Adapters]]
) -> list[Seen]:
    """What the new tokens of each tree see: themselves and what stands before them; every: rows of the store."""
    found, first, start = [], 0, 0
    for tree, own in zip(trees, adapters, strict=True):
        end = first + len(tree.ids)
        new = is_new[first:end]
        mask = torch.from_numpy(_mask(tree)[new]).to(every.device)
        found.append(Seen(slice(start, start + int(new.sum())), every[first:end], mask, own))
        first, start = end, start + int(new.sum())
    return found


def _mask(tree: _TokenTree) -> np.ndarray:
    """(N, N) what is added to the scores of attention: 0 for a token itself and what stands before it, else -inf."""
    sees = np.eye(len(tree.ids), dtype=bool)
    for k, parent in enumerate(tree.parents):
        if parent >= 0:
            sees[k] |= sees[parent]
    return np.where(sees, np.float32(0), np.float32(-np.inf))


def _meant(turns: TurnReader | None, states: Mapping[int, Tensor], path: Sequence[int], first: int) -> Tensor | None:
    """(T, layers, D) what the reader of turns makes of the tokens at places of its tree, which starts at `first`."""
    if turns is None or not path:
        return None
    place = torch.tensor(path, device=states[turns.layers[0]].device) + first
    return torch.stack([states[n][place].float() for n in turns.layers], 1)


def _requested(
    model: FaceGPTForConditionalGeneration,
    states: Mapping[int, Tensor],
    paths: Sequence[Sequence[int]],
    prompts: Sequence[Prompt],
) -> list[FaceHeadOutput]:
    """What the face head reads of prompts whose tokens have places of states: a batch of one for each."""
    longest = max(map(len, paths))
    place = torch.tensor([[*path, *[path[-1]] * (longest - len(path))] for path in paths], device=model.device)
    ends, edits, since = (
        place.new_tensor(each)
        for each in ([len(path) for path in paths], [p.is_edit for p in prompts], [p.since for p in prompts])
    )
    mask = (torch.arange(longest, device=place.device) < ends[:, None]).long()
    numbers = place.new_tensor([(k, *span) for k, p in enumerate(prompts) for span in p.numbers]).reshape(-1, 3)
    theirs = {layer: states[layer][place] for layer in model.config.head_layers}
    out = model.read_states(theirs, mask, ends - 1, edits, numbers, since)
    after = np.cumsum([len(prompt.numbers) for prompt in prompts]).tolist()
    before = [0, *after[:-1]]
    return [out.of(k, slice(*span)) for k, span in enumerate(zip(before, after, strict=True))]


def _felt(feelings: FeelingsReader, states: Mapping[int, Tensor], path: Sequence[int]) -> Tensor:
    """(E,) what the reader of feelings says of the words at places of its tree."""
    place = torch.tensor(path, device=states[max(states)].device)
    theirs = {k: layer[place][None] for k, layer in states.items()}
    return feelings.of_states(theirs, place.new_tensor([len(path)]))[0]
