"""Score what reads turns on those that are never learnt from, as the package has it.

python -m lab.runs.language.together.score FOLDER   # FOLDER: where the states of these turns are kept
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from facegpt.language.dialogue.act_network import act_log_odds, load_act_network
from facegpt.language.dialogue.questions.question_network import (
    KINDS,
    SURE,
    context_of_question,
    load_asked_network,
    load_question_network,
)
from facegpt.language.dialogue.who.whom_network import load_whom_network
from facegpt.language.item_network import load_item_network
from facegpt.language.reading.attribute_network import ATTRIBUTE_NETWORK, Asked
from lab.runs.language import act_network, steps_command
from lab.runs.language.changes import attribute_network, turns
from lab.runs.language.questions import question_network
from lab.runs.language.states_network import States, key_of, write_states
from lab.runs.language.together.asked import asked_right, asked_turns
from lab.runs.language.who import whom_network
from lab.runs.language.who.references import known
from lab.runs.language.written_turns import written_turns


def score(states: States) -> None:
    """Print every part's share of held-out turns that are right."""
    written = states.kept(written_turns(True))
    docs = act_network.turn_docs(written)
    odds = np.array([[*act_log_odds(load_act_network(), states.of(doc), doc.before).values()] for doc in docs])
    print("acts:", act_network.scored(odds, docs))
    _questions(states)
    whom = states.kept(known(written), lambda doc: doc[0])
    names = load_whom_network().names
    rows = whom_network.rows_of(whom, names)
    found = [int(load_whom_network().log_odds(states.of(row.turn), row.choices).argmax()) for row in rows]
    print(f"whom: {np.mean([at == row.right for at, row in zip(found, rows, strict=True)]):.3f} of {len(rows)}")
    _changes(states)


def _questions(states: States) -> None:
    asked = states.kept(question_network.questions(True))
    network = load_question_network()
    kinds = [KINDS[network.log_odds(states.of(q), context_of_question(q.people)).argmax()] for q in asked]
    right = np.mean([kind in q.kinds for kind, q in zip(kinds, asked, strict=True)])
    print(f"kinds of questions: {right:.3f} of {len(asked)}")
    some = states.kept(asked_turns(True))
    scores = [load_asked_network().scores(states.of(turn), context_of_question(turn.people)).mean(0) for turn in some]
    for sure in (-1.0, -0.5, SURE, 0.5):
        names, when = asked_right(np.stack(scores), some, sure)
        print(f"what is asked, sure from {sure}: {names:.3f} of {len(some)}, when {when:.3f}")


def _changes(states: States) -> None:
    held = states.kept(turns.turns(True))
    read = [load_item_network(ATTRIBUTE_NETWORK).read(states.of(t), attribute_network.cues_of(t)) for t in held]
    asked = [Asked(each[:, 0], each[:, 1], np.logaddexp(0, each[:, 2])) for each in read]
    for least in (0.12, 0.3):
        attribute_network.score(f"attributes, alone, changed from {least}", asked, held, least)


def held_out() -> Sequence[Any]:
    """Every text that is scored, once."""
    every = (*written_turns(True), *question_network.questions(True), *asked_turns(True), *turns.turns(True))
    return list({key_of(each): each for each in every}.values())


def main() -> None:
    """Keep the states of the held-out turns, and score."""
    options = steps_command.options(__doc__, ())
    write_states(options.folder, held_out())
    score(States(options.folder))


if __name__ == "__main__":
    main()
