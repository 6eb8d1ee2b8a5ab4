"""Speech to text: what somebody says into a microphone, by a Whisper model that is on this machine.

The package faster-whisper (an extra) runs it. Nothing is fetched: a folder with a model is named.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from facegpt.animate.speech.features import RATE, Resampler
from facegpt.errors import FaceGPTError
from facegpt.runtime.extras import needed
from facegpt.types import Array

#: Speech is louder than the quietest tenth of what was heard by this, dB, and than this at all (RMS).
ABOVE_DB, LEAST_RMS = 12.0, 0.004
#: Somebody has spoken enough if they pause for so long, s; nobody is waited for longer; nor listened to for longer.
PAUSE_S, WAIT_S, LONGEST_S = 0.9, 8.0, 30.0


def check_model(folder: Path) -> None:
    """Find out that a folder holds a model. Raises FaceGPTError."""
    if not (folder / "model.bin").is_file():
        raise FaceGPTError(
            f"'{folder}' holds no Whisper model in CTranslate2's format (there is no model.bin in it); fetch one, "
            "as Systran/faster-whisper-base.en of Hugging Face, and name its folder"
        )


def utterance(pieces: Iterable[Array], rate: int) -> Array:
    """Listen to pieces of sound until somebody has spoken and pauses: samples (N,), empty if nobody speaks."""
    heard: list[Array] = []
    levels: list[float] = []
    spoke_s, quiet_s, total_s = 0.0, 0.0, 0.0
    for piece in pieces:
        seconds = len(piece) / rate
        heard.append(piece)
        levels.append(float(np.sqrt(np.mean(np.square(piece, dtype=np.float64)))))
        floor = max(float(np.quantile(levels, 0.1)) * 10 ** (ABOVE_DB / 20), LEAST_RMS)
        loud, total_s = levels[-1] > floor or (not spoke_s and levels[-1] > 10 * LEAST_RMS), total_s + seconds
        spoke_s, quiet_s = spoke_s + seconds * loud, 0.0 if loud else quiet_s + seconds
        if total_s >= LONGEST_S or (spoke_s and quiet_s >= PAUSE_S) or (not spoke_s and total_s >= WAIT_S):
            break
    return np.concatenate(heard) if heard and spoke_s else np.zeros(0, np.float32)


def text_of(samples: Array, rate: int, folder: Path) -> str:
    """What is said in samples (N,) of -1..1, "" for nothing.

    Raises:
        FaceGPTError: if the extra or the model is missing, or the model cannot be loaded.
    """
    if not len(samples):
        return ""
    resampler = Resampler(rate)
    sound = np.concatenate([resampler.push(np.asarray(samples, np.float32)), resampler.flush()]).astype(np.float32)
    assert RATE == 16000  # what Whisper hears
    segments, _ = _model(folder).transcribe(sound, vad_filter=False)
    return " ".join(segment.text.strip() for segment in segments).strip()


@lru_cache(maxsize=1)
def _model(folder: Path) -> Any:
    check_model(folder)
    whisper = needed("faster_whisper", "listening")
    try:
        return whisper.WhisperModel(str(folder), device="cpu", compute_type="int8", local_files_only=True)
    except Exception as error:  # CTranslate2 and its tokenizer raise many kinds
        raise FaceGPTError(f"the Whisper model in '{folder}' cannot be loaded ({error})") from None
