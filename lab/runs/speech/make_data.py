"""Make the spoken sentences that teach the network: sounds with the times of their phones.

python -m lab.runs.speech.make_data OUT [--speech FOLDER]   (FOLDER: LibriVox sentences with .phone.json beside .wav)
"""

from __future__ import annotations

import argparse
import json
import wave
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from facegpt.animate.speech.features import RATE
from facegpt.animate.speech.phones import ARPABET, TimedPhone
from facegpt.animate.speech.voice import Voice, speak
from facegpt.types import Array
from facegpt_lab.evaluate.clips.espeak import Espeak

#: Sentences of LibriVox that are kept for testing.
TESTED = ("librivox_0920", "librivox_0930")
_LITTLE = (
    *("the", "a", "of", "and", "to", "in", "is", "you", "that", "it", "for", "on", "was", "with", "as", "be", "at"),
    *("by", "this", "have", "from", "or", "but", "not", "what", "we", "can"),
)
_LANGUAGES = (
    *("en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-us", "en-gb", "de", "fr", "es", "it", "nl", "sv", "pl"),
    *("pt", "fi", "tr", "cs", "ro", "hu", "id"),
)
_VARIANTS = ("", *(f"+m{k}" for k in range(1, 9)), *(f"+f{k}" for k in range(1, 6)))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--speech", type=Path)
    parser.add_argument("--sentences", type=int, default=800)
    parser.add_argument("--slow", type=int, default=90, help="sentences with long-held vowels")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(asked.seed)
    words, espeak = _words(), Espeak()
    for number in range(asked.sentences):
        text = _sentence(words, rng)
        if number % 5 < 3:
            tract = float(rng.uniform(0.85, 1.25))
            pitch_hz = float(200 * tract**-2.2 * np.exp(rng.normal(0, 0.15)))
            spoken = speak(text, Voice(pitch_hz, tract, float(rng.uniform(0.75, 1.3)), number))
            _keep(asked.out / f"{number:05d}.npz", spoken.samples, spoken.rate, spoken.phones)
        else:
            voice = str(rng.choice(_LANGUAGES)) + str(rng.choice(_VARIANTS))
            samples, phones = espeak.speak(text, voice, int(rng.integers(120, 220)), int(rng.integers(20, 80)))
            if len(samples):
                _keep(asked.out / f"{number:05d}.npz", samples, espeak.rate, phones)
    for number in range(asked.sentences, asked.sentences + asked.slow):
        tract = float(rng.uniform(0.85, 1.25))
        voice = Voice(float(190 * tract**-2.2), tract, float(rng.uniform(0.25, 0.5)), number)
        spoken = speak(" ".join(rng.choice(words, 2)), voice)
        _keep(asked.out / f"{number:05d}.npz", spoken.samples, spoken.rate, spoken.phones)
    if asked.speech:
        for path in sorted(asked.speech.glob("*.wav")):
            samples, phones = read_sentence(path)
            _keep(asked.out / f"{path.stem}.npz", samples, RATE, phones)


def read_sentence(path: Path) -> tuple[Array, list[TimedPhone]]:
    """A recorded sentence at RATE with phone times in `.phone.json` beside it."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768
    words = json.loads(path.with_suffix(".phone.json").read_text(encoding="utf-8"))["w"]
    phones = [phone for word in words for phone in word["w"]]
    return samples, [TimedPhone(ARPABET.get(p["t"], ""), p["b"], p["b"] + p["d"]) for p in phones]


def _words() -> list[str]:
    """English words that the voice knows how to read."""
    import hibari

    lexicon = hibari.Hibari().g2p.lexicon.golds.d
    return sorted(word for word in lexicon if word.isascii() and word.isalpha() and word.islower() and len(word) < 11)


def _sentence(words: list[str], rng: np.random.Generator) -> str:
    """Random words with little ones between them, sometimes a pause."""
    text = ""
    for _ in range(rng.integers(4, 11)):
        text += str(rng.choice(_LITTLE if rng.random() < 0.35 else words))
        text += ", " if rng.random() < 0.12 else " "
    return text.strip(" ,").capitalize() + "."


def _keep(path: Path, samples: Array, rate: int, phones: object) -> None:
    if rate != RATE:
        common = int(np.gcd(RATE, rate))
        samples = resample_poly(samples, RATE // common, rate // common)
    samples = samples / max(float(np.abs(samples).max()), 1e-6) * 0.5
    signs = np.array([phone.ipa for phone in phones])  # type: ignore[attr-defined]
    times = np.array([(phone.start_s, phone.end_s) for phone in phones])  # type: ignore[attr-defined]
    np.savez(path, samples=samples.astype(np.float16), signs=signs, times=times)


if __name__ == "__main__":
    main()
