"""Let the shipped networks that read turns learn on: from conversations that are new, beside a part of the older texts.

Anew they take hours of states; this takes some half an hour of two cores.

    python -m lab.runs.language.legs states FOLDER x9- x10-  # of the conversations whose ids begin so, and others
    python -m lab.runs.language.legs states FOLDER x9- x10- --part 0  # every second text; beside it --part 1
    python -m lab.runs.language.legs act FOLDER [--write]  # or whom, attribute: learns, scores before
                                                                   # and after, writes the asset if asked
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import numpy as np
import torch

from facegpt.assets import load_arrays
from facegpt.language.dialogue.act_network import ACT_NETWORK
from facegpt.language.dialogue.who.whom_network import WHOM_NETWORK, load_whom_network
from facegpt.language.reading.attribute_network import ATTRIBUTE_NETWORK
from facegpt.language.targets import NETWORK_ATTRIBUTES
from facegpt_lab.synthesis.texts.conversations import talks_of
from facegpt_lab.synthesis.texts.corpus import corpus_folder
from lab.runs.language import act_network as acts
from lab.runs.language.changes import attribute_network as attributes
from lab.runs.language.changes import item_network
from lab.runs.language.changes.turns import drawn, sentences, turns
from lab.runs.language.states_network import (
    Said,
    States,
    key_of,
    learn,
    log_odds,
    network_for,
    part_way,
    weights_of,
    write,
    write_states,
)
from lab.runs.language.together.tasks import warm
from lab.runs.language.who import whom_network as whom
from lab.runs.language.written_turns import written_turns

#: How many texts come beside the new ones, and how many that measure; rounds; rate.
BESIDE, HELD, EPOCHS, RATE = 10000, 1500, 5, 2e-4
#: Of the changes among those that measure so many are scored: the face head reads each anew.
CHANGES = 700


def said_in(prefixes: Sequence[str]) -> set[str]:
    """What is typed in the conversations whose ids begin so."""
    folder = corpus_folder() / "conversations"
    talks = (talk for file in sorted(folder.glob("**/*.jsonl")) for talk in talks_of(file))
    return {turn["user"] for talk in talks if talk["id"].startswith(tuple(prefixes)) for turn in talk["turns"]}


def chosen(prefixes: Sequence[str], beside: int, held: int) -> list[Said]:
    """New turns, a few words that name somebody, some other texts that are learnt from, and some that measure."""
    new, rng = said_in(prefixes) | {turn.text for turn in acts.short_docs()}, Random(0)
    measuring = [*acts.turn_docs(written_turns(measuring=True)), *turns(True)]
    learnt = [*acts.learnt_docs(written_turns()), *turns(False), *drawn(), *sentences()]
    found: dict[str, Said] = {}
    for some, most in ((learnt, beside), (measuring, held)):
        each = {key_of(turn): turn for turn in some}
        fresh = {key: turn for key, turn in each.items() if turn.text in new}
        others = [key for key in each if key not in fresh]
        found |= fresh | {key: each[key] for key in rng.sample(others, min(most, len(others)))}
    for some in (acts.sentence_docs("validation"), acts.short_docs(measuring=True)):
        found |= {key_of(turn): turn for turn in some}
    return list(found.values())


def keep(folder: Path, some: Sequence[Said], part: int | None) -> None:
    """Keep the states of all, with what the parts beside the folder have; or of one part."""
    parts = [folder.with_name(f"{folder.name}-{k}") for k in (0, 1)]
    if part is None:
        write_states(folder, some, parts)
    else:
        write_states(parts[part], sorted(some, key=lambda turn: len(key_of(turn)))[part::2])


def learn_acts(states: States, writes: bool, way: float = 1.0) -> None:
    """The act network; way: how far it goes towards what it has learnt."""
    docs = states.kept(acts.learnt_docs(written_turns()))
    held = {
        "conversations": states.kept(acts.turn_docs(written_turns(measuring=True))),
        "corpus": acts.sentence_docs("validation"),
        "a few words": acts.short_docs(measuring=True),
    }
    task = acts.task_of(docs)
    net = warm(network_for(states, task), ACT_NETWORK).eval()

    def tell(when: str) -> None:
        for name, some in held.items():
            print(when, name, acts.scored(log_odds([net], states, acts.task_of(some)), some), flush=True)

    tell("before")
    begun = weights_of(net)
    net = learn(states, task, 0, EPOCHS, begun=net, highest=RATE)
    part_way(net, begun, way)
    tell("after")
    if writes:
        print(write([net], ACT_NETWORK))


def learn_whom(states: States, writes: bool) -> None:
    """The networks of whom words mean."""
    docs, held = (
        states.kept(whom.known(written_turns(measuring=measuring)), lambda doc: doc[0]) for measuring in (False, True)
    )
    shipped = load_whom_network()
    names = shipped.names
    rows, held_rows = whom.rows_of(docs, names), whom.rows_of(held, names)
    size, start, by_cues = states.all.shape[1] * states.all.shape[2], np.zeros(len(names)), whom.fit(docs)
    count = len(shipped.weights["project"])
    nets = [warm(whom.Network(size, rows[0].choices, start), WHOM_NETWORK, k).eval() for k in range(count)]
    whom.score(nets, states, held_rows, held, by_cues)
    nets = [whom.learn(states, rows, start, seed, net, RATE) for seed, net in enumerate(nets)]
    whom.score(nets, states, held_rows, held, by_cues)
    if writes:
        print(whom.write(nets, names))


def learn_attributes(states: States, writes: bool) -> None:
    """The networks of attributes."""
    texts, held = states.kept([*turns(False), *drawn(), *sentences()]), states.kept(turns(True))
    parts = np.eye(len(NETWORK_ATTRIBUTES))
    held = Random(0).sample(held, min(len(held), CHANGES))
    size, cues = states.all.shape[1] * states.all.shape[2], attributes.cues_of(texts[0]).shape[1]
    count = len(load_arrays(ATTRIBUTE_NETWORK)["project"])
    nets = [warm(item_network.Network(size, cues, 3, parts), ATTRIBUTE_NETWORK, k).eval() for k in range(count)]
    heads = attributes.heads_of(held)
    attributes.tell(heads, item_network.read(nets, states, held, attributes.cues_of), held)
    nets = [
        item_network.learn(states, texts, attributes.cues_of, parts, 3, attributes.loss_of, seed, EPOCHS, net, RATE)
        for seed, net in enumerate(nets)
    ]
    attributes.tell(heads, item_network.read(nets, states, held, attributes.cues_of), held)
    if writes:
        print(item_network.write(nets, ATTRIBUTE_NETWORK))


#: By the name of a step.
NETWORKS: dict[str, Callable[..., None]] = {
    "act": learn_acts,
    "whom": learn_whom,
    "attribute": learn_attributes,
}


def main() -> None:
    """Keep states, or learn on."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("step", choices=("states", *NETWORKS))
    parser.add_argument("folder", type=Path)
    parser.add_argument("ids", nargs="*", help="beginnings of the ids of new conversations")
    parser.add_argument("--beside", type=int, default=BESIDE, help="texts beside the new ones")
    parser.add_argument("--part", type=int, choices=(0, 1), help="every second text alone")
    parser.add_argument("--way", type=float, default=1.0, help="of act: how far it goes towards what it has learnt")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.step == "states":
        keep(options.folder, chosen(options.ids, options.beside, HELD), options.part)
        return
    given = {"way": options.way} if options.step == "act" else {}
    NETWORKS[options.step](States(options.folder), options.write, **given)


if __name__ == "__main__":
    main()
