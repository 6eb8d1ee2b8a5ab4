"""Plain wordings for what is asked and changed (wordings.csv), so that every needed fact is met in every kind of turn.

The written replies of the conversations are terse and seldom have two facts of one item; these go on in whole
sentences. Which facts are needed is what a program would ask for.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from random import Random

from facegpt.language.dialogue.replies import items as of
from facegpt.language.dialogue.replies.items import Item

_HERE = Path(__file__).parent
_SUBJECTS = {"her": "she", "his": "he", "the": "it"}
_WHEN = re.compile(r" (before|at first)$")
#: How often a fact that is not needed is told beside those that are.
BESIDE = 0.2
CHANGES = ("edit", "take")
#: More facts than this are not put in one sentence.
MOST_TOLD = 4
SHOWN = ("new_head", "undo", "redo", "back", "vary", "blend")


@lru_cache(maxsize=1)
def _phrases() -> dict[str, dict[str, str]]:
    return {row["label"]: row for row in csv.DictReader((_HERE / "part_phrases.csv").open(encoding="utf-8"))}


@lru_cache(maxsize=1)
def _wordings() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in csv.DictReader((_HERE / "wordings.csv").open(encoding="utf-8")):
        found.setdefault(row["kind"], []).append(row["wording"])
    return found


@dataclass(frozen=True)
class Part:
    """An item as it is spoken of.

    Attributes:
        item: with its codes. codes: letter → code. owner: "her". what: "nose width". when: "", "before" or "at first".
    """

    item: Item
    codes: dict[str, str]
    owner: str
    what: str
    when: str = ""

    @property
    def noun(self) -> str:
        """What has the trait: "nose"."""
        return _phrases().get(self.what, {}).get("noun", self.what)

    @property
    def subject(self) -> str:
        """Who is spoken of: "she", "the man"."""
        return _SUBJECTS.get(self.owner, re.sub(r"'s?$", "", self.owner))

    def clause(self, letters: str) -> str:
        """A clause with the first of some facts that there is: "her nose is M1 wide"."""
        letter = next((each for each in letters if each in self.codes), next(iter(self.codes)))
        code, row = self.codes[letter], _phrases().get(self.what, {})
        several = bool(row.get("several"))
        own = _owned(self.owner, self.noun)
        if letter in "MB" and row.get("length"):
            said = f"{own} {row['length'].format(code)}"
        elif letter == "S":
            said = f"{self.owner} face shows {code}"
        elif letter == "A":
            said = f"{self.subject} looks {code}"
        elif letter == "O":
            verb = {"skin": f"{self.subject} has {code}", "sex by shape": f"the shape reads as {code}"}
            own_verb = "eyes are" if self.what == "eye colour" else "build is"
            said = verb.get(self.what, f"{self.owner} {own_verb} {code}")
        else:
            said = f"{own} {'are' if several else 'is'} {code}"
        return _past(said) + f" {self.when}" if self.when else said


def _owned(owner: str, noun: str) -> str:
    """Whose a part is: "her nose", "the bridge of her nose", "the way from ear to ear"."""
    if noun.startswith("way "):
        return f"{owner} {noun}" if owner == "the" else f"on {owner} head the {noun}"
    whole = re.fullmatch(r"(.+) (of|under|below) the (.+)", noun)
    return f"the {whole[1]} {whole[2]} {owner} {whole[3]}" if whole else f"{owner} {noun}"


def _past(text: str) -> str:
    for now, then in ((" is ", " was "), (" are ", " were "), (" shows ", " showed "), (" looks ", " looked ")):
        if now in text:
            return text.replace(now, then, 1)
    return re.sub(r" (measures|stands|rises|has) ", lambda m: {"has": " had "}.get(m[1], f" {m[1][:-1]}d "), text)


def needed(act: str, items: Sequence[Item], short: bool = False) -> list[Item]:
    """The items with what a program asks for (dialogue/replies/offering.py). short: as little as can be."""
    found, single = [], len([item for item in items if not _is_verdict(item)]) == 1
    verdict = any(_is_verdict(item) for item in items)
    ranked = any("N" in item.facts for item in items)
    first = True
    for item in items:
        need = "".join(letter for letter in "YNUK" if letter in item.facts)
        if act in CHANGES and (_WHEN.search(item.label) or need):
            found.append(item)  # as it was, what is never asked for
            continue
        if ranked and not need:
            need = "D" if item.label.startswith("difference") else "A" if "A" in item.facts and len(items) < 4 else ""
        elif not need and act in SHOWN:
            need = "S" if "S" in item.facts and not short else "M" if "M" in item.facts else ""
        elif not need and not (verdict and not first):
            need = next((letter for letter in "MSAOW" if letter in item.facts), "")
            if need == "M" and single and not verdict:
                more = "B" if act in CHANGES else "W" if act == "question" and not short else ""
                need += more if more in item.facts else ""
            first = False
        found.append(replace(item, needed=need))
    if any("K" in item.facts for item in found) and not ranked:
        first = next(k for k, item in enumerate(found) if "K" in item.facts)
        found = [replace(item, needed="K" if k == first else "") for k, item in enumerate(found)]
    return found


def _is_verdict(item: Item) -> bool:
    return "Y" in item.facts


def written(act: str, items: Sequence[Item], rng: Random) -> str:
    """A reply in one of the wordings; "" where none fits."""
    parts = [_part(k, item) for k, item in enumerate(items, start=1)]
    if not parts:
        return ""
    verdict = next((p for p in parts if "Y" in p.codes), None)
    ranks = [p for p in parts if "N" in p.codes]
    others = [p for p in parts if not set(p.codes) & set("YN")]
    if ranks:
        return _ranked(verdict, ranks[0], others, rng) if len(ranks) == 1 else ""
    if verdict:
        return _verdict(verdict, others, rng)
    if any("K" in p.codes for p in parts):
        chosen = next(p for p in parts if p.item.needed)
        return _filled("alike" if chosen.item.label == of.ALIKE else "differ", {"K": chosen.codes["K"]}, rng)
    told = [p for p in parts if p.item.needed]
    if act in SHOWN:
        return _shown(act, told or parts, bool(told), rng) if len(told) <= MOST_TOLD else ""
    return _told(act, told, rng) if 0 < len(told) <= MOST_TOLD else ""


def _part(k: int, item: Item) -> Part:
    codes = {letter: f"{letter}{k}" for letter in item.facts}
    when = _WHEN.search(item.label)
    label = _WHEN.sub("", item.label)
    owner = re.match(r"(her|his|the|.+?'s?)(?= )", label)
    own = owner[1] if owner else ""
    if own == "the" and (longer := re.match(r"the .+?'s?(?= )", label)):
        own = longer[0]
    return Part(item, codes, own, label.removeprefix(own).strip(), when[1] if when else "")


def _filled(kind: str, words: dict[str, str], rng: Random) -> str:
    """One of a kind's wordings whose words are known, with capitals where sentences begin."""
    known = [w for w in _wordings()[kind] if set(re.findall(r"\{(\w+)\}", w)) <= set(words)]
    text = rng.choice(known).format(**words)
    return re.sub(r"(^|[.!?] )([a-z])", lambda m: m[1] + m[2].upper(), text)


def _told(act: str, told: Sequence[Part], rng: Random) -> str:
    """What was asked or changed of heads."""
    changed = act in CHANGES
    if len(told) == 1:
        return _of_one(told[0], changed, rng)
    clauses = [p.clause("MSAOWU") for p in told]
    row = clauses[0] + "".join(f"{rng.choice((', ', '; '))}{each}" for each in clauses[1:-1])
    both = f"{row}{rng.choice((' and ', ', ', '; ', ', and '))}{clauses[-1]}"
    return _filled("now" if changed else "length", {"clause": both}, rng)


def _of_one(p: Part, changed: bool, rng: Random) -> str:
    words = {**p.codes, "owner": p.owner, "noun": p.noun, "subject": p.subject}
    if changed:
        words["clause"] = p.clause("MSAOW")
        return _filled("changed" if "B" in p.item.needed else "now", words, rng)
    kinds = {
        "U": "unusual",
        "S": "felt" if "E" in p.codes and rng.random() < 2 * BESIDE else "seen",
        "A": "age",
        "O": "look",
    }
    kind = kinds.get(p.item.needed[:1], "stands" if p.item.needed == "W" else "")
    if not kind:
        placed = "P" in p.codes and rng.random() < BESIDE
        kind = "length+stands" if "W" in p.item.needed else "length+place" if placed else "length"
        if _phrases().get(p.what, {}).get("several"):
            words.pop("noun")  # wordings with it go on with "is"
    words["clause"] = p.clause("W" if kind == "stands" else "MSAOU")
    return _filled(kind, words, rng)


def _verdict(verdict: Part, others: Sequence[Part], rng: Random) -> str:
    told = [p for p in others if p.item.needed] or [*others[:1]]
    words = {"Y": verdict.codes["Y"]}
    if not told:
        return f"{words['Y']}."
    lengths = [p for p in others if "M" in p.codes and not p.when]
    if len(lengths) == 2 and len(others) == 2:
        first, second = rng.sample(lengths, 2)
        words |= {"first": first.codes["M"], "second": second.codes["M"]}
        words |= {"clause": first.clause("M"), "clause2": second.clause("M")}
        return _filled("yes of two", words, rng)
    words["clause"] = told[0].clause(told[0].item.needed or "MSAOW")
    if "W" in told[0].codes and told[0].item.needed == "M" and rng.random() < 2 * BESIDE:
        words["clause"] += f", which is {told[0].codes['W']}"
    return _filled("yes", words, rng)


def _ranked(verdict: Part | None, rank: Part, others: Sequence[Part], rng: Random) -> str:
    """Who has more; values without names come in the order of the heads (replies.writing.best_first)."""
    gap = next((p for p in others if "D" in p.codes and p.item.label.startswith("difference")), None)
    heads = [p for p in others if p is not gap]
    words = {"N": rank.codes["N"]} | ({"D": gap.codes["D"]} if gap else {})
    letter = next((c for c in "MAW" if all(c in p.codes for p in heads)), "")
    if len(heads) == 2 and letter:
        first, second = rng.sample(heads, 2)
        words |= {"first": first.codes[letter], "second": second.codes[letter]}
        words |= {"clause": first.clause(letter), "clause2": second.clause(letter)}
    if not rank.item.needed and gap and not verdict:
        return _filled("gap", words, rng)
    if verdict:
        return _filled("yes who" if gap else "yes who alone", {"Y": verdict.codes["Y"], **words}, rng)
    if gap:
        return _filled("who by", words, rng)
    two = "first" in words and (letter == "A" or (letter == "W" and rng.random() < BESIDE))
    return _filled("who of two" if two else "who", words, rng)


def _shown(act: str, parts: Sequence[Part], tells: bool, rng: Random) -> str:
    """Who is there, or what is as it was. tells: whether with what the parts are."""
    kind = {"undo": "back", "redo": "again", "back": "at"}.get(act, "here")
    subject = next((p.subject for p in parts if p.owner), "")
    words = {"subject": subject} if subject else {}
    if not tells:
        return _filled(f"{kind} alone", words, rng)
    if len(parts) == 1:
        words |= parts[0].codes
    words["clause"] = " and ".join(each.clause("SM") for each in parts)
    return _filled(kind, words, rng)
