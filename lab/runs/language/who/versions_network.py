"""Make assets/networks/versions_network.npz: which of the heads that somebody was a turn puts back.

Learns from the turns of corpus/conversations/development that put a head back, from the language model's states of them
and what is known of each version (dialogue/returning.py), and from drawn ones (drawn_returns.py); whole conversations
only measure.

    python -m lab.runs.language.who.versions_network states FOLDER   # a few minutes; then
    python -m lab.runs.language.who.versions_network fit FOLDER      # a minute: scores the held-out turns, and writes
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np

from facegpt.language.dialogue.returning import RETURNS, VERSIONS_NETWORK, choices_among, features, reaches
from facegpt.language.dialogue.who.whom_network import Choices
from facegpt.language.earlier import Earlier
from facegpt_lab.synthesis.texts.conversations import fresh_heads, listed, measures, number_of, scored_turns, talks_of
from facegpt_lab.synthesis.texts.corpus import corpus_folder
from lab.runs.language import steps_command
from lab.runs.language.states_network import States, write_states
from lab.runs.language.who.drawn_returns import draw_returns
from lab.runs.language.who.whom_network import NETWORKS, learn, read, write

#: Share of the places where one could be drawn that have one.
OF_DRAWN = 0.35


@dataclass
class Chain:
    """What a head was: turn and words of each change, and which of them it is now."""

    turns: list[int]
    said: list[str] = field(default_factory=lambda: [""])
    now: int = 0

    def changed(self, k: int, text: str) -> None:
        """Note a change; what could be done again no longer can."""
        self.turns, self.said = [*self.turns[: self.now + 1], k], [*self.said[: self.now + 1], text]
        self.now += 1


@dataclass(frozen=True)
class Return:
    """A turn that puts a head back, its choices, and the place of the right one; the steps that it lies back."""

    text: str
    earlier: tuple[Earlier, ...]
    act: str
    choices: Choices
    right: int
    back: int
    plain: int
    scored: bool = True

    @property
    def turn(self) -> Return:
        """Itself, as the other networks' rows name it."""
        return self


def returns(measuring: bool) -> list[Return]:
    """All turns that put one head back."""
    folder = corpus_folder() / "conversations" / "development"
    talks = ((file, talk) for file in sorted(folder.glob("*.jsonl")) for talk in talks_of(file))
    chosen = [talk for file, talk in talks if measures(file.stem, number_of(talk)) == measuring]
    rng = None if measuring else Random(7)
    return [row for talk in chosen for row in _returns(talk, rng)]


def _returns(talk: Mapping[str, Any], rng: Random | None) -> Iterator[Return]:
    """Those of a conversation; with rng drawn ones too, which it might have had."""
    read_as = {turn.key: turn for turn in scored_turns(talk)}
    chains: dict[str, Chain] = {}
    last = ""
    for k, turn in enumerate(talk["turns"], start=1):
        expect, text = turn["expect"], turn["user"]
        chains |= {name: Chain([0]) for photo in turn.get("photos", ()) for name in photo}
        said = read_as.get(f"{talk['id']}/{k}")
        wanted = {name: to for name, to in expect.get("restore", {}).items() if to in chains[name].turns}
        for name, to in wanted.items():
            chain = chains[name]
            backs = [chain.now - j for j in range(len(chain.turns))]
            right = min((j for j, turn_of in enumerate(chain.turns) if turn_of == to), key=lambda j: abs(backs[j]))
            if said is not None and said.act in RETURNS and len(wanted) == 1:
                yield from _return(text, said.earlier, said.act, last, chain.said, backs, right)
            if right == 0 and backs[0] > 1:
                chain.changed(to, "")
            else:
                chain.now = right
        chains |= {name: Chain([k]) for name in fresh_heads(expect)}
        for name in (*expect.get("edit", {}), *listed(expect.get("take", {}).get("to"))):
            chains.setdefault(name, Chain([0])).changed(k, text)
        last = said.act if said is not None else ""
        following = read_as.get(f"{talk['id']}/{k + 1}")
        if rng and following and rng.random() < OF_DRAWN and (changed := _last_changed(expect, chains)):
            yield from _drawn(changed, following.earlier, last, rng)


def _last_changed(expect: Mapping[str, Any], chains: Mapping[str, Chain]) -> Chain | None:
    """What the head was that a turn has changed."""
    return next((chains[name] for name in expect.get("edit", {}) if name in chains), None)


def _drawn(chain: Chain, earlier: tuple[Earlier, ...], last: str, rng: Random) -> Iterator[Return]:
    """Drawn turns that put a head back."""
    for each in draw_returns(chain.said, chain.now, earlier, last, rng):
        backs = [each.now - j for j in range(len(chain.turns))]
        right = each.now - each.back
        yield from _return(each.text, each.earlier, each.act, each.last, chain.said, backs, right, scored=False)


def _return(
    text: str,
    earlier: tuple[Earlier, ...],
    act: str,
    last: str,
    said: Sequence[str],
    backs: Sequence[int],
    right: int,
    scored: bool = True,
) -> Iterator[Return]:
    """The row of a turn, where its version can be reached and another one too."""
    places = [j for j, back in enumerate(backs) if reaches(act, last, back)]
    if right in places and len(places) > 1:
        given = choices_among(features(text, act, last, said, backs)[places])
        plain = _plainly(act, [backs[j] for j in places])
        yield Return(text, earlier, act, given, places.index(right), backs[right], plain, scored)


def _plainly(act: str, backs: list[int]) -> int:
    """The place that the act alone tells: the step before, the one after, the first."""
    if act == "back":
        return 0
    nearest = 1 if act == "undo" else max((back for back in backs if back < 0), default=backs[0])
    return backs.index(nearest)


def tell(name: str, held: Sequence[Return], found: np.ndarray) -> None:
    """Print the shares that are right by the network and by the act alone."""
    right = np.array([row.right for row in held])
    plain = np.mean(right == [row.plain for row in held])
    print(f"  {name}: right {np.mean(right == found):.3f} of {len(held)}, by the act {plain:.3f}")


def main() -> None:
    """Keep states, or fit."""
    options = steps_command.options(__doc__, ("states", "fit"))
    learnt, held = returns(False), returns(True)
    if options.step == "states":
        write_states(options.folder, [*learnt, *held])
        return
    states = States(options.folder)
    start = np.zeros(learnt[0].choices.cues.shape[1])
    nets = [learn(states, learnt, start, seed) for seed in range(NETWORKS)]  # type: ignore[arg-type]
    found = np.array(read(nets, states, held))  # type: ignore[arg-type]
    print(f"{len(learnt)} turns learnt from, {len(held)} held out")
    tell("all", held, found)
    for act, back in sorted({(row.act, min(row.back, 2)) for row in held}):
        of = np.array([(row.act, min(row.back, 2)) == (act, back) for row in held])
        tell(f"{act}, {back} steps back", [row for row, mine in zip(held, of, strict=True) if mine], found[of])
    print(write(nets, ["features"], VERSIONS_NETWORK))


if __name__ == "__main__":
    main()
