"""Find sentences of a blind set that are near-duplicates of training sentences (or of an older set).

    python benchmarks/near_duplicates.py BLIND.jsonl [--against FOLDER_OR_FILE ...] [--remove]

Two texts are near-duplicates when the Jaccard index of their word 3-grams is above 0.5, or more than 0.8 of the blind
text's 3-grams stand in the other. Texts of fewer than five words have too few 3-grams: they count when their words are
the same, courtesies and articles apart. Of a conversation only what the user says in six words or more is compared
("undo that" may be said by anybody). Ids and scores are printed, never a text, so that the set stays unread.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PROTOCOLS = ROOT / "lab" / "src" / "facegpt_lab" / "evaluate" / "protocols" / "words"
KNOWN = [ROOT / "corpus", PROTOCOLS / "facegpt_bench_v1.jsonl"]
JACCARD, CONTAINED, SHORT, TURN = 0.5, 0.8, 5, 6
COURTESY = frozenset(("a", "an", "the", "please", "pls", "now", "just", "and", "me", "my", "some", "of", "with"))
#: Fields that hold no wording.
UNREAD = frozenset(("id", "category", "task", "voice", "labels", "note", "kind", "input", "photos", "people", "expect"))


def words(text: str) -> list[str]:
    """Lower-case words, apostrophes dropped; signs count where there is no word (an emoji)."""
    plain = text.lower().replace("'", "").replace("’", "")
    return re.findall(r"\w+", plain) or plain.split()


def grams(said: list[str]) -> frozenset[tuple[str, ...]]:
    """The word 3-grams."""
    return frozenset(zip(said, said[1:], said[2:], strict=False))


def texts(record: Any) -> Iterator[str]:
    """Every string of a record that is wording."""
    if isinstance(record, str):
        yield record
    elif isinstance(record, list):
        for part in record:
            yield from texts(part)
    elif isinstance(record, dict):
        for name, part in record.items():
            if name not in UNREAD:
                yield from texts(part)


class Known:
    """Sentences already written, by 3-gram and by set of words.

    Attributes:
        sizes: how many 3-grams each has. by_gram: 3-gram → the sentences that hold it. bags: words of the short ones.
    """

    def __init__(self, sources: list[Path]) -> None:
        self.sizes: list[int] = []
        self.by_gram: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self.bags: set[frozenset[str]] = set()
        for source in sources:
            for file in sorted(source.rglob("*.jsonl")) if source.is_dir() else [source]:
                for line in file.read_text(encoding="utf-8").splitlines():
                    for text in texts(json.loads(line)):
                        self.add(text)

    def add(self, text: str) -> None:
        """Index one sentence."""
        said = words(text)
        found = grams(said)
        for gram in found:
            self.by_gram[gram].append(len(self.sizes))
        self.sizes.append(len(found))
        if len(said) < SHORT + len(COURTESY & set(said)):
            self.bags.add(frozenset(said) - COURTESY)

    def closest(self, text: str) -> tuple[float, float]:
        """The highest Jaccard index and the highest share contained; (1, 1) for a short text said before."""
        said = words(text)
        if len(said) < SHORT:
            same = float((frozenset(said) - COURTESY) in self.bags)
            return same, same
        own = grams(said)
        shared = Counter(k for gram in own for k in self.by_gram.get(gram, ()))
        jaccard = max((n / (len(own) + self.sizes[k] - n) for k, n in shared.items()), default=0.0)
        return jaccard, max(shared.values(), default=0) / len(own)


def near(record: dict[str, Any], known: Known) -> tuple[float, float] | None:
    """The scores of a record that is a near-duplicate, else None."""
    turns = [turn["user"] for turn in record.get("turns", ())]
    said = [record["text"]] if "text" in record else [text for text in turns if len(words(text)) >= TURN]
    scores = [known.closest(text) for text in said]
    return next((s for s in scores if s[0] > JACCARD or s[1] > CONTAINED), None)


def main() -> None:
    """List near-duplicates, and take them out where asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("blind", type=Path)
    parser.add_argument("--against", type=Path, nargs="+", default=KNOWN)
    parser.add_argument("--remove", action="store_true", help="write the file again without them")
    asked = parser.parse_args()
    known = Known(asked.against)
    lines = asked.blind.read_text(encoding="utf-8").splitlines()
    kept = []
    for line in lines:
        record = json.loads(line)
        scores = near(record, known)
        if scores is None:
            kept.append(line)
        else:
            print(f"{record['id']}  jaccard {scores[0]:.2f}  contained {scores[1]:.2f}")
    print(f"{len(lines) - len(kept)} of {len(lines)} are near-duplicates of {len(known.sizes)} texts")
    if asked.remove:
        asked.blind.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
