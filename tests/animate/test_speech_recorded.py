"""Recorded speech: what a whole sound allows beyond live frames, transcripts, moods, and sounds that are hard to hear.

Truth are the times of the voice's own sounds, or sounds made here.
"""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import torch
from scipy.signal import resample_poly

from facegpt.animate.sound import Sound
from facegpt.animate.speech import SpeechSettings, speak, speech_curves, speech_curves_of_file, speech_frames
from facegpt.animate.speech.mood import with_mood
from facegpt.animate.speech.phonetic import heard_phones
from facegpt.animate.speech.voice import Voice
from facegpt.conventions import ARKIT_NAMES
from facegpt.errors import FaceGPTError
from facegpt.generate.draw_expression import emotion_expression

JAW = ARKIT_NAMES.index("jawOpen")
TEXT = "Dr. Bob paid $3.50 for 2 maps."


@pytest.fixture(scope="module")
def spoken():
    pytest.importorskip("hibari", reason="needs the voice extra")
    return speak("Bob may pay for a map. My mother made apple pie.")


@pytest.fixture(scope="module")
def priced():
    pytest.importorskip("hibari", reason="needs the voice extra")
    pytest.importorskip("pocketsphinx", reason="needs the phonetic extra")
    return speak(TEXT)


@pytest.fixture(scope="module")
def gap_mm(head):
    """Gap of the inner lips in mm beyond that of the head at rest, at weights (T, 52)."""
    points = head.embedding("mediapipe478")

    def gap(weights):
        rows = torch.from_numpy(np.concatenate([np.zeros((1, 52)), weights])).float()
        still = torch.zeros(len(rows), head.sizes.identity), torch.zeros(len(rows), head.sizes.joints, 3)
        lips = points(head.vertices(still[0], rows, still[1]).numpy())
        gaps = lips[:, 13, 1] - lips[:, 14, 1]
        return (gaps - gaps[0])[1:]

    return gap


def closed(gaps, fps, phones):
    """Which of the sounds p, b and m have lips that meet within 40 ms."""
    found = []
    for phone in phones:
        if phone.ipa in ("p", "b", "m"):
            first, last = int((phone.start_s - 0.04) * fps), int(np.ceil((phone.end_s + 0.04) * fps)) + 1
            found.append(bool(gaps[max(first, 0) : last].min() < 0.5))
    return np.array(found)


def test_a_recorded_mouth_is_calmer_than_a_live_one_and_closes_as_often(spoken, gap_mm):
    live = np.concatenate(list(speech_frames([spoken.samples], spoken.rate)))
    calm = speech_curves(spoken.samples, spoken.rate).weights
    shake = [np.sqrt((np.diff(gap_mm(weights), 2) ** 2).mean()) for weights in (live, calm)]
    assert shake[1] < shake[0]
    held = [closed(gap_mm(weights), 60, spoken.phones).mean() for weights in (live, calm)]
    assert held[1] >= held[0]


@pytest.mark.parametrize("emotion", [None, "surprise", "anger"])
@pytest.mark.parametrize("voice", [Voice(), Voice(pitch_hz=110, tract=1.15)], ids=["woman", "man"])
def test_nearly_every_p_b_and_m_of_a_recorded_sound_is_closed_whatever_the_emotion(voice, emotion, gap_mm):
    pytest.importorskip("hibari", reason="needs the voice extra")
    met = []
    for text in (
        "Please put the paper cup in the bin by the back door.",
        "The big brown dog jumped over the lamp post.",
    ):
        said = speak(text, voice)
        weights = speech_curves(said.samples, said.rate, emotion=emotion).weights
        met += closed(gap_mm(weights), 60, said.phones).tolist()
    assert len(met) >= 12 and np.mean(met) >= 0.9


def test_the_mouth_opens_before_the_first_sound_and_rests_in_long_pauses(spoken):
    quiet = np.zeros(2 * spoken.rate, np.float32)
    jaw = speech_curves(np.concatenate([quiet, spoken.samples, quiet]), spoken.rate, fps=100).weights[:, JAW]
    first = 2.0 + next(phone.start_s for phone in spoken.phones if phone.ipa)
    assert jaw[int(100 * (first - 0.3)) : int(100 * (first + 0.02))].max() > 0.04
    assert jaw[: int(100 * (first - 0.5))].max() < 0.01
    assert jaw[-100:].max() < 0.02


def test_a_transcript_places_numbers_and_abbreviations_where_the_voice_says_them(priced):
    truth = [phone for phone in priced.phones if phone.ipa in ("b", "p", "m", "f")]
    found = [phone for phone in heard_phones(priced.samples, priced.rate, TEXT) if phone.ipa in ("b", "p", "m", "f")]
    assert [p.ipa for p in found] == [p.ipa for p in truth]
    away = [abs((a.start_s + a.end_s) - (b.start_s + b.end_s)) / 2 for a, b in zip(found, truth, strict=True)]
    assert np.median(away) < 0.04 and max(away) < 0.12


def test_with_a_transcript_lips_meet_on_every_p_b_and_m(priced, gap_mm):
    curves = speech_curves(priced.samples, priced.rate, transcript=TEXT)
    assert closed(gap_mm(curves.weights), curves.fps, priced.phones).all()


def test_a_text_that_is_not_what_is_said_is_refused(priced, spoken):
    with pytest.raises(FaceGPTError, match="isn't what is said"):
        speech_curves(priced.samples, priced.rate, transcript="Whales sing in the cold and dark northern ocean.")
    with pytest.raises(FaceGPTError, match="no words"):
        speech_curves(priced.samples, priced.rate, transcript=" … ")


def test_what_was_heard_before_does_not_change_what_is_recognised(priced, spoken):
    first = heard_phones(priced.samples, priced.rate)
    heard_phones(0.05 * spoken.samples, spoken.rate)
    assert heard_phones(priced.samples, priced.rate) == first


def test_a_mood_of_weights_is_seen_over_speech_and_lips_still_meet(spoken, gap_mm):
    smirk = np.zeros(52)
    smirk[[ARKIT_NAMES.index(n) for n in ("mouthSmileLeft", "browOuterUpLeft", "jawOpen")]] = 0.6, 0.5, 0.5
    plain, coloured = (
        speech_curves(spoken.samples, spoken.rate, mood=mood).weights for mood in (None, tuple(smirk.tolist()))
    )
    added = (coloured - plain).mean(0)
    assert added[ARKIT_NAMES.index("browOuterUpLeft")] > 0.4 and added[ARKIT_NAMES.index("mouthSmileLeft")] > 0.3
    assert abs(added[ARKIT_NAMES.index("mouthSmileRight")]) < 1e-6
    assert closed(gap_mm(coloured), 60, spoken.phones).mean() >= closed(gap_mm(plain), 60, spoken.phones).mean() - 0.1
    with pytest.raises(FaceGPTError, match="not both"):
        SpeechSettings(emotion="anger", mood=tuple(smirk.tolist()))


def test_a_mood_of_an_emotions_own_weights_is_that_emotion(spoken):
    weights, contact = np.zeros((3, 52)), np.zeros(3)
    anger = emotion_expression("anger", 0.7)
    as_mood = with_mood(weights, contact, SpeechSettings(mood=tuple(anger.tolist())))
    assert np.allclose(as_mood, with_mood(weights, contact, SpeechSettings(emotion="anger")), atol=1e-6)


@pytest.mark.parametrize("snr_db", [20, 10])
def test_speech_in_noise_keeps_most_closures_and_its_jaw(spoken, gap_mm, snr_db):
    rng = np.random.default_rng(snr_db)
    level = np.sqrt((spoken.samples**2).mean()) * 10 ** (-snr_db / 20)
    noisy = spoken.samples + level * rng.standard_normal(len(spoken.samples)).astype(np.float32)
    clean, heard = (speech_curves(x, spoken.rate).weights for x in (spoken.samples, noisy))
    assert np.corrcoef(clean[:, JAW], heard[:, JAW])[0, 1] > 0.7
    assert closed(gap_mm(heard), 60, spoken.phones).mean() >= 0.6


def test_stereo_at_44100_is_the_mono_sound(spoken, tmp_path):
    import wave

    up = resample_poly(spoken.samples, 147, 80).astype(np.float32)  # 24 to 44.1 kHz
    pcm = np.round(np.clip(np.column_stack([1.6 * up, 0.4 * up]), -1, 1) * 32767).astype("<i2")
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((2, 2, 44100, 0, "NONE", ""))
        file.writeframes(pcm.tobytes())
    stereo, mono = speech_curves_of_file(tmp_path / "a.wav").weights, speech_curves(spoken.samples, spoken.rate).weights
    count = min(len(stereo), len(mono))
    assert np.corrcoef(stereo[:count, JAW], mono[:count, JAW])[0, 1] > 0.95


def test_two_voices_at_once_move_the_mouth_as_long_as_anyone_speaks(spoken):
    other = speak("We were away a year ago, and nobody knew where the old ones were.", Voice(110, 1.17, 1.0, 3))
    both = np.zeros(max(len(spoken.samples), len(other.samples)) + 2 * spoken.rate, np.float32)
    for voice in (spoken, other):
        both[: len(voice.samples)] += voice.samples
    jaw = speech_curves(both, spoken.rate, fps=50).weights[:, JAW]
    end_s = max(phone.end_s for voice in (spoken, other) for phone in voice.phones if phone.ipa)
    assert jaw[: int(50 * end_s)].mean() > 0.04 and jaw[int(50 * (end_s + 0.6)) :].max() < 0.03


def test_samples_that_are_no_numbers_and_beyond_full_scale_are_survived(spoken):
    wild = 4 * spoken.samples
    wild[::5000], wild[7::9000] = np.nan, np.inf
    found = speech_curves(wild, spoken.rate).weights
    assert np.isfinite(found).all() and found.min() >= 0 and found.max() <= 1


@pytest.mark.slow
def test_an_hour_takes_no_more_memory_than_a_minute(spoken):
    def peak(minutes):
        pieces = (spoken.samples for _ in range(int(60 * minutes * spoken.rate / len(spoken.samples))))
        tracemalloc.start()
        frames = sum(len(block) for block in speech_frames(pieces, spoken.rate, SpeechSettings(fps=25)))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return frames, most

    peak(0.2)
    short, long = peak(1), peak(60)
    assert long[0] > 55 * short[0] and long[1] < 1.3 * short[1]


def test_a_sound_file_of_this_machine_comes_back_as_its_samples_do(spoken, tmp_path):
    path = Sound(spoken.samples, spoken.rate).write(tmp_path / "a.wav")
    there, here = speech_curves_of_file(path).weights, speech_curves(spoken.samples, spoken.rate).weights
    assert np.abs(there - here).max() < 0.02
