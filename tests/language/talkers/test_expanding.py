"""What words name, spelled out by a talker that knows more."""

from __future__ import annotations

from types import SimpleNamespace

from facegpt.language.talkers.base import Spoken
from facegpt.language.talkers.expanding import LONGEST, spelled_out


def talker(said: str, takes_facts: bool = True):
    heard: list = []

    def speak(messages, say, tools=()):
        heard.append(messages)
        return Spoken(said)

    return SimpleNamespace(name="wise", takes_facts=takes_facts, sees=False, speak=speak, heard=heard)


def test_the_talker_s_description_is_taken_and_shown(caplog):
    wise = talker('"An old man\n with a hooked nose."')
    assert spelled_out(wise, "Fagin") == "An old man with a hooked nose."
    assert "wise describes it so: An old man" in caplog.text
    assert wise.heard[0][-1] == {"role": "user", "content": "Fagin"}


def test_without_knowledge_the_words_stay():
    small = talker("never asked", takes_facts=False)
    assert spelled_out(small, "Fagin") == "Fagin" and not small.heard
    assert spelled_out(talker(""), "Fagin") == "Fagin" == spelled_out(talker("x" * (LONGEST + 1)), "Fagin")
