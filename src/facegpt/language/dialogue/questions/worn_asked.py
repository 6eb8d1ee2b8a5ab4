"""What is told of what somebody wears: lipstick by how red lips are, things beside the face, all of made heads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facegpt.appearance.over_skin.bare_lips import lips_beside_bare
from facegpt.describe import sentences as words
from facegpt.describe.colour_names import colour_name
from facegpt.describe.lists import listed
from facegpt.describe.scene import shows_colours
from facegpt.describe.scene_words import NO_PHOTO, headwear_words, shirt_words
from facegpt.face import Face
from facegpt.generate.skin.paint import REDDEST_GROWN, with_bare_lips
from facegpt.language.dialogue.cast import Person
from facegpt.language.dialogue.context import Context
from facegpt.language.dialogue.questions.sights_network import LIPS, WORN, worn_things
from facegpt.language.dialogue.wording import of_person
from facegpt.language.patterns import has_word

#: Log of red over green of lips beyond that of bare ones from which they may be, and surely are, painted: of 55 heads
#: of the training half all six above the second wear lipstick, and no man is above the first.
PERHAPS, PAINTED = 0.32, 0.5
NO_MAKE_UP = "Other make-up I can't tell from skin."
_MAKE_UP = ("makeup", "make-up")


def lips_words(face: Face, question: str) -> str:
    """Say whether lips look painted, and their colour; of other make-up, if it is asked for, that it is not seen."""
    beyond = f" {NO_MAKE_UP}" if has_word(question, _MAKE_UP) or "make up" in question.lower() else ""
    if face.photo is not None and not shows_colours(face.photo):
        return f"The photo has no colours, so I can't tell whether the lips are painted.{beyond}"
    albedo = face.params.albedo
    red, colour = lips_beside_bare(face.photo_texture, face.model, albedo, with_bare_lips(albedo, REDDEST_GROWN))
    name = colour_name(np.rint(colour))
    if red >= PAINTED:
        told = f"{name}, redder than bare lips beside this skin: that looks like lipstick."
    elif red >= PERHAPS:
        told = f"{name}, a little redder than bare lips beside this skin: perhaps lipstick, I'm not sure."
    else:
        told = "no redder than bare lips beside this skin: I see no lipstick, or one of that colour."
    return f"Its lips are {told}{beyond}"


def of_made_head(context: Context, person: Person) -> list[str]:
    """What a head that no photo shows wears, as far as that was asked."""
    worn, sights = person.face.params, list(context.sights)
    if "clothes" in sights:  # what somebody wears is more than clothes
        sights += ["headwear"] * (worn.headwear is not None) + ["glasses"] * (worn.glasses is not None)
    lines = {"headwear": headwear_words(worn.headwear), "clothes": shirt_words(worn.shirt)}
    lines["glasses"] = words.aspect(context.model.facts(person.face), "glasses")
    if LIPS in sights:
        lines[LIPS] = lips_words(person.face, context.text)
    if WORN in sights:
        lines[WORN] = f"A made head wears no {listed(worn_things(context.text), 'or')}."
    told = (of_person(lines[name], person, context.cast) if name in lines else NO_PHOTO for name in sights)
    return list(dict.fromkeys(told))


def of_things(told: Sequence[str], question: str) -> list[str]:
    """The sentences on worn things that a question names, and of those that none tells, that they are often missed."""
    asked = worn_things(question)
    of_them = [line for line in told if any(word.rstrip("s") in line.lower() for word in asked)]
    missed = [word for word in asked if word.rstrip("s") not in " ".join(told).lower()]
    return [*of_them, *([f"I see no {listed(missed, 'or')}, but I often miss them."] if missed else [])]
