"""Mouths from sound: what must hold for any voice, level, rate and way of reading."""

from __future__ import annotations

import wave

import numpy as np
import pytest
import torch

from facegpt.animate.curves import Curves
from facegpt.animate.speech import LOOK_AHEAD_S, SpeechSettings, SpeechStream, say_curves, speak, speech_curves
from facegpt.animate.speech.from_sound import speech_curves_of_file, speech_frames
from facegpt.animate.speech.phones import TimedPhone
from facegpt.animate.speech.say import phone_curves
from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.emotion_units import emotion_names
from facegpt.errors import FaceGPTError
from facegpt.generate.draw_expression import emotion_expression

RATE = 16000
JAW = ARKIT_NAMES.index("jawOpen")
EMOTIONS = ("happiness", "sadness", "surprise", "fear", "anger", "disgust", "contempt")


@pytest.fixture(scope="module")
def spoken():
    pytest.importorskip("hibari", reason="needs the voice extra")
    return speak("Bob may pay for a map. My mother made apple pie.")


@pytest.fixture(scope="module")
def lip_gap(head):
    """Gap of the inner lips in mm at the middle and halfway to the corners, beyond that of the head at rest."""
    points = head.embedding("mediapipe478")

    def gap(curves: Curves):
        rows = torch.from_numpy(np.concatenate([np.zeros((1, 52)), curves.all_weights()])).float()
        still = torch.zeros(len(rows), head.sizes.identity), torch.zeros(len(rows), head.sizes.joints, 3)
        lips = points(head.vertices(still[0], rows, still[1]).numpy())
        gaps = lips[:, [13, 82, 312], 1] - lips[:, [14, 87, 317], 1]
        return (gaps - gaps[0])[1:]

    return gap


def closest_mm(gaps, fps, phone):
    first, last = int((phone.start_s - 0.04) * fps), int(np.ceil((phone.end_s + 0.04) * fps)) + 1
    return gaps[max(first, 0) : last].max(1).min()


def vowel(seconds, pitch_hz=120.0, formants=(750, 1200, 2500)):
    """A spoken "ah" by source and filter, made here: its pitch falls and trembles, its ends are soft."""
    time = np.arange(int(seconds * RATE)) / RATE
    turned = np.cumsum(pitch_hz * (1 - 0.15 * time / seconds + 0.02 * np.sin(2 * np.pi * 5 * time))) / RATE
    harmonics = np.arange(1, 40)
    strength = sum(1 / (1 + ((harmonics * pitch_hz - f) / 90) ** 2) for f in formants)
    tone = (strength[:, None] * np.sin(2 * np.pi * harmonics[:, None] * turned)).sum(0)
    ends = np.clip(np.minimum(time, seconds - time) / 0.05, 0, 1)
    return (0.3 * tone / np.abs(tone).max() * ends).astype(np.float32)


def test_silence_and_hiss_leave_the_mouth_at_rest():
    rng = np.random.default_rng(0)
    for sound in (np.zeros(3 * RATE, np.float32), 0.001 * rng.standard_normal(3 * RATE)):
        assert speech_curves(sound, RATE).weights.max() < 0.06


def test_a_vowel_opens_the_jaw_and_silence_shuts_it_again():
    quiet = np.zeros(RATE, np.float32)
    jaw = speech_curves(np.concatenate([quiet, vowel(0.3), quiet]), RATE, fps=50).weights[:, JAW]
    assert jaw[52:65].mean() > 0.1
    assert jaw[:35].max() < 0.03 and jaw[85:].max() < 0.03


def test_music_hardly_moves_the_mouth():
    rng, time = np.random.default_rng(3), np.arange(RATE) / RATE
    notes = []
    for _ in range(5):
        chord = 110 * 2 ** (rng.integers(0, 30, 3) / 12)
        tone = sum(np.sin(2 * np.pi * k * pitch * time) / k for pitch in chord for k in range(1, 8))
        notes.append(tone * np.exp(-3 * time) / 6)
    jaw = speech_curves(np.concatenate(notes), RATE).weights[:, JAW]
    assert jaw.mean() < 0.03 and np.abs(np.diff(jaw[20:])).max() < 0.05  # the first chord is told from a vowel late


def test_lips_meet_on_every_p_b_and_m_of_known_times(spoken, lip_gap):
    curves = phone_curves(spoken.phones, spoken.samples, spoken.rate)
    gaps = lip_gap(curves)
    labials = [phone for phone in spoken.phones if phone.ipa in ("p", "b", "m")]
    assert len(labials) >= 10
    assert all(closest_mm(gaps, curves.fps, phone) < 0.5 for phone in labials)


def test_lips_meet_on_p_b_and_m_that_are_only_heard(spoken, lip_gap):
    curves = speech_curves(spoken.samples, spoken.rate)
    labials = [phone for phone in spoken.phones if phone.ipa in ("p", "b", "m")]
    met = [closest_mm(lip_gap(curves), curves.fps, phone) < 0.5 for phone in labials]
    assert np.mean(met) >= 0.8


def test_rounded_sounds_pucker_and_spread_ones_do_not():
    phones = [TimedPhone("u", 0.2, 0.5), TimedPhone("", 0.5, 1.0), TimedPhone("i", 1.0, 1.3)]
    weights = phone_curves(phones, vowel(1.6), RATE, SpeechSettings(fps=100)).weights
    pucker = weights[:, ARKIT_NAMES.index("mouthPucker")]
    assert pucker[35] > 0.5 and pucker[115] < 0.05


def test_a_later_sound_gives_the_same_mouth_later(spoken):
    # 0.4 s is a whole number of feature steps and frames.
    late = np.concatenate([np.zeros(int(0.4 * spoken.rate), np.float32), spoken.samples])
    here = speech_curves(spoken.samples, spoken.rate, fps=50).weights
    there = speech_curves(late, spoken.rate, fps=50).weights
    assert np.abs(there[20 : 20 + len(here)] - here).max() < 0.05


@pytest.mark.parametrize("rate", [8000, 16000, 24000, 44100, 48000])
def test_pieces_of_any_length_give_the_frames_of_the_whole(rate):
    sound = np.concatenate([np.zeros(rate // 3), np.repeat(vowel(0.8)[::2], 1)[: rate // 2], np.zeros(rate // 2)])
    whole = np.concatenate(list(speech_frames([sound.astype(np.float32)], rate)))
    rng, stream, frames, place = np.random.default_rng(rate), SpeechStream(rate), [], 0
    while place < len(sound):
        step = int(rng.integers(1, rate // 10))
        frames.append(stream.push(sound[place : place + step]))
        place += step
    made = np.concatenate([*frames, stream.flush()])
    assert len(made) == len(whole) == int(np.ceil(len(sound) / rate * 60))
    assert np.abs(made - whole).max() < 1e-3


def test_live_frames_come_within_a_tenth_of_a_second():
    assert LOOK_AHEAD_S <= 0.1
    stream, given = SpeechStream(RATE, SpeechSettings(fps=60)), 0
    for _ in range(100):
        given += len(stream.push(vowel(0.02)))
    assert given / 60 > 2.0 - LOOK_AHEAD_S - 0.02


def test_a_softer_copy_keeps_the_timing(spoken):
    loud, soft = (speech_curves(spoken.samples * gain, spoken.rate, fps=50).weights[:, JAW] for gain in (1.0, 0.3))
    lags = [np.corrcoef(np.roll(soft, lag), loud)[0, 1] for lag in range(-3, 4)]
    assert int(np.argmax(lags)) == 3 and lags[3] > 0.97


def test_clipped_and_telephone_sound_still_moves_the_same_mouth(spoken):
    clean = speech_curves(spoken.samples, spoken.rate, fps=50).weights[:, JAW]
    clipped = speech_curves(np.clip(spoken.samples * 6, -0.5, 0.5), spoken.rate, fps=50).weights[:, JAW]
    narrow = speech_curves(spoken.samples[::3], spoken.rate // 3, fps=50).weights[:, JAW]
    assert np.corrcoef(clean, clipped)[0, 1] > 0.8 and np.corrcoef(clean, narrow)[0, 1] > 0.8


def test_a_long_sound_comes_in_blocks_as_its_pieces_do():
    blocks = list(speech_frames((vowel(1.0) for _ in range(90)), RATE, SpeechSettings(fps=30)))
    assert sum(len(block) for block in blocks) == 2700 and max(len(block) for block in blocks) <= 31


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_emotions_grow_with_intensity_and_lips_still_meet(emotion, lip_gap):
    assert emotion in emotion_names()
    phones = [TimedPhone(s, 0.3 + 0.1 * k, 0.4 + 0.1 * k) for k, s in enumerate("mamabopip")]
    sound, shown = np.concatenate([np.zeros(4800, np.float32), vowel(1.2)]), []
    mood = emotion_expression(emotion, 1.0)
    for intensity in (0.3, 0.6, 0.9):
        settings = SpeechSettings(emotion=emotion, intensity=intensity)
        curves = phone_curves(phones, sound, RATE, settings)
        gaps = lip_gap(curves)
        assert all(closest_mm(gaps, 60, p) < 0.5 for p in phones if p.ipa in "mbp")
        shown.append(float((curves.weights.mean(0) * mood).sum()))
    assert shown[0] < shown[1] < shown[2]


def test_an_mp3_called_wav_is_read_by_its_content(tmp_path):
    av = pytest.importorskip("av")
    path = tmp_path / "speech.wav"
    with av.open(str(path), "w", format="mp3") as file:
        stream = file.add_stream("mp3", rate=44100)
        stream.layout = "mono"
        sound = np.repeat(vowel(1.0), 3)[:44100]
        frame = av.AudioFrame.from_ndarray((sound * 32767).astype(np.int16)[None], "s16", "mono")
        frame.rate = 44100
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            file.mux(packet)
    assert speech_curves_of_file(path).weights[:, JAW].max() > 0.1


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_plain_wav_files_of_all_widths_and_two_channels_are_read_alike(tmp_path, width):
    sound, path = vowel(0.5), tmp_path / "a.wav"
    whole = np.round(sound * (2 ** (8 * width - 1) - 1)).astype(np.int64) + (128 if width == 1 else 0)
    data = b"".join(int(v).to_bytes(width, "little", signed=width > 1) * 2 for v in whole)
    with wave.open(str(path), "wb") as file:
        file.setparams((2, width, RATE, 0, "NONE", ""))
        file.writeframes(data)
    assert np.abs(speech_curves_of_file(path).weights - speech_curves(sound, RATE).weights).max() < 0.1


def test_what_cannot_be_followed_is_said_in_a_sentence(tmp_path):
    (tmp_path / "noise.wav").write_bytes(bytes(range(256)) * 20)
    with wave.open(str(tmp_path / "empty.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
    cases = (
        (lambda: speech_curves(np.zeros(0), RATE), "empty"),
        (lambda: speech_curves(np.zeros((100, 2)), RATE), "one row of samples"),
        (lambda: speech_curves(np.zeros(100), 10), "samples a second"),
        (lambda: speech_curves(np.zeros(100), RATE, emotion="hungry"), "no emotion 'hungry'"),
        (lambda: speech_curves(np.zeros(100), RATE, fps=1), "curves a second"),
        (lambda: speech_curves(np.zeros(100), RATE, speed=1), "no setting 'speed'"),
        (lambda: speech_curves_of_file(tmp_path / "none.wav"), "no sound file"),
        (lambda: speech_curves_of_file(tmp_path / "noise.wav"), "cannot be read as sound"),
        (lambda: speech_curves_of_file(tmp_path / "empty.wav"), "empty"),
    )
    for call, said in cases:
        with pytest.raises(FaceGPTError, match=said):
            call()


def test_saying_nothing_is_an_error_and_numbers_are_spoken(spoken):
    with pytest.raises(FaceGPTError, match="nothing to say"):
        say_curves("  ")
    digits, words = (speak(text).phones for text in ("It costs $42.", "It costs forty two dollars."))
    assert [p.ipa for p in digits] == [p.ipa for p in words]


def test_an_old_mans_voice_is_lower_than_a_girls():
    pytest.importorskip("hibari", reason="needs the voice extra")
    pitches = []
    for attributes in ({"age_years": 8, "masculinity": 0.0}, {"age_years": 60, "masculinity": 1.0}):
        said = say_curves("We were away a year ago.", attributes)
        part = said.sound.samples[12000:24000]
        echo = np.fft.irfft(np.abs(np.fft.rfft(part, 32768)) ** 2)[60:400]
        pitches.append(said.sound.rate / (60 + int(np.argmax(echo))))
        assert abs(len(said.curves.weights) / said.curves.fps - len(said.sound.samples) / said.sound.rate) < 0.02
    assert pitches[1] < 150 < 200 < pitches[0]
