"""Whether words say a woman, a man or neither, of a new head: by nouns, names, titles and letters, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import torch
from torch import Tensor, nn

from facegpt.language.earlier import Earlier
from facegpt_lab.synthesis.texts.captions import draw_items
from facegpt_lab.synthesis.texts.conversations import conversation_turns
from facegpt_lab.synthesis.texts.corpus import load_corpus
from facegpt_lab.synthesis.texts.english import joined
from facegpt_lab.synthesis.texts.terse import NAMES, terse_requests
from lab.runs.language.states_network import Network

#: How many sentences, names with roles and terse requests are drawn, and how much a drawn one counts.
SENTENCES, NAMED, TERSE, OF_DRAWN = 9000, 2500, 1200, 0.5
SEXES = ("F", "", "M")
#: Roles that say nothing of a sex.
_ROLES = (
    *("my villain", "my hero", "the suspect", "patient", "client", "witness", "npc", "the baker", "our host", "dr"),
    *("my cousin", "the pilot", "a singer called", "someone named", "character:", "this is", "player", "the late"),
    *("the landlord", "chef", "the poet", "captain", "professor", "my friend", "student", "old", "young", "name:"),
)
_OPENINGS = ("", "", "", "", "make ", "please draw ", "I need ", "now ", "give me ", "and ", "next: ", "could I have ")


@dataclass(frozen=True)
class SexTurn:
    """A request and one of SEXES."""

    text: str
    earlier: tuple[Earlier, ...]
    sex: str
    weight: float = 1.0


def sex_turns(measuring: bool) -> list[SexTurn]:
    """The requests that may be learnt from, or those that measure."""
    found = []
    for turn in conversation_turns(measuring):
        if turn.act == "new_head" and len(turn.labels) == 1 and turn.labels[0]:
            found.append(SexTurn(turn.text, turn.earlier, turn.labels[0].get("sex", "")))
    records = load_corpus("validation" if measuring else "train")
    asked = [record for record in records if record.task == "imagine" and record.labels]
    told = [SexTurn(r.text, (), r.labels.get("sex", "")) for r in asked if "sex" not in r.labels.get("conflict", ())]
    rng = Random(11)
    found += told if measuring else rng.sample(told, min(SENTENCES, len(told)))
    return found if measuring else [*found, *_named(rng), *_terse()]


def _named(rng: Random) -> list[SexTurn]:
    """Names and titles with roles that tell no sex, and with looks."""
    found = []
    for _ in range(NAMED):
        sex = rng.choice("FM")
        items = [item for item in draw_items(rng, rng.randint(1, 2)) if "sex" not in item.others]
        name, looks = rng.choice(NAMES[sex]), joined(rng, [item.phrase() for item in items] or ["no hat"])
        role = f"{rng.choice(_ROLES)} " if rng.random() < 0.5 else ""
        age = f", {rng.randint(18, 88)}" if rng.random() < 0.5 else ""
        text = f"{rng.choice(_OPENINGS)}{role}{name}{age}, {looks}"
        found.append(SexTurn(text.lower() if rng.random() < 0.3 else text, (), sex, OF_DRAWN))
    return found


def _terse() -> list[SexTurn]:
    turns = terse_requests(TERSE, 93)
    return [SexTurn(turn.text, turn.earlier, turn.labels[0].get("sex", ""), OF_DRAWN) for turn in turns]


def sex_network(size: int) -> Network:
    """A network whose outcomes are SEXES."""
    return Network(size, 1, len(SEXES), votes=True)


def sex_loss(net: Network, states: Tensor, mask: Tensor, some: Sequence[SexTurn]) -> Tensor:
    """(B,) surprise at the sex."""
    said = net(states, mask, states.new_zeros(len(some), 1))
    right = torch.tensor([SEXES.index(turn.sex) for turn in some], device=states.device)
    weight = torch.tensor([turn.weight for turn in some], device=states.device)
    return nn.functional.nll_loss(said, right, reduction="none") * weight
