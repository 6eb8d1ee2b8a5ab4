"""Who is asked for in one request: "an old man with a beard and a young woman, both smiling" is two descriptions.

A description is cut where another person begins; what is said of all ("both smiling") goes to each, and a later
sentence goes to the one whom its pronoun means.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from facegpt.language.dialogue.turns import BESIDE, PERSON
from facegpt.language.dialogue.who.counts import MOST_HEADS, how_many
from facegpt.language.dialogue.who.counts import people_listed as listed_in
from facegpt.language.dialogue.who.kin import KIN
from facegpt.language.patterns import regex_any_case, word_set
from facegpt.language.reading.beyond.spelling import face_words
from facegpt.language.reading.sexes import find_sex

_KIN = rf"(?:{'|'.join(KIN)}|husband|wife|friend)"
_WHICH = "one|first|second|third|fourth|other|elder|younger|older|former|latter"
_WHOLE_GROUP = regex_any_case(r"""
    (?:,|;|\.|\band\b|\bbut\b|-)?\s*\b(?:both|all (?:of them|three|four|five)|all(?= (?:with|are|have|in|of|\w+ing)\b)|
    each(?: of them)?|they(?: are|'re| all| both)?)\b
    \s*(?:of them\s*)?(?:are |look(?:ing)? |is |should be |have |with |must )?(?P<said>[^.;]*)
""")
_ROLE_WORDS = re.compile(rf"\b(?:{PERSON}|{_KIN})\b(?!-)", re.IGNORECASE)
_ROLE = re.compile(rf"{PERSON}|{_KIN}|double|gal|mommy|daddy", re.IGNORECASE)
_PLAIN_ROLES = word_set(
    "man woman person face head guy girl boy lady portrait character stranger kid child chap bloke lad fella dude "
    "one gentleman human men women"
)
_NOT_NAMES = word_set(
    "I The A An My Your His Her Their Our This That These Those Here There Yes No Ok Okay Thanks Great Good Nice "
    "Now Then Make Give Draw Show Two Both Left Right And But He She It They What Who How Is Are Does Do Can "
    "Could Would Please Enter One Man Woman Head Face First Second Third Client Test Start Female Male Witness "
    "Suspect Subject Image Officer Perfect Hi Hello Hey Girl Boy Lady Old Young Middle Someone Person Another Add "
    "Create Render Photo Synthesise Generate Build Set Let Start Begin Try French German Italian Spanish Irish "
    "Chinese Japanese Indian African Asian European American English Nordic Arab Russian Turkish Greek Victorian "
    "Christmas Monday Friday Sunday Saturday God AU D FACS Mr Mrs Ms Miss Mister Dr Prof Sir Madam Madame Monsieur "
    "Herr Frau"
)
#: Words before a name: by which it is given, and by which its bearer is shown.
_CALLS = frozenset((verb, whom) for verb in ("call", "name") for whom in ("him", "her", "it", "them"))
_POINTS = frozenset((who, verb) for who in ("this", "here", "that", "it", "he", "she") for verb in ("is", "s"))
#: What stands at the end of a clause and is no name.
_ADVERBS = word_set("here there now then today yesterday again too also please back home alone asleep once only who")


@dataclass(frozen=True)
class Wanted:
    """One person who is asked for.

    Attributes:
        text: the description alone. names: what the words call this person, in lower case.
    """

    text: str
    names: tuple[str, ...] = ()


def wanted_people(text: str, starts: Sequence[int]) -> list[Wanted]:
    """Everybody whom a request asks for, in order; one, with the whole text, where it speaks of one.

    Args:
        text: the request.
        starts: where people begin in it, two or more (`who.people_network`), or [].
    """
    count = how_many(text)
    parts = _parts(text, starts) if starts else []
    if 1 < count == len(names := names_of(text)) and len(parts) < count:
        return _by_names(text, names)
    if 1 < count > len(parts) and not listed_in(text):
        return [Wanted(text, names_in(text)) for _ in range(min(count, MOST_HEADS))]
    if len(parts) < 2:
        return [Wanted(_plain(text), names_in(text))]
    return [Wanted(_plain(part), names_in(part)) for part in parts[:MOST_HEADS]]


def _by_names(text: str, names: Sequence[str]) -> list[Wanted]:
    """Everybody of a text that counts its people and names each: "two sisters: Mia, 25, and Zoe, 40"."""
    starts = [re.search(rf"\b{name}\b", text, re.IGNORECASE).start() for name in names]  # type: ignore[union-attr]
    noun = _singular(text[: starts[0]]) or "person"
    cut = (_clean(text[start:end]) for start, end in pairwise([*starts, len(text)]))
    return [Wanted(f"a {noun}{part[len(name) :]}", (name,)) for name, part in zip(names, cut, strict=True)]


def _plain(text: str) -> str:
    """A description without beside whom it stands, and with "a" for "her" or "his" at its beginning."""
    text = BESIDE.sub(" ", text).strip(" ,") or text
    return re.sub(r"^\W*(?:and |now |then )?(?:her|his|their) (?=\w)", "a ", text, flags=re.IGNORECASE)


def _parts(text: str, starts: Sequence[int]) -> list[str]:
    """The descriptions of a text in which people begin at these places, one a person."""
    noun = _singular(text[: starts[0]])
    shared, text, starts = _without_shared(text, starts)
    cut = [_clean(text[start:end]) for start, end in pairwise([*starts, len(text)])]
    cut = _told_later([_with_noun(part, noun) for part in cut])
    return [f"{part}, {shared}" if shared else part for part in cut]


def _without_shared(text: str, starts: Sequence[int]) -> tuple[str, str, list[int]]:
    """What is said of everybody, the text without it, and where people then begin."""
    match = _WHOLE_GROUP.search(text)
    end = min([match.end(), *(start for start in starts if start > match.start())]) if match else 0
    said = text[match.start("said") : end].strip(" ,.!?:") if match else ""
    if not match or not said:
        return "", text, list(starts)
    gone = end - match.start()
    left = text[: match.start()] + text[end:]
    return said, left, [start - gone if start > match.start() else start for start in starts]


def _clean(part: str) -> str:
    return re.sub(r"(?:[\s,;:.&+(]|\b(?:and|plus|with|beside|next to|then|versus|vs))+$", "", part, flags=re.IGNORECASE)


def _singular(before: str) -> str:
    """The noun of "two women: one …"."""
    if match := re.search(r"\b(women|men|girls|boys|ladies|brothers|sisters|guys|nuns)\b", before, re.IGNORECASE):
        word = match[1].lower()
        return {"women": "woman", "men": "man", "ladies": "lady"}.get(word, word[:-1])
    return ""


def _with_noun(part: str, noun: str) -> str:
    """Put a noun for "one", "the other", "he" and "she"."""
    match = re.match(
        rf"(?:the )?(?:{_WHICH}|he|she)(?: one)?\b(?P<rest>.*)",
        part,
        re.IGNORECASE | re.DOTALL,
    )
    if not match:
        return part
    pronoun = {"he": "man", "she": "woman"}.get(part.split()[0].lower(), "")
    rest = re.sub(
        r"^\s+(?:is|should be|looks?|should have|has|gets)\s+",
        lambda m: " with " if "ha" in m[0] or "get" in m[0] else ", ",
        match["rest"],
    )
    return f"a {pronoun or noun or 'person'}{rest}"


def _told_later(parts: list[str]) -> list[str]:
    """Move sentences behind the last person to the one whom their pronoun means: "… and a woman. He is bald"."""
    *head, last = parts
    first, *later = re.split(r"(?<=[.!])\s+", last)
    parts = [*head, first]
    for sentence in later:
        sex = find_sex(sentence.lower())
        fitting = [k for k, part in enumerate(parts) if find_sex(part.lower()) == sex] if sex in ("F", "M") else []
        place = fitting[0] if len(fitting) == 1 else len(parts) - 1
        parts[place] = f"{parts[place].rstrip('.')}. {sentence}"
    return parts


def names_in(text: str) -> tuple[str, ...]:
    """What a description calls its person: given names, and what they are, if that tells more than the sex."""
    names = names_of(text)
    if match := _ROLE_WORDS.search(text):
        role = match[0].lower()
        names += [f"the {role}"] if role not in _PLAIN_ROLES else []
    return tuple(dict.fromkeys(names))


def people_listed(text: str) -> list[str]:
    """Names and roles in the order of a text, in lower case: "mum, dad and our Lotte", "an actor and his double"."""
    first = re.split(r"(?<=[.!?])\s", text.strip())[0]
    names = set(names_of(first))
    found = [m[0].lower() for m in re.finditer(r"[^\W\d_]+", first) if m[0].lower() in names or _ROLE.fullmatch(m[0])]
    return list(dict.fromkeys(name if name in names else f"the {name}" for name in found))


def names_of(text: str) -> list[str]:
    """Given names in a text, in lower case and in order: words with a capital inside a sentence, or alone."""
    found = []
    for match in re.finditer(r"\b[A-Z][a-zà-ÿ]+\b", text):
        before = text[: match.start()].rstrip()
        begins = not before or before[-1:] in ".!?:"
        alone = re.match(r"\s*(?:[,:;(/+&]|and\b|is\b|has\b|whose\b|with\b|$)", text[match.end() :])
        if match[0] not in _NOT_NAMES and (not begins or alone):
            found.append(match[0].lower())
    return list(dict.fromkeys(found))


def name_given(text: str) -> str:
    """A name that a text gives somebody ("this is Anna", "call him Bob", "my buddy jonas"), in lower case, or ""."""
    words = ["", "", *re.findall(r"[^\W\d_]+|[.,!?;:]", text), "."]
    for first, lead, role, name, after in zip(words, words[1:], words[2:], words[3:], words[4:], strict=False):
        before = (lead.lower(), role.lower())
        leads = before[1] in ("called", "named") or before == ("name", "is")
        leads = leads or (before[0] == "my" and bool(_ROLE.fullmatch(before[1])))
        points = (
            before in _POINTS or before[1] == "meet" or (before[1] == "my" and (first.lower(), before[0]) in _POINTS)
        )
        if name.istitle() and len(name) > 1 and name not in _NOT_NAMES and (leads or points or before in _CALLS):
            return name.lower()
        if leads and after in ".,!?;:" and _may_be_name(name.lower()):
            return name.lower()
    return ""


def _may_be_name(word: str) -> bool:
    """Whether a word behind whom it is of may be a name: no form of a verb, no adverb, nothing of a face."""
    return word.isalpha() and not word.endswith(("ing", "ed", "ly")) and word not in _ADVERBS | face_words()
