"""Plain prompts through chat: does the talker answer what means no face, as it answers alone?

200 prompts of ten kinds (plain_prompts.csv), none of them tuned on, each a conversation of its own. First, whom the
words go to, with the talker's voice left out; then, of a sample, whether the answer is the talker's to the token; then
the instructions that a program checks, through chat and by the talker alone.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import resources
from typing import Any

import numpy as np

from facegpt.api import FaceGPT, load
from facegpt.language.dialogue.talking import CAUTION
from facegpt.language.talkers.base import Message, Spoken, Talker
from facegpt.runtime.progress import Progress
from facegpt_lab.evaluate.judges.ability import follow
from facegpt_lab.evaluate.judges.instructions import INSTRUCTIONS
from facegpt_lab.evaluate.registry import Report, Row, figure

#: With --quick every so manieth prompt; answers that are held against the talker's own, instructions that are checked.
QUICK_STEP, COMPARED, COMPARED_QUICK, INSTRUCTIONS_QUICK = 10, 40, 2, 4
#: Targets: prompts that reach the talker untouched, that are taken to be about faces, answers alike, instructions lost.
REACHED, WRONG_GUESSES, ALIKE, LOST = 0.95, 0.02, 1.0, 0.02
PROMPTS = "plain_prompts.csv"


@dataclass
class Listener:
    """A talker that notes what reaches it and says nothing that takes time."""

    name: str = "a listener"
    sees: bool = False
    takes_facts: bool = False
    heard: list[list[Message]] = field(default_factory=list)

    def speak(self, messages: Sequence[Message], say: Callable[[str], None], tools: Sequence[Any] = ()) -> Spoken:
        """Note the messages."""
        self.heard.append(list(messages))
        return Spoken("Noted.")


@dataclass
class Remembering:
    """A talker that says the same to the same conversation without thinking again: it takes the likeliest words."""

    talker: Talker
    sees: bool = False
    takes_facts: bool = False
    known: dict[str, Spoken] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Of the talker that thinks."""
        return self.talker.name

    def speak(self, messages: Sequence[Message], say: Callable[[str], None], tools: Sequence[Any] = ()) -> Spoken:
        """What the talker said to these messages, or says now."""
        key = json.dumps(list(messages))
        if key not in self.known:
            self.known[key] = self.talker.speak(messages, lambda piece: None, tools)
        say(self.known[key].text)
        return self.known[key]


def prompts() -> list[tuple[str, str]]:
    """(kind, prompt) of all."""
    text = (resources.files("facegpt_lab.evaluate.protocols.words") / PROMPTS).read_text("utf-8")
    return [(row["kind"], row["prompt"]) for row in csv.DictReader(text.splitlines())]


def evaluate(quick: bool = False) -> Report:
    """Score plain prompts with the default model and the talker inside it."""
    model = load()
    asked = prompts()[:: QUICK_STEP if quick else 1]
    rows = reached_rows(model, asked)
    step = max(1, len(asked) // (COMPARED_QUICK if quick else COMPARED))
    rows += alike_rows(model, [prompt for _, prompt in asked[::step]])
    rows += instruction_rows(model, INSTRUCTIONS_QUICK if quick else len(INSTRUCTIONS))
    kinds = len({kind for kind, _ in asked})
    return Report(f"{len(asked)} plain prompts of {kinds} kinds, none of them learnt from", tuple(rows))


def _always(talker: Talker, language: object) -> Talker:
    """A maker of talkers that gives this one."""
    return talker


def reached_rows(model: FaceGPT, asked: Sequence[tuple[str, str]]) -> list[Row]:
    """How many prompts reach the talker word for word, and how many make or change a head."""
    reached, guessed = [], []
    with Progress("plain prompts", len(asked)) as progress:
        for k, (_, prompt) in enumerate(asked, start=1):
            listener = Listener()
            reply = replace(model, make_talker=partial(_always, listener)).chat(_alone(prompt))
            reached.append(listener.heard == [_alone(prompt)] and reply.text == "Noted.")
            guessed.append(bool(reply.faces) or not listener.heard)
            progress(k)
    rows = [
        figure("prompts that reach the talker word for word", float(np.mean(reached)), "share", at_least=REACHED),
        figure("wrong guesses of being about faces", float(np.mean(guessed)), "share", at_most=WRONG_GUESSES),
    ]
    kinds = [kind for kind, _ in asked]
    for kind in dict.fromkeys(kinds):
        own = [found for found, name in zip(reached, kinds, strict=True) if name == kind]
        rows.append(figure(f"reach the talker: {kind}", float(np.mean(own)), "share"))
    return rows


def alike_rows(model: FaceGPT, asked: Sequence[str]) -> list[Row]:
    """How many answers are the talker's own, but for the caution behind them."""
    alike, cautions = [], []
    with Progress("answers", len(asked)) as progress:
        for k, prompt in enumerate(asked, start=1):
            own = model.talker.speak(_alone(prompt), lambda piece: None).text.strip()
            said = model.chat(_alone(prompt)).text
            cautions.append(said.endswith(CAUTION))
            alike.append(said.removesuffix(CAUTION).strip() == own)
            progress(k)
    return [
        figure("answers as the talker alone gives them", float(np.mean(alike)), "share", at_least=ALIKE),
        figure("answers with a caution", float(np.mean(cautions)), "share"),
    ]


def instruction_rows(model: FaceGPT, count: int) -> list[Row]:
    """Instructions that a program checks: followed by the talker alone, and through chat."""
    asked = INSTRUCTIONS[:: max(1, len(INSTRUCTIONS) // count)]
    talker = Remembering(model.talker)
    model = replace(model, make_talker=partial(_always, talker))
    alone = follow(lambda text: talker.speak(_alone(text), lambda piece: None).text, asked, "talker alone")
    chatted = follow(lambda text: model.chat(_alone(text)).text.removesuffix(CAUTION).strip(), asked, "chat")
    return [
        figure("instructions followed: talker alone", float(alone.mean()), "share"),
        figure("instructions followed: chat", float(chatted.mean()), "share"),
        figure("instructions lost", float(alone.mean() - chatted.mean()), "share", at_most=LOST),
    ]


def _alone(text: str) -> list[Message]:
    return [{"role": "user", "content": text}]
