"""Networks that learn on begin as what is shipped."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.assets import load_arrays
from facegpt.language.reading.attribute_network import ATTRIBUTE_NETWORK
from facegpt.language.targets import ATTRIBUTES
from facegpt_lab.synthesis.texts.conversations import talks_of
from facegpt_lab.synthesis.texts.corpus import corpus_folder
from lab.runs.language.changes import item_network
from lab.runs.language.legs import said_in
from lab.runs.language.together.tasks import warm


def test_each_of_an_assets_networks_begins_with_its_own_weights():
    shipped = load_arrays(ATTRIBUTE_NETWORK)
    size, cues, outputs = shipped["project"].shape[2], shipped["cues"].shape[2], shipped["out"].shape[1]
    for k in range(len(shipped["project"])):
        net = warm(item_network.Network(size, cues, outputs, np.eye(len(ATTRIBUTES))), ATTRIBUTE_NETWORK, k)
        for name, value in net.arrays().items():
            assert value == pytest.approx(shipped[name][k], abs=5e-3), name  # half precision


def test_new_conversations_are_found_by_the_beginning_of_their_ids():
    file = corpus_folder() / "conversations" / "who_and_which.jsonl"
    said = {turn["user"] for talk in talks_of(file) for turn in talk["turns"]}
    assert said <= said_in(["x9-5"]) and not said_in(["no such id"])
    assert len(said_in(["x9-5"])) < len(said_in(["x9-"]))
