"""Choose the validation sentences of the corpus: whole groups of near-duplicates, about 8 % of every category.

Two sentences are near-duplicates when their rare words overlap by more than half (weights: inverse document frequency).
Groups are picked by a hash of their first id, so the choice does not move when sentences are added elsewhere.

Run: python runs/corpus/split.py   (writes src/facegpt/language/corpus/validation_ids.txt)
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from importlib import resources
from math import log
from pathlib import Path

from facegpt.language.corpus_reader import VALIDATION_FILE, Record, load_corpus

SHARE, OVERLAP = 0.085, 0.5
#: Words in more sentences than this join nothing (and would make the search slow).
COMMON = 250


def words(text: str) -> set[str]:
    """Give the words of a sentence without endings, so that "widens" and "widen" meet."""
    return {re.sub(r"(?:ing|ed|es|s|er|est|ly)$", "", word) for word in re.findall(r"[^\W_]+", text.lower())}


def groups_of_near_duplicates(records: list[Record]) -> list[list[Record]]:
    """Join sentences whose overlap is above OVERLAP, by union-find over pairs that share a rare word."""
    bags = [words(record.text) for record in records]
    count = Counter(word for bag in bags for word in bag)
    weight = {word: log(len(records) / n) for word, n in count.items()}
    mass = [sum(weight[word] for word in bag) or 1.0 for bag in bags]
    holders = defaultdict(list)
    for k, bag in enumerate(bags):
        for word in bag:
            if count[word] <= COMMON:
                holders[word].append(k)
    parent = list(range(len(records)))

    def root(k: int) -> int:
        while parent[k] != k:
            parent[k] = parent[parent[k]]
            k = parent[k]
        return k

    for k, bag in enumerate(bags):
        shared: Counter[int] = Counter()
        for word in bag:
            for other in holders[word] if count[word] <= COMMON else ():
                if other > k:
                    shared[other] += weight[word]
        for other in shared:
            common = sum(weight[word] for word in bag & bags[other])
            if common > OVERLAP * max(mass[k], mass[other]):
                parent[root(other)] = root(k)
    found = defaultdict(list)
    for k, record in enumerate(records):
        found[root(k)].append(record)
    return list(found.values())


def main() -> None:
    records = load_corpus("all")
    held: list[str] = []
    groups = groups_of_near_duplicates(records)
    for group in groups:
        first = min(record.id for record in group)
        draw = int(hashlib.sha256(first.encode()).hexdigest()[:8], 16) / 16**8
        if draw < SHARE:
            held += [record.id for record in group]
    folder = Path(str(resources.files("facegpt.language"))) / "corpus"
    (folder / VALIDATION_FILE).write_text("\n".join(sorted(held)) + "\n", encoding="utf-8")
    print(f"{len(groups)} groups of {len(records)} sentences (largest {max(map(len, groups))}), {len(held)} held out")
    held_set = set(held)
    print(Counter(record.category for record in records if record.id in held_set).most_common())


if __name__ == "__main__":
    main()
