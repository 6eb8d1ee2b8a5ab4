"""Heads made and changed in a conversation: new people, edits of one or several, parts taken over, steps taken back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from facegpt.face import Face
from facegpt.generate.parts_of_others import of_people
from facegpt.generate.understood import understood
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.changes.of_others import own_head
from facegpt.language.dialogue.face_wanted import says_nothing
from facegpt.language.dialogue.maker import Maker, Reading
from facegpt.language.dialogue.who.references import Mention, as_likely, mentions
from facegpt.language.earlier import in_context
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.model.face_reading import FaceReading
from facegpt.language.numbers import find_numbers
from facegpt.language.parts import PARTS
from facegpt.language.patterns import has_word, regex_any_case, words_in
from facegpt.language.reading.clauses import Whole, read_clauses, things_in
from facegpt.language.reading.glasses_words import glasses_wish
from facegpt.language.reading.headwear_words import HEADWEAR
from facegpt.language.reading.peoples_words import find_peoples
from facegpt.language.reading.sexes import sex_of_pronouns, sex_referred_to
from facegpt.types import Array

#: Between the clauses of a change that speak of different people.
_CLAUSES = re.compile(r"(?:\s*[.;!]\s+|,?\s+(?:and|but|while|then|whereas)\s+|\s*,\s+)", re.IGNORECASE)
_STOP = re.compile(r"[.;!]\s+")
_MORE = regex_any_case(r"""
    \b(?:more|even more|further|again|stronger|bigger|extra|harder|twice|keep going|go on|once more|another (?:bit|
    notch|step)|still (?:not|too)|not enough|exaggerate)\b
""")
_LESS = regex_any_case(r"""
    \b(?:less|too much|not (?:so|that|as) much|weaker|softer|(?:tone|dial|turn|bring) (?P<what>(?:\w+ ){1,3})down)\b
""")
#: What "him too", "and now the same for the man", "same again" say beside whom they mean.
_REST = regex_any_case(
    r"\b(?:too|as well|same|thing|likewise|the|do|it|that|this|to|for|with|also|and|now|then|please|one|"
    r"of|give|make|on|so|ok|again|once more|no|nope|not|i|mean|meant|sorry|oops|rather|instead|"
    r"an?|bit|little|lot|much|tad|touch|notch|slightly|even|still|way|far|just|only|but|by|half|\d+ ?%|percent)\b"
)
#: What may stand before whom a clause is about.
_SUBJECT = regex_any_case(r"\W*(?:(?:and|then|now|please|make|let|have|give|get|the|my|our|that|this)\s+)*")
_SLIGHTLY = regex_any_case(r"\b(?:a (?:little|bit|tad|touch|notch)|slightly)\b")
#: Words by which a change goes on from the one before it.
_RELATIVE = regex_any_case(
    r"\b(?:other|again|too|also|more|less|even|back|same|instead|still|only|just|actually|now|\d+|half|twice|well|likewise|"
    r"further|it|that|this|them)\b"
)
_INSTEAD = regex_any_case(
    r"^\W*(?:(?:actually|no|sorry|wait|oops|i mean\w*|make (?:it|that)|hmm+|well)\W+)+(?:only |just |rather )?|"
    r"^\W*(?:only|just|rather) \d"
)
#: Sizes that a part of the face is made to have, and one that it is not.
_SIZES = r"\b(?:wid|narrow|long|short|high|low|deep|tall|broad|thick|thin|big|small|large)(?:e?r|ner|ger)\b"
_SIZE, _NOT_SO = regex_any_case(_SIZES), regex_any_case(rf",?\s*\b(?:not|instead of|rather than) {_SIZES}")
_HANDLES = regex_any_case(
    r"\b(?:take|put|pull|lose|remove|drop|ditch)\b.*\b(?:it|them|those|that|these)\b|"
    r"\b(?:it|them|those|that|these) off\b"
)
_WHISKERS = ("beard", "moustache", "mustache", "goatee")
#: Hair of no kind: "with hair", "give him hair".
_HAIR_ALONE = regex_any_case(
    r"(?:(?<=\bwith)|(?<=\bhave)|(?<=\bgive\shim)|(?<=\bgive\sher)|(?<=\bgrow))\s+hair\b(?=\W*(?:$|and\b|again|please))"
)
_TRAITS = regex_any_case(r"\b(?:make|open|shut|close|raise|lower|widen|narrow|shorten|lengthen|enlarge|shrink|\w+er)\b")
_OF_THE_PERSON = regex_any_case(
    r"\b(?:old|young|fat|thin|heavi|slimm|sadd|happi|angri|friendli|meaner|scari|tougher|prettier|uglier|kinder)\w*|\bhead|\bskin"
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
    found = []
    for clause, who in clauses(text, cast, meant, states):
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
    full = _HAIR_ALONE.sub(" some hair", _with_worn(clause, cast, number))
    if full != clause and full.lower().startswith("with some hair"):
        full = f"give {'her' if cast.person(number).sex == 'F' else 'him'}{full[len('with') :]}"
    if full == clause and (part := _part_in(cast.last_text())):
        full = _with_part_before(clause, part)
    told = told_of(model, cast, number)
    if full == clause and read is not None:
        reading = read
    else:
        reading = model.language.read(in_context(cast.earlier, full), told, True)
    stands = _stands_alone(full, number, cast)
    if cast.earlier and (stands or _part_in(full)):
        alone, least = model.language.read(full, told, True), 0 if stands else len(understood(reading.request))
        reading = alone if len(understood(alone.request)) > least else reading
    if last.request is not None and (goals := _amount_alone(clause, last.request)):
        return last.text, Whole(replace(last.request, millimetres=goals))
    if last.request is not None and (scale := _scale_alone(clause, cast)):
        return last.text, Whole(scaled(last.request, scale))
    if last.request is not None and not _REST.sub("", _without(clause, mentions(clause, cast))).strip(" .,!?"):
        return last.text, Whole(_for_another(last.request, 0.5) if _SLIGHTLY.search(clause) else last.request)
    if says_nothing(reading.request) and cast.earlier:  # beside the turns before, a clear clause may be passed over
        alone = model.language.read(full, told, True)
        reading = reading if says_nothing(alone.request) else alone
    if says_nothing(reading.request) and last.request is not None:
        if _LESS.search(clause):
            return last.text, Whole(scaled(last.request, -0.5))
        if _MORE.search(clause):
            return last.text, Whole(scaled(last.request, 1.0))
    reading = _by_pronouns_where_unread(model, full, told, cast, reading)
    full, reading = _without_ages_of_nouns(model, full, told, cast, reading)
    known = {word for mention in mentions(full, cast) for word in full[mention.start : mention.end].split()}
    whole = read_clauses(full, reading, lambda words: model.language.read(words, told, True), understood)
    unread = (each for each in whole.unread if not {*each.rpartition(": ")[0].split()} <= known)
    return full, replace(whole, unread=tuple(unread))


def _by_pronouns_where_unread(model: Maker, text: str, told: FaceReading, cast: Cast, reading: Reading) -> Reading:
    """A reading, or where it says nothing that of "make him laugh" in place of "make the one on the left laugh"."""
    if not says_nothing(reading.request) or understood(reading.request) or (plain := by_pronouns(text, cast)) == text:
        return reading
    return model.language.read(plain, told, True)


def _without_ages_of_nouns(
    model: Maker, text: str, told: FaceReading, cast: Cast, reading: Reading
) -> tuple[str, Reading]:
    """A change and its reading, where only the noun that says who is meant tells an age: "make grandma smile"."""
    if reading.request.age_years is None or (plain := by_pronouns(text, cast)) == text:
        return text, reading
    alone = model.language.read(plain, told, True)
    return (text, reading) if alone.request.age_years is not None else (plain, alone)


def by_pronouns(text: str, cast: Cast) -> str:
    """A text in which pronouns stand for the nouns that say who is meant: "the old man's nose" is "his nose"."""
    for mention in sorted(mentions(text, cast), key=lambda m: -m.start):
        words = text[mention.start : mention.end]
        man = cast.person(mention.who[0]).sex == "M"
        pronoun = ("his" if man else "her") if re.search(r"['’]s?$", words) else "him" if man else "her"
        before = re.sub(r"\b(?:the|my|this|that|our|your)\s+(?:[a-z]+\s+){0,2}$", "", text[: mention.start], flags=re.I)
        text = f"{before}{pronoun}{text[mention.end :]}" if len(mention.who) == 1 else text
    return text


def _stands_alone(clause: str, number: int, cast: Cast) -> bool:
    """Whether what was asked before says nothing of a clause: it was of somebody else, or this names its own part."""
    if not cast.earlier:
        return False
    of_others = bool(cast.change.who) and number not in cast.change.who and len(cast.people) > 1
    return of_others or (bool(_worn_in(clause) or _part_in(clause)) and not _RELATIVE.search(clause))


def _scale_alone(clause: str, cast: Cast) -> float:
    """What a clause that says "more" or "half of that" and nothing else multiplies the last change by; 0 for others."""
    for pattern, factor in ((_LESS, -0.5), (_MORE, 1.0)):
        if pattern.search(clause):
            plain = _without(clause, mentions(clause, cast))
            rest = _REST.sub("", pattern.sub(lambda found: found.groupdict().get("what") or "", plain))
            if not things_in(rest) - things_in(cast.change.text) and not _OF_THE_PERSON.search(rest):
                return factor
    return 0.0


def corrects_amount(clause: str, last: HeadRequest | None) -> bool:
    """Whether a clause puts another length in place of the last one: "only 5 mm", "no, 4 mm wider, not longer"."""
    if last is None or not _INSTEAD.match(clause):
        return False
    another = bool(last.millimetres and _NOT_SO.search(clause) and find_numbers(clause))
    return another or bool(_amount_alone(clause, last))


def without_denied_size(text: str) -> str:
    """A change without the size that it is not to be: "4 mm wider, not longer" is "4 mm wider"."""
    return _NOT_SO.sub("", text)


def _amount_alone(clause: str, last: HeadRequest) -> tuple[MillimetreGoal, ...]:
    """The last change in millimetres with the one amount that a clause corrects it to; () for any other clause."""
    numbers = [number for number in find_numbers(clause) if number.unit == "mm"]
    goals = [goal for goal in last.millimetres if goal.kind == "change"]
    own = _part_in(clause) or _SIZE.search(clause)
    if not _INSTEAD.match(clause) or len(numbers) != 1 or len(goals) != 1 or own:
        return ()
    return (replace(goals[0], amount=float(np.copysign(abs(numbers[0].value), goals[0].amount))),)


def _with_worn(clause: str, cast: Cast, number: int) -> str:
    """Say which thing "take them off" and "put it back on" mean: the one spoken of last, or the only one worn."""
    handled = _HANDLES.search(clause)
    if handled is None or _worn_in(clause) or _part_in(handled[0]):
        return clause
    params = cast.person(number).face.params
    worn = [name for name, thing in (("glasses", params.glasses), ("hat", params.headwear)) if thing is not None]
    thing = _worn_in(cast.last_text()) or _worn_in(cast.question.text) or (worn[0] if len(worn) == 1 else "")
    thing = "beard and the moustache" if thing == "beard" and params.hair and params.hair.moustache > 0 else thing
    return re.sub(r"\b(?:it|them|those|that|these)\b", f"the {thing}", clause, count=1) if thing else clause


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
    return f"{_with_part(before, part)}{rest}" if handles and _TRAITS.search(before) else clause


def _with_part(clause: str, part: str) -> str:
    """Say which part "wider", "make it longer" and "shut it" mean; words for the whole person mean none."""
    if _OF_THE_PERSON.search(clause):
        return clause
    if has_word(clause, ("it", "them")):
        return re.sub(r"\b(?:it|them)\b", f"the {part}", clause, count=1, flags=re.IGNORECASE)
    return f"{clause.rstrip('.!? ')}: the {part}" if re.search(r"\b\w{2,}er\b", clause) else clause


def scaled(request: HeadRequest, factor: float, of_expression: float | None = None) -> HeadRequest:
    """The same change again, weaker or stronger; millimetres likewise, expressions by a factor of their own."""
    goals = tuple(
        replace(goal, amount=goal.amount * factor) for goal in request.millimetres if goal.kind in ("change", "percent")
    )
    grown = (1.4 if factor >= 1 else 0.5) if of_expression is None else of_expression
    return replace(
        request,
        attribute_mean=np.asarray(request.attribute_mean) * factor,
        expression=np.clip(np.asarray(request.expression) * grown, 0, 1),
        intensity=float(np.clip(request.intensity * grown, 0.15, 1)),
        millimetres=goals,
        age_years=None,
        man=0.5,
        is_edit=True,
    )


def _for_another(request: HeadRequest, share: float) -> HeadRequest:
    """A share of a change for somebody else, who gets its lengths, age and sex all the same."""
    same = {name: getattr(request, name) for name in ("millimetres", "age_years", "man")}
    return replace(scaled(request, share), **same)


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
    if len({m.who for m in in_all}) < 2:
        return _by_sentences(text, cast, in_all) or [(text, meant)]
    pieces = [piece for piece in _CLAUSES.split(text) if piece and piece.strip()]
    found: list[tuple[str, tuple[int, ...]]] = []
    begins: list[bool] = []
    part, end = "", 0
    for piece in pieces:
        start = text.index(piece, end)
        end = start + len(piece)
        named = [m for m in in_all if start <= m.start < end]
        who = _first_of(named)
        if found and (not named or who == found[-1][1]):
            found[-1] = (f"{found[-1][0]} and {piece}", found[-1][1])
            continue
        own = _part_in(piece)
        if found and not own and part and not _worn_in(piece):
            piece = f"{piece} (the {part})"
        part = own or part
        begins.append(bool(named) and bool(_SUBJECT.fullmatch(text[start : named[0].start])))
        found.append((piece, who or cast.in_focus()))
    named_in_all = {number for _, who in found for number in who}
    apart = _by_sexes(found, cast) or (all(begins) and len({who for _, who in found}) > 1)
    if found and (named_in_all == set(meant) or apart or as_likely(named_in_all, text, cast, states)):
        return found
    return [(text, meant)]


def _by_sentences(text: str, cast: Cast, named: Sequence[Mention]) -> list[tuple[str, tuple[int, ...]]]:
    """Sentences that name nobody, of whom was changed last, before those that name another; [] for any other text.

    "Take it off again. Make the man laugh" is two changes.
    """
    ends = [stop.end() for stop in _STOP.finditer(text) if named and stop.end() <= named[0].start]
    pieces = _CLAUSES.split(text[: ends[-1]]) if ends else []
    before = ", ".join(piece for piece in pieces if _HANDLES.search(piece) or _TRAITS.search(piece))
    last = tuple(cast.past[-1].after) if cast.past else cast.in_focus()
    if not before or {*named[0].who} & {*last}:
        return []
    return [(before, last), (text[ends[-1] :].strip(), named[0].who)]


def _by_sexes(found: Sequence[tuple[str, tuple[int, ...]]], cast: Cast) -> bool:
    """Whether clauses tell their people apart by pronouns: "make her angry and give him a moustache"."""
    told = [(sex_of_pronouns(clause), {cast.person(number).sex for number in who}) for clause, who in found]
    return len({sex for sex, _ in told}) > 1 and all(sexes == {sex} for sex, sexes in told)


def _first_of(named: Sequence[Mention]) -> tuple[int, ...]:
    return named[0].who if named else ()


def _part_in(text: str) -> str:
    """The last part of the face that a text names, or ""."""
    found = [w for w in words_in(text) if PARTS.get(w, "person") != "person"]
    return found[-1] if found else ""


def changed(model: Maker, cast: Cast, asked: Sequence[Wish], seed: int, ignored: Sequence[str] = ()) -> Cast:
    """Make the changes as one step. ignored: what of the words no head shows, which each head tells."""
    faces: dict[int, Face] = {}
    for wish in asked:
        face = model.changed(faces.get(wish.number, cast.person(wish.number).face), wish.request, seed)
        if wish.peoples:
            face = own_head(face, *of_people(face.model, face.params, wish.peoples, seed))
        faces[wish.number] = replace(face, ignored=[*ignored, *face.ignored])
    said = ", ".join(dict.fromkeys(wish.text for wish in asked))
    return cast.with_changes(faces, {wish.number: wish.request for wish in asked}, said)
