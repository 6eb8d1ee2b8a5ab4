"""Heads made and changed in a conversation: new people, edits of one or several, parts taken over, steps taken back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from facegpt.generate.understood import understood
from facegpt.language.changed_request import for_another, scaled
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.face_wanted import says_nothing
from facegpt.language.dialogue.maker import Maker, Reading
from facegpt.language.dialogue.who.cues import describes
from facegpt.language.dialogue.who.references import Mention, as_likely, mentions
from facegpt.language.earlier import in_context
from facegpt.language.head_request import HeadRequest
from facegpt.language.model.face_reading import FaceReading
from facegpt.language.numbers import find_numbers
from facegpt.language.parts import PARTS
from facegpt.language.patterns import has_word, word_set, words_in
from facegpt.language.reading.clauses import Whole, read_clauses, things_in
from facegpt.language.reading.glasses_words import glasses_wish
from facegpt.language.reading.headwear_words import HEADWEAR
from facegpt.language.reading.peoples_words import find_peoples
from facegpt.language.reading.sexes import sex_of_pronouns, sex_referred_to
from facegpt.types import Array

#: Between the clauses of a change that speak of different people, and between its sentences.
_CLAUSES = re.compile(r"(?:\s*[.;!]\s+|,?\s+(?:and|but|while|then|whereas)\s+|\s*,\s+)", re.IGNORECASE)
_STOP = re.compile(r"[.;!]\s+")
#: Words and phrases that ask for more of the last change.
_MORE = word_set("more further again stronger bigger extra harder twice exaggerate")
_MORE_SO = (
    "keep going",
    "go on",
    "another bit",
    "another notch",
    "another step",
    "still not",
    "still too",
    "not enough",
)
#: What "him too", "and now the same for the man", "same again" say beside whom they mean.
_REST = word_set(
    "other others too as well same thing likewise the do it that this to for with also and now then please one of give "
    "make on so ok again once more no nope not i mean meant sorry oops rather instead a an bit little lot much tad "
    "touch notch actually wait hmm well oh slightly even still way far just only but by half percent s"
)
#: Before whom a clause is about.
_BEFORE_WHOM = word_set("and then now please make let have give get for the my our that this")
#: What a number in digits is written with.
_DIGITS = "0123456789.,+-\u2212\u2013 "
_SLIGHTLY = word_set("bit little tad touch notch slightly half")
#: Words by which a change goes on from the one before it.
_RELATIVE = word_set(
    "other again too also more less even back same instead still only just actually now half twice well likewise "
    "further it that this them"
)
#: Words for things spoken of before, and verbs that handle what is worn.
_THINGS = word_set("it them those that these")
_HANDLES = word_set("take put pull lose remove drop ditch")
_WHISKERS = ("beard", "moustache", "mustache", "goatee")
_PRONOUNS = word_set("he him his she her hers they them their")
_BEFORE_HAIR, _BEHIND_HAIR = word_set("with have him her grow"), word_set("and again please")
_TRAITS = word_set("make open shut close raise lower widen narrow shorten lengthen enlarge shrink")
_OF_THE_PERSON = (
    *("old", "young", "fat", "thin", "heavi", "slimm", "sadd", "happi", "angri", "friendli", "meaner", "scari"),
    *("tougher", "prettier", "uglier", "kinder", "head", "skin"),
)


@dataclass(frozen=True)
class Wish:
    """One change of one person: the words of it, what they ask for, and words in which nothing was read."""

    number: int
    text: str
    request: HeadRequest
    peoples: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def wishes(
    model: Maker,
    text: str,
    cast: Cast,
    meant: tuple[int, ...],
    read: Reading | None = None,
    states: Array | None = None,
) -> list[Wish]:
    """What a change asks of whom; clauses about different people are read apart.

    Args:
        model: reads words.
        text: the change.
        cast: the people.
        meant: the numbers of those whom the whole text means (references.meant).
        read: what was read in the whole text of the last one meant, if it was.
        states: (tokens, layers, D) the language model's of the text, if they are known.
    """
    found: list[Wish] = []
    for clause, who in clauses(text, cast, meant, states):
        if found and (again := with_amount(clause, cast, found[-1].text)):
            clause = again
        elif found and (request := _same_again(clause, cast, found[-1].request)):
            found += [Wish(number, found[-1].text, request, found[-1].peoples) for number in who]
            continue
        for number in who:
            full, whole = _request(
                model, clause, number, cast, read if clause == text and number == meant[-1] else None
            )
            request = of_same_sex(whole.request, clause)
            found.append(Wish(number, full, request, find_peoples(clause), whole.unread))
    return found


def _request(model: Maker, clause: str, number: int, cast: Cast, read: Reading | None) -> tuple[str, Whole]:
    """Read a clause; "more", "him too" and "wider still" take what they leave out from the last change."""
    last = cast.change
    if last.request is not None and (same := _last_again(clause, cast, last.request)):
        return last.text, Whole(same)
    full, told = _filled(clause, cast, number), told_of(model, cast, number)
    reading = _reading(model, full, told, cast, number, read if full == clause else None)
    if says_nothing(reading.request) and last.request is not None and _asks_more(clause):
        return last.text, Whole(scaled(last.request, 1.0))
    plain, unread = by_pronouns(full, cast), says_nothing(reading.request) and not understood(reading.request)
    described = any(describes(word) for word in words_in(full) if word not in words_in(plain))
    if plain != full and (unread or described or reading.request.age_years is not None):
        of_them = model.language.read(plain, told, True)
        if unread:
            reading = of_them
        elif of_them.request.age_years is None or (described and not says_nothing(of_them.request)):
            full, reading = plain, of_them  # "grandma" and "the younger one" tell no age of hers
    known = {word for mention in mentions(full, cast) for word in full[mention.start : mention.end].split()}
    whole = read_clauses(full, reading, lambda words: model.language.read(words, told, True), understood)
    unread_words = (each for each in whole.unread if not {*each.rpartition(": ")[0].split()} <= known)
    return full, replace(whole, unread=tuple(unread_words))


def _reading(model: Maker, text: str, told: FaceReading, cast: Cast, number: int, read: Reading | None) -> Reading:
    """A clause read behind the turns before it; or alone, where these say nothing of it or hide what it says."""
    reading = read or model.language.read(in_context(cast.earlier, text), told, True)
    own = _stands_alone(text, number, cast) or says_nothing(reading.request)
    if not cast.earlier or not (own or _part_in(text)):
        return reading
    alone = model.language.read(text, told, True)
    return alone if len(understood(alone.request)) > (0 if own else len(understood(reading.request))) else reading


def by_pronouns(text: str, cast: Cast) -> str:
    """A text in which pronouns stand for the nouns that say who is meant: "the old man's nose" is "his nose"."""
    for mention in sorted(mentions(text, cast), key=lambda m: -m.start):
        words = text[mention.start : mention.end]
        if words.lower() in _PRONOUNS:
            continue
        man = cast.person(mention.who[0]).sex == "M"
        rest = re.sub(r"^ ones?\b", "", text[mention.end :])
        owns = words.endswith(("'s", "’s", "s'")) or rest.startswith(("'s", "’s"))
        pronoun = ("his" if man else "her") if owns else "him" if man else "her"
        rest = re.sub(r"^['’]s\b", "", rest)
        before = re.sub(r"\b(?:the|my|this|that|our|your)\s+(?:[a-z]+\s+){0,2}$", "", text[: mention.start], flags=re.I)
        text = f"{before}{pronoun}{rest}" if len(mention.who) == 1 else text
    return text


def _stands_alone(clause: str, number: int, cast: Cast) -> bool:
    """Whether what was asked before says nothing of a clause: it was of somebody else, or this names its own part.

    "And his 2 mm more" goes on from what was asked of somebody else.
    """
    of_others = bool(cast.change.who) and number not in cast.change.who and len(cast.people) > 1
    names = bool(_worn_in(clause) or _part_in(clause))
    relative = has_word(clause, _RELATIVE) or bool(re.search(r"\d", clause))
    return bool(cast.earlier) and ((of_others and (names or not relative)) or (names and not relative))


def _last_again(clause: str, cast: Cast, last: HeadRequest) -> HeadRequest | None:
    """The last change again, where a clause says nothing of its own: more of it, somebody else too."""
    plain = _without(clause, mentions(clause, cast))
    if _asks_more(clause):
        rest = " ".join(word for word in words_in(plain) if word not in _MORE | _REST)
        if not things_in(rest) - things_in(cast.change.text) and not _of_the_person(rest):
            return scaled(last, 1.0)
    return _same_again(clause, cast, last)


def _same_again(clause: str, cast: Cast, last: HeadRequest) -> HeadRequest | None:
    """A change again for whom a clause names and says nothing else of: "him too", "for the other one half as much"."""
    plain, own = beside_whom(clause, cast)
    if own or "too much" in plain or (re.search(r"\d", plain) and "%" not in plain):
        return None
    if has_word(plain, ("half",)):
        return scaled(last, 0.5)
    return for_another(last, 0.5) if has_word(plain, _SLIGHTLY) else last


def beside_whom(clause: str, cast: Cast) -> tuple[str, frozenset[str]]:
    """What a clause says beside whom it names, and the words of that which are no amount and go on from no change."""
    head = clause.partition(" (the ")[0]
    plain = _without(head, mentions(head, cast))
    plain = " ".join(word for word in plain.split() if word not in ("one", "ones"))  # "the second one" is no amount
    amounts = {word for number in find_numbers(plain) for word in words_in(plain[number.start : number.end])}
    return plain, frozenset(words_in(plain)) - amounts - _REST


def with_amount(clause: str, cast: Cast, before: str) -> str:
    """The words of a change with the amount that a clause has in place of its own: "3 mm for the other"; else ""."""
    plain, own = beside_whom(clause, cast)
    before = by_pronouns(before, cast)
    amounts, was = find_numbers(plain), find_numbers(before)
    if own or len(amounts) != 1 or len(was) != 1 or (amounts[0].unit not in ("", was[0].unit)):
        return ""
    told, old = plain[amounts[0].start : amounts[0].end], before[was[0].start : was[0].end]
    unit = "" if amounts[0].unit else " ".join(old.lstrip(_DIGITS).split()[-1:])
    return f"{before[: was[0].start]}{told} {unit}".rstrip() + before[was[0].end :]


def _asks_more(text: str) -> bool:
    return has_word(text, _MORE) or any(phrase in text.lower() for phrase in _MORE_SO)


def _of_the_person(text: str) -> bool:
    return any(word.startswith(_OF_THE_PERSON) for word in words_in(text))


def _names_trait(text: str) -> bool:
    """Whether a text says how something shall be: "wider", "open"."""
    return any(word in _TRAITS or (len(word) > 2 and word.endswith("er")) for word in words_in(text))


def _filled(clause: str, cast: Cast, number: int) -> str:
    """A clause with what it leaves out: which thing "take it off" means, which part "wider" means, some hair."""
    words = words_in(clause)
    if _handles(clause) and not _worn_in(clause):
        thing = _thing_worn(cast, number)
        return re.sub(r"\b(?:it|them|those|that|these)\b", f"the {thing}", clause, count=1) if thing else clause
    for before, word, after in zip(["", *words], words, [*words[1:], "and"], strict=False):
        if word == "hair" and before in _BEFORE_HAIR and after in _BEHIND_HAIR:  # of no kind
            full = re.sub(r"\bhair\b", "some hair", clause, count=1, flags=re.IGNORECASE)
            them = "her" if cast.person(number).sex == "F" else "him"
            return f"give {them}{full[len('with') :]}" if full.lower().startswith("with") else full
    part = _part_in(cast.last_text())
    return _with_part_before(clause, part) if part else clause


def _handles(text: str) -> bool:
    """Whether a text puts on or takes off a thing that it does not name: "take them off"."""
    words = words_in(text)
    if any(a in _THINGS and b == "off" for a, b in pairwise(words)):
        return True
    verb = next((k for k, word in enumerate(words) if word in _HANDLES), len(words))
    thing = next((k for k in range(verb, len(words)) if words[k] in _THINGS), None)
    return thing is not None and not _part_in(" ".join(words[verb:thing]))


def _thing_worn(cast: Cast, number: int) -> str:
    """The thing spoken of last that can be worn or grown, or the only one that somebody wears; "" for none."""
    params = cast.person(number).face.params
    worn = [name for name, thing in (("glasses", params.glasses), ("hat", params.headwear)) if thing is not None]
    thing = _worn_in(cast.last_text()) or _worn_in(cast.question.text) or (worn[0] if len(worn) == 1 else "")
    return "beard and the moustache" if thing == "beard" and params.hair and params.hair.moustache > 0 else thing


def _worn_in(text: str) -> str:
    """The thing that can be worn or grown which a text names: "glasses", "hat", "beard", "moustache", or ""."""
    if glasses_wish(text) is not None:
        return "glasses"
    return "hat" if HEADWEAR.search(text) else next((word for word in words_in(text) if word in _WHISKERS), "")


def of_same_sex(request: HeadRequest, text: str) -> HeadRequest:
    """A change without a sex by which it only points at somebody: "make him bald" makes nobody more of a man."""
    own = sex_referred_to(text)
    return replace(request, man=0.5) if own and (request.man > 0.5) == (own == "M") else request


def told_of(model: Maker, cast: Cast, number: int) -> FaceReading:
    """What the language model is told of a head that is changed."""
    return replace(model.seen(cast.person(number).face), history=cast.history(number))


def _with_part_before(clause: str, part: str) -> str:
    """Say which part is meant by what stands before the first part that a clause names: "it wider and fuller lips"."""
    pieces = re.split(r"(\s*,\s+|\s+and\s+)", clause)
    first = next((k for k, piece in enumerate(pieces) if _part_in(piece)), len(pieces))
    before, rest = "".join(pieces[:first]), "".join(pieces[first:])
    handles = not rest or has_word(before, ("it", "them"))
    return f"{_with_part(before, part)}{rest}" if handles and _names_trait(before) else clause


def _with_part(clause: str, part: str) -> str:
    """Say which part "wider", "make it longer" and "shut it" mean; words for the whole person mean none."""
    if _of_the_person(clause):
        return clause
    if has_word(clause, ("it", "them")):
        return re.sub(r"\b(?:it|them)\b", f"the {part}", clause, count=1, flags=re.IGNORECASE)
    return f"{clause.rstrip('.!? ')}: the {part}" if re.search(r"\b\w{2,}er\b", clause) else clause


def _without(text: str, named: Sequence[Mention]) -> str:
    """A text without the words that mean people."""
    for mention in sorted(named, key=lambda m: -m.start):
        text = text[: mention.start] + text[mention.end :]
    return re.sub(r"'s\b", "", text)


def clauses(
    text: str, cast: Cast, meant: tuple[int, ...], states: Array | None = None
) -> list[tuple[str, tuple[int, ...]]]:
    """Cut a change into (clause, numbers of those it means): one, where it speaks of the same people throughout.

    Those whom the clauses name count where the whole text means them about as likely as `meant`, and where each clause
    begins with somebody else: "the boy should look scared, the mum annoyed".
    """
    in_all = mentions(text, cast)  # "the other one" is whoever no clause before it names
    pieces = [piece for piece in _CLAUSES.split(text) if piece and piece.strip()]
    ends_with_whom = bool(in_all) and any(not beside_whom(piece, cast)[1] for piece in pieces[1:])
    if len({m.who for m in in_all}) < 2 and not ends_with_whom:
        return _by_sentences(text, cast, in_all) or [(text, meant)]
    found: list[tuple[str, tuple[int, ...]]] = []
    begins: list[bool] = []
    part, end, apart = "", 0, False
    for piece in pieces:
        start = text.index(piece, end)
        end = start + len(piece)
        named = [m for m in in_all if start <= m.start < end]
        who = named[0].who if named else ()
        if found and (not named or who == found[-1][1]):
            found[-1] = (f"{found[-1][0]} and {piece}", found[-1][1])
            continue
        apart |= bool(found and find_numbers(piece)) and not beside_whom(piece, cast)[1]  # "3 mm for the other"
        own = _part_in(piece)
        if found and not own and part and not _worn_in(piece):
            piece = f"{piece} (the {part})"
        part = own or part
        begins.append(bool(named) and {*words_in(text[start : named[0].start])} <= _BEFORE_WHOM)
        found.append((piece, who or cast.in_focus()))
    named_in_all = {number for _, who in found for number in who}
    apart |= _by_sexes(found, cast) or (all(begins) and len({who for _, who in found}) > 1)
    if found and (named_in_all == set(meant) or apart or as_likely(named_in_all, text, cast, states)):
        return found
    return [(text, meant)]


def _by_sentences(text: str, cast: Cast, named: Sequence[Mention]) -> list[tuple[str, tuple[int, ...]]]:
    """Sentences that name nobody, of whom was changed last, before those that name another; [] for any other text.

    "Take it off again. Make the man laugh" is two changes.
    """
    ends = [stop.end() for stop in _STOP.finditer(text) if named and stop.end() <= named[0].start]
    pieces = _CLAUSES.split(text[: ends[-1]]) if ends else []
    before = ", ".join(piece for piece in pieces if _handles(piece) or _names_trait(piece))
    last = tuple(cast.past[-1].after) if cast.past else cast.in_focus()
    if not before or {*named[0].who} & {*last}:
        return []
    return [(before, last), (text[ends[-1] :].strip(), named[0].who)]


def _by_sexes(found: Sequence[tuple[str, tuple[int, ...]]], cast: Cast) -> bool:
    """Whether clauses tell their people apart by pronouns: "make her angry and give him a moustache"."""
    told = [(sex_of_pronouns(clause), {cast.person(number).sex for number in who}) for clause, who in found]
    return len({sex for sex, _ in told}) > 1 and all(sexes == {sex} for sex, sexes in told)


def _part_in(text: str) -> str:
    """The last part of the face that a text names, or ""."""
    found = [w for w in words_in(text) if PARTS.get(w, "person") != "person"]
    return found[-1] if found else ""
