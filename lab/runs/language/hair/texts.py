"""The texts from which the hair classifier learns: sentences of corpus/, wordings of corpus/lexicon/hair.txt in frames.

Data that follow from meaning, labels exact: the sentences of corpus/hair as they stand, with slips of the hand, with a
colour, length or curl swapped for another (label and word), two joined, and joined with sentences on other parts of
the face; wordings in frames of several voices, several together, and denied; whole looks (length, curl and colour of
the hair beside a beard); people with other features, with hair and without; words of hair said of things ("a curly
tie"), which ask for nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from facegpt.language.hair_wish import HAIR_SLOTS
from facegpt.language.reading.hair.classifier import VETOES
from facegpt_lab.synthesis.texts.corpus import Record, corpus_files, corpus_folder, load_corpus

OTHER_SENTENCES, THINGS_SAID, WHOLE_LOOKS, OTHER_FEATURES, ROUNDS = 7000, 1500, 1500, 1500, 6
CATEGORIES = ("hair", "edit_hair")
_HAIRY = re.compile(
    r"hair|bald|blond|brunet|redhead|ginger|beard|moust|mustache|stubble|shav|whisker|fringe|bangs|braid|plait|curl|"
    r"\bbob\b|\bcrop|\bbun\b|pony|locks|wig|afro|dread|goatee|tash|stache|mane|tresses|quiff|mullet|buzz|grey|gray|silver",
    re.IGNORECASE,
)
THINGS = (
    "hat", "cap", "scarf", "dress", "tie", "shirt", "nose", "chin", "road", "line", "house", "car", "dog",
    "horse", "coat", "eyes", "lips", "belt", "bag", "wall", "boat", "cat", "story", "neck", "forehead",
    "eyelashes", "jacket", "ring", "ribbon", "umbrella", "day", "man", "woman", "necklace", "glasses",
    "boots", "teeth", "mouth", "jaw", "face", "sky",
)  # fmt: skip
SUBJECTS = (
    ("a woman", "F"), ("a man", "M"), ("a girl", "F"), ("a boy", "M"), ("someone", ""), ("an old man", "M"),
    ("an old lady", "F"), ("a guy", "M"), ("a teenager", ""), ("lady", "F"), ("male, 30s", "M"), ("female, 40", "F"),
    ("a nurse", ""), ("a soldier", ""), ("a kid", ""), ("she", "F"), ("he", "M"), ("a fat man with a broad nose", "M"),
    ("a thin-faced woman", "F"), ("a smiling child", ""), ("a pale student with green eyes", ""), ("dude", "M"),
)  # fmt: skip
_NEW = (
    "{s} with {w}", "{s} with {w}", "{s}, {w}", "{w}", "{s} has {w}", "{s} who has {w}", "HAIR: {w}",
    "{s}; {w}; brown eyes",
    "{s} in a red hat with {w}", "{w}, {s}", "i want {s} with {w} pls", "{s} w {w}", "{w} and a long nose", "{s} + {w}",
    "Picture {s} with {w} and a wide mouth.", "{s} wearing {w}", "{s}: small eyes, {w}, thin lips", "make {s} with {w}",
)  # fmt: skip
_CHANGE = (
    "give her {w}", "give him {w}", "{w}", "now with {w}", "{w} please", "add {w}", "change it to {w}", "I want {w}",
    "what about {w}", "make her have {w} and a smaller nose", "same face, {w}", "try {w}", "let him have {w}",
)  # fmt: skip
_ORDER = (
    "{w}", "{w}", "{w} please", "please {w}", "can you {w}", "{w} and make the nose smaller", "hmm, {w}", "ok now {w}!",
    "bigger eyes, {w}", "{w}, keep everything else", "{w} pls", "I'd say {w}", "and {w}",
)  # fmt: skip
_DENIED = ("no {w}", "without {w}", "{s} without {w}", "not {w}", "{s}, no {w}", "no more {w}")
#: What denying a slot asks for.
_NOT = dict.fromkeys(("fringe", "beard", "moustache", "sideburns", "part", "grey", "highlights", "roots"), "none")


@dataclass(frozen=True)
class Doc:
    """A text with what it says: slot → value. vetoes: of VETOES it speaks. learn: slots to learn from (None: all)."""

    text: str
    said: dict[str, str]
    is_edit: bool
    vetoes: frozenset[str] = frozenset()
    learn: frozenset[str] | None = None
    weight: float = 1.0


@dataclass(frozen=True)
class Wording:
    """One wording of the lexicon; way: "np", "person" or "do"."""

    text: str
    way: str
    said: dict[str, str]


def wordings() -> list[Wording]:
    """Read corpus/lexicon/hair.txt."""
    found, way = [], ""
    for line in (corpus_folder() / "lexicon" / "hair.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            way = line.strip("[]")
        elif line and not line.startswith("#"):
            marks, texts = line.split(":", 1)
            said = dict(mark.split("=") for mark in marks.split())
            if not all(value in HAIR_SLOTS[slot] for slot, value in said.items()):
                raise SystemExit(f"hair.txt: {marks} is not in hair_words.csv")
            found += [Wording(text.strip(), way, said) for text in texts.split("|")]
    return found


def hair_docs(split: str) -> list[Doc]:
    """The sentences of corpus/hair."""
    return [_doc(record) for record in load_corpus(split) if record.category in CATEGORIES]


def added_texts() -> set[str]:
    """The sentences of the last file of corpus/hair."""
    last = [file for file in corpus_files() if file.parent.name == "hair"][-1]
    return {json.loads(line)["text"] for line in last.read_text(encoding="utf-8").splitlines()}


def speaks_of_hair(text: str) -> bool:
    """Whether a text has a word of hair or beard."""
    return _HAIRY.search(text) is not None


def _doc(record: Record) -> Doc:
    named = frozenset(record.labels.get("attributes", {})) | frozenset(record.labels.get("not", {}))
    return Doc(record.text, dict(record.labels.get("hair", {})), record.task == "edit", named & set(VETOES), None, 2.0)


def other_docs(rng: Random) -> Iterator[Doc]:
    """Other training sentences: those that speak of no hair, and those with coarse labels of it, learnt in part."""
    records = [r for r in load_corpus("train") if r.category not in CATEGORIES]
    rng.shuffle(records)
    for record in records[:OTHER_SENTENCES]:
        attributes = record.labels.get("attributes", {})
        vetoes = frozenset([*attributes, *record.labels.get("not", {})]) & set(VETOES)
        is_edit = record.task == "edit"
        hairy = any(n.startswith("hair_") or n in ("beard", "moustache") for n in attributes)
        if not hairy and not speaks_of_hair(record.text):
            yield Doc(record.text, {}, is_edit, vetoes, None, 0.5)
        elif hairy:
            said = _coarse(attributes, is_edit)
            yield Doc(record.text, said, is_edit, vetoes, frozenset(said), 0.5)


def _coarse(attributes: dict[str, float], is_edit: bool) -> dict[str, str]:
    """What labels of LABELS.md say of the slots: only what is sure; nothing is concluded from what they leave out."""
    said: dict[str, str] = {}
    length, light = attributes.get("hair_length"), attributes.get("hair_lightness")
    red, grey = attributes.get("hair_redness", 0.0), attributes.get("hair_greyness")
    if length == -2:
        said["length"] = "none"
    elif not is_edit and length is not None:
        said["length"] = {-1: "short", 0: "chin", 1: "shoulder", 2: "long"}.get(int(length), "long")
    if grey is not None and not is_edit and grey > 0:
        said["grey"] = "half" if grey < 0.8 else "full" if grey < 1.6 else "white"
    if red > 0.7:
        said["colour"] = "red" if red > 1.4 else "ginger"
    elif light is not None and not red and not is_edit:
        said["colour"] = {-2: "black", -1: "dark_brown", 0: "light_brown", 1: "blond"}.get(round(light), "blond")
    if (beard := attributes.get("beard")) is not None and not is_edit and beard != 1:
        said["beard"] = "none" if beard < 0 else "stubble" if beard < 0.8 else "long"
    if (tache := attributes.get("moustache")) is not None:
        said["moustache"] = "none" if tache < 0 else "plain" if tache < 1.6 else "big"
    return said


def framed(every: list[Wording], rng: Random) -> Iterator[Doc]:
    """Each wording in frames of its way, alone and with others that speak of other slots."""
    nouns = [w for w in every if w.way == "np"]
    for wording in every:
        for k in range(ROUNDS):
            if wording.way == "do":
                yield _ordered(wording, [w for w in every if w.way == "do"], k, rng)
            elif wording.way == "person":
                yield _person(wording, nouns, k, rng)
            else:
                yield _described(wording, nouns, k, rng)


def _described(wording: Wording, others: list[Wording], k: int, rng: Random) -> Doc:
    said, text = dict(wording.said), _again(wording.text, rng)
    for _ in range(rng.choice((0, 0, 1, 2)) if k else 0):
        text, said = _beside(text, said, rng.choice(others), rng)
    is_edit = k % 5 == 3
    frame = rng.choice(_CHANGE if is_edit else _NEW) if k else "{w}"
    if k == 4 and len(wording.said) == 1:
        slot = next(iter(wording.said))
        denied = {slot: _NOT[slot]} if slot in _NOT and wording.said[slot] != "none" else {}
        frame, said = rng.choice(_DENIED), denied
        text = re.sub(r"^(?:an?|the) ", "", wording.text)
        if wording.said[slot] == "none":
            return Doc(wording.text, wording.said, True, weight=0.6)
        learn = None if denied else frozenset(wording.said)
        return Doc(_filled(frame, text, rng), said, rng.random() < 0.4, learn=learn, weight=0.6)
    return Doc(_filled(frame, text, rng), said, is_edit, weight=0.8)


def _beside(text: str, said: dict[str, str], other: Wording, rng: Random) -> tuple[str, dict[str, str]]:
    """Put another wording beside a text, adjectives of hair together, unless they speak of the same slot."""
    if set(other.said) & set(said) or "none" in (other.said.get("length"), said.get("length")):
        return text, said
    both = {**said, **other.said}
    if text.endswith(" hair") and other.text.endswith(" hair") and len(other.text.split()) < 4:
        first, second = text.removesuffix(" hair"), other.text.removesuffix(" hair")
        return f"{second}{rng.choice((' ', ', ', ' '))}{first} hair", both
    adjective = other.text.removesuffix(" hair")
    if "kind" in said and adjective != other.text and len(adjective.split()) < 3 and rng.random() < 0.6:
        article = re.match(r"(?:an?|the|two) ", text)
        at = article.end() if article else 0
        return f"{text[:at]}{adjective} {text[at:]}", both
    return text + rng.choice((", ", " and ", "; ", " with ")) + other.text, both


def _ordered(wording: Wording, others: list[Wording], k: int, rng: Random) -> Doc:
    said, text = dict(wording.said), wording.text
    if k > 1 and rng.random() < 0.5:
        other = rng.choice(others)
        kept = "keep" in said or "keep" in other.said
        if (
            not set(other.said) & set(said)
            and not kept
            and "none" not in (said.get("length"), other.said.get("length"))
        ):
            text, said = text + rng.choice((", ", " and ", "; ", ", then ")) + other.text, {**said, **other.said}
    return Doc(_filled(rng.choice(_ORDER) if k else "{w}", text, rng), said, True, weight=0.8)


def _person(wording: Wording, nouns: list[Wording], k: int, rng: Random) -> Doc:
    said, text = dict(wording.said), wording.text
    text = rng.choice(("a {}", "the {}", "{}", "an elderly {}", "a {} with a big nose", "some {}")).format(text)
    if k > 2:
        text, said = _beside(text, said, rng.choice(nouns), rng)
    return Doc(text, said, False, weight=0.8)


def _again(text: str, rng: Random) -> str:
    """The same with "his" for "her" or for an article, now and then."""
    if rng.random() < 0.3:
        text = (
            text.replace(" her ", " his ")
            if " her " in text
            else text.replace(" hair", rng.choice((" hair", " locks")))
        )
    return text


def _filled(frame: str, text: str, rng: Random) -> str:
    filled = frame.format(w=text, s=rng.choice(SUBJECTS)[0])
    return filled[:1].upper() + filled[1:] if rng.random() < 0.3 else filled


def slips(text: str, rng: Random) -> str:
    """The text with one or two slips of the hand: letters swapped, dropped or doubled."""
    letters = list(text)
    for _ in range(1 + (len(text) > 40)):
        places = [k for k in range(1, len(letters) - 1) if letters[k].isalpha() and letters[k - 1].isalpha()]
        if not places:
            break
        k, kind = rng.choice(places), rng.random()
        if kind < 0.4:
            letters[k], letters[k - 1] = letters[k - 1], letters[k]
        else:
            letters[k] = "" if kind < 0.75 else letters[k] * 2
    return "".join(letters)


def swapped(doc: Doc, by_slot: dict[str, list[Wording]], rng: Random) -> Doc | None:
    """The text with one plain wording ("red hair", "shoulder-length hair") swapped for another of its slot."""
    slots = [slot for slot in ("colour", "grey", "length", "curl") if slot in doc.said]
    rng.shuffle(slots)
    for slot in slots:
        for old in by_slot[slot]:
            word = old.text.removesuffix(" hair")
            if old.said[slot] == doc.said[slot] and re.search(rf"\b{re.escape(word)}\b", doc.text.lower()):
                new = rng.choice(by_slot[slot])
                text = re.sub(rf"\b{re.escape(word)}\b", new.text.removesuffix(" hair"), doc.text, flags=re.IGNORECASE)
                return Doc(text, {**doc.said, **new.said}, doc.is_edit, doc.vetoes, doc.learn, 0.7)
    return None


def joined(first: Doc, second: Doc, rng: Random) -> Doc | None:
    """Two texts in one; None where they speak of the same slot."""
    bald = "none" in (first.said.get("length"), second.said.get("length"))
    if set(first.said) & set(second.said) or first.is_edit != second.is_edit or (bald and first.said and second.said):
        return None
    a, b = (first, second) if rng.random() < 0.5 else (second, first)
    text = a.text.rstrip(" .!") + rng.choice((", ", "; ", ". ", " and ", " with ")) + b.text
    return Doc(text, {**a.said, **b.said}, a.is_edit, a.vetoes | b.vetoes, None, 0.5)


def of_things(every: list[Wording], rng: Random) -> Iterator[Doc]:
    """Words of hair said of things, which ask for nothing."""
    words = [w.text.removesuffix(" hair") for w in every if w.text.endswith(" hair") and len(w.text.split()) < 4]
    frames = (
        "{w} {t}",
        "a {w} {t}",
        "a man with a {w} {t}",
        "the {t} is {w}",
        "she has a {w} {t}",
        "{w} {t}, black hair",
    )
    for _ in range(THINGS_SAID):
        frame = rng.choice(frames)
        text = frame.format(w=rng.choice(words), t=rng.choice(THINGS))
        yield Doc(
            text, {"colour": "black"} if "black hair" in frame else {}, rng.random() < 0.3, learn=None, weight=0.5
        )


def whole_looks(every: list[Wording], by_slot: dict[str, list[Wording]], rng: Random) -> Iterator[Doc]:
    """Hair of a length, curl and colour, two of them or all, beside a beard or moustache or alone."""
    beards = [
        w for w in every if w.way == "np" and set(w.said) & {"beard", "moustache"} and "none" not in w.said.values()
    ]
    slots = {"length": ("length",), "curl": ("curl",), "colour": ("colour", "colour", "grey")}
    for k in range(WHOLE_LOOKS):
        chosen = [name for name in slots if name != rng.choice((*slots, None))]
        parts = [rng.choice(by_slot[rng.choice(slots[name])]) for name in chosen]
        if any("none" in part.said.values() for part in parts):
            continue
        said = {slot: value for part in parts for slot, value in part.said.items()}
        text = rng.choice((" ", " ", ", ")).join(part.text.removesuffix(" hair") for part in parts) + " hair"
        if k % 4:
            beard = rng.choice(beards)
            if set(beard.said) & set(said):
                continue
            said |= beard.said
            text = rng.choice((", ", " and ", "; ", " with ")).join(rng.sample((text, beard.text), 2))
        is_edit = k % 5 == 3
        yield Doc(_filled(rng.choice(_CHANGE if is_edit else _NEW), text, rng), said, is_edit, weight=0.8)


def other_features(every: list[Wording], by_slot: dict[str, list[Wording]], rng: Random) -> Iterator[Doc]:
    """People with other features: alone (nothing is said of hair then, by "elderly" neither), or with hair beside."""
    ages = (
        "an elderly {}",
        "an old {}",
        "a young {}",
        "a {} of forty",
        "a {}",
        "an Asian {}",
        "an angry {}",
        "a thin {}",
    )
    features = ("nose", "mouth", "chin", "jaw", "forehead", "ears", "lips", "eyes", "neck", "cheeks", "face")
    looks = ("broad", "narrow", "big", "small", "long", "short", "round", "thin", "wide", "strong")
    moods = ("", "", ", smiling", ", happily surprised", ", angry", " and a frown", ", tired", ", laughing")
    nouns = [w for w in every if w.way == "np" and "none" not in w.said.values()]
    styles = [w for w in nouns if "kind" in w.said]
    for k in range(OTHER_FEATURES):
        person = rng.choice(ages).format(rng.choice(("woman", "man", "lady", "person", "girl", "boy", "face")))
        feature, look = rng.choice(features), rng.choice(looks)
        part = f"{look} {feature}" if feature.endswith("s") else f"a {look} {feature}"
        yield Doc(f"{person} with {part}{rng.choice(moods)}", {}, False, weight=0.2)
        hair = rng.choice(styles if k % 2 else nouns)
        text, said = _beside(hair.text, dict(hair.said), rng.choice(by_slot[rng.choice(("colour", "grey"))]), rng)
        both = rng.choice((f"{part} and {text}", f"{part}, {text}", f"{text} and {part}"))
        yield Doc(f"{person} with {both}{rng.choice(moods)}", said, False, weight=0.8)


def training_docs() -> list[Doc]:
    """All that is learnt from."""
    rng = Random(3)
    every = wordings()
    plain = [w for w in every if w.text.endswith(" hair") and len(w.text.split()) < 4 and len(w.said) == 1]
    by_slot = {s: [w for w in plain if s in w.said] for s in ("colour", "grey", "length", "curl")}
    own, others, drawn = hair_docs("train"), list(other_docs(rng)), list(framed(every, rng))
    docs = [*own, *others, *drawn, *of_things(every, rng)]
    docs += [Doc(slips(d.text, rng), d.said, d.is_edit, d.vetoes, d.learn, 0.4) for d in [*own, *drawn[::4]]]
    docs += [new for _ in range(2) for d in own if (new := swapped(d, by_slot, rng))]
    silent = [d for d in others if not d.said and d.learn is None]
    docs += [new for d in own for other in (rng.choice(own), rng.choice(silent)) if (new := joined(d, other, rng))]
    return [*docs, *whole_looks(every, by_slot, rng), *other_features(every, by_slot, rng)]
