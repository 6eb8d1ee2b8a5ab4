"""The words of a request in which nothing was read: they can be left out without any change of the reading."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from facegpt.language.hair_wish import hair_vocabulary
from facegpt.language.head_request import HeadRequest
from facegpt.language.looks.eye_colours import EYE_WORDS
from facegpt.language.parts import ALIKE, PARTS, base_form
from facegpt.language.patterns import word_set
from facegpt.language.reading.beyond.ahead import Ahead
from facegpt.language.reading.beyond.label_numbers import amounts, names
from facegpt.language.reading.beyond.shown_part import is_kin
from facegpt.language.trait_words import traits_said

#: More words than this are not looked at one by one.
MOST_WORDS = 16
#: Amounts that differ by more than this (SDs, steps, shares, years) do not say the same.
APART = 0.3
#: Closed classes of English and words of asking and courtesy: they carry no trait themselves.
_CARRIERS = word_set(
    "a an the this that these those my your his her its our their he she it they him them i me you we us who "
    "whose which and or but so as at by for from in into of off on onto out over to up with within just only "
    "also too very really quite rather bit little lot lots tons some any all both each every other same one "
    "tad smidge smidgen "
    "two is are be was were been am has have had do does did done make makes made give gives get gets put puts "
    "set let turn turns add keep want need would could should can will may might please pls plz thanks thank "
    "ok okay now then again here there when what how if like look looks looking show shows showing seem seems "
    "please someone somebody person people man woman guy girl boy lady face head hair eyes him hers more less "
    "much most change changed him's she's he's it's i'd i'll let's not no yes hi hello hey maybe something "
    "somehow thing things sort type style version rest else stay stays way about around after before "
    "who's year years old young older younger mm cm slightly bit having being nice try using use both whole entire new "
    "shave trim take takes taking say "
    "paint dye grow wear stop start under over between above below behind beside near through against across along "
    "three four five six seven eight nine ten just loud because since though although raise lift lower wearing wears "
    "instead though anyway actually basically everything anything else's "
    "half usual usually always ever often sometimes "
    "great good perfect lovely cool awesome super wow well fine brilliant amazing excellent "
)
WORD = re.compile(r"[^\W_][\w'’-]*")
_HAIR = hair_vocabulary()


class ClauseReading(Protocol):
    """What was read in words: `text_reading.Reading`, or a conversation's."""

    @property
    def request(self) -> HeadRequest:
        """What the words ask of a head."""


Reads = Callable[[str], ClauseReading]
#: What a request asks for, as `generate.understood.understood` tells it.
Labels = Callable[[HeadRequest], list[str]]
#: Clauses with what each asks for alone.
Clauses = Sequence[tuple[str, set[str]]]


def carries(words: str) -> bool:
    """Whether some words are more than words of closed classes, of asking and of courtesy."""
    plain = words.lower().replace("’", "'").replace("kind of", " ").replace("kinds of", " ")
    said = (word.strip("'") for word in WORD.findall(plain.replace("-", " ")))
    return "-looking" in plain or any(word not in _CARRIERS and not word[0].isdigit() for word in said)


def leaves_out(text: str, words: str, told: set[str], read: Reads, labels: Labels) -> bool:
    """Whether a text without some of its words is read to ask for the same."""
    return names(_asked_without(text, words, told, read, labels)) == told


def text_without(text: str, words: str) -> str:
    """A text without some of its words."""
    return " ".join(text.replace(words, " ", 1).split())


def _asked_without(text: str, words: str, told: set[str], read: Reads, labels: Labels) -> list[str]:
    """What a text that is `told` without some of its words asks for: "a guy" is told and carries no trait."""
    rest = text_without(text, words)
    return labels(read(rest).request) if carries(rest) or (told and WORD.search(rest)) else []


def unread_words(
    text: str, unread: Sequence[str], told: set[str], by_clause: Clauses, read: Reads, labels: Labels, ahead: Ahead
) -> list[str]:
    """Words that carry a meaning of their own in which nothing was read, beside clauses that are unread.

    What happens to somebody is told whole where no emotion is read ("got the job"), else the words are single ones.
    """
    rest = text
    for clause in unread:
        rest = rest.replace(clause, " ", 1)
    words = [word for word in WORD.findall(rest) if len(word) > 1 and carries(word) and not _is_known(word, text, told)]
    lost = [word for word in words if _is_lost_kind(text, word, told, read, labels)]
    words = [word for word in words if word not in lost and not _says_an_asked_trait(word, told)]
    if len(words) > MOST_WORDS:
        return lost
    # clauses are short: where all words say something in theirs, the whole text need not be read without each
    ahead([text_without(clause, word) for word in words if (clause := _told_clause_of(word, by_clause)[0])])
    idle = [word for word in words if not _says_in_its_clause(word, by_clause, read, labels)]
    left = [*_in_runs(text, rest, idle, told, read, labels, ahead)] if idle else []
    if any(label.startswith("emotion") for label in told):
        return lost + left
    return lost + [_span_of(text, run) if len(run) > 1 else run[0] for run in _runs(rest, left)]


def _in_runs(
    text: str, rest: str, words: Sequence[str], told: set[str], read: Reads, labels: Labels, ahead: Ahead
) -> Iterator[str]:
    """Those of some words that a text can do without, with what stands beside them; rest: the text they are from."""
    ahead([text_without(text, word) for word in words])
    without = {word: _asked_without(text, word, told, read, labels) for word in words}
    idle = [word for word in words if _says_no_more(word, names(without[word]), told)]
    if idle:
        whole = amounts(labels(read(text).request))
        idle = [w for w in idle if not _apart(whole, amounts(without[w]))]
        ahead(idle)
        idle = [w for w in idle if not _says_the_same(w, told, read, labels)]
    for run in _runs(rest, idle):
        if len(run) == 1 or leaves_out(text, _span_of(text, run), told, read, labels):
            yield from run


def _says_no_more(word: str, without: set[str], told: set[str]) -> bool:
    """Whether a word is the reason for nothing that is `told`, but the sex that a reader guesses from a calling."""
    return all(label.startswith("sex") for label in without ^ told) and (without == told or not is_kin(word))


def _says_an_asked_trait(word: str, told: set[str]) -> bool:
    """Whether a word says, of some part of the face, a trait that is asked for on the same side ("gaunt", "bushy")."""
    sides = {(label.split(" ")[0], 1 if " +" in label else -1) for label in told if " +" in label or " -" in label}
    return bool(sides & (traits_said(word.lower()) | traits_said(base_form(word.lower()))))


def _is_lost_kind(text: str, word: str, told: set[str], read: Reads, labels: Labels) -> bool:
    """Whether a word before a beard names a kind of hair that is not asked for: of beards none is "braided"."""
    behind = text.partition(word)[2].split()[:3]
    if word.lower() not in _HAIR or not {"beard", "moustache", "mustache"} & {each.strip(",.") for each in behind}:
        return False
    return any(label.startswith("hair kind") and label not in told for label in labels(read(word).request))


def _says_the_same(word: str, told: set[str], read: Reads, labels: Labels) -> bool:
    """Whether a word alone asks for what the whole asks for anyway: said twice is no word left out."""
    alone = names(labels(read(word).request))
    return bool(alone) and alone <= told


def _apart(first: dict[str, list[float]], second: dict[str, list[float]]) -> bool:
    """Whether the numbers of two readings that say the same are apart by more than readings of one thing are."""
    return any(
        abs(a - b) > APART
        for each in first.keys() & second.keys()
        for a, b in zip(first[each], second[each], strict=False)
    )


def _told_clause_of(word: str, clauses: Clauses) -> tuple[str, set[str]]:
    """The clause of a word and what it asks for, where there are several and it asks for anything; else ""."""
    clause, told = next(((clause, told) for clause, told in clauses if word in clause), ("", set[str]()))
    return (clause, told) if len(clauses) > 1 and told else ("", set())


def _says_in_its_clause(word: str, clauses: Clauses, read: Reads, labels: Labels) -> bool:
    """Whether the clause of a word, read alone, asks for something that it does not ask for without the word."""
    clause, told = _told_clause_of(word, clauses)
    return bool(clause) and not leaves_out(clause, word, told, read, labels)


def _runs(text: str, words: Sequence[str]) -> list[list[str]]:
    """Some words of a text, in its order, those together that only words of closed classes part."""
    runs: list[list[str]] = []
    for word in words:
        between = text.partition(runs[-1][-1])[2].partition(word)[0] if runs else ""
        if runs and not carries(between) and not {*",.;"} & {*between}:
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs


def _span_of(text: str, run: Sequence[str]) -> str:
    """The words of a text from the first to the last of a run: two that say the same are left out together."""
    start = text.find(run[0])
    return text[start : text.find(run[-1], start) + len(run[-1])]


def _is_known(word: str, text: str, told: set[str]) -> bool:
    """Whether a word names a part of the face, a size, a colour of eyes, a number, or a kind of hair that is asked for.

    Others than this tell what of these is not read; of sizes and shades of a beard or of somebody nothing else does.
    """
    plain = word.lower()
    if plain in PARTS or base_form(plain) in PARTS:
        return True
    if plain in ALIKE or base_form(plain) in ALIKE or plain in EYE_WORDS:
        return not _is_of_whom_or_beard(word, text, told)
    known = plain in ("left", "right") and any(plain.capitalize() in label for label in told)
    return known or any(c.isdigit() for c in plain) or _is_hair_of(plain, told)


def _is_of_whom_or_beard(word: str, text: str, told: set[str]) -> bool:
    """Whether an adjective stands before a beard, a person or the character that is asked for: "a dark elf"."""
    named = {each for label in told if label.startswith("character") for each in label.split()[1:]}
    beards = {label.partition(": ")[2] for label in told if label.startswith("beard: ")}
    for noun in (each.lower() for each in WORD.findall(text.partition(word)[2])[:3]):
        if noun in named | beards or PARTS.get(noun) in ("beard", "moustache", "person"):
            return not (beards & {"full", "long"} and base_form(word.lower()) == "thick")  # so is a full beard
        if noun in PARTS or not carries(noun):
            return False
    return False


def _is_hair_of(word: str, told: set[str]) -> bool:
    """Whether a word of hair is the name of what is asked for ("bun"); "balding" beside nothing of hair is not."""
    return word in _HAIR and any(word in label for label in told)
