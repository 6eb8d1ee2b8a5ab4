"""Clips in a conversation: told when they come, asked about afterwards, left alone once a photo is spoken of."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from facegpt.animate import account, clip_talk
from facegpt.animate.clip_talk import clip_reply
from facegpt.cli.terminal import split_photos
from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.motion.events import Movement
from facegpt.describe.motion.words import PersonMotion
from facegpt.types import FaceGPTError

SMILE = Movement("mouthSmile", 1.0, 1.5, 2.0, 0.9, 0.9)
BROWS = Movement("browUp", 3.0, 3.2, 4.0, 0.7, 0.7)


@pytest.fixture
def clip(tmp_path, monkeypatch):
    """A clip with a smile and raised brows; it is followed once."""
    followed = []

    def told(model, path):
        followed.append(path)
        return account.MotionAccount((PersonMotion(0, 0.0, 5.0, (SMILE, BROWS)),), 5.0)

    monkeypatch.setattr(clip_talk, "account_of", told)
    monkeypatch.setattr(account, "edited_expression", lambda start, request, seed: request)
    path = tmp_path / "a.mp4"
    path.write_bytes(b"frames")
    yield path
    assert len(followed) <= 1


class Reader:
    """Reads "smile" as a smile, and nothing else."""

    language = SimpleNamespace(
        read=lambda text, face, edit: SimpleNamespace(
            request=np.array([float("smile" in text and name.startswith("mouthSmile")) for name in ARKIT_NAMES])
        )
    )

    def mean_face(self):
        return None

    def seen(self, face):
        return None


def user(*parts):
    return {"role": "user", "content": list(parts)}


def test_a_clip_is_told_and_then_asked_about(clip):
    shown = user({"type": "video", "video": str(clip)})
    plain, answer = clip_reply(Reader(), [shown])
    assert "smile" in answer.text and "raised brows" in answer.text
    assert plain == []
    turns = [shown, answer.message, {"role": "user", "content": "when does she smile?"}]
    plain, second = clip_reply(Reader(), turns)
    assert plain == turns[2:]  # the account is not handed to what reads wishes about heads
    assert "1.0 s" in second.text and "brows" not in second.text


def test_other_turns_are_not_answered_from_the_clip(clip):
    shown = user({"type": "video", "video": str(clip)})
    assert clip_reply(Reader(), [shown, {"role": "user", "content": "make an old man who smiles"}])[1] is None
    assert clip_reply(Reader(), [shown, {"role": "user", "content": "how old is he?"}])[1] is None
    photo = user({"type": "image", "image": "b.jpg"})
    assert clip_reply(Reader(), [shown, photo, {"role": "user", "content": "does she smile?"}])[1] is None
    assert clip_reply(Reader(), [photo]) == ([photo], None)


def test_a_clip_that_is_not_there_is_told():
    with pytest.raises(FaceGPTError, match="no file"):
        clip_reply(Reader(), [user({"type": "video", "video": "nowhere.mp4"})])


def test_a_clip_is_dropped_on_the_terminal_as_a_photo_is(clip):
    assert split_photos(f"what happens here? {clip}") == ("what happens here?", [clip])
