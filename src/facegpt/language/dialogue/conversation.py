"""A conversation about photos and heads: what was said, which faces it is about, and what to answer.

The language model decides whether an answer needs a face and speaks freely about everything else. Heads come from the
requests that it reads, and what is said about a head comes from measuring it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from facegpt.data.images import ImageSource, Photo
from facegpt.describe import sentences as words
from facegpt.describe.measure_words import asked_about
from facegpt.face import Face
from facegpt.language.dialogue import turns as turn_words
from facegpt.language.dialogue.face_wanted import says_nothing, wants_face
from facegpt.language.dialogue.turn_counts import MOST_HEADS, how_many
from facegpt.language.dialogue.turn_questions import asks_of_the_head, asks_of_you
from facegpt.language.head_request import HeadRequest
from facegpt.language.model.face_reading import FaceReading
from facegpt.language.reading.prompts import read_prompt
from facegpt.language.reading.rules.questions import asked_traits
from facegpt.types import FaceGPTError

_COMPARES = re.compile(
    r"compar|differ|\bthan\b|which (?:one|of|head|face|person)|who (?:has|is|looks)|same person|\bversus\b|\bvs\b", re.I
)
_BACK = re.compile(r"\b(undo|go back|back to|return to|revert|restore|previous (?:one|face|head|version))\b", re.I)
NO_FACE = (
    "I found no face in the picture. I read only faces: another photo, with a face that is not too small, will do."
)


class Reading(Protocol):
    """What the language model read in a text: see `facegpt.language.reading.text_reading`."""

    @property
    def request(self) -> HeadRequest:
        """What the words ask of a head."""

    @property
    def asks(self) -> Sequence[str]:
        """What a question is about, by the names of LABELS.md."""

    @property
    def face_probability(self) -> float:
        """Probability 0..1 that the answer needs a face."""

    @property
    def decline(self) -> bool:
        """Whether a part of the question asks what a face cannot show."""


class Language(Protocol):
    """What a conversation needs of a language model."""

    def read(self, messages: Any, face: FaceReading | None = None, is_edit: bool = False) -> Reading:
        """Read the last message, in its conversation, about the face given."""
        ...

    def stream(self, messages: list[dict[str, Any]]) -> Iterator[str]:
        """Answer a conversation in words, piece by piece."""
        ...


class Maker(Protocol):
    """What a conversation needs of a model: `facegpt.api.FaceGPT`."""

    @property
    def language(self) -> Language:
        """The language model."""

    def faces_in(self, image: ImageSource | Photo) -> list[Face]:
        """Make the heads of a photo, or find them again."""
        ...

    def head_from(self, request: HeadRequest, seed: int) -> Face:
        """The head that a request asks for."""
        ...

    def changed(self, face: Face, request: HeadRequest, seed: int) -> Face:
        """A head changed as a request says."""
        ...

    def seen(self, face: Face) -> FaceReading:
        """What the language model is told of a head."""
        ...

    def facts(self, face: Face) -> words.Facts:
        """Measure a head."""
        ...


@dataclass(frozen=True, eq=False)
class Turn:
    """One message: who says it, its text, and the photos and heads that come with it."""

    role: str
    text: str
    images: tuple[Any, ...] = ()
    faces: tuple[Face, ...] = ()


@dataclass(frozen=True, eq=False)
class Reply:
    """An answer: words, and the heads that came with it ([] where none was asked for)."""

    text: str
    faces: list[Face] = field(default_factory=list)

    @property
    def message(self) -> dict[str, Any]:
        """The answer as a message, to go on with the conversation."""
        parts: list[dict[str, Any]] = [{"type": "text", "text": self.text}]
        return {"role": "assistant", "content": parts + [{"type": "face", "face": face} for face in self.faces]}


def read_messages(messages: object) -> list[Turn]:
    """Check and read a list of messages; the last one must be the user's.

    Raises:
        FaceGPTError: if one is not as `FaceGPT.chat` says.
    """
    if not isinstance(messages, (list, tuple)) or not messages:
        raise FaceGPTError('messages are a list like [{"role": "user", "content": "an old man, smiling"}]')
    turns = [_turn(message, k) for k, message in enumerate(messages)]
    if turns[-1].role != "user":
        raise FaceGPTError(f"the last message must be the user's, not the {turns[-1].role}'s")
    return turns


def _turn(message: object, place: int) -> Turn:
    where = f"message {place + 1}"
    if not isinstance(message, dict) or message.get("role") not in ("system", "user", "assistant"):
        raise FaceGPTError(f'{where} needs a "role": "user", "assistant" or "system"')
    content = message.get("content")
    if isinstance(content, str):
        return Turn(message["role"], content)
    if not isinstance(content, (list, tuple)):
        raise FaceGPTError(f'the "content" of {where} is a string or a list of parts')
    texts, images, faces = [], [], []
    for part in content:
        kind = part.get("type") if isinstance(part, dict) else None
        value = part.get(kind) if kind in ("text", "image", "face") else None
        if kind == "text" and isinstance(value, str):
            texts.append(value)
        elif kind == "image" and value is not None:
            images.append(value)
        elif kind == "face" and isinstance(value, Face):
            faces.append(value)
        else:
            raise FaceGPTError(
                f'a part of {where} is {{"type": "text", "text": …}}, {{"type": "image", "image": path, bytes, PIL '
                'image or array}} or {"type": "face", "face": a Face}'
            )
    return Turn(message["role"], " ".join(texts), tuple(images), tuple(faces))


def reply(model: Maker, messages: object, seed: int = 0, on_text: Callable[[str], None] | None = None) -> Reply:
    """Answer a conversation.

    Args:
        model: makes, changes and measures heads, and has the language model.
        messages: see `FaceGPT.chat`.
        seed: decides about what the words leave open in a new head.
        on_text: called with each piece of the text as it comes.
    """
    turns = read_messages(messages)
    answer = _answer(model, turns, seed, on_text or (lambda piece: None))
    return Reply(answer.text.strip(), answer.faces)


def _answer(model: Maker, turns: list[Turn], seed: int, say: Callable[[str], None]) -> Reply:
    last = turns[-1]
    shown = [model.faces_in(image) for image in last.images]
    scope = _scope(model, turns, [face for faces in shown for face in faces])
    if last.images and not any(shown):
        return _said(NO_FACE, say)
    if not last.text.strip():
        if not last.images and not last.faces:
            read_prompt(last.text, "the message")  # raises: it says nothing
        return _shown(model, scope, say) if last.images else _said(about(model, scope), say)
    prompt = read_prompt(last.text, "the message")
    remarks = " ".join(prompt.remarks)
    texts = _texts([*turns[:-1], Turn("user", prompt.text, last.images, last.faces)])
    is_edit = bool(scope) and not turn_words.asks_for_new(prompt.text)
    no = "" if asks_of_you(prompt.text) else words.refusal(prompt.text)
    if no and scope and turn_words.is_question(prompt.text):
        return _said(about(model, scope, prompt.text, (), no), say)
    if is_edit and len(scope) > 1:
        parts = [{"type": "face", "face": model.seen(face)} for face in scope[:-1]]
        texts[-1]["content"] = [*parts, {"type": "text", "text": prompt.text}]
    reading = model.language.read(texts, model.seen(scope[-1]) if is_edit else None, is_edit)
    if wants_face(model.language, reading, prompt.text, bool(scope)):
        made = _made(model, turns, reading.request, scope if is_edit else [], seed)
        return _said(" ".join(filter(None, (remarks, _handed_over(model, made, reading.request)))), say, made)
    if not asks_of_you(prompt.text):
        no = no or words.refusal(prompt.text, bool(reading.decline) and not reading.asks)
    if scope and (reading.asks or last.images or no or asks_of_the_head(prompt.text)):
        return _said(about(model, scope, prompt.text, reading.asks, no), say)
    if no and reading.decline:
        return _said(no, say)
    if reading.asks and last.role == "user" and turn_words.refers_back(prompt.text):
        return _said("There is no head here yet. Describe a person, or give me a photo, and I can measure it.", say)
    texts[-1]["content"] = prompt.text
    return _free(model, texts, say)


def _scope(model: Maker, turns: Sequence[Turn], shown: list[Face]) -> list[Face]:
    """Find the faces that a message is about: those that come with it, else the latest ones before it."""
    if shown or turns[-1].faces:
        return [*turns[-1].faces, *shown]
    for turn in reversed(turns[:-1]):
        faces = [*turn.faces, *(face for image in turn.images for face in model.faces_in(image))]
        if faces:
            return faces
    return []


def _texts(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """The conversation as words alone."""
    said = []
    for turn in turns:
        text = turn.text or ("(a photo)" if turn.images else "(a head)" if turn.faces else "")
        said.append({"role": turn.role, "content": text})
    return said


def _made(model: Maker, turns: Sequence[Turn], request: HeadRequest, scope: Sequence[Face], seed: int) -> list[Face]:
    """Make the heads of an answer: new ones, changed ones, or those at hand as they are."""
    text, fresh = turns[-1].text, bool(turns[-1].images or turns[-1].faces)
    if not scope:
        return [model.head_from(request, seed + k) for k in range(how_many(text))]
    if _BACK.search(text) and not fresh:
        made = [face for turn in turns for face in turn.faces]
        return [made[0] if re.search(r"first|original|start|beginning", text, re.I) else made[-2:][0]]
    places = [float(face.box[0] + face.box[2]) for face in scope]
    chosen = [scope[k] for k in turn_words.which_of(text, places)]
    if not fresh and not turn_words.means_all(text):
        chosen = chosen[-1:]
    if says_nothing(request):
        return chosen[:MOST_HEADS]
    return [model.changed(face, request, seed) for face in chosen[:MOST_HEADS]]


def _said(text: str, say: Callable[[str], None], faces: Sequence[Face] = ()) -> Reply:
    say(text)
    return Reply(text, list(faces))


def _shown(model: Maker, faces: Sequence[Face], say: Callable[[str], None]) -> Reply:
    """Answer a photo without words: its heads, and what stands out."""
    heads = "the head" if len(faces) == 1 else f"the {len(faces)} heads, the largest first"
    facts = model.facts(faces[0])
    return _said(f"Here is {heads}. {words.expression_words(facts)} {words.unusual_words(facts)}", say, faces)


def _handed_over(model: Maker, made: Sequence[Face], request: HeadRequest) -> str:
    """Say what was made, by measuring it."""
    if len(made) > 1:
        return f"Here are {len(made)} heads."
    facts = model.facts(made[0])
    told = [words.expression_words(facts)]
    for name in dict.fromkeys(goal.measure for goal in request.millimetres):
        if name in facts.measures:
            told.append(words.measure_words(name, facts.measures[name]))
    return " ".join(("Here is the changed head." if request.is_edit else "Here is the head.", *told))


def about(model: Maker, scope: Sequence[Face], question: str = "", asks: Sequence[str] = (), no: str = "") -> str:
    """Answer a question about faces from what is measured on them; without a question, describe them.

    Args:
        model: measures heads.
        scope: the faces.
        question: what was asked.
        asks: what the answer must speak of, by the names of LABELS.md; what the question's words name is added.
        no: a sentence that declines a part of the question.
    """
    no = no or words.refusal(question)
    asks = tuple(dict.fromkeys((*(() if no else asks), *asked_traits(question), *asked_about(question))))
    facts = [model.facts(face) for face in scope[:MOST_HEADS]]
    if len(facts) >= 2 and _COMPARES.search(question):
        return f"{no} {words.compare(facts[0], facts[1], asks)}".strip()
    if len(facts) == 1 or set(asks) == {"count"} or (no and not asks):
        return words.answer(facts[0], asks, heads=len(scope), no=no)
    each = [words.answer(f, [name for name in asks if name != "count"]) for f in facts]
    count = f"{words.aspect(facts[0], 'count', len(scope))}\n" if "count" in asks else ""
    return f"{no}\n{count}".lstrip() + "\n".join(f"Head {k}: {text}" for k, text in enumerate(each, start=1))


def _free(model: Maker, texts: list[dict[str, Any]], say: Callable[[str], None]) -> Reply:
    pieces = []
    for piece in model.language.stream(texts):
        say(piece)
        pieces.append(piece)
    return Reply("".join(pieces))


class Conversation:
    """A conversation that goes on: it remembers what was said and the heads made, and can take a step back.

    Args:
        model: makes, changes and measures heads (`facegpt.load()`).
        seed: decides about what the words leave open in new heads; may be set at any time.
    """

    def __init__(self, model: Maker, seed: int = 0) -> None:
        self.model, self.seed = model, seed
        self.messages: list[dict[str, Any]] = []

    def say(self, text: str, images: Sequence[ImageSource] = (), on_text: Callable[[str], None] | None = None) -> Reply:
        """Say something, with photos if any, and get the answer. When it fails, nothing was said."""
        parts: list[dict[str, Any]] = [{"type": "image", "image": image} for image in images]
        message = {"role": "user", "content": [*parts, {"type": "text", "text": text}]}
        answer = reply(self.model, [*self.messages, message], self.seed, on_text)
        self.messages += [message, answer.message]
        return answer

    @property
    def face(self) -> Face | None:
        """The head that was made or shown last, or None."""
        for message in reversed(self.messages):
            if faces := [part["face"] for part in message["content"] if part["type"] == "face"]:
                return faces[0]
            images = [part["image"] for part in message["content"] if part["type"] == "image"]
            if shown := [face for image in images for face in self.model.faces_in(image)]:
                return shown[0]
        return None

    def undo(self) -> bool:
        """Take back the last question and its answer; False when there is none."""
        taken = bool(self.messages)
        del self.messages[-2:]
        return taken

    def save(self, path: str | Path) -> tuple[Path, ...]:
        """Save the last head (see `Face.save`).

        Raises:
            FaceGPTError: if there is none yet.
        """
        if self.face is None:
            raise FaceGPTError("there is no head to save yet; describe one, or give a photo")
        return self.face.save(path)
