"""Knowledge from the talker: what words name ("Dickens' Fagin") spelled out as plain attributes of a face."""

from __future__ import annotations

import logging

from facegpt.language.talkers.base import Talker

log = logging.getLogger("facegpt")

#: The longest description that is taken, characters.
LONGEST = 600
_NEW = (
    "Describe how the face and hair of what the user names look, for somebody who knows no names. One English sentence "
    "of at most 40 words: age, sex, face shape, skin, eyes, brows, nose, mouth, chin, ears, hair, beard, glasses, "
    "expression, whichever are known. Keep every attribute and number that the user gives as it is. No names, no "
    "clothes, no background, nothing else."
)
_CHANGE = (
    "The user wants a face changed. Say the change in one English sentence of at most 40 words, as plain attributes of "
    "the face, hair, glasses and expression. Keep every attribute and number that the user gives as it is. No names, "
    "no clothes, no background, nothing else."
)


def spelled_out(talker: Talker, text: str, is_edit: bool = False) -> str:
    """Words with what they name spelled out, told to the user; the words as they are where the talker says nothing.

    Args:
        talker: one that knows more than the small model inside (`takes_facts`); others are not asked.
        text: what was typed.
        is_edit: whether the words change a head.

    Raises:
        TalkerAwayError: if it cannot be reached.
    """
    if not talker.takes_facts:
        return text
    asked = [{"role": "system", "content": _CHANGE if is_edit else _NEW}, {"role": "user", "content": text}]
    said = " ".join(talker.speak(asked, lambda piece: None).text.split()).strip("\"' ")
    if not said or len(said) > LONGEST:
        log.warning(f"{talker.name} gave no description of {text!r}; the words are read as they are")
        return text
    log.warning(f"{talker.name} describes it so: {said}")
    return said
