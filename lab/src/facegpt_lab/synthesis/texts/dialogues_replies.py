"""Short answers of the assistant: with a face (they start with FACE_TOKEN), and those that decline to guess."""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib import resources
from random import Random

from facegpt_lab.synthesis.text_targets import FACE_TOKEN
from facegpt_lab.synthesis.texts.english import Labels, joined

_NEW = (
    *("Here is the head.", "Here you are.", "Here it is.", "Done.", "Here's one who fits.", "This is how I read it."),
    *("Here is a head that fits your words.", "One face, as described.", "Made to your description.", "There you go."),
    *(
        "This should fit.",
        "Here's a first version; tell me what to change.",
        "Here's the face.",
        "Ready.",
        "All yours.",
    ),
    *("A head that fits; say if something should change.", "That's my reading of it.", "Here's what I made of it."),
)
_NEW_WITH = (
    *(
        "Here is a head with {said}.",
        "Here's one with {said}.",
        "Done: {said}.",
        "This one has {said}.",
        "With {said}, as asked.",
    ),
    *("A face with {said}.", "I gave it {said}.", "Here you are: {said}.", "I went for {said}.", "Made with {said}."),
)
_EDIT = (
    *(
        "Changed.",
        "Done.",
        "Here's the new version.",
        "Like this?",
        "Here it is with the change.",
        "Updated.",
        "There.",
    ),
    *("Done; the rest stays as it was.", "Changed, and nothing else.", "Here's the changed head.", "Is this better?"),
    *(
        "I've changed that.",
        "That's the change; say if it should be more.",
        "Adjusted.",
        "Here you go.",
        "New version.",
    ),
)
_FROM_PHOTO = (
    *(
        "Here is the head from your photo.",
        "Rebuilt from the photo.",
        "That's the face of the photo in 3D.",
        "Here it is in 3D.",
    ),
    *(
        "The head from your picture.",
        "Done: the photo as a 3D head.",
        "Here's the person of the photo as a head.",
        "Your photo in 3D.",
    ),
)
_FEEL = (
    "Here's {who} looking {how}.",
    "A face that looks {how}.",
    "Looking {how}.",
    "This is {how}, as I read it.",
    "Here: {how}.",
)
_NUMBERS = (
    *(
        "Done; measured on the new head.",
        "Set, and checked by measuring.",
        "The numbers are met as measured on the head.",
    ),
    *("Adjusted to your millimetres.", "Done to the millimetre.", "Measured and set."),
)
_SEVERAL = ("Here are {n}.", "{n} heads, all different.", "Here they are, {n} of them.", "{n} faces for you.")
_DECLINE = (
    *(
        "A face can't show that, so I won't guess.",
        "That isn't something a face tells.",
        "I can't tell that from a face, and I don't guess.",
    ),
    *("I only say what can be seen and measured on a head; that can't.", "No face shows that, so I leave it open."),
    *("I don't identify people or guess what a face can't show.", "That would be guessing; a face doesn't hold it."),
    *(
        "I can describe shape and expression, but not that.",
        "Faces don't carry that information, so I'd rather not say.",
    ),
    *(
        "I can't know that from looks.",
        "Sorry, that can't be read off a face.",
        "I don't draw such conclusions from a face.",
    ),
    *("Looks say nothing about that.", "I won't judge that by a face.", "There is no way to see that in a face."),
)


@lru_cache(maxsize=1)
def _plain_words() -> dict[tuple[str, int], tuple[str, ...]]:
    """The plain words of both poles of each attribute, from attributes.csv."""
    text = (resources.files("facegpt.language") / "attributes.csv").read_text(encoding="utf-8")
    table: dict[tuple[str, int], tuple[str, ...]] = {}
    for row in csv.DictReader(text.splitlines()):
        for side, column in ((-1, "low_pole_words"), (1, "high_pole_words")):
            phrases = (phrase.strip() for phrase in row[column].split(";"))
            table[row["name"], side] = tuple(p for p in phrases if " " in p)
    return table


def _said(rng: Random, labels: Labels) -> str:
    """Name up to three of the traits that the labels ask for, in plain words: "a narrow nose and thin lips"."""
    table = _plain_words()
    named = [(n, 1 if d > 0 else -1) for n, d in labels.get("attributes", {}).items() if d]
    named = [key for key in named if table[key]]
    chosen = named if len(named) <= 3 else rng.sample(named, 3)
    phrases = [rng.choice(table[key]) for key in chosen]
    return (
        joined(
            rng, [p if p.endswith(("s", "skin", "hair")) or p.startswith(("a ", "no ")) else f"a {p}" for p in phrases]
        )
        if phrases
        else ""
    )


def face_reply(rng: Random, labels: Labels, before: bool, photo: bool = False) -> str:
    """Write an answer with a face: short, starting with FACE_TOKEN; it says only what the labels say.

    Args:
        rng: the source of chance.
        labels: what was asked for (LABELS.md).
        before: whether there was a face before, so that this is a change.
        photo: whether it is in a photo.
    """
    count = int(labels.get("faces", 1))
    if count > 1:
        return " ".join([FACE_TOKEN] * count + [rng.choice(_SEVERAL).format(n=count)])
    if labels.get("mm") and rng.random() < 0.6:
        return f"{FACE_TOKEN} {rng.choice(_NUMBERS)}"
    if before:
        return f"{FACE_TOKEN} {rng.choice(_FROM_PHOTO if photo and labels.keys() <= {'face'} else _EDIT)}"
    emotion = labels.get("emotion", "")
    if emotion and emotion != "neutral" and rng.random() < 0.4 and emotion.endswith(("ed", "y", "ry", "ful")):
        who = {"F": "a woman", "M": "a man"}.get(labels.get("sex", ""), "someone")
        return f"{FACE_TOKEN} {rng.choice(_FEEL).format(who=who, how=emotion)}"
    said = _said(rng, labels)
    if said and rng.random() < 0.5:
        return f"{FACE_TOKEN} {rng.choice(_NEW_WITH).format(said=said)}"
    return f"{FACE_TOKEN} {rng.choice(_NEW)}"


def no_face_reply(rng: Random, also_asks: bool) -> str | None:
    """Decline to guess; None where the question also asks for facts, which the program answers from measurements."""
    return None if also_asks else rng.choice(_DECLINE)
