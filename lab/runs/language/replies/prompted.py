"""Replies that were written to what a program offered (corpus/replies): prompt and reply, both with codes of items."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from random import Random

from facegpt.language.dialogue.replies.items import CODE
from facegpt_lab.synthesis.texts.corpus import corpus_folder

#: Every so many conversations, and replies, one is held out.
HELD_OUT = 8
#: How often the items of a reply that was written to a prompt come in any order.
SHUFFLED = 0.4
#: How often a fact that it tells without need is marked as needed.
ALSO = 0.5
_ITEM = re.compile(r"((?:[A-Z]\d!? )+)(.+)")


@dataclass(frozen=True)
class Prompted:
    """A reply that was written to a prompt, both with codes.

    Attributes:
        before: the lines of the prompt before its items. act: of the turn.
        items: codes of each with "!" where they are needed ("M! P W"), and its label.
        reply: with codes by the places of the items.
    """

    before: str
    act: str
    items: tuple[tuple[str, str], ...]
    reply: str

    def drawn(self, rng: Random) -> tuple[str, str]:
        """What the writer reads and writes, the items as a program gives them or in any order."""
        order = list(range(len(self.items)))
        if rng.random() < SHUFFLED:
            rng.shuffle(order)
        used = {m[0] for m in CODE.finditer(self.reply)}
        place = {str(k + 1): str(at) for at, k in enumerate(order, start=1)}
        lines = []
        for at, k in enumerate(order, start=1):
            codes, label = self.items[k]
            told = {f"{code[0]}{k + 1}" for code in codes.split()} & used
            marks = ("!" if f"{code[0]}{k + 1}" in told and rng.random() < ALSO else code[1:] for code in codes.split())
            row = (f"{code[0]}{at}{mark}" for code, mark in zip(codes.split(), marks, strict=True))
            lines.append(" ".join((*row, label)))
        reply = CODE.sub(lambda m: m[1] + place[m[2]], self.reply)
        return f"{self.before}\n[{self.act}] {'; '.join(lines)}", reply


def prompted_replies() -> tuple[list[Prompted], list[Prompted]]:
    """Those of corpus/replies to learn from, and those held out."""
    found: tuple[list[Prompted], list[Prompted]] = ([], [])
    for file in sorted((corpus_folder() / "replies").glob("*.jsonl")):
        for k, line in enumerate(file.read_text("utf-8").splitlines()):
            record = json.loads(line)
            found[k % HELD_OUT == 0].append(_prompted(record["prompt"], record["reply"]))
    return found


def _prompted(prompt: str, reply: str) -> Prompted:
    before, _, last = prompt.rpartition("\n")
    act, _, listed_items = last.removeprefix("[").partition("] ")
    items = []
    for line in listed_items.split("; "):
        codes, label = _ITEM.fullmatch(line).groups()  # type: ignore[union-attr]
        items.append((re.sub(r"\d", "", codes).strip(), label))
    return Prompted(before, act, tuple(items), reply)
