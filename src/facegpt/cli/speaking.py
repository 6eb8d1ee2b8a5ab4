"""Answers of a conversation said aloud: a sound at once, then a video of the head with its lips in step."""

from __future__ import annotations

import argparse
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from facegpt.face import Face

#: Side of the videos, pixels.
VIDEO_PX = 384
#: Longer answers are heard and not drawn: somebody waits for the next line, seconds.
MOST_VIDEO_S = 20.0


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what makes answers heard."""
    told = "say answers aloud (needs the extra voice): a WAV and, of a head, an MP4 each, and the loudspeaker"
    parser.add_argument("--speak", action="store_true", help=told)
    told = "with --speak: words as 'an old man', or pitch=180,tract=1.1,speed=1.2 (default: by age and sex of the head)"
    parser.add_argument("--voice", metavar="VOICE", help=told)
    told = "an empty line listens to the microphone: folder of a Whisper model (needs the extra listen)"
    parser.add_argument("--listen", type=Path, metavar="DIR", help=told)
    parser.set_defaults(wrong_use=parser.error)


def check(options: argparse.Namespace) -> None:
    """Find out that answers can be said. Exits with 2 for a voice without --speak; raises FaceGPTError."""
    from facegpt.runtime.extras import check_installed

    if options.voice is not None and not options.speak:
        options.wrong_use("--voice says who speaks: give --speak as well")
    if options.speak:
        check_installed("hibari", "speaking")
    if options.listen is not None:
        from facegpt.animate.speech.hearing import check_model

        check_model(options.listen)
        check_installed("faster_whisper", "listening")
        check_installed("sounddevice", "listening to a microphone")


def heard(folder: Path) -> str:
    """What somebody says into the microphone until they pause. Raises FaceGPTError."""
    from facegpt.animate.speech.hearing import text_of, utterance
    from facegpt.runtime.sound import loudspeaker, microphone

    loudspeaker.wait()  # the head does not listen to itself
    return text_of(utterance(microphone.heard(), microphone.MICROPHONE_RATE), microphone.MICROPHONE_RATE, folder)


@dataclass
class Speaker:
    """Says answers.

    Attributes:
        model: animates heads. folder: for the files. voice: as --voice has it. aloud: whether somebody listens.
    """

    model: Any
    folder: Path
    voice: str | None = None
    aloud: bool = True
    _said: int = 0
    _video: bool = field(default_factory=lambda: find_spec("av") is not None)
    _warming: Thread = field(init=False)

    def __post_init__(self) -> None:
        """Load the voice while the user types, so that the first word comes at once."""
        self._warming = Thread(target=_warm, daemon=True)
        self._warming.start()

    def say(self, text: str, face: Face | None) -> dict[str, str]:
        """Say a text by the voice of a head, or by the usual one: the files, "sound" and, of a head, "video".

        A text of more than MOST_VIDEO_S gets no video.

        Raises:
            FaceGPTError: if the text has no words, there is no such voice, or a file cannot be written.
        """
        from facegpt.animate.sound import Sound
        from facegpt.animate.speech.voice import joined, sentences
        from facegpt.animate.speech.voices import chosen_voice
        from facegpt.runtime.atomic_files import make_folder
        from facegpt.runtime.sound import loudspeaker

        self._said += 1
        self._warming.join()
        place = make_folder(self.folder) / f"speech_{self._said}.wav"
        pieces = []
        for piece in sentences(text, chosen_voice(self.model, self.voice, face)):
            pieces.append(piece)
            if self.aloud:  # while it is heard, the next sentence is made
                loudspeaker.play(piece.samples, piece.rate)
        spoken = joined(pieces)
        sound = Sound(spoken.samples, spoken.rate)
        files = {"sound": str(sound.write(place))}
        if face is not None and self._video and sound.seconds <= MOST_VIDEO_S:
            take = self.model.animate(face, say=spoken)
            files["video"] = str(take.video(place.with_suffix(".mp4"), VIDEO_PX))
        return files

    def close(self) -> None:
        """Come back when all was heard."""
        from facegpt.runtime.sound import loudspeaker

        if self.aloud and self._said:
            loudspeaker.wait()


def _warm() -> None:
    from facegpt.animate.speech.voice import warm
    from facegpt.errors import FaceGPTError

    with suppress(FaceGPTError):  # said again, as an error, when something is to be spoken
        warm()
