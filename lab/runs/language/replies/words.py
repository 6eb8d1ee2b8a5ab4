"""Which words replies may have beside the user's and those of facts: all that at least two written ones have.

python -m lab.runs.language.replies.words        # seconds; writes language/dialogue/replies/words.txt
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from facegpt.language.dialogue.replies import checking
from facegpt.language.dialogue.replies.items import CODE
from facegpt_lab.synthesis.texts.corpus import corpus_folder

LEAST = 2
_SLOT = re.compile(r"\{[^{}]*\}")


def replies() -> Iterator[str]:
    """All that are written, their facts aside."""
    for line in (corpus_folder() / "replies" / "many_hands.jsonl").read_text("utf-8").splitlines():
        yield CODE.sub(" ", json.loads(line)["reply"])
    for file in sorted((corpus_folder() / "conversations").rglob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            for turn in json.loads(line).get("turns", ()):
                yield _SLOT.sub(" ", turn.get("reply", ""))


def main() -> None:
    """Write the list."""
    count = Counter(word for reply in replies() for word in set(checking.WORD.findall(reply.lower())))
    words = sorted(word for word, times in count.items() if times >= LEAST)
    file = Path(checking.__file__).with_name(checking.WORDS)
    file.write_text("\n".join(words) + "\n", encoding="utf-8", newline="\n")
    print(len(words), "words")


if __name__ == "__main__":
    main()
