"""Choose the validation sentences of the corpus: whole groups of near-duplicates, about 8 % of every category.

Two sentences are near-duplicates when their rare words overlap by more than half (weights: inverse document frequency).
Groups are picked by a hash of their first id, so the choice does not move when sentences are added elsewhere.

Run before a network is trained: python -m lab.runs.corpus.split
It writes corpus/validation_ids.txt, and the counts in docs/language-data.md between "counts: begin" and "counts: end".
Later changes of the corpus move a few groups across, and a sentence that was learnt from must not be validated on: then
`--counts` leaves the split as it is and writes the counts alone; `--add x1- x2-` splits only the sentences whose ids
start so. A new sentence joins the side of an old one that it resembles; one that resembles both sides is named.
"""

from __future__ import annotations

import argparse
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from math import log
from pathlib import Path

from facegpt_lab.synthesis.texts.corpus import VALIDATION_FILE, Record, corpus_folder, load_corpus

BEGIN, END = "<!-- counts: begin -->", "<!-- counts: end -->"
PAGE = Path(__file__).resolve().parents[3] / "docs" / "language-data.md"
SHARE, OVERLAP = 0.085, 0.5
#: Sentences whose ids start so were written beside the rules of language/reading: always the training side.
TRAINING_SIDE = ("te-", "tg", "ga-", "gb-", "gc-", "wj-", "wk-", "nq-", "nr-")
#: Sentences whose ids start so were written to be held out, when the rules were final.
HELD_SIDE = ("hf-", "le-", "lg-", "lj-", "wl4-1", "nv-")
#: Words in more sentences than this join nothing (and would make the search slow).
COMMON = 250


def words(text: str) -> set[str]:
    """The words of a sentence without endings, so that "widens" and "widen" meet."""
    return {re.sub(r"(?:ing|ed|es|s|er|est|ly)$", "", word) for word in re.findall(r"[^\W_]+", text.lower())}


def near_pairs(records: list[Record]) -> Iterator[tuple[int, int]]:
    """The pairs of sentences whose overlap is above OVERLAP; only pairs that share a rare word are looked at."""
    bags = [words(record.text) for record in records]
    count = Counter(word for bag in bags for word in bag)
    weight = {word: log(len(records) / n) for word, n in count.items()}
    mass = [sum(weight[word] for word in bag) or 1.0 for bag in bags]
    holders = defaultdict(list)
    for k, bag in enumerate(bags):
        rare = [word for word in bag if count[word] <= COMMON]
        for other in {other for word in rare for other in holders[word]}:
            if sum(weight[word] for word in bag & bags[other]) > OVERLAP * max(mass[k], mass[other]):
                yield k, other
        for word in rare:
            holders[word].append(k)


def groups_of_near_duplicates(records: list[Record]) -> list[list[Record]]:
    """Join near-duplicates to groups (union-find)."""
    parent = list(range(len(records)))

    def root(k: int) -> int:
        while parent[k] != k:
            parent[k] = parent[parent[k]]
            k = parent[k]
        return k

    for a, b in near_pairs(records):
        parent[root(max(a, b))] = root(min(a, b))
    found = defaultdict(list)
    for k, record in enumerate(records):
        found[root(k)].append(record)
    return list(found.values())


def write_counts(records: list[Record], held: int) -> str:
    """Put the sizes into the data card; give the text."""
    kinds = Counter(record.category for record in records)
    text = (
        f"{len(records):,} sentences, {kinds['situation']:,} of them situations that name no emotion; {held} "
        f"({100 * held / len(records):.1f} %) are held out for validation."
    )
    rows = [f"| {kind} | {number} |" for kind, number in kinds.most_common()]
    table = "\n".join(["| category | sentences |", "|---|---|", *rows])
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n\n{table}\n{END}{after}", encoding="utf-8")
    return text


def split_added(groups: list[list[Record]], held: set[str], added: tuple[str, ...]) -> tuple[set[str], list[str]]:
    """The ids of new sentences that are held out, and those that are on no side: drop them.

    Such resemble sentences of both sides, or were written to be held out and resemble one of the training side.
    """
    out, torn = set(), []
    for group in groups:
        new = [record.id for record in group if record.id.startswith(added)]
        sides = {record.id in held for record in group if not record.id.startswith(added)}
        apart = [key for key in new if key.startswith(HELD_SIDE)]
        new = [key for key in new if not key.startswith(HELD_SIDE)]
        if False in sides:
            torn += apart
        else:
            out |= set(apart)
        if len(sides) == 2:
            torn += new
        elif sides == {True} or (not sides and _drawn(group)):
            out |= set(new)
    return out, torn


def alike(records: list[Record], held: set[str], added: tuple[str, ...]) -> set[str]:
    """The new held-out sentences that share nearly all words with one of the training side: they belong there."""
    bags = {record.id: frozenset(re.findall(r"[^\W_]+", record.text.lower())) for record in records}
    moved: set[str] = set()
    while True:
        learnt: dict[str, list[frozenset[str]]] = defaultdict(list)
        for key in bags.keys() - (held - moved):
            for word in bags[key]:
                learnt[word].append(bags[key])
        new = {key for key in held - moved if key.startswith(added) and _has_like(bags[key], learnt)}
        if not new:
            return moved
        moved |= new


def _has_like(bag: frozenset[str], learnt: dict[str, list[frozenset[str]]]) -> bool:
    rarest = sorted(bag, key=lambda word: len(learnt[word]))[:3]
    return any(len(bag & other) >= 0.85 * len(bag | other) for word in rarest for other in learnt[word])


def _drawn(group: list[Record]) -> bool:
    """Whether a group is held out, by a hash of its first id."""
    first = min((record.id for record in group), default="")
    return int(hashlib.sha256(first.encode()).hexdigest()[:8], 16) / 16**8 < SHARE


def main() -> None:
    """Write the ids and the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", action="store_true", help="write the counts alone, the split stays")
    parser.add_argument("--add", nargs="+", metavar="PREFIX", help="split only sentences whose ids start so")
    options = parser.parse_args()
    records = load_corpus("all")
    known = {record.id for record in load_corpus("validation")}
    if options.counts:
        print(write_counts(records, len(known)))
        return
    groups = groups_of_near_duplicates(records)
    if options.add:
        added = tuple(options.add)
        new, torn = split_added(groups, {k for k in known if not k.startswith(added)}, added)
        print(f"{len(new)} new sentences are held out; on no side, drop them: {' '.join(torn) or 'none'}")
        held = {k for k in known if not k.startswith(added)} | new
        held -= alike(records, held, added)
    else:
        held = split_anew(groups)
    (corpus_folder() / VALIDATION_FILE).write_text("\n".join(sorted(held)) + "\n", encoding="utf-8")
    print(f"{len(groups)} groups, the largest of {max(map(len, groups))}")
    print(write_counts(records, len(held)))


def split_anew(groups: list[list[Record]]) -> set[str]:
    """The ids that are held out when nothing was trained yet."""
    held: set[str] = set()
    for group in groups:
        if any(record.id.startswith(TRAINING_SIDE) for record in group):
            continue
        held |= {record.id for record in group if record.id.startswith(HELD_SIDE)}
        group = [record for record in group if not record.id.startswith(HELD_SIDE)]
        if _drawn(group):
            held |= {record.id for record in group}
    return held


if __name__ == "__main__":
    main()
