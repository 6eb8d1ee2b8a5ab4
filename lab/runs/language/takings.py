"""Make assets/networks/takings.npz: how much each sign counts for what is taken over by whom, and from whom.

A softmax over the choices of `facegpt.language.dialogue.takings`, with a ridge, on the written conversations and on the
frames of corpus/conversations/taking.txt with people in their slots. Deterministic; under a minute on one core.

    python -m lab.runs.language.takings            # fit, score by five folds over conversations, write
    python -m lab.runs.language.takings --dry      # without writing; --wrong lists what is read wrongly
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize

from facegpt.assets import FOLDER, register
from facegpt.language.dialogue.cast import Cast, Said
from facegpt.language.dialogue.regression import STEP
from facegpt.language.dialogue.takings import TAKINGS, Pairs, parts_named, scored_choices, total
from facegpt_lab.synthesis.texts.corpus import corpus_folder
from lab.runs.language import folds_command, softmax
from lab.runs.language.written_turns import stand_in, written_turns

RIDGE, ITERATIONS, FOLDS, LEAST_WEIGHT = 0.5, 150, 5, 0.03
#: How much a filled frame counts, how often each is filled, how much a turn counts that takes nothing over.
OF_FRAME, FILLINGS, OF_NONE = 0.25, 6, 1.0
_PARTS = ("nose", "eyes", "mouth", "chin", "jaw", "ears", "forehead", "brows", "lips", "cheeks", "smile", "hair")
#: What of a part has a word of its own.
_PARTS += ("hair colour", "eye colour")
#: People in pairs: sex, names, and what they may be called as an object and as a subject, whose, and hers.
_FEMALE, _MALE = ("her", "she", "her", "hers"), ("him", "he", "his", "his")


@dataclass(frozen=True)
class Doc:
    """A text with the choices for it, the place of the right one (-1: not among them), weight and fold."""

    text: str
    choices: list[tuple[Pairs, list[str]]]
    right: int
    weight: float
    fold: int


def written() -> Iterator[Doc]:
    """The turns of the written conversations that name a part among several people."""
    for turn in written_turns():
        if len(turn.cast.people) < 2 or not parts_named(turn.text) or len(turn.cast.people) > 8:
            continue
        wanted = frozenset(zip(turn.who, turn.source, strict=False)) if turn.act == "take" else frozenset()
        if (turn.act == "take") == (not wanted) or any(a == b for a, b in wanted):
            continue
        yield _doc(turn.text, turn.cast, wanted, 1.0 if wanted else OF_NONE, turn.talk % FOLDS)


def _doc(text: str, cast: Cast, wanted: frozenset[tuple[int, int]], weight: float, fold: int) -> Doc:
    choices = scored_choices(text, cast)
    right = [k for k, (pairs, _) in enumerate(choices) if frozenset(pairs) == wanted]
    return Doc(text, choices, right[0] if right else -1, weight, fold)


def framed() -> Iterator[Doc]:
    """The frames with people in their slots, called in several ways."""
    rng = np.random.default_rng(0)
    for line in (corpus_folder() / "conversations" / "taking.txt").read_text("utf-8").splitlines():
        for _ in range(FILLINGS * (3 if line.startswith("again: ") else 1)):
            cast, ways = _people(rng)
            to, source = (int(n) for n in rng.permutation(len(ways))[:2])
            slots = {"part": str(rng.choice(_PARTS))}
            for key, number in (("to", to), ("of", source)):
                said = ways[number][int(rng.integers(len(ways[number])))]
                slots |= {key: said[0], f"s{key}": said[1], f"{key}s": said[2]}
                slots["hers"] = said[3]
            if line.startswith("again: "):  # of whom the turn before spoke
                focus = (to + 1,) if rng.random() < 0.5 else cast.focus
                cast = replace(cast, change=Said("take", "", (to + 1, source + 1)), focus=focus)
            text = re.sub(r"^again: |\{(\w+)\}", lambda match, slots=slots: slots[match[1]] if match[1] else "", line)
            wanted = frozenset({(to + 1, source + 1)})
            if re.search(r"swap(?! \{ofs)|and \{of\}|trade|switch|exchange their", line):
                wanted |= {(source + 1, to + 1)}
            yield _doc(text, cast, wanted, OF_FRAME, -1)


def _people(rng: np.random.Generator) -> tuple[Cast, list[list[tuple[str, ...]]]]:
    """Two or three people and what each may be called."""
    count, form = 2 + int(rng.random() < 0.3), int(rng.integers(4))
    sexes = ["F", "M"] if rng.random() < 0.7 else [str(rng.choice(["F", "M"]))] * 2
    sexes = [*map(str, rng.permutation(sexes)), str(rng.choice(["F", "M"]))][:count]
    names = [str(name) for name in rng.permutation(["anna", "tom", "kim", "odile", "piers", "ines"])[:count]]
    roles = [f"the {role}" for role in rng.permutation(["boxer", "nun", "clerk", "king", "shepherd"])[:count]]
    ways: list[list[tuple[str, ...]]] = []
    for k, sex in enumerate(sexes):
        called = (names[k].capitalize(), roles[k], ("the first one", "the second one", "the third one")[k], "")[form]
        alone = sexes.count(sex) == 1
        called = called or (("the woman" if sex == "F" else "the man") if alone else f"number {k + 1}")
        each: list[tuple[str, ...]] = [(called, called, f"{called}'s", f"{called}'s")] * 2
        ways.append(each + ([_FEMALE if sex == "F" else _MALE] * 2 if alone else []))
    told = [(names[k],) if form == 0 else (roles[k],) if form == 1 else () for k in range(count)]
    labels = [{"sex": sex} for sex in sexes]
    return Cast().with_new([stand_in(each) for each in labels], sex=sexes, names=told), ways


def fit(docs: list[Doc]) -> dict[str, float]:
    """Weights by feature."""
    docs = [doc for doc in docs if doc.right >= 0]
    names = sorted({name for doc in docs for _, each in doc.choices for name in each})
    place = {name: k for k, name in enumerate(names)}
    columns = [[place[name] for name in each] for doc in docs for _, each in doc.choices]
    starts = np.cumsum([0, *(len(doc.choices) for doc in docs)])
    table = sp.csr_matrix(
        (np.ones(sum(map(len, columns))), np.concatenate(columns), np.cumsum([0, *map(len, columns)])),
        (len(columns), len(names)),
    )
    right = starts[:-1] + [doc.right for doc in docs]
    weight = np.array([doc.weight for doc in docs])
    each_weight = np.repeat(weight, np.diff(starts))

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        odds = table @ weights
        odds -= np.repeat(np.maximum.reduceat(odds, starts[:-1]), np.diff(starts))
        share = np.exp(odds)
        total = np.add.reduceat(share, starts[:-1])
        slope = each_weight * share / np.repeat(total, np.diff(starts))
        slope[right] -= weight
        surprise = float((weight * (np.log(total) - odds[right])).sum())
        return surprise + 0.5 * RIDGE * float(weights @ weights), table.T @ slope + RIDGE * weights

    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS})
    return dict(zip(names, found.x, strict=True))


def chosen(weights: dict[str, float], doc: Doc) -> int:
    """The place of the choice with the highest score."""
    return int(np.argmax([total(weights, names) for _, names in doc.choices]))


def main() -> None:
    """Fit, score, write."""
    options = folds_command.options(__doc__, FOLDS)
    docs, frames = [*written()], [*framed()]
    taken, kept = [], []
    for fold in range(options.folds):
        weights = fit([*(doc for doc in docs if doc.fold != fold), *frames])
        for doc in (doc for doc in docs if doc.fold == fold):
            found = chosen(weights, doc)
            (kept if doc.choices[doc.right][0] == () and doc.right >= 0 else taken).append(found == doc.right)
            if options.wrong and found != doc.right:
                right = doc.choices[doc.right][0] if doc.right >= 0 else "?"
                print(repr(doc.text), right, "read", doc.choices[found][0])
    print(f"taken over {np.mean(taken):.3f} of {len(taken)}, nothing taken {np.mean(kept):.3f} of {len(kept)} turns")
    if options.dry:
        return
    rows = [(name, weight) for name, weight in fit([*docs, *frames]).items() if abs(weight) >= LEAST_WEIGHT]
    whole = np.clip(np.rint([weight / STEP for _, weight in rows]), -127, 127).astype(np.int8)
    np.savez_compressed(FOLDER / TAKINGS, features=softmax.as_bytes([name for name, _ in rows]), weights=whole)
    print(f"{len(rows)} weights, {(FOLDER / TAKINGS).stat().st_size / 1e3:.0f} kB, sha256 {register(TAKINGS)}")


if __name__ == "__main__":
    main()
