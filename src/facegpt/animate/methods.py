"""`model.animate`; what it needs is imported when it is called."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from facegpt.animate.curves import Curves
    from facegpt.animate.speech.voice import Spoken
    from facegpt.animate.take import Take
    from facegpt.video.clip import ClipSource


class Animates:
    """Gives a model `animate`."""

    def animate(
        self,
        source: Any,
        audio: str | os.PathLike[str] | tuple[Any, int] | None = None,
        *,
        driver: ClipSource | Sequence[ClipSource] | None = None,
        curves: str | os.PathLike[str] | Curves | Sequence[Any] | None = None,
        words: str | None = None,
        say: str | Spoken | None = None,
        **how: Any,
    ) -> Take:
        """Set a head, or the face of a photo, in motion: by sound, a clip of somebody, curves, or words.

        Args:
            source: a Face, a saved folder or params.json, an avatar or its folder, a photo, or a clip, whose person
                keeps the turns of the head.
            audio: speech: a file, or samples with their rate; the lips follow, and the take has the sound.
            driver: a clip whose person moves the head, told from that person's own rest; several clips move the
                faces of a photo, the largest first, and so do several people of one clip.
            curves: a file (.csv of Live Link Face or with a column a curve, .npz, .json), a take's folder, or Curves.
            words: "slowly smiles, then winks, looks left and nods".
            say: English text that the head says aloud, by a voice of its age and sex (the extra "voice"); or what
                `facegpt.animate.speech.speak` spoke.
            **how: of `How`: give="photo", seed, gain, fps, alive, face_index, size, speech, voice.

        Raises:
            FaceGPTError: if not exactly one source of motion is given, or something cannot be read.
        """
        from facegpt.animate.animating import animated, settings_of

        given = {"audio": audio, "driver": driver, "curves": curves, "words": words, "say": say}
        return animated(self, source, given, settings_of(how))
