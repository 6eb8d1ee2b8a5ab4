"""Times of the sounds of a known text by forced alignment (pocketsphinx, BSD): needs the package pocketsphinx."""

from __future__ import annotations

import numpy as np

from facegpt.animate.speech.phones import ARPABET, TimedPhone
from facegpt.types import Array


class Aligner:
    """Aligns English; words that its dictionary lacks cannot be aligned (`knows`)."""

    def __init__(self) -> None:
        from pocketsphinx import Decoder

        self._decoder = Decoder(lm=None, loglevel="FATAL")

    def knows(self, word: str) -> bool:
        """Whether the dictionary has a word in lower case."""
        return self._decoder.lookup_word(word) is not None

    def phones(self, samples: Array, words: str) -> list[TimedPhone]:
        """Sounds of samples at 16,000 a second that say `words`; [] if these cannot be found in them."""
        pcm = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
        decoder = self._decoder
        decoder.set_align_text(words)
        for second in range(2):
            decoder.start_utt()
            decoder.process_raw(pcm, full_utt=True)
            decoder.end_utt()
            if second == 0:
                if decoder.hyp() is None:
                    return []
                decoder.set_alignment()
        found = []
        for word in decoder.get_alignment():
            for phone in word:
                start, end = phone.start / 100, (phone.start + phone.duration) / 100
                found.append(TimedPhone(ARPABET.get(phone.name, ""), start, end))
        return found
