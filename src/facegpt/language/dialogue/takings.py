"""Which parts of a head another one takes over: a learnt choice between all pairs of heads, both ways, and none.

Each pair is held against the words around those whom a text names: "give HER HIS nose", "HIS nose on HER". How much
these count was learnt from written turns and frames (corpus/conversations/taking.txt; lab/runs/language/takings.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.regression import STEP
from facegpt.language.dialogue.who.references import Mention, mentions, without_owners
from facegpt.language.parts import PARTS, base_form
from facegpt.language.patterns import regex_any_case

#: The weights, in assets/.
TAKINGS = "networks/takings.npz"
_GROUPS = {
    "nose": "nose", "eye": "eyes", "mouth": "mouth", "lip": "mouth", "chin": "chin", "jaw": "jaw", "ear": "ears",
    "forehead": "forehead", "brow": "brows", "cheek": "cheeks", "cheekbone": "cheeks", "neck": "neck", "skin": "skin",
    "hair": "hair", "beard": "hair", "moustache": "hair",
}  # fmt: skip
_SHOWN = frozenset(["expression", "smile", "frown", "mood", "grin"])
#: What is worn, by its words.
WORN = dict.fromkeys(("glasses", "sunglasses", "spectacles", "specs", "shades", "eyewear"), "glasses")
WORN |= dict.fromkeys(("hat", "cap", "beanie", "hood", "helmet", "turban", "headscarf"), "headwear")
#: One expression in place of another, on the same face.
_EXCHANGE_OF_LOOKS = regex_any_case(
    r"\b(?:smile|grin|frown|scowl|smirk|laugh)\b.*\b(?:for|with|by|into)\b.*\b(?:smile|grin|frown|scowl|smirk|laugh|look|face)\b"
)
_WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s]")
_OWNERS = frozenset(["her", "his", "their", "my", "hers", "mine", "theirs"])
#: So many words may stand between an owner and the part; more people than this are not held against each other.
_NEAR, _MOST_PEOPLE = 2, 8

#: How much less nothing counts where the act of a turn says that something is taken over.
AS_TOLD = 3.0

#: (to, source) of a choice, more than one for an exchange; () for none.
Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Taking:
    """A part of one head taken over by another: numbers, and groups of attributes or "expression"."""

    to: int
    source: int
    parts: tuple[str, ...]


def takings(text: str, cast: Cast, weights: Mapping[str, float] | None = None, surely: bool = False) -> list[Taking]:
    """What a text wants taken from one head for another; [] where it wants nothing of the kind.

    Args:
        text: the turn; where it names no part ("him too"), those of the last taking are meant.
        cast: the people.
        weights: by feature; the shipped ones without.
        surely: whether the act of the turn says that something is taken over.
    """
    last = cast.change.text if cast.change.act == "take" else ""
    groups = tuple(dict.fromkeys(name for _, name in parts_named(text) or parts_named(last)))
    if not groups or not 2 <= len(cast.people) <= _MOST_PEOPLE or _EXCHANGE_OF_LOOKS.search(text):
        return []
    known, rows = _weights() if weights is None else weights, scored_choices(text, cast)
    nothing = AS_TOLD if surely else 0.0
    best = max(rows, key=lambda row: total(known, row[1]) - (0.0 if row[0] else nothing))
    named, owned = {n for m in mentions(text, cast) for n in m.who}, {*groups} & {*WORN.values(), "hair"}
    if owned and len(best[0]) == 1 and parts_named(text) and best[0][0][1] not in named:
        return []  # "give her round glasses" is no wish for those of somebody else
    came = [face.params for _, n in best[0] for face in (cast.person(n).face, cast.person(n).first)]
    if not all(any(getattr(params, part) for params in came) for part in owned - {"hair"}):
        return []  # nobody has any to give
    return [Taking(to, source, groups) for to, source in best[0]]


def parts_named(text: str) -> list[tuple[int, str]]:
    """Places and groups of the parts of the face that a text names, "expression" among them."""
    found = []
    for match in re.finditer(r"[a-z]+", text.lower()):
        part = PARTS.get(match[0], PARTS.get(base_form(match[0]), ""))
        if part in _GROUPS:
            found.append((match.start(), _GROUPS[part]))
        elif match[0].rstrip("s") in _SHOWN:
            found.append((match.start(), "expression"))
        elif match[0] in WORN:
            found.append((match.start(), WORN[match[0]]))
    return found


def scored_choices(text: str, cast: Cast) -> list[tuple[Pairs, list[str]]]:
    """Every choice with the names of what speaks for and against it."""
    found, parts = without_owners(mentions(text, cast), text), [place for place, _ in parts_named(text)]
    signs = [_signs(text, found, k, parts) for k in range(len(found))]
    words = {m[0].lower() for m in _WORD.finditer(text)}
    numbers = [person.number for person in cast.people]
    many = min(len({m.who for m in found}), 3)
    nothing = ["none", f"none {many} after {cast.change.act == 'take'}", *(f"none {word}" for word in words)]
    rows: list[tuple[Pairs, list[str]]] = [((), nothing)]
    rows += [(((a, b),), _of_pair(a, b, found, signs, cast, many)) for a, b in permutations(numbers, 2)]
    named = tuple(dict.fromkeys(n for m in found for n in m.who))
    spoken = next((who for who in (named, cast.in_focus(), cast.said.who) if len(who) == 2), tuple(numbers[-2:]))
    two = tuple(spoken)
    rows.append((((two[0], two[1]), (two[1], two[0])), ["swap", *(f"swap {word}" for word in words)]))
    return rows


def _signs(text: str, found: Sequence[Mention], k: int, parts: Sequence[int]) -> list[str]:
    """How a mention stands in a text: what is before it, whether it owns a part, its place among the others."""
    mention = found[k]
    before = [m[0].lower() for m in _WORD.finditer(text[: mention.start])][-2:]
    before = [word for word in before if word != "the"] or before or ["^"]
    said, after = text[mention.start : mention.end].lower(), text[mention.end :]
    ahead = next((place for place in parts if place >= mention.end), -1)
    near = ahead >= 0 and len(text[mention.end : ahead].split()) <= _NEAR
    owns = said.split()[-1] in _OWNERS or said.endswith(("'s", "’s")) or bool(re.match(r"['’]s|s['’]", after))
    how = f"owns={int(owns)} near={int(near)}"
    place = "only" if len(found) == 1 else "first" if k == 0 else "last" if k == len(found) - 1 else "amid"
    side = "before" if ahead >= 0 else "after"
    follows = next((m[0].lower() for m in _WORD.finditer(re.sub(r"^['’]s", "", after))), "$")
    return [how, f"{place} {how}", f"{place} {side}", f"after {before[-1]}", f"after {before[-1]} {how}",
            f"{place} after {before[-1]}", f"then {follows}"]  # fmt: skip


def _of_pair(
    to: int, source: int, found: Sequence[Mention], signs: Sequence[Sequence[str]], cast: Cast, many: int
) -> list[str]:
    names = ["pair"]
    for mention, each in zip(found, signs, strict=True):
        role = "to" if to in mention.who else ""
        role += "of" if source in mention.who else ""
        names += [f"{role or 'other'}: {sign}" for sign in (each if len(mention.who) == 1 else ("several",))]
    named = {n for m in found for n in m.who}
    last = cast.change.who if cast.change.act == "take" else ()
    for role, number in (("to", to), ("of", source)):
        names.append(f"{role} named={int(number in named)} {many}")
        names.append(
            f"{role} named={int(number in named)} focus={int(number in cast.in_focus())} {len(cast.in_focus())}"
        )
    if not named:
        names.append(f"again {int(last == (to, source))} {int(last == (source, to))}")
    return names


def total(weights: Mapping[str, float], names: Iterable[str]) -> float:
    """The score of a choice."""
    return sum(weights.get(name, 0.0) for name in names)


@lru_cache(maxsize=1)
def _weights() -> dict[str, float]:
    from facegpt.assets import load_features

    rows, weights = load_features(TAKINGS)
    return dict(zip(rows, weights.astype(float) * STEP, strict=True))
