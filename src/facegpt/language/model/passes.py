"""What passes of the language model gave, kept for the texts that were read last, so that none is read twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from facegpt.language.model.face_reading import FaceReading, features_of
from facegpt.language.model.processor import Encoded, FaceGPTProcessor
from facegpt.types import Array

if TYPE_CHECKING:
    from torch import Tensor

    from facegpt.language.model.face_head import FaceHeadOutput
    from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
    from facegpt.language.model.feelings_reader import FeelingsReader
    from facegpt.language.model.joined_pass import Prompt, ReadTogether
    from facegpt.language.model.layers import TokenStore
    from facegpt.language.model.turn_adapter import TurnReader

#: Of so many texts the results are kept (some 150 kB each); tokens of one pass (the scores of attention are tokens
#: squared); of so many tokens the states, keys and values.
_KEPT, _MOST_TOKENS, _STORED = 64, 640, 1024


@dataclass(frozen=True, eq=False)
class Passed:
    """What a pass gave of a text.

    Attributes:
        tells_log_odds: gives `log_odds`. request: of the face head.
        known: (tokens, layers, D) states of TURN_LAYERS as faces are read, from the first token of the last turn on,
            without `<FACE>`. felt: (E,) log-probabilities of EMOTIONS, or None.
    """

    tells_log_odds: Callable[[], float]
    request: FaceHeadOutput
    known: Array
    felt: Array | None

    @cached_property
    def log_odds(self) -> float:
        """Of `<FACE>` as the answer's first token; made when first asked for."""
        return self.tells_log_odds()


class Passes:
    """Runs the model with its readers, several texts in one pass. Safe to share between threads.

    Args:
        model: in eval mode, with a Llama as base. processor: of the same base.
        turns: reads the meaning of turns. feelings: reads feelings in words that stand alone.
        doubted: whether what the face head reads of these leaves a feeling open, so that `feelings` is asked.
    """

    def __init__(
        self,
        model: FaceGPTForConditionalGeneration,
        processor: FaceGPTProcessor,
        turns: TurnReader,
        feelings: FeelingsReader | None,
        doubted: Callable[[FaceHeadOutput], bool] = lambda _: True,
    ) -> None:
        self._model, self._processor, self._turns, self._feelings = model, processor, turns, feelings
        self._doubted, self.lock = doubted, threading.RLock()
        self._passed: dict[tuple[Prompt, bytes], Passed] = {}
        self._states: dict[tuple[int, ...], Array] = {}
        self._store: TokenStore | None = None

    def prompt(
        self,
        encoded: Encoded,
        alone: str = "",
        is_edit: bool = False,
        turn: Encoded | None = None,
        last: str = "",
    ) -> Prompt:
        """What is read of a text.

        Args:
            encoded: the conversation.
            alone: its text, where it is read for feelings.
            is_edit: see FaceHead.
            turn: the conversation as the reader of turns sees it; None: it does not read it.
            last: the words of its last turn, where it reads them alone too.
        """
        from facegpt.language.model.feelings_reader import tokens_of
        from facegpt.language.model.joined_pass import Prompt

        words = tokens_of(self._processor.tokenizer, alone) if alone and self._feelings is not None else ()
        meant = () if turn is None else tuple(turn.ids[:-1])
        last_turn = tuple(self._processor(last).ids[:-1]) if last.strip() else ()
        last_turn = () if last_turn == meant else last_turn
        numbers = tuple(encoded.numbers)
        return Prompt(tuple(encoded.ids), numbers, encoded.since, is_edit, tuple(words), meant, last_turn)

    def read(self, prompts: Sequence[Prompt], faces: Sequence[FaceReading] = ()) -> list[Passed]:
        """Read prompts that have places for the same faces, those that were not read before in one pass."""
        given = features_of(list(faces))
        key = b"" if given is None else given.cpu().numpy().tobytes()
        with self.lock:
            new = [prompt for prompt in dict.fromkeys(prompts) if (prompt, key) not in self._passed]
            for group in _groups(new):
                self._run(group, given, key)
            found = [self._passed[prompt, key] for prompt in prompts]
            self._passed = dict(list(self._passed.items())[-_KEPT:])
            self._states = dict(list(self._states.items())[-_KEPT:])
        return found

    def forget(self) -> None:
        """Forget the texts and tokens that were read."""
        with self.lock:
            self._passed, self._states, self._store = {}, {}, None

    def states(self, encoded: Encoded) -> Array:
        """(tokens, layers, D) states that say what the last turn means, with no face before it."""
        with self.lock:
            self.read_turns([encoded])
            return self._states[tuple(encoded.ids[:-1])][encoded.since :]

    def read_turns(self, texts: Sequence[Encoded]) -> None:
        """Read what the last turns of texts mean in one pass, so that `states` finds it."""
        import torch

        from facegpt.language.model.joined_pass import read_turns

        with self.lock, torch.inference_mode():
            new = [ids for ids in dict.fromkeys(tuple(each.ids[:-1]) for each in texts) if ids not in self._states]
            if not new:
                return
            found = read_turns(self._model, self._turns, new, self._kept_tokens())
            self._states |= {ids: states.cpu().numpy() for ids, states in zip(new, found, strict=True)}
            self._states = dict(list(self._states.items())[-max(_KEPT, len(new)) :])

    def _kept_tokens(self) -> TokenStore:
        """The tokens that were read before."""
        from facegpt.language.model.layers import TokenStore

        self._store = self._store or TokenStore(_STORED)
        return self._store

    def _run(self, prompts: Sequence[Prompt], faces: Tensor | None, key: bytes) -> None:
        import torch

        from facegpt.language.model.joined_pass import read_together
        from facegpt.language.model.placement import moved

        meant = [self._unread(prompt) for prompt in prompts]
        given = moved(faces, self._model.device)
        with torch.inference_mode():
            read = read_together(self._model, meant, self._turns, given, self._kept_tokens())
            felt = self._felt(prompts, [each.request for each in read])
        for prompt, each in zip(prompts, read, strict=True):
            for ids, states in ((prompt.turn, each.states), (prompt.alone, each.alone)):
                if states is not None:
                    self._states[ids] = states.cpu().numpy()
            self._passed[prompt, key] = self._result(prompt, each, felt.get(prompt.words))

    def _felt(self, prompts: Sequence[Prompt], requests: Sequence[FaceHeadOutput]) -> dict[tuple[int, ...], Array]:
        """What the reader of feelings says of the words of those prompts whose requests leave a feeling open."""
        from facegpt.language.model.joined_pass import read_feelings
        from facegpt.language.model.placement import moved

        told = zip(prompts, requests, strict=True)
        words = [prompt.words for prompt, request in told if prompt.words and self._doubted(moved(request, "cpu"))]
        if self._feelings is None or not words:
            return {}
        found = read_feelings(self._model, self._feelings, words, self._kept_tokens(), self._turns)
        return {ids: each.cpu().numpy() for ids, each in zip(words, found, strict=True)}

    def _unread(self, prompt: Prompt) -> Prompt:
        """A prompt without the turns whose states are known."""
        turn, alone = (() if ids in self._states else ids for ids in (prompt.turn, prompt.alone))
        return replace(prompt, turn=turn, alone=alone)

    def _result(self, prompt: Prompt, read: ReadTogether, felt: Array | None) -> Passed:
        from facegpt.language.model.placement import moved
        from facegpt.language.model.turn_adapter import states_of_words

        known = states_of_words(read.hidden, prompt.since)
        return Passed(partial(self._log_odds, read.answer), moved(read.request, "cpu"), known, felt)

    def _log_odds(self, answer: Tensor) -> float:
        """Of `<FACE>` after a state of an answer's beginning."""
        import torch

        from facegpt.language.model.joined_pass import answer_log_odds

        with self.lock, torch.inference_mode():
            return answer_log_odds(self._model, answer)


def _groups(prompts: Sequence[Prompt]) -> list[list[Prompt]]:
    """Prompts in groups of at most _MOST_TOKENS tokens, or of one."""
    groups: list[list[Prompt]] = []
    tokens = 0
    for prompt in prompts:
        count = len(prompt.ids) + len(prompt.turn) + len(prompt.alone)
        if not groups or tokens + count > _MOST_TOKENS:
            groups, tokens = [*groups, []], 0
        groups[-1].append(prompt)
        tokens += count
    return groups
