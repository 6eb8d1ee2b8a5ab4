"""Who a conversation is about: its people in the order in which they came, what each has been, and what was done last.

Nothing in a cast changes; what a turn does gives a new one. A step is one change, of one or several people at once: it
can be taken back and done again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from facegpt.face import Face
from facegpt.hair.presets import groom_of, length_step
from facegpt.language.earlier import MOST_TURNS, Earlier, note_of_request
from facegpt.language.head_request import HeadRequest
from facegpt.language.model.face_reading import History
from facegpt.language.targets import ATTRIBUTES, attribute_of_measure
from facegpt.types import Array

#: What a beard of this amount or more (less of it: its share), and hair of each length, add to tenths of `masculinity`.
_FULL_BEARD, _OF_A_BEARD = 0.3, 3.0
_OF_LENGTH = {"shaved": 0.3, "short": 0.3, "chin": 0.0, "shoulder": -0.7, "longer": -0.7}


@dataclass(frozen=True, eq=False)
class Person:
    """One head of the conversation.

    Attributes:
        number: from 1, in the order of appearance; those of a photo from its left to its right.
        face: as it is now. first: as it was given or made.
        sex: "F", "M" or "" where neither words nor shape say.
        names: what the words called this person: "Kim", "nun", in lower case.
        photo: the number of the photo, from 1; 0 for a head from words. of_photo: how many faces that photo has.
        place: from 0, from the left, in that photo or in the request that made it.
        told: the words of the description that made this person, or that came with the photo, in lower case.
        made: how they came: "photo" or one of act_network.ACTS. group: the same for those who came together, or "".
        asked: what the words asked for that made this person; None for a head that they did not make.
    """

    number: int
    face: Face
    first: Face
    sex: str = ""
    names: tuple[str, ...] = ()
    photo: int = 0
    of_photo: int = 1
    place: int = 0
    told: str = ""
    made: str = ""
    group: str = ""
    asked: HeadRequest | None = None


@dataclass(frozen=True, eq=False)
class Step:
    """One change.

    Attributes:
        before, after: number of a person → the head. asked: what words asked of whom.
        said: the words, with what they leave out supplied. typed: the words as they were typed.
    """

    before: Mapping[int, Face]
    after: Mapping[int, Face]
    asked: Mapping[int, HeadRequest] = field(default_factory=dict)
    said: str = ""
    typed: str = ""

    @property
    def words(self) -> str:
        """The words that asked for it, to be quoted."""
        return (self.typed or self.said).strip(" .")

    def share(self, takes: Callable[[int], bool]) -> Step:
        """The step as it is of some of its people alone."""
        kept = ({n: each for n, each in of.items() if takes(n)} for of in (self.before, self.after, self.asked))
        before, after, asked = kept
        return replace(self, before=before, after=after, asked=asked)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Said:
    """What was done or asked last, so that "more", "him too" and "and how long?" can be understood.

    Attributes:
        act: one of act_network.ACTS.
        text: the words, with what they leave out supplied.
        who: numbers of the people meant. asks: what a question was about.
        request: what a change asked for. claim: what a question says of a head (`questions.claims.Claim`).
    """

    act: str = ""
    text: str = ""
    who: tuple[int, ...] = ()
    asks: tuple[str, ...] = ()
    request: HeadRequest | None = None
    claim: Any = None


@dataclass(frozen=True, eq=False)
class Cast:
    """The state of a conversation: its people, the steps to undo and redo, and what was said last.

    Attributes:
        people: in the order of appearance.
        focus: numbers of those spoken of last, the latest ones.
        past, future: steps that can be taken back, the latest last; steps that can be done again, the next one last.
        said: the last turn. change: the last turn that changed a head. question: the last question.
        idle: wishes of which nothing came, as they were typed.
        earlier: the last turns in short, for the language model.
    """

    people: tuple[Person, ...] = ()
    focus: tuple[int, ...] = ()
    past: tuple[Step, ...] = ()
    future: tuple[Step, ...] = ()
    said: Said = field(default_factory=Said)
    change: Said = field(default_factory=Said)
    question: Said = field(default_factory=Said)
    idle: tuple[str, ...] = ()
    earlier: tuple[Earlier, ...] = ()

    def person(self, number: int) -> Person:
        """The person of a number."""
        return self.people[number - 1]

    def with_person(self, person: Person) -> Cast:
        """The cast with another state of a person."""
        people = tuple(person if p.number == person.number else p for p in self.people)
        return replace(self, people=people)

    def after_turn(self, text: str, typed: str, idle: bool) -> Cast:
        """Note what came of a turn. text: as it was read. typed: as it came. idle: whether it asked for what stayed."""
        asked = self.said.asks if self.said.act in ("question", "compare") else ()
        note = note_of_request(self.said.act, self.said.request, asked)
        past = tuple(step if step.typed else replace(step, typed=typed) for step in self.past)
        kept = (*self.idle, typed) if idle else self.idle
        return replace(self, past=past, idle=kept, earlier=(*self.earlier, Earlier(text, note))[-MOST_TURNS:])

    def last_text(self) -> str:
        """The words of what was asked or changed last, whichever came later."""
        asked = self.said.act in ("question", "compare")
        return (self.question.text if asked else self.change.text) or self.change.text or self.question.text

    def faces(self, numbers: Iterable[int]) -> list[Face]:
        """Their heads as they are now."""
        return [self.person(number).face for number in numbers]

    def history(self, number: int) -> History:
        """What came before a turn that changes a head."""
        steps = [step for step in self.past if number in step.before]
        wore = tuple(np.asarray(step.before[number].params.expression) for step in steps)
        requests = (self.person(number).asked, *(step.asked.get(number) for step in steps))
        asked = tuple(degrees_of(request) for request in requests)
        asks = self.said.asks if self.said.act in ("question", "compare") else ()
        return History(wore, asked, degrees_of(self.change.request), asks)

    def in_focus(self) -> tuple[int, ...]:
        """Who is spoken of where the words name nobody: those spoken of last, else the last one."""
        return self.focus or tuple(person.number for person in self.people[-1:])

    def with_new(
        self, faces: Sequence[Face], photo: bool = False, made: str = "new_head", **of_each: Sequence[object]
    ) -> Cast:
        """Add people, who are then in focus.

        Args:
            faces: their heads, from the left.
            photo: whether they come from a photo.
            made: else, the act by which they came.
            of_each: further fields of Person, a list each.
        """
        start = len(self.people)
        number = max((person.photo for person in self.people), default=0) + 1 if photo else 0
        group = f"{made} {start}" if len(faces) > 1 else ""
        new = []
        for k, face in enumerate(faces):
            fields = {name: values[k] for name, values in of_each.items()}
            came = {"photo": number, "of_photo": len(faces), "place": k, "made": "photo" if photo else made}
            new.append(Person(start + k + 1, face, face, group=group, **{**came, **fields}))  # type: ignore[arg-type]
        return replace(self, people=(*self.people, *new), focus=tuple(person.number for person in new))

    def with_changes(
        self, faces: Mapping[int, Face], asked: Mapping[int, HeadRequest] | None = None, said: str = ""
    ) -> Cast:
        """Change heads as one step. asked: what words asked for of whom. said: the words."""
        step = Step({number: self.person(number).face for number in faces}, dict(faces), dict(asked or {}), said)
        return replace(self.with_faces(faces), past=(*self.past, step), future=(), focus=tuple(faces))

    def as_first(self, who: Sequence[int]) -> Cast:
        """Put people back as they were given or first made, as one step."""
        return self.with_changes({number: self.person(number).first for number in who})

    def with_faces(self, faces: Mapping[int, Face]) -> Cast:
        """The cast with other heads for some of its people; no step."""
        people = [replace(p, face=faces[p.number]) if p.number in faces else p for p in self.people]
        return replace(self, people=tuple(people))

    def before_last(self) -> Cast:
        """The people before the last change, which can no longer be taken back."""
        return self.undone(tuple(self.past[-1].after)) or self

    def undone(self, who: Sequence[int] = ()) -> Cast | None:
        """Take back the last step, or the last one that touches any of `who`; None where there is none."""
        place = _last(self.past, who)
        if place is None:
            return None
        whole = self.past[place]
        step, rest = whole.share(lambda n: not who or n in who), whole.share(lambda n: bool(who) and n not in who)
        back = {n: face for n, face in step.before.items() if self.person(n).face is step.after[n]} or step.before
        past = (*self.past[:place], *([rest] if rest.after else ()), *self.past[place + 1 :])
        return replace(self.with_faces(back), past=past, future=(*self.future, step), focus=tuple(back))

    def redone(self, who: Sequence[int] = ()) -> Cast | None:
        """Do the step again that was taken back last; None where there is none."""
        place = _last(self.future, who)
        if place is None:
            return None
        step = self.future[place]
        future = (*self.future[:place], *self.future[place + 1 :])
        return replace(self.with_faces(step.after), past=(*self.past, step), future=future, focus=tuple(step.after))

    def named(self, number: int, *names: str) -> Cast:
        """Give a person names."""
        person = self.person(number)
        return self.with_person(replace(person, names=tuple(dict.fromkeys((*person.names, *names)))))


def degrees_of(request: HeadRequest | None) -> Array:
    """(K,) changes of attributes that a request asks for, SDs; those in millimetres as one SD."""
    degrees = np.zeros(len(ATTRIBUTES))
    for goal in () if request is None else request.millimetres:
        if goal.kind in ("change", "percent") and (name := attribute_of_measure(goal.measure)):
            degrees[ATTRIBUTES.index(name)] = np.sign(goal.amount)
    return degrees if request is None else np.where(degrees == 0, np.asarray(request.attribute_mean), degrees)


def _last(steps: Sequence[Step], who: Sequence[int]) -> int | None:
    """The place of the last step, or of the last one that touches any of `who`."""
    fitting = [k for k, step in enumerate(steps) if not who or set(who) & set(step.after)]
    return fitting[-1] if fitting else None


def manliness(face: Face) -> float:
    """How much a head looks like a man's: above 0 rather a man's. By its shape, its beard and the length of its hair.

    Shapes of photos that show little of a face stay near the middle, and there a beard or long hair tells more. To a
    photo's head the recognition network's log odds are added.
    """
    shape, hair = 10 * (face.attributes.get("masculinity", 0.0) - 0.5), face.params.hair
    if hair is not None:
        worn = _OF_A_BEARD * min(max(hair.beard, hair.moustache) / _FULL_BEARD, 1.0)
        shape += worn + _OF_LENGTH[length_step(groom_of(hair))]
    if face.man is None or face.photo is None:
        return shape
    man = min(max(face.man, 1e-4), 1 - 1e-4)
    return math.log(man / (1 - man)) + shape


def sex_of(face: Face) -> str:
    """What a head is nearer to: "F" or "M"."""
    return "M" if manliness(face) > 0 else "F"
