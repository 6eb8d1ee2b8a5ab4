"""Let the shipped networks learn on that say what a question asks about and what answer it wants.

The states stay as they are.

python -m lab.runs.language.questions.asked_network states FOLDER    # once; some eight minutes
python -m lab.runs.language.questions.asked_network fit FOLDER       # learn on, score, write
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from facegpt.language.dialogue.questions.question_network import (
    ASKED_NETWORK,
    KINDS,
    QUESTION_NETWORK,
    SURE,
    context_of_question,
)
from lab.runs.language.questions import question_network as kinds
from lab.runs.language.states_network import (
    States,
    key_of,
    learn,
    log_odds,
    network_for,
    padded,
    part_way,
    train,
    weights_of,
    write,
    write_states,
)
from lab.runs.language.together.asked import AskedTurn, asked_loss, asked_right, asked_turns, by_name, named_network
from lab.runs.language.together.tasks import warm

EPOCHS, BATCH, RATE = 12, 48, 1e-3
KIND_EPOCHS, KIND_RATE = 6, 3e-4


@torch.inference_mode()
def tell(when: str, net: nn.Module, states: States, held: dict[str, list[AskedTurn]]) -> None:
    """Print what is right of what is held out."""
    for name, turns in held.items():
        contexts = torch.from_numpy(np.stack([context_of_question(turn.people) for turn in turns]))
        scores = [net.scores(*padded(states, [t]), c[None])[0].numpy() for t, c in zip(turns, contexts, strict=True)]  # type: ignore[operator]
        names, right = asked_right(np.stack(scores), turns, SURE)
        print(f"{when}, {name}: names {names:.3f} of {len(turns)}, when {right:.3f}", flush=True)


def learn_kinds(states: States) -> None:
    """The network of kinds learns on from the questions whose states are kept; scored, and written."""
    turns, held = (states.kept(kinds.questions(part)) for part in (False, True))
    net = network_for(states, kinds.task_of(turns)).eval()
    warm(net, QUESTION_NETWORK)
    for rounds in (0, KIND_EPOCHS):
        if rounds:
            net = learn(states, kinds.task_of(turns), 0, rounds, kinds.BATCH, net, KIND_RATE)
        found = [KINDS[k] for k in log_odds([net], states, kinds.task_of(held)).argmax(1)]
        right = np.mean([kind in each.kinds for kind, each in zip(found, held, strict=True)])
        print(f"kinds after {rounds} rounds: {right:.3f} of {len(held)}", flush=True)
    print(write([net], QUESTION_NETWORK))


def main() -> None:
    """Keep states, or learn and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("step", choices=("states", "fit"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", action="store_true", help="half the way of what asks, no network of kinds")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    turns, held = asked_turns(False), {"of conversations": asked_turns(True), "by name": by_name(True)}
    if options.step == "states":
        every = (*turns, *(turn for some in held.values() for turn in some))
        write_states(options.folder, list({key_of(turn): turn for turn in every}.values()))
        return
    states = States(options.folder)
    turns = states.kept(turns)
    held = {name: states.kept(some) for name, some in held.items()}
    size = states.all.shape[1] * states.all.shape[2]
    net = warm(named_network(size), ASKED_NETWORK).eval()
    tell("before", net, states, held)
    begun = weights_of(net)

    def loss_of(rows: np.ndarray) -> Tensor:
        some = [turns[k] for k in rows]
        return asked_loss(net, *padded(states, some), some).mean()  # type: ignore[arg-type]

    train(net.train(), [len(states.of(turn)) for turn in turns], loss_of, 0, EPOCHS, BATCH, RATE)
    if options.half:
        part_way(net, begun, 0.5)
    tell("after", net.eval(), states, held)
    print(write([net], ASKED_NETWORK))  # type: ignore[list-item]
    if not options.half:
        learn_kinds(states)


if __name__ == "__main__":
    main()
