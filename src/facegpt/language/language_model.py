"""The language model as the rest of the package uses it: reads requests in words, and answers in words."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from facegpt.language.head_request import HeadRequest
from facegpt.language.looks.characters import characters_in, with_named_looks
from facegpt.language.looks.denied import without_denied
from facegpt.language.looks.eras import decade_of, decades_in, without_decades
from facegpt.language.model.face_reading import FaceReading, features_of
from facegpt.language.model.passes import Passed, Passes
from facegpt.language.model.processor import Encoded, FaceGPTProcessor, Message
from facegpt.language.model.turn_parts import last_text, parts_of, with_face, without_faces
from facegpt.language.reading.after_network import read_after_network
from facegpt.language.reading.beyond.pointed_ears import POINTED
from facegpt.language.reading.beyond.unshown_network import Unshown, unshown_in
from facegpt.language.reading.beyond.word_senses import means, with_worn
from facegpt.language.reading.changes import read_changes
from facegpt.language.reading.composed import composed
from facegpt.language.reading.conditions_network import condition_in, rests_on_years, with_condition
from facegpt.language.reading.edits.set_apart import SetApart, set_apart
from facegpt.language.reading.glasses_words import with_last_text
from facegpt.language.reading.strengths_network import HAPPENS_WORDS, with_doubted, with_strength
from facegpt.language.reading.text_reading import Reading, feelings_doubted
from facegpt.runtime.threads import one_thread
from facegpt.types import Array, FaceGPTError

if TYPE_CHECKING:
    from torch import Tensor

    from facegpt.encode.photo_view import CropGeometry, PhotoView
    from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
    from facegpt.language.model.feelings_reader import FeelingsReader
    from facegpt.language.model.joined_pass import Prompt
    from facegpt.language.model.photo_theta import CropTheta
    from facegpt.language.model.photo_theta_head import PhotoHeadOutput
    from facegpt.language.model.photo_tokens import PhotoInput
    from facegpt.language.model.turn_adapter import TurnReader

_LONGEST_CONTEXT = 4096
#: What is said beside a photo whose head is asked for without words.
SEE_TEXT = "Make a 3D head of this photo."


@dataclass(frozen=True)
class _Asked:
    """A conversation as the network is given it, and what a program read in its last turn and took out of it."""

    turns: list[Message]
    faces: list[FaceReading]
    views: list[PhotoView]
    is_edit: bool
    encoded: Encoded
    apart: SetApart
    era: str

    @property
    def words_alone(self) -> bool:
        """Whether the last turn asks for somebody new, beside no face."""
        return not (self.faces or self.views or self.is_edit)


class LanguageModel:
    """A FaceGPT model with its processor, ready for use. Safe to share between threads: one call at a time.

    Args:
        model: in eval mode. processor: of the same base.
        with_rules: whether what a program reads exactly (reading/after_network.py) joins what the network reads.
        turns: what reads the meaning of turns, for the model that the package's other networks learnt from
            (`Reading.states`); None for others. feelings: what reads feelings in words that stand alone; None likewise.
    """

    def __init__(
        self,
        model: FaceGPTForConditionalGeneration,
        processor: FaceGPTProcessor,
        with_rules: bool = True,
        turns: TurnReader | None = None,
        feelings: FeelingsReader | None = None,
    ) -> None:
        self.model, self.processor, self.with_rules = model, processor, with_rules
        self.turns, self.feelings = turns, feelings
        self.thresholds = dict(model.config.thresholds)
        doubted = partial(feelings_doubted, thresholds=model.config.thresholds)
        self._passes = None if turns is None else Passes(model, processor, turns, feelings, doubted)
        self._lock = threading.RLock() if self._passes is None else self._passes.lock

    @one_thread()
    def read(
        self, messages: str | Sequence[Message], face: FaceReading | None = None, is_edit: bool = False
    ) -> Reading:
        """Read the last user turn: one pass over the conversation, no generation.

        Args:
            messages: a text, or [{"role", "content"}] where a content is a text or a list of {"type": "text", "text"}
                and {"type": "face", "face": FaceReading}.
            face: a face that comes with the last turn, put before its text.
            is_edit: whether that turn changes a given face; attributes are then changes.
        """
        asked = self._asked(messages, face, is_edit)
        text, encoded, alone = last_text(asked.turns), asked.encoded, len(asked.turns) == 1
        passed = self._passed(asked)
        changes = None
        if self._passes is not None and is_edit and not asked.views:
            turn = self.processor(without_faces(asked.turns))
            changes = read_changes(self._passes.states(turn), asked.faces[-1] if asked.faces else None)
        known = passed.known if self._passes is not None and asked.words_alone else None
        reading = read_after_network(
            passed.request,
            lambda: passed.log_odds,
            text,
            self.model.config.thresholds,
            is_edit,
            exact=self.with_rules,
            alone=alone,
            states=known,
            feelings=passed.felt,
            changes=changes,
        )
        if self.turns is not None and self.with_rules and not asked.views:
            reading = replace(reading, request=self._with_condition(reading, text, alone and not is_edit))
            reading = replace(reading, request=self._with_look(reading.request, text, asked.era))
        if self.with_rules:
            given = face or (asked.faces[-1] if asked.faces else None)
            reading = replace(reading, request=composed(reading.request, text, self.read, given, is_edit))
        if known is not None:
            words = () if asked.apart.is_worn else tuple(self.processor.spans(text))
            spans = words if len(words) < len(known) else ()
            reading = replace(reading, tells_states=lambda: self._kept(encoded), spans=spans)
        return replace(reading, request=asked.apart.joined_to(reading.request)) if self.with_rules else reading

    @one_thread()
    def ahead(self, texts: Sequence[str], face: FaceReading | None = None, is_edit: bool = False) -> None:
        """Read several texts in one pass, so that `read` finds what the network says of each."""
        if self._passes is None:
            return
        dated = [text for text in texts if self.with_rules and decades_in(text)]
        self._states_ahead([last_text(set_apart(self._given(text, face)[0], is_edit).turns) for text in dated])
        asked = [self._asked(text, face, is_edit) for text in texts if text.strip()]
        if asked:
            self._passes.read([self._prompt(each) for each in asked], asked[0].faces)

    def forget(self) -> None:
        """Forget what is kept of texts that were read: the next one is read anew."""
        if self._passes is not None:
            self._passes.forget()

    def _asked(self, messages: str | Sequence[Message], face: FaceReading | None, is_edit: bool) -> _Asked:
        """What the network is given of a conversation: see `read`."""
        if is_edit and face is not None and face.is_fitted and not face.history.wore:
            face = face.at_rest()  # of 20 such edits the words alone say 19 as meant, beside fitted weights 12
        turns, faces, views = self._given(messages, face)
        apart = set_apart(turns, is_edit, self.with_rules)
        era = self._era(last_text(apart.turns))
        turns = with_last_text(apart.turns, without_decades) if era else apart.turns  # no age
        return _Asked(turns, faces, views, is_edit, self.processor(turns), apart, era)

    def _prompt(self, asked: _Asked) -> Prompt:
        """The same as the model's pass takes it."""
        assert self._passes is not None
        alone = last_text(asked.turns) if asked.words_alone and len(asked.turns) == 1 else ""
        turn = asked.encoded if asked.words_alone else None
        turn = self.processor(without_faces(asked.turns)) if asked.is_edit else turn
        last = last_text(asked.turns) if self.with_rules else ""
        return self._passes.prompt(asked.encoded, alone, asked.is_edit, turn, last)

    def _passed(self, asked: _Asked) -> Passed:
        """What the network says of a conversation."""
        import torch

        if self._passes is not None and not asked.views:
            return self._passes.read([self._prompt(asked)], asked.faces)[0]
        numbers = [(0, start, end) for start, end in asked.encoded.numbers]
        with self._lock, torch.inference_mode():
            log_odds, out = self._pass(asked.encoded, asked.faces, asked.views, asked.is_edit, numbers)
        return Passed(lambda: log_odds, out.request, np.zeros((0, 0, 0), np.float32), None)

    def _with_condition(self, reading: Reading, text: str, alone: bool) -> HeadRequest:
        """What was read with the strength of its expression, or where it is open the condition or a doubted emotion."""
        request = reading.request
        if not text.strip():
            return request
        request = with_strength(request, self._states_of(text), alone)
        named = condition_in(self._states_of(text))
        tells_age = named.name and request.age_years
        if tells_age and rests_on_years(
            text, named.name, self._states_of, lambda each: self.read(each).request, self._states_ahead
        ):
            return request
        request = with_condition(request, named)
        happens = alone and len(text.split()) >= HAPPENS_WORDS
        return with_doubted(request, reading.doubted_emotion, self._states_of(text)) if happens else request

    def _with_look(self, request: HeadRequest, text: str, era: str) -> HeadRequest:
        """A request with the character and the era that a text names, and without the lipstick that it takes off."""
        if not text.strip():
            return request
        looks = characters_in(self._states_of(POINTED.sub("ears", text)), text)  # elf ears are no elf's
        request = with_named_looks(replace(request, era=era), looks, text)
        request = without_denied(request, text, lambda words: characters_in(self._states_of(words))["impression"])
        return with_worn(request, text, self._states_of(text), self.processor.spans(text))

    def _era(self, text: str) -> str:
        """The decade whose style a text asks for, "1980"; "" where it names none, or an age."""
        found = decades_in(text) if self.turns is not None and self.with_rules else []
        if not found:
            return ""
        states, spans = self._states_of(text), self.processor.spans(text)
        return next((decade_of(each) for each in found if means("decade", text, states, spans, each.span())), "")

    def unshown(self, text: str) -> list[Unshown]:
        """The stretches of a text that name what no head of this kind shows; [] where no network can tell."""
        if self.turns is None or not text.strip():
            return []
        found = unshown_in(text, self._states_of(text), self.processor.spans(text))
        decades = [match.span() for match in decades_in(text)] if self._era(text) else []
        return [each for each in found if not any(each.start < end and each.end > start for start, end in decades)]

    @one_thread()
    def _states_ahead(self, texts: Sequence[str]) -> None:
        """Read the states of several texts that stand alone in one pass."""
        assert self._passes is not None
        self._passes.read_turns([self.processor([{"role": "user", "content": text}]) for text in texts])

    def _states_of(self, text: str) -> Array:
        """States (tokens, layers, D) of a text that stands alone."""
        return self._kept(self.processor([{"role": "user", "content": text}]))

    @one_thread()
    def _kept(self, encoded: Encoded) -> Array:
        """The states that say what a turn means, with no face before it."""
        assert self._passes is not None
        return self._passes.states(encoded)

    def _pass(
        self,
        encoded: Encoded,
        faces: list[FaceReading],
        views: list[PhotoView],
        is_edit: bool = False,
        spans: Sequence[tuple[int, int, int]] = (),
    ) -> tuple[float, Any]:
        """Run the model once: log odds of `<FACE>` as the answer's first token, and what the heads read there."""
        import torch

        from facegpt.language.model.placement import moved

        ids = torch.tensor([encoded.ids])
        given = {
            "input_ids": ids,
            "faces": features_of(faces),
            "photos": self._photo_input(encoded, views),
            "face_at": torch.tensor([ids.shape[1] - 1]),
            "is_edit": torch.tensor([int(is_edit)]),
            "since": torch.tensor([encoded.since]),
            "numbers": torch.tensor(spans, dtype=torch.long).reshape(-1, 3),  # see FaceHead
        }
        out = self.model(**moved(given, self.model.device), use_cache=False, logits_to_keep=2)
        out.request, out.seen = moved(out.request, "cpu"), moved(out.seen, "cpu")
        return self._face_log_odds(out.logits[0, -2]), out

    def _face_log_odds(self, logits: Tensor) -> float:
        """Log odds of `<FACE>` as the next token."""
        from facegpt.language.model.facegpt_model import face_log_odds

        return float(face_log_odds(logits, self.processor.face_token))

    def spoken(
        self,
        messages: str | Sequence[Message],
        say: Callable[[str], None] = lambda piece: None,
        max_new_tokens: int = 256,
        temperature: float = 0.0,
        seed: int | None = None,
        answers_with_face: bool = False,
    ) -> tuple[str, list[float]]:
        """Answer in words; with the log-probability of each token, the likeliest if none is drawn.

        Args:
            messages: as in `read`.
            say: called with each piece as it is made; what it raises ends the answer and is raised here.
            max_new_tokens: the longest answer.
            temperature: 0 takes the likeliest token each time; above, tokens are drawn.
            seed: makes drawn answers repeatable.
            answers_with_face: the answer starts with `<FACE>`: the words beside a head that was made.
        """
        import torch

        from facegpt.language.model.placement import moved
        from facegpt.language.model.speaking import LikeliestTokens, PieceStreamer

        turns, faces, views = self._given(messages, None)
        encoded = self.processor(turns, ask_face=answers_with_face)
        ids = torch.tensor([encoded.ids], device=self.model.device)
        if ids.shape[1] + max_new_tokens > _LONGEST_CONTEXT:
            raise FaceGPTError(f"the conversation is too long ({ids.shape[1]} tokens); start a new one")
        streamer, likely = PieceStreamer(self.processor.tokenizer, say), LikeliestTokens()
        options: dict[str, Any] = {"max_new_tokens": max_new_tokens, "do_sample": temperature > 0}
        options |= {"streamer": streamer, "suppress_tokens": [self.processor.face_token]}
        options |= {"temperature": temperature, "top_p": 0.9} if temperature > 0 else {}
        with one_thread(), self._lock:
            if seed is not None:
                torch.manual_seed(seed)
            given = moved({"faces": features_of(faces), "photos": self._photo_input(encoded, views)}, ids.device)
            mask = torch.ones_like(ids)
            self.model.generate(ids, attention_mask=mask, logits_processor=[likely], **given, **options)
        return streamer.text, likely.log_probabilities

    def stream(self, messages: str | Sequence[Message], **options: Any) -> Iterator[str]:
        """The answer of `spoken`, piece by piece as they are made."""
        from facegpt.runtime.streams import pieces_of

        yield from pieces_of(lambda say: self.spoken(messages, say, **options))

    def leaning(self, text: str, words: Sequence[str], others: Sequence[str]) -> float:
        """Log odds by which a plain text goes on with the likeliest of some words rather than of others."""
        import torch

        tokenizer = self.processor.tokenizer
        ids = torch.tensor([tokenizer(text, add_special_tokens=False).input_ids])
        with self._lock, torch.inference_mode():
            logits = self.model(ids, use_cache=False, logits_to_keep=1).logits[0, -1].float()
        first, second = (
            max(float(logits[tokenizer(f" {word}", add_special_tokens=False).input_ids[0]]) for word in side)
            for side in (words, others)
        )
        return first - second

    def count_tokens(self, text: str) -> int:
        """How many tokens a text has."""
        return len(self.processor.encode_text(text)[0])

    @property
    def sees(self) -> bool:
        """Whether the model takes photos."""
        return bool(self.model.config.photo_geometry)

    @one_thread()
    def see(self, views: Sequence[PhotoView], text: str = SEE_TEXT) -> tuple[CropTheta, PhotoHeadOutput]:
        """θ of the faces of a photo, with its spread: one pass over a conversation about them, no fit.

        Args:
            views: one face each, as the encoder saw it (encode.photo_view).
            text: what is said beside the photo.

        Raises:
            FaceGPTError: if the model takes no photos.
        """
        import torch

        from facegpt.encode.photo_view import PhotoView
        from facegpt.language.model.photo_theta import theta_of

        if not self.sees:
            raise FaceGPTError("this language model takes no photos: it has no photo tokens")
        parts: list[Message] = [{"type": "photo", "photo": view} for view in views]
        turns = [{"role": "user", "content": [*parts, {"type": "text", "text": text}]}]
        joined = PhotoView.joined(list(views))
        with self._lock, torch.inference_mode():
            seen = self._pass(self.processor(turns, ask_face=True), [], list(views))[1].seen
            return theta_of(seen.mean, joined, self.geometry.place(joined)), seen

    @cached_property
    def geometry(self) -> CropGeometry:
        """The points of the default head, for placing it in photos."""
        from facegpt.encode.photo_view import CropGeometry
        from facegpt.morphable.makehuman import head as makehuman

        return CropGeometry(makehuman.load())

    def _given(
        self, messages: str | Sequence[Message], face: FaceReading | None
    ) -> tuple[list[Message], list[FaceReading], list[PhotoView]]:
        """The turns with the faces and photos in them; a model that takes no photos is not told of them."""
        turns, faces = with_face(messages, face)
        return turns, faces, parts_of(turns, "photo") if self.sees else []

    def _photo_input(self, encoded: Encoded, views: Sequence[PhotoView]) -> PhotoInput | None:
        """Put the photos of a conversation as the model takes them."""
        import torch

        from facegpt.encode.photo_view import PhotoView
        from facegpt.language.model.photo_tokens import PhotoInput

        if not views:
            return None
        joined = PhotoView.joined(list(views))
        numbers = self.geometry.numbers(joined, self.geometry.place(joined))
        return PhotoInput(joined.grid, numbers, torch.tensor([[0, start] for start in encoded.photos]))

    def answer(self, messages: str | Sequence[Message], **options: Any) -> str:
        """The whole answer of `stream`."""
        return self.spoken(messages, **options)[0].strip()
