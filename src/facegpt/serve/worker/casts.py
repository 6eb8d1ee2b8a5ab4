"""Who conversations are about: clients send words and ids of heads back, the rest of what is known is kept here.

A conversation is known again by its words and by what only its own client can know: the ids of its heads, or the
photos where no head came of them. Heads that were changed beside the conversation (by sliders) are put in their place.
A client that sends no ids is known by its words and its photos, and not without photos: anybody may say its words.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any

from facegpt.face import Face
from facegpt.language.dialogue.cast import Cast
from facegpt.serve.worker.shelf import Shelf

#: Conversations that are kept in memory, and bytes of their heads' photos and skins; the oldest go.
MOST_CASTS, MOST_BYTES = 64, 200_000_000


class Casts:
    """The people of the last conversations.

    Args:
        shelf: where their heads lie.
    """

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._kept: OrderedDict[str, tuple[Cast, list[str]]] = OrderedDict()

    def known(self, messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """The messages (heads by id and as faces), with what is known of them where the last answer was given here."""
        given = list(messages)
        if len(given) < 3 or given[-2]["role"] != "assistant":
            return given
        before, now = given[:-1], _ids(given[:-1])
        cast, ids = self._kept.get(self._key(before) if now else _plain_key(before), (None, []))
        if cast is not None and self._all_kept(cast):
            in_place = dict(zip(ids, now, strict=True)) if now else {}
            given[-2] = {**given[-2], "cast": self._as_shown(cast, in_place)}
            return given
        return [self._without_twins(message, after) for message, after in zip(given, [*given[1:], {}], strict=True)]

    def _without_twins(self, message: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
        """A message without its photos, where the answer's heads are the people in them."""
        faces = [part["id"] for part in _parts(after) if part["type"] == "face"] if after else []
        if message["role"] != "user" or len(faces) < 2 or any(self._told(key, "origin") != "photo" for key in faces):
            return message
        return {**message, "content": [part for part in _parts(message) if part["type"] != "image"]}

    def keep(self, messages: Sequence[dict[str, Any]], text: str, heads: Sequence[str], cast: Cast | None) -> None:
        """Remember the people after an answer: its text and the ids of its heads."""
        if cast is None or not cast.people:
            return
        parts = [{"type": "text", "text": text}, *({"type": "face", "id": key} for key in heads)]
        whole = [*messages, {"role": "assistant", "content": parts}]
        names = [self._key(whole)] if _ids(whole) else []
        if _photos(messages) and not _ids(messages):  # whoever sends ids is known by them
            names.append(_plain_key([*messages, {"role": "assistant", "content": text}]))
        for key in names:
            self._kept[key] = cast, _ids(whole)
            self._kept.move_to_end(key)
        while len(self._kept) > 1 and (len(self._kept) > MOST_CASTS or self._bytes() > MOST_BYTES):
            self._kept.popitem(last=False)

    def _bytes(self) -> int:
        """What the pictures of all heads take, each counted once."""
        faces = [face for cast, _ in self._kept.values() for face in _faces(cast)]
        pictures = {id(p): p.nbytes for face in faces for p in (face.photo, face.photo_texture) if p is not None}
        return sum(pictures.values())

    def _key(self, messages: Sequence[dict[str, Any]]) -> str:
        """What a conversation is known by."""
        told, messages = [], _of_people(messages)
        for k, message in enumerate(messages):
            parts = _parts(message)
            words = " ".join(" ".join(part["text"] for part in parts if part["type"] == "text").split())
            heads = [self._first(part["id"]) for part in parts if part["type"] == "face"]
            after = _parts(messages[k + 1]) if k + 1 < len(messages) else []
            became_heads = any(part["type"] == "face" for part in after)  # clients may send them in the photos' place
            photos = [] if became_heads else [_digest(part["image"]) for part in parts if part["type"] == "image"]
            told.append([message["role"], words, heads, photos])
        return _digest(json.dumps(told).encode())

    def _first(self, key: str) -> str:
        """The head that a head was first made from: the same person, whatever was changed."""
        return str(self._told(key, "chain")[0])

    def _told(self, key: str, name: str) -> Any:
        """A fact of a head."""
        return self.shelf.told(key)[name]

    def _all_kept(self, cast: Cast) -> bool:
        """Whether none of the heads was deleted."""
        keys = [self.shelf.key_of(person.face) for person in cast.people]
        return all(key is None or self.shelf.place(key).is_dir() for key in keys)

    def _as_shown(self, cast: Cast, now: dict[str, str]) -> Cast:
        """The people with the heads that a client put in the place of others, as a step. now: id → id in its place."""
        keys = {person.number: self.shelf.key_of(person.face) for person in cast.people}
        moved = {number: now[key] for number, key in keys.items() if key is not None and now.get(key, key) != key}
        return cast.with_changes({number: self.shelf.get(key) for number, key in moved.items()}) if moved else cast


def _plain_key(messages: Sequence[dict[str, Any]]) -> str:
    """What a conversation of words and photos alone is known by."""
    told = []
    for message in _of_people(messages):
        parts = _parts(message)
        words = " ".join(" ".join(part["text"] for part in parts if part["type"] == "text").split())
        told.append([message["role"], words, [_digest(photo) for photo in _photos([message])]])
    return _digest(json.dumps(["plain", told]).encode())


def _faces(cast: Cast) -> Iterator[Face]:
    """All heads of a conversation, those of steps too."""
    for person in cast.people:
        yield from (person.face, person.first)
    for step in (*cast.past, *cast.future):
        yield from (*step.before.values(), *step.after.values())


def _parts(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts of a message."""
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _ids(messages: Sequence[dict[str, Any]]) -> list[str]:
    """The ids of all heads of the messages, in their order."""
    return [part["id"] for message in messages for part in _parts(message) if part["type"] == "face"]


def _of_people(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages without instructions, which programs fill with the time of day."""
    return [message for message in messages if message["role"] != "system"]


def _photos(messages: Sequence[dict[str, Any]]) -> list[bytes]:
    """The photos of all messages, in their order."""
    return [part["image"] for message in messages for part in _parts(message) if part["type"] == "image"]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
