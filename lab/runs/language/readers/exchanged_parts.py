"""Written comparisons with other parts of the face in place of theirs: what compares is kept, the labels follow.

"The forehead out-measures the jaw" says of any two widths which is more, so that its nouns may change places or be
others of their kind. Which part is more then hangs on how the words compare, and no longer on which parts they name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from benchmarks.near_duplicates import PROTOCOLS, Known, near
from facegpt_lab.synthesis.texts.corpus import Record

#: Parts that can be compared in one respect, and take the same verb: noun → attribute.
KINDS: tuple[Mapping[str, str], ...] = (
    {
        **{"jaw": "jaw_width", "forehead": "forehead_width", "chin": "chin_width", "mouth": "mouth_width"},
        **{"nose": "nose_width", "neck": "neck_width", "face": "face_width"},
    },
    {
        **{"nose": "nose_length", "chin": "chin_height", "neck": "neck_length", "forehead": "forehead_height"},
        **{"face": "face_length", "philtrum": "philtrum_length"},
    },
    {"nose": "nose_size", "mouth": "mouth_width", "head": "head_size"},
    {"eyes": "eye_size", "ears": "ear_size", "nostrils": "nostril_size"},
    {"upper": "upper_lip_fullness", "lower": "lower_lip_fullness"},
    {"top": "upper_lip_fullness", "bottom": "lower_lip_fullness"},
    {"chin": "chin_protrusion", "nose": "nose_protrusion"},
    {"cheekbones": "cheekbone_prominence", "ears": "ear_protrusion"},
    {"skin": "skin_lightness", "hair": "hair_lightness"},
    {"beard": "beard", "moustache": "moustache"},
)
#: Variants of a sentence at most.
VARIANTS = 5
_ATTEMPTS = 12


def exchanged(records: Sequence[Record], held: Sequence[Record] = (), seed: int = 0) -> list[Record]:
    """Draw sentences from those of some records that compare parts by one noun each.

    No two have the same words. None is a near-duplicate of one that is held out, or of a blind sentence.
    """
    known = Known([PROTOCOLS])
    for record in held:
        known.add(record.text)
    seen = {_words(record) for record in records}
    found = []
    for record in records:
        for variant in _variants(record, Random(f"{seed}/{record.id}")):
            if _words(variant) not in seen and near({"text": variant.text}, known) is None:
                seen.add(_words(variant))
                found.append(variant)
    return found


def _words(record: Record) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\W_]+|[<>]", record.text.lower()))


def _variants(record: Record, rng: Random) -> Iterator[Record]:
    kind, nouns = _nouns(record)
    turned: set[tuple[str, ...]] = {tuple(nouns)}
    for _ in range(_ATTEMPTS if nouns else 0):
        others = tuple(rng.sample(sorted(kind), len(nouns))) if len(turned) > 1 else tuple(reversed(nouns))
        if others in turned or len(turned) > VARIANTS:
            continue
        turned.add(others)
        yield _with(record, kind, dict(zip(nouns, others, strict=True)), len(turned) - 1)


def _nouns(record: Record) -> tuple[Mapping[str, str], list[str]]:
    """The kind of what a record compares and the nouns of these parts; none where a noun may mean something else."""
    compared = {name for more, _, less in record.labels.get("relations", ()) for name in (more, less)}
    named = compared | set(record.labels.get("attributes", ())) | set(record.labels.get("not", ()))
    if record.labels.get("mm"):
        return {}, []
    for kind in KINDS:
        nouns = [noun for noun, name in kind.items() if name in compared]
        if compared and compared <= set(kind.values()) and len(nouns) == len(compared):
            there = [noun for noun in kind if _count(noun, record.text)]
            others = {_part(name) for name in named - compared}
            plain = sorted(there) == sorted(nouns) and all(_count(noun, record.text) == 1 for noun in nouns)
            return (kind, nouns) if plain and not others & {_part(kind[noun]) for noun in nouns} else ({}, [])
    return {}, []


def _part(name: str) -> str:
    return name.split("_")[0]


def _count(noun: str, text: str) -> int:
    return len(re.findall(rf"\b{noun}\b", text, re.IGNORECASE))


def _with(record: Record, kind: Mapping[str, str], others: Mapping[str, str], number: int) -> Record:
    """A record with other nouns, and labels that follow them."""

    def other(match: re.Match[str]) -> str:
        noun = others[match[0].lower()]
        return noun.capitalize() if match[0][0].isupper() else noun

    text = re.sub(rf"\b(?:{'|'.join(others)})\b", other, record.text, flags=re.IGNORECASE)
    text = re.sub(r"\b([Aa])n (?=[^aeiouAEIOU\W])", r"\1 ", text)
    names = {kind[noun]: kind[new] for noun, new in others.items()}
    labels: dict[str, Any] = dict(record.labels)
    labels["relations"] = [[names[more], sign, names[less]] for more, sign, less in record.labels["relations"]]
    for key in ("attributes", "not"):
        if key in labels:
            labels[key] = {names.get(name, name): value for name, value in record.labels[key].items()}
    return replace(record, id=f"{record.id}+{number}", text=text, labels=labels)
