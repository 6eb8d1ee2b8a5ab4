"""Plain instructions with answers (corpus/instructions.txt): they keep the base model's ability."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from facegpt.types import AssetError
from facegpt_lab.synthesis.texts.corpus import corpus_folder

_FILE = "instructions.txt"


@dataclass(frozen=True)
class Instruction:
    """One pair.

    Attributes:
        text: what the user types. reply: a good answer.
    """

    text: str
    reply: str

    @property
    def may_be_roughened(self) -> bool:
        """Whether the text may be written in lower case and with slips: not if its exact letters matter."""
        return not any(mark in self.text for mark in ('"', "'", ":", "`", "\n"))


@lru_cache(maxsize=1)
def load_instructions() -> tuple[Instruction, ...]:
    r"""Read corpus/instructions.txt: a line each, "instruction || answer", with \n for a new line."""
    path = corpus_folder() / _FILE
    pairs = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        text, mark, reply = line.partition(" || ")
        if not mark:
            raise AssetError(f"{_FILE}, line {number}: expected 'instruction || answer'")
        pairs.append(Instruction(text.strip().replace("\\n", "\n"), reply.strip().replace("\\n", "\n")))
    return tuple(pairs)
