"""What the talker says: everything that is not about measured faces, and what a head's facts leave open."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from PIL import Image

from facegpt.data.images import photo_of
from facegpt.describe import sentences as words
from facegpt.describe.hair_words import hair_colour_word
from facegpt.describe.scene_words import all_sights
from facegpt.language.dialogue.cast import Said
from facegpt.language.dialogue.context import Context, Done
from facegpt.language.dialogue.deciding import is_question
from facegpt.language.dialogue.messages import Turn
from facegpt.language.dialogue.set_answers import UNKNOWN, is_set
from facegpt.language.dialogue.who.called import called, noun_of, sentence
from facegpt.language.dialogue.who.persona import plays_a_role
from facegpt.language.dialogue.wording import plain_label
from facegpt.language.patterns import word_set, words_in
from facegpt.language.talkers.base import Message, Spoken, Talker, Tool, ToolCall, text_of
from facegpt.language.talkers.told_numbers import CheckedSentences

#: What the embedded talker says behind what it tells of the world: how likely its words are to it tells too little. Of
#: 55 questions it answers half rightly, of the ten that it is surest of seven (lab/runs/language/sure_of_facts.py).
CAUTION = "(Please check: of the world I know little.)"
NOT_KNOWN = "That I don't know: of the world I know little."
_ASKS_FACTS = word_set("tell name define explain list")
#: A talker may call tools so often in one turn; so many turns before the last are told to the embedded one.
MOST_ROUNDS, TURNS_TOLD = 4, 4
#: Of so many people, those who came last, a talker is told.
MOST_TOLD = 4
_TEXT = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
#: The verbs of this program as tools, each with the act that it is.
TOOLS = {
    "imagine": ("new_head", Tool("imagine", "Make a new 3D head of a person described in plain English.", _TEXT)),
    "edit": ("edit", Tool("edit", "Change the 3D head at hand, as in 'make the nose 3 mm narrower'.", _TEXT)),
    "measure": ("question", Tool("measure", "Ask about the head at hand, as in 'how wide is the nose?'.", _TEXT)),
}
_SYSTEM = (
    "You are part of FaceGPT, which makes, changes and measures 3D heads. Below is what was measured and seen. Every "
    "length, age or percentile that you say must stand there as it is. Never guess who somebody is, where they come "
    "from, how healthy or how good they are. To make, change or measure a head, call a tool."
)


def talk(context: Context, do: Callable[[Context, str], Done], act: str, of_faces: bool) -> Done:
    """Let the talker answer.

    Args:
        context: the part of the turn.
        do: does an act: for the tools that the talker calls.
        act: what is noted as the turn's act.
        of_faces: whether the talker is told of the people and may call our verbs; else it hears the plain conversation.
    """
    talker = context.model.talker
    told = of_faces and talker.takes_facts and bool(context.cast.people)
    facts = facts_told(context) if told else ""
    messages = conversation(context, talker)
    brief = facts_in_brief(context) if of_faces and not talker.takes_facts and context.cast.people else ""
    if brief:
        content = f"{text_of(messages[-1]['content']).rstrip(' .')}: {brief}."
        messages[-1] = {**messages[-1], "content": content}
    if facts:
        messages = [{"role": "system", "content": f"{_SYSTEM}\n\n{facts}"}, *messages]
    ours = [tool.in_openai_format for _, tool in TOOLS.values()] if told else []
    checked = CheckedSentences(context.say, f"{facts}{brief} {context.text}") if facts or brief else None
    fresh = _NotAgain(context.say, [] if talker.takes_facts else _said_before(context))
    result = Done("", replace(context.cast, said=Said(act, context.text)))
    for _ in range(MOST_ROUNDS):
        spoken = talker.speak(messages, checked or fresh, [*ours, *context.tools])
        text = checked.ended() if checked else fresh.ended(spoken.text)
        result = replace(result, text=" ".join(filter(None, (result.text, text.strip() if facts else text))))
        if not spoken.calls:
            return replace(result, text=_ended(context, spoken, result.text))
        if any(call.name not in TOOLS for call in spoken.calls) or not ours:
            return replace(result, calls=spoken.calls)
        messages = [*messages, {"role": "assistant", "content": spoken.text, "calls": spoken.calls}]
        for call in spoken.calls:
            result, said = _called(context, do, call, result)
            messages.append({"role": "tool", "key": call.key, "content": said})
            if checked:
                checked.allow(said)
    return result


def _said_before(context: Context) -> list[str]:
    """The answers so far, where a turn asks for another one."""
    if not (is_question(context.text) or "?" in context.text):
        return []
    return [without_caution(turn.text) for turn in context.turns if turn.role == "assistant"]


class _NotAgain:
    """Passes pieces of an answer on, unless all of it was said before: the small model is lost then.

    Args:
        say: takes the pieces.
        before: what was said so far.
    """

    def __init__(self, say: Callable[[str], None], before: Sequence[str]) -> None:
        self._say, self._before, self._held = say, [each for each in before if each], ""
        self._passes = False

    def __call__(self, piece: str) -> None:
        self._held += piece
        if not self._passes and any(each.startswith(self._held.strip()) for each in self._before):
            return
        self._passes = True
        self._say(self._held)
        self._held = ""

    def ended(self, text: str) -> str:
        """The whole answer, or that there is none."""
        if self._passes or not text.strip():
            return text
        text = text if text.strip() not in self._before else NOT_KNOWN
        self._say(text)
        return text


def without_caution(text: str) -> str:
    """A text without CAUTION: an answer in several parts has it once, and no talker hears its own."""
    return text.replace(f"\n{CAUTION}", "").replace(CAUTION, "").strip() if CAUTION in text else text


def cautioned_once(text: str) -> str:
    """A text with the talker's caution at its end alone."""
    return f"{without_caution(text)}\n{CAUTION}" if text.count(CAUTION) > 1 else text


def _ended(context: Context, spoken: Spoken, text: str) -> str:
    """The whole answer, with a caution where the talker is not sure of it."""
    if not text.strip():
        return UNKNOWN["off_topic"]
    text = without_caution(text)
    if text == NOT_KNOWN:
        return text
    asks = is_question(context.text) or "?" in context.text or bool({*words_in(context.text)[:3]} & _ASKS_FACTS)
    lost = spoken.sure is not None and math.isinf(spoken.sure)  # it went in circles
    if lost or (asks and spoken.sure is not None and not plays_a_role(context.turns)):
        context.say(f"\n{CAUTION}")
        return f"{text.rstrip()}\n{CAUTION}"
    return text


def _called(context: Context, do: Callable[[Context, str], Done], call: ToolCall, before: Done) -> tuple[Done, str]:
    """Do what the talker asks for; what came of it, and what it is told."""
    act, _ = TOOLS[call.name]
    text = str(call.values.get("text") or "")
    if not text.strip():
        return before, 'the tool needs {"text": "…"}'
    part = replace(context, text=text, cast=before.cast, found=(), may_talk=False)
    part = replace(part, say=lambda piece: None, begin=lambda words: None)
    done = do(part, act)
    shown = tuple(dict.fromkeys((*before.shown, *done.shown)))
    return replace(before, cast=done.cast, shown=shown), done.text


# What it is told


def conversation(context: Context, talker: Talker) -> list[Message]:
    """The conversation as the talker hears it; of what was said about heads the embedded one hears nothing."""
    *before, last = context.turns or [Turn("user", context.text)]
    if not talker.takes_facts:
        before = _talk_alone(before)
    text = last.text if context.whole else context.text
    before = [replace(turn, text=without_caution(turn.text)) for turn in before]
    turns = [turn for turn in (*before, replace(last, text=text)) if turn.text or turn.images or turn.calls]
    return [_message(turn, talker.sees) for turn in turns]


def _message(turn: Turn, sees: bool) -> Message:
    message: Message = {"role": turn.role, "content": _content(turn, sees)}
    message |= {"calls": turn.calls} if turn.calls else {}
    return message | ({"key": turn.key} if turn.role == "tool" else {})


def _talk_alone(turns: Sequence[Turn]) -> list[Turn]:
    """The last exchanges that were the talker's own; a system's words stay.

    A set answer before a question ("Describe a face …") lets the small talker speak of nothing but faces.
    """
    kept: list[Turn] = []
    for asked, said in pairwise(turns):
        of_heads = bool(asked.images or asked.faces or said.faces)
        cast = said.cast
        if cast is not None and cast.people and cast.said.act not in ("off_topic", "chat"):
            of_heads = True
        if (asked.role, said.role) == ("user", "assistant") and not of_heads and not is_set(said.text):
            kept += [asked, said]
    return [turn for turn in turns if turn.role == "system"] + kept[-TURNS_TOLD:]


def _content(turn: Turn, sees: bool) -> str | list[Message]:
    if not (sees and turn.images):
        return turn.text
    pictures: list[Message] = [
        {"type": "image", "image": Image.fromarray(photo_of(image).pixels)} for image in turn.images
    ]
    return [*pictures, {"type": "text", "text": turn.text}] if turn.text else pictures


def facts_told(context: Context) -> str:
    """All that is measured and seen of the people of a conversation, a paragraph each."""
    told = []
    for person in context.cast.people[-MOST_TOLD:]:
        facts = context.model.facts(person.face)
        lengths = (f"{plain_label(name)} {each.value_mm:.1f} mm" for name, each in facts.measures.items())
        lines = [words.describe(facts), f"Measures: {', '.join(lengths)}."]
        if (scene := context.model.scene(person.face)) is not None:
            lines += all_sights(scene, person.face.params.glasses, headwear=person.first.params.headwear)
        told.append(f"{sentence(called(person, context.cast))}: " + " ".join(lines).replace("\n", " "))
    return "\n".join(told)


def facts_in_brief(context: Context) -> str:
    """Who is meant, in a phrase each, for a talker that is too small for all facts: "a man of about 70, …"."""
    told = []
    for number in (context.who or context.cast.in_focus())[:2]:
        person = context.cast.person(number)
        facts = context.model.facts(person.face)
        years = facts.looks.get("age_years")
        noun = noun_of(person, years).replace("head", "person")
        hair = hair_colour_word(facts.hair) if facts.hair is not None and facts.has_colour else ""
        lines = [f"a {noun}" + (f" of about {round(years)}" if years else "") + (f" with {hair} hair" if hair else "")]
        lines += [name for name in person.names[:1] if name]
        lines += [f"whose face shows {facts.emotion}"] if facts.emotion not in ("", "neutral") else []
        told.append(", ".join(lines))
    return " and ".join(told)


def picture_given(context: Context) -> bool:
    """Whether the conversation holds a picture that a talker can look at."""
    return any(turn.images for turn in context.turns)
