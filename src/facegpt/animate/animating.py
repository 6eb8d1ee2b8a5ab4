"""A head or a photo, and a source of motion, to a take: what `model.animate` does."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from facegpt.animate.clip import ClipMover
from facegpt.animate.curves import FPS, Curves
from facegpt.animate.driver import driving_curves, from_rest
from facegpt.animate.emphasis import emphasised
from facegpt.animate.idle import CALM, enlivened
from facegpt.animate.motion import NECK_DEG, within_limits
from facegpt.animate.motion_files import read_motion
from facegpt.animate.photo import PHOTO_DEG, Mover
from facegpt.animate.sound import Sound, sound_of
from facegpt.animate.style import FILE, Style, idle_of, in_style, read_style, style_from
from facegpt.animate.subject import Subject, subjects_of
from facegpt.animate.take import Take
from facegpt.animate.words import mood_of_words, motion_of_words
from facegpt.face import Face
from facegpt.language.reading.prompts import is_foreign
from facegpt.picture.editing import expression_of, photo_in
from facegpt.runtime.arguments import check_whole
from facegpt.types import FaceGPTError
from facegpt.video.sources import is_clip

if TYPE_CHECKING:
    from facegpt.animate.speech.settings import SpeechSettings

#: How lively a face is while it speaks: blinks 26 times a minute (Bentivoglio et al. 1997), and moves more.
TALKING = replace(CALM, blink_every_s=2.0, sway_deg=(2.0, 1.6, 1.2), sway_s=0.4, breath=0.0)
_SOURCES = ("audio", "driver", "curves", "words", "say")
#: Weights below this are taken for a mouth that rests.
_RESTS = 0.05


@dataclass(frozen=True)
class How:
    """How motion is played.

    Attributes:
        give: "head", or "photo": the photo itself moves.
        seed: decides about blinks, glances and all that a source leaves open.
        gain: what a driver's weights, or those of curves, are multiplied with.
        fps: frames a second, or None for the source's own.
        alive: whether a performance in words, and speech, get blinks, glances and small turns of the head.
        face_index: which face of a photo, 0 the largest.
        size: longer side of a photo that moves, pixels; None for its own, up to 1024.
        speech: of SpeechSettings (animate/speech): mouth, emotion, intensity, transcript.
        text: how somebody speaks, in words ("sarcastic"): a mood over speech. like: the same of a photo's face.
        style: whose way of speaking: a Style, a style.json, a folder with one, or a clip; None for the avatar's own,
            or the usual one.
        voice: of `say`, as `facegpt.animate.speech.voices.chosen_voice` takes it; None for the head's own.
    """

    give: str = "head"
    seed: int = 0
    gain: float = 1.0
    fps: float | None = None
    alive: bool = True
    face_index: int | None = None
    size: int | None = None
    speech: dict[str, Any] = field(default_factory=dict)
    text: str | None = None
    like: Any = None
    voice: Any = None
    style: Any = None


@dataclass(frozen=True, eq=False)
class Played:
    """What a source gives: the motion of each face, the sound, sentences for the user."""

    curves: list[Curves]
    sound: Sound | Path | None = None
    remarks: tuple[str, ...] = ()


def settings_of(how: dict[str, Any]) -> How:
    """`How` of keyword arguments. Raises FaceGPTError for one that there is not, or a value that cannot be."""
    unknown = sorted(how.keys() - How.__dataclass_fields__.keys())
    if unknown:
        raise FaceGPTError(f"animate knows no '{unknown[0]}'; it knows: {', '.join(How.__dataclass_fields__)}")
    settings = How(**how)
    check_whole("seed", settings.seed, 0)
    if settings.give not in ("head", "photo"):
        raise FaceGPTError(f"give is 'head' or 'photo', not '{settings.give}'")
    if not 0 <= settings.gain <= 10 or not (settings.fps is None or 1 <= settings.fps <= 240):
        raise FaceGPTError("gain is 0 to 10, and fps 1 to 240 frames a second")
    return settings


def animated(model: Any, source: Any, given: dict[str, Any], how: How) -> Take:
    """The take of `FaceGPT.animate`; given: the sources of motion by name, None where there is none."""
    named = [name for name in _SOURCES if given[name] is not None]
    if len(named) != 1:
        raise FaceGPTError(f"give one source of motion: {', '.join(_SOURCES)}; not {' and '.join(named) or 'none'}")
    (name,) = named
    several = _listed(given[name]) if name in ("driver", "curves") else [given[name]]
    if how.give == "photo" and not (_is_photo(source) or is_clip(source)):
        raise FaceGPTError("only a photo can move as a photo: give its path, a PIL image, or a head made from one")
    if name in ("audio", "say"):
        how = replace(how, style=_style(model, source, how))
    elif how.text is not None or how.like is not None:
        raise FaceGPTError("text and like are moods over speech: give audio or say as well")
    if name == "audio":
        how = _in_mood(model, None, how)
    if name in ("words", "say"):
        subjects = subjects_of(model, source, how.face_index, 1)
        how = _in_mood(model, subjects[0].face, how)
        play = {"words": _by_words, "say": _by_saying}[name]
        played = play(model, subjects[0], given[name], how)
    else:
        played = {"audio": _by_audio, "driver": _by_drivers, "curves": _by_files}[name](model, several, how)
        subjects = subjects_of(model, source, how.face_index, len(several))
    return _taken(model, source, name, subjects, played, how)


def _taken(model: Any, source: Any, name: str, subjects: list[Subject], played: Played, how: How) -> Take:
    """The take of each subject, those of the others in that of the first."""
    takes, remarks = [], list(played.remarks)
    photo = photo_in(source) if isinstance(source, Face) and how.give == "photo" else source
    for subject, curves in zip(subjects, played.curves, strict=False):
        curves = subject.with_own_turns(curves.complete(), dubbed=name in ("audio", "say"))
        curves, told = within_limits(curves, PHOTO_DEG if how.give == "photo" and not subject.frames else NECK_DEG)
        remarks += [told] * bool(told)
        mover = _mover(model, photo, subject, name, how) if how.give == "photo" else None
        if isinstance(mover, ClipMover):
            remarks += [over] if (over := mover.remark(curves)) else []
            curves = mover.fitted(curves)
        takes.append(Take(subject.face, curves, played.sound, (), mover))
    return replace(takes[0], remarks=tuple(dict.fromkeys(remarks)), others=tuple(takes[1:]))


def _mover(model: Any, photo: Any, subject: Subject, name: str, how: How) -> Mover | ClipMover:
    """What moves the pixels of a photo, or of a clip."""
    size = how.size or 1024
    if subject.frames:
        return ClipMover.of(model, photo, subject.face, subject.frames, size, name)
    return Mover.of(model, photo, subject.face, size, name)


def _by_words(model: Any, subject: Subject, text: str, how: How) -> Played:
    curves, remarks = motion_of_words(model, subject.face, text, how.seed, how.fps or FPS, how.alive)
    return Played([curves], None, remarks)


def _by_saying(model: Any, subject: Subject, text: Any, how: How) -> Played:
    from facegpt.animate.speech.say import say_curves
    from facegpt.animate.speech.voices import chosen_voice

    voice = chosen_voice(model, how.voice, subject.face) if isinstance(text, str) else None
    said = say_curves(text, settings=_speech_settings(how), voice=voice)
    sound = Sound(said.sound.samples, said.sound.rate)
    foreign = isinstance(text, str) and _is_not_english(text)
    told = ("the voice knows English alone, and reads other languages as if they were",) if foreign else ()
    return Played([speaking(said.curves, sound, how)], sound, told)


def _is_not_english(text: str) -> bool:
    return is_foreign(text) or (not text.isascii() and not any(sign.isascii() and sign.isalpha() for sign in text))


def _by_audio(model: Any, sources: list[Any], how: How) -> Played:
    from facegpt.animate.speech import speech_curves

    sound = sound_of(sources[0])
    curves = speech_curves(sound.samples, sound.rate, _speech_settings(how))
    silent = float(np.asarray(curves.weights).max(initial=0.0)) < _RESTS
    told = ("no voice is heard in the sound, so that the mouth stays shut",) if silent else ()
    return Played([speaking(curves, sound, how)], sound, told)


def _in_mood(model: Any, face: Face | None, how: How) -> How:
    """The mood in words, or of a photo, as weights of the speech."""
    if how.text is not None and how.like is not None:
        raise FaceGPTError("give a mood in words or as a photo, not both")
    if how.text is not None:
        mood = mood_of_words(model, face or model.mean_face(), how.text, how.seed)
    elif how.like is not None:
        mood = np.asarray(expression_of(model, how.like))
    else:
        return how
    return replace(how, speech={**how.speech, "mood": tuple(mood.tolist())})


def _speech_settings(how: How) -> SpeechSettings:
    from facegpt.animate.speech.settings import SpeechSettings, changed

    return changed(SpeechSettings(fps=how.fps or FPS), **how.speech)


def speaking(curves: Curves, sound: Sound, how: How) -> Curves:
    """Lips that follow speech, with blinks, brows and small turns of the head to its rhythm where they are wanted."""
    curves, idle, blinks = curves.with_gain(how.gain), TALKING, list[float]()
    if how.alive:
        curves, blinks = emphasised(curves, sound, how.seed)
    if how.style is not None:
        curves, idle = in_style(curves, how.style, TALKING), idle_of(how.style, TALKING)
    return enlivened(curves, how.seed, idle, wanted_s=blinks) if how.alive else curves


def _style(model: Any, source: Any, how: How) -> Style | None:
    """Whose way of speaking is wanted, or the avatar's own, or None."""
    if how.style is not None:
        return style_from(model, how.style, TALKING)
    own = isinstance(source, (str, os.PathLike)) and (Path(source) / FILE).is_file()
    return read_style(Path(source) / FILE) if own else None


def _by_drivers(model: Any, clips: list[Any], how: How) -> Played:
    """A clip a face; one clip alone gives all its people."""
    for clip in clips:
        if isinstance(clip, int) or (str(clip).isdigit() and not Path(clip).exists()):
            raise FaceGPTError("a camera has no end: film a clip, or send the motion live with `facegpt track --live`")
    found = [driving_curves(model, clip, how.fps) for clip in clips]
    people = found[0] if len(clips) == 1 else [each[0] for each in found]
    return Played([from_rest(curves, how.gain) for curves in people], _heard_in(clips[0]))


def _by_files(model: Any, files: list[Any], how: How) -> Played:
    curves = [each if isinstance(each, Curves) else read_motion(each, how.fps) for each in files]
    if not all(len(each) for each in curves):
        raise FaceGPTError("there is no frame of motion in the curves")
    return Played([(each if how.fps is None else each.at_rate(how.fps)).with_gain(how.gain) for each in curves])


def _heard_in(clip: Any) -> Path | None:
    from facegpt.video.reading import open_clip

    if isinstance(clip, int) or not Path(clip).is_file():
        return None
    with open_clip(clip) as opened:
        return Path(clip) if opened.info.has_sound else None


def _listed(given: Any) -> list[Any]:
    """Several paths, or the one that was given."""
    listed = list(given) if isinstance(given, (list, tuple)) else [given]
    if not listed:
        raise FaceGPTError("the list of drivers or curves is empty")
    return listed


def _is_photo(source: Any) -> bool:
    from facegpt.personal.avatar import Avatar

    if isinstance(source, Face):
        return source.photo is not None
    if isinstance(source, Avatar) or is_clip(source):
        return False
    return not (isinstance(source, (str, os.PathLike)) and (Path(source).is_dir() or Path(source).suffix == ".json"))
