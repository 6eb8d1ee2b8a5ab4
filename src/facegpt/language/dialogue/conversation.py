"""A conversation about photos and heads: what was said, which faces it is about, and what to answer.

What a turn does is weighed in deciding.py, whom it means in references.py. Heads come from the requests that the
language model reads, what is said about a head comes from measuring it, and the model's own words are only for other
matters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from facegpt.data.images import ImageSource
from facegpt.describe import sentences as words
from facegpt.describe.compared import compare
from facegpt.face import Face
from facegpt.language.dialogue.answering import NO_FACE, answered, language_spoken
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.maker import Language, Maker, Reading
from facegpt.language.dialogue.messages import Reply, read_messages
from facegpt.language.dialogue.questions.asked_before import names_in
from facegpt.language.dialogue.telling import kept_by_photo
from facegpt.language.dialogue.who.counts import MOST_HEADS
from facegpt.language.glosses.replies import said_in
from facegpt.language.patterns import has_word, word_set
from facegpt.language.talkers.spoken import Spoken
from facegpt.types import FaceGPTError

__all__ = ["NO_FACE", "Conversation", "Language", "Maker", "Reading", "Reply", "about", "read_messages", "reply"]

_COMPARES = word_set("compare compared comparison differ differs difference different than which who versus vs same")


def reply(
    model: Maker,
    messages: object,
    seed: int = 0,
    on_text: Callable[[str], None] | None = None,
    tools: Sequence[dict[str, Any]] = (),
) -> Reply:
    """Answer a conversation.

    Args:
        model: makes, changes and measures heads, and has the language model.
        messages: see `FaceGPT.chat`.
        seed: decides about what the words leave open in a new head.
        on_text: called with each piece of the text as it comes.
        tools: elements of OpenAI's `tools`, for a talker that takes some; it asks for them in `Reply.calls`.
    """
    turns = read_messages(messages)
    write = Spoken(on_text or (lambda piece: None))
    answer = answered(model, turns, seed, write, tools)
    text = answer.text.strip()
    kept = kept_by_photo(answer.cast, answer.faces)
    if kept and (language := language_spoken(turns[-1].text)):
        kept = said_in(kept, language)
    if kept and not any(kept in turn.text for turn in turns):  # once in a conversation
        write(f" {kept}")
        text = f"{text} {kept}".strip()
    return replace(answer, text=text)


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
    asks = tuple(dict.fromkeys((*(() if no else asks), *names_in(question))))
    facts = [model.facts(face) for face in scope[:MOST_HEADS]]
    if len(facts) >= 2 and has_word(question, _COMPARES):
        return f"{no} {compare(facts[0], facts[1], asks)}".strip()
    if len(facts) == 1 or set(asks) == {"count"} or (no and not asks):
        return words.answer(facts[0], asks, heads=len(scope), no=no)
    each = [words.answer(f, [name for name in asks if name != "count"]) for f in facts]
    count = f"{words.aspect(facts[0], 'count', len(scope))}\n" if "count" in asks else ""
    return f"{no}\n{count}".lstrip() + "\n".join(f"Head {k}: {text}" for k, text in enumerate(each, start=1))


class Conversation:
    """A conversation that goes on: it remembers what was said and the heads made, and can take a step back.

    Args:
        model: makes, changes and measures heads (`facegpt.load()`).
        seed: decides about what the words leave open in new heads; may be set at any time.
        opening: messages that come before all that is said, as persona.opening makes them; no step back takes them.
    """

    def __init__(self, model: Maker, seed: int = 0, opening: Sequence[dict[str, Any]] = ()) -> None:
        self.model, self.seed = model, seed
        self.messages: list[dict[str, Any]] = list(opening)
        self._opening = len(self.messages)

    def say(
        self,
        text: str,
        images: Sequence[ImageSource] = (),
        on_text: Callable[[str], None] | None = None,
        faces: Sequence[Face] = (),
    ) -> Reply:
        """Say something, with photos or heads if any, and get the answer. When it fails, nothing was said."""
        parts: list[dict[str, Any]] = [{"type": "image", "image": image} for image in images]
        parts += [{"type": "face", "face": face} for face in faces]
        message = {"role": "user", "content": [*parts, {"type": "text", "text": text}]}
        answer = reply(self.model, [*self.messages, message], self.seed, on_text)
        self.messages += [message, answer.message]
        return answer

    @property
    def cast(self) -> Cast:
        """All people of the conversation as they are now, in the order in which they came."""
        return next((m["cast"] for m in reversed(self.messages) if m.get("cast") is not None), Cast())

    @property
    def face(self) -> Face | None:
        """The head that was made, shown or changed last, or None."""
        cast = self.cast
        return cast.person(cast.in_focus()[0]).face if cast.people else None

    @property
    def speaker(self) -> Face | None:
        """The head that says the answers: the persona's as it is now, else the last one."""
        return self.cast.person(1).face if self._opening and self.cast.people else self.face

    def undo(self) -> bool:
        """Take back the last question and its answer; False when there is none."""
        if len(self.messages) == self._opening:
            return False
        del self.messages[-2:]
        return True

    def save(self, path: str | Path) -> tuple[Path, ...]:
        """Save the last head (see `Face.save`).

        Raises:
            FaceGPTError: if there is none yet.
        """
        if self.face is None:
            raise FaceGPTError("there is no head to save yet; describe one, or give a photo")
        return self.face.save(path)
