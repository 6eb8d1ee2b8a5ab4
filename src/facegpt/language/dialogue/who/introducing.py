"""Who is there, and what words tell of those who come with them: "this is my sister Anna", "left the tank"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from facegpt.face import Face
from facegpt.generate.identities import OPEN_SEX
from facegpt.language.dialogue.cast import Cast, Person, manliness, sex_of
from facegpt.language.dialogue.maker import Maker
from facegpt.language.dialogue.messages import Turn
from facegpt.language.dialogue.turns import asks_for_new
from facegpt.language.dialogue.who.cues import cues
from facegpt.language.dialogue.who.people_in_words import name_given, names_of, people_listed
from facegpt.language.patterns import has_word, word_set
from facegpt.language.reading.sexes import find_sex, sex_words

_CLAUSE = re.compile(r"\s*(?:[,;.!?&/]|\band\b|\bnext to\b|\bbeside\b|\bthen\b)\s*", re.IGNORECASE)
_LEFT = re.compile(r"\b(?:left(?:most)?|l)\b(?! eye| ear| side of (?:his|her))", re.IGNORECASE)
_RIGHT = re.compile(r"\b(?:right(?:most)?|r)\b(?! eye| ear| side of (?:his|her))", re.IGNORECASE)
_MIDDLE, _PRONOUNS = word_set("middle centre center between"), word_set("she her hers he him his")
#: Cues that single one of several out without a sex.
_SINGLED = ("ordinal", "number", "letter", "last", "side", "copy")
_WORD = re.compile(r"[^\W\d_]+")


def cast_of(model: Maker, turns: Sequence[Turn]) -> tuple[Cast, tuple[int, ...]]:
    """The people of a conversation, and the numbers of those who come with its last turn."""
    known = [k for k, turn in enumerate(turns) if turn.cast is not None]
    cast = turns[known[-1]].cast or Cast() if known else Cast()
    found: tuple[int, ...] = ()
    for k, turn in enumerate(turns[known[-1] + 1 if known else 0 :], start=known[-1] + 1 if known else 0):
        if turn.role == "assistant":
            cast = _made_before(cast, turns[k - 1].text if k else "", turn.faces, model)
            continue
        before = len(cast.people)
        for faces in (turn.faces, *(from_left(model.faces_in(image)) for image in turn.images)):
            if faces:
                cast = cast.with_new(faces, photo=True, sex=[sex_of(face) for face in faces])
        found = tuple(range(before + 1, len(cast.people) + 1))
        cast = replace(cast, focus=found) if found else cast
    return cast, found


def from_left(faces: Sequence[Face]) -> list[Face]:
    """The faces of a photo in the order of their places in it."""
    return sorted(faces, key=lambda face: float(face.box[0] + face.box[2]))


def _made_before(cast: Cast, asked: str, faces: Sequence[Face], model: Maker) -> Cast:
    """Heads of an answer whose history is not known: new ones, or the one at hand as it was changed."""
    if not faces:
        return cast
    if len(faces) == 1 and cast.people and not asks_for_new(asked):
        return cast.with_changes({cast.in_focus()[-1]: faces[0]})
    return cast.with_new(faces, sex=[sex_of(face) for face in faces])


def introduced(text: str, cast: Cast, found: Sequence[int]) -> Cast:
    """The people with what the words say of them.

    Args:
        text: as typed.
        cast: the people, with those who come with the text.
        found: the numbers of these.
    """
    names = names_of(text) if found else []
    if len(found) == 1:
        sex = find_sex(text.lower())
        here = replace(cast.person(found[0]), told=text.lower())
        cast = cast.with_person(replace(here, sex=sex) if sex in ("F", "M") else here)
    if len(found) > 1:
        for number, told in zip(found, told_of_each(text, len(found)), strict=True):
            cast = cast.with_person(replace(cast.person(number), told=told.lower()))
    if len(names) != len(found) > 1:
        names = people_listed(text)
    if len(names) == len(found) > 0:
        for number, name in zip(found, names, strict=True):
            cast = cast.named(number, name)
    elif (name := name_given(text)) and cast.people:
        cast = cast.named((*found, *cast.in_focus())[0], name)
    return cast


def with_sexes_said(text: str, cast: Cast) -> Cast:
    """The people with a sex that the words use and nobody has: "him", where all were taken for women.

    Who says it sees whom they mean: of those whose sex no words said, the one whose head is likeliest of it. More sexes
    than people ("is he or she …?") say nothing.
    """
    cast = _with_sex_of_pronoun(text, cast)
    said = {sex for *_, sex in sex_words(text)}
    for sex in said - {person.sex for person in cast.people} if len(said) <= len(cast.people) else ():
        open_ = [person for person in cast.people if person.photo or _left_open(person)]
        if open_:
            likeliest = max(open_, key=lambda p: manliness(p.first) * (1 if sex == "M" else -1))
            cast = cast.with_person(replace(likeliest, sex=sex))
    return cast


def _with_sex_of_pronoun(text: str, cast: Cast) -> Cast:
    """The people with the sex of a pronoun that takes up who was named before it: "the second one. make him older"."""
    named = [cue for cue in cues(text, cast) if cue.kind in _SINGLED and len(cue.who) == 1]
    said = sex_words(text)
    for k, (start, end, sex) in enumerate(said):
        before = [cue for cue in named if cue.end <= start and (k == 0 or cue.start >= said[k - 1][1])]
        if before and text[start:end].lower() in _PRONOUNS:
            person = cast.person(next(iter(before[-1].who)))
            if person.sex != sex and (person.photo or _left_open(person)):
                cast = cast.with_person(replace(person, sex=sex))
    return cast


def _left_open(person: Person) -> bool:
    """Whether the words that made a person said no sex."""
    return person.asked is not None and abs(person.asked.man - 0.5) < OPEN_SEX


def told_of_each(text: str, count: int) -> list[str]:
    """What a text says of each of some people in a row, by their sides or in order; "" of those it says nothing of."""
    clauses = [clause for clause in _CLAUSE.split(text.rpartition(":")[2]) if _WORD.search(clause)]
    if not any(_side(clause, count) is not None for clause in clauses):
        whole = [clause for clause in _CLAUSE.split(text) if _WORD.search(clause)]
        return next((each for each in (clauses, whole) if len(each) == count), [""] * count)
    told, open_ = [""] * count, []
    for clause in _CLAUSE.split(text):
        place = _side(clause, count)
        if place is None:
            open_.append(clause)
        else:
            told[place] = f"{told[place]} {clause}".strip()
    if told.count("") == 1:  # the rest is of the other one
        known = {word for each in told for word in _WORD.findall(each.lower())}
        told[told.index("")] = " ".join(c for c in open_ if not known & set(_WORD.findall(c.lower())))
    return told


def _side(clause: str, count: int) -> int | None:
    """The place in the row that a clause names."""
    if has_word(clause, _MIDDLE) and count > 2:
        return count // 2
    return 0 if _LEFT.search(clause) else count - 1 if _RIGHT.search(clause) else None
