"""Terms of the program are explained from the glossary; turns that use them for something else are left alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from stand_in_words import word_model

from facegpt.language.dialogue.questions.glossary import explained, terms
from facegpt.morphable.makehuman import head as makehuman

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sorry but what is a blend shape", "slider"),
        ("and which of the files is for unreal?", "face.fbx"),
        ("remind me what rigging is", "joints"),
        ("what's in params.json", "parameter"),
        ("how many bones are there", "left_eye"),
        ("hang on, what's a percentile", "85"),
    ],
)
def test_wordings_that_nobody_wrote_down_are_explained(text, told):
    assert told in explained(text)


@pytest.mark.parametrize(
    "text",
    [
        "export it as glb",
        "could you send me the fbx",
        "give her skin a finer texture",
        "his cheek bones should be higher",
        "what's the percentile of her nose",
        "a man who builds meshes for unity games",
        "make a girl with pitch black hair",
    ],
)
def test_uses_of_terms_are_no_questions_for_their_meaning(text):
    assert explained(text) == ""


def test_other_turns_of_the_corpus_are_left_alone():
    lines = (ROOT / "corpus" / "looks" / "comparisons_and_denials.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    assert len(texts) > 100 and not any(explained(text) for text in texts)


def test_numbers_of_the_mesh_are_those_of_the_head():
    head = makehuman.load()
    assert f"{len(head.neutral_vertices(np.zeros((1, 60)))[0]):,} vertices" in terms()["mesh"]
    assert f"{len(head.triangles):,} triangles" in terms()["mesh"]


def test_the_page_has_every_entry():
    page = (ROOT / "docs" / "reference" / "glossary.md").read_text(encoding="utf-8")
    assert not [answer for answer in terms().values() if answer.replace("|", "/") not in page]


def test_chat_explains_a_term_and_goes_on_with_the_head_at_hand():
    model = word_model()
    first = [{"role": "user", "content": "a woman"}]
    reply = model.chat(first)
    told = model.chat([*first, reply.message, {"role": "user", "content": "what is a morph target?"}])
    assert told.text == terms()["morph target"] and not told.faces
