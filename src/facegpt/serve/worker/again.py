"""Heads made again without some of the words that made them; what was done to them afterwards is done again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from facegpt.face import Face
from facegpt.generate.understood import understood
from facegpt.serve.worker.changes import with_settings
from facegpt.serve.worker.recipes import Recipe
from facegpt.serve.worker.shelf import Shelf
from facegpt.serve.worker.task import RefusedError, Task


def made_without(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Make a head again. Payload: head, of (the head on its way whose words these are), parts (all that is left out).

    The dice fall as they did: what the other words asked for and what they left open stays.
    """
    asked, replaced, made = task.payload, {}, []
    chain = shelf.told(asked["head"])["chain"]
    if asked["of"] not in chain:
        raise RefusedError("refused", "the head was not made from the one whose words these are")
    begin = chain.index(asked["of"])
    before = chain[begin - 1] if begin else None
    for k, key in enumerate(chain[begin:]):
        task.progress("making the head again", k / len(chain[begin:]))
        recipe = shelf.recipe(key)
        if key == asked["of"]:
            recipe = _left_out(recipe, asked["parts"])
        face = _again(shelf, recipe, None if before is None else shelf.get(before))
        told = shelf.told(key)
        facts = {name: told[name] for name in ("origin", "text", "avatar", "name")}
        made.append(shelf.put(face, recipe=recipe, parent=before, **facts))
        before = replaced[key] = made[-1]["id"]
    return {"heads": made[-1:], "bases": made[:-1], "replaced": replaced}


def _left_out(recipe: Recipe, parts: list[str]) -> Recipe:
    """The recipe of words without some of them. Raises RefusedError for parts that it does not have."""
    if recipe.request is None:
        raise RefusedError("refused", "this head was made by settings, not by words; set them anew")
    known = [*understood(recipe.request), *recipe.unused]
    if wrong := [part for part in parts if part not in known]:
        raise RefusedError("refused", f"these words have no part '{wrong[0][:80]}'; they have: {'; '.join(known)}")
    return replace(recipe, left_out=tuple(part for part in known if part in parts))


def _again(shelf: Shelf, recipe: Recipe, before: Face | None) -> Face:
    if recipe.settings is None:
        return recipe.made(shelf.model, before)
    assert before is not None
    return with_settings(shelf, before, recipe.settings)
