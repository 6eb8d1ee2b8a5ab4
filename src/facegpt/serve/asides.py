"""What chat programs ask a model for themselves, beside the conversation: a title, tags, what to ask next.

Open WebUI sends such requests after each answer, as the words of a user who quotes the conversation. They are answered
from the quoted words at once: read as a turn, they would make the heads of the conversation again.
"""

from __future__ import annotations

import json
import re
from typing import Any

from facegpt.serve.links import taken_apart

#: What may be asked next, where it was not asked before.
NEXT = ("Make the nose 3 mm narrower", "Ten years older", "Laughing", "What stands out about this face?")
#: How many of them are given; longest title, characters.
MOST_NEXT, MOST_TITLE = 3, 40
_IS_TASK = re.compile(r"\s*#{1,3} *Task:", re.IGNORECASE)
_HISTORY = re.compile(r"<chat_history>(.*?)</chat_history>", re.DOTALL)
_ASKED_FOR = re.compile(r'\{\s*"(title|tags|follow_ups|queries)"\s*:')
_USER = re.compile(r"^USER:\s*(.*?)(?=^(?:USER|ASSISTANT|SYSTEM):|\Z)", re.DOTALL | re.MULTILINE | re.IGNORECASE)


def answer_to_program(text: str) -> str | None:
    """The JSON that a chat program asks for, or None for anything that is not such a request."""
    history, asked = _HISTORY.search(text), _ASKED_FOR.search(text)
    if not _IS_TASK.match(text) or history is None or asked is None:
        return None
    said = [" ".join(taken_apart(words)[0].split()) for words in _USER.findall(history[1])]
    told: dict[str, Any] = {
        "title": _title(said),
        "tags": ["3D heads"],
        "follow_ups": [words for words in NEXT if words not in said][:MOST_NEXT],
        "queries": [],
    }
    return json.dumps({asked[1]: told[asked[1]]}, ensure_ascii=False)


def _title(said: list[str]) -> str:
    """The first words that say something, cut between words."""
    words = next((words for words in said if words), "") or "A head from a photo"
    if len(words) > MOST_TITLE:
        words = words[: MOST_TITLE + 1].rsplit(" ", 1)[0][:MOST_TITLE].rstrip(" ,;:.")
    return words[:1].upper() + words[1:]
