"""A size without its part behind a description of several parts: "bigger" asks back, and "the eyes" answers that."""

from __future__ import annotations

from dataclasses import replace

from facegpt.language.dialogue.cast import Said
from facegpt.language.dialogue.context import Context, Done
from facegpt.language.hair_wish import HAIR_SLOTS
from facegpt.language.parts import PARTS, base_form
from facegpt.language.patterns import word_set, words_in
from facegpt.language.targets import ATTRIBUTES

#: Words beside a size, sizes, and words beside the part that was meant.
_AMOUNTS = word_set("make it them that a an bit little lot much even way far slightly please still and now ok more")
_SIZES = word_set("wide broad long short big large small thick flat sharp high deep narrow")
_MEANT = word_set("i mean meant the his her their its of sorry no oh well both all only just make in on")


def which_part(context: Context) -> Done | None:
    """Ask back what shall be bigger, where a description named several parts or none; None for any other turn."""
    text, cast = context.text, context.cast
    if not (cast.change.act == "new_head" and _is_size(text) and len(_parts_in(cast.last_text())) != 1):
        return None
    size = next(word for word in words_in(text) if word not in _AMOUNTS or word == "more")
    told = f'{size.capitalize()}, but what? Name a part of the head, as in "bigger eyes". Nothing was changed.'
    return Done(told, replace(cast, said=Said("edit", text, cast.in_focus())))


def of_part_named(context: Context) -> Context:
    """The turn as a whole change, where it names the part that was asked for and nothing else: "I meant the eyes"."""
    cast, words = context.cast, words_in(context.text)
    asked = cast.said.act == "edit" and cast.change.act == "new_head" and _is_size(cast.said.text)
    part = next((word for word in words if PARTS.get(word, "person") != "person"), "")
    if not (asked and part and all(word in _MEANT or word in PARTS for word in words)):
        return context
    return replace(context, text=f"{cast.said.text.rstrip('.!? ')}: the {part}", cast=replace(cast, said=cast.change))


def _is_size(text: str) -> bool:
    """Whether a text names a size of things and nothing else: "bigger", "a bit longer please", "more"."""
    words = words_in(text)
    own = [word for word in words if word not in _AMOUNTS]
    sizes = all(base_form(word) in _SIZES and base_form(word) != word for word in own)
    return sizes and (bool(own) or words == ["more"])


def _parts_in(text: str) -> frozenset[str]:
    """Parts of the head that a description names, hair by its cuts as well, and traits by their names ("freckles")."""
    words = words_in(text)
    named = {PARTS.get(word, PARTS.get(base_form(word), "person")) for word in words}
    cuts = {"hair" for word in words if word.endswith(HAIR_SLOTS["kind"])}  # a ponytail is a tail
    return frozenset(named | cuts | {*words} & {*ATTRIBUTES}) - {"person", "face", "head"}
