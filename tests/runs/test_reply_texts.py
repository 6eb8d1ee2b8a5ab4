"""What the writer of replies learns from: codes of offered items, no numbers of its own, held-out conversations."""

from __future__ import annotations

import re
from random import Random

import pytest

from facegpt.language.dialogue.replies.items import CODE
from facegpt_lab.synthesis.texts.corpus import corpus_folder
from lab.runs.language.replies.prompted import prompted_replies
from lab.runs.language.replies.texts import told_replies

pytestmark = pytest.mark.skipif(not (corpus_folder() / "conversations").is_dir(), reason="no corpus")


@pytest.fixture(scope="module")
def drawn():
    learnt, held, _ = told_replies()
    more, others = prompted_replies()
    learnt, held = [*learnt, *more], [*held, *others]
    return [each.drawn(Random(1)) for each in (*learnt, *held)], len(learnt), len(held)


def test_most_replies_are_learnt_from_and_some_held_out(drawn):
    _, learnt, held = drawn
    assert learnt > 1500 and held > 150


def test_every_code_of_a_reply_is_offered_and_every_needed_one_is_there(drawn):
    for prompt, reply in drawn[0]:
        items = prompt.rpartition("\n")[2]
        told = {m[0] for m in CODE.finditer(reply)}
        assert told <= {m[0] for m in CODE.finditer(items)}
        assert {f"{m[1]}{m[2]}" for m in re.finditer(r"([A-Z])(\d)!", items)} <= told


def test_no_placeholder_and_no_number_of_its_own_is_left(drawn):
    for prompt, reply in drawn[0]:
        own = set(re.findall(r"\d+", CODE.sub("", reply)))
        assert "{" not in reply and own <= set(re.findall(r"\d+", prompt))
