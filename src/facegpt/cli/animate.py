"""The verb animate: a head or a photo in motion. Only the standard library is imported until it runs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from facegpt.cli import animate_live, early, heads
from facegpt.cli.parts import (
    DONE,
    Answer,
    add_device,
    add_file_options,
    add_output,
    add_verb,
    file_options,
    load_options,
    natural,
    positive,
)
from facegpt.errors import FaceGPTError


def add(verbs: Any) -> None:
    """Declare the verb."""
    parser = add_verb(
        verbs,
        "animate",
        run,
        "set a head or a photo in motion: by a text it says, sound, a clip of somebody, curves or words",
        'facegpt animate last --words "slowly smiles, then winks, looks left and nods" -o take\n'
        "  facegpt animate anna.jpg --driver me.mp4 --photo -o take\n"
        "  facegpt animate head/ --audio speech.wav -o take\n"
        '  facegpt animate anna.jpg --say "Good morning! How are you?" --photo -o take\n'
        "  facegpt animate head/ --curves livelink.csv -o take",
    )
    parser.add_argument("source", metavar="HEAD", help=f"{heads.SOURCE_HELP}; an avatar's folder; a clip")
    parser.add_argument("--face", type=natural, metavar="N", help="which face of a group photo, 0 the largest")
    motion = parser.add_mutually_exclusive_group(required=True)
    told = "speech: lips follow it; with --live also mic, the microphone"
    motion.add_argument("--audio", type=Path, metavar="FILE", help=told)
    motion.add_argument("--driver", nargs="+", metavar="CLIP", help="a clip of somebody; several for several faces")
    motion.add_argument(
        "--curves",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="Live Link Face or other CSV, .npz, .json, a take's folder",
    )
    motion.add_argument("--words", metavar="TEXT", help='a performance: "smiles, then winks"')
    motion.add_argument("--say", metavar="TEXT", help="English that it says aloud (needs the extra voice)")
    told = "with --say: words as 'an old man', or pitch=180,tract=1.1,speed=1.2 (default: by age and sex of the head)"
    parser.add_argument("--voice", metavar="VOICE", help=told)
    told = "over speech: whose way of speaking, a clip of somebody or a style.json (default: the avatar's own)"
    parser.add_argument("--style", type=Path, metavar="CLIP", help=told)
    parser.set_defaults(wrong_use=parser.error)
    parser.add_argument("--photo", action="store_true", help="move the photo itself, not its head alone")
    parser.add_argument("--gain", type=float, default=1.0, metavar="N", help="times the expression (default: 1)")
    parser.add_argument(
        "--mouth", type=float, metavar="N", help="of speech: how far the mouth opens, 0.2 to 2 (default: 1)"
    )
    parser.add_argument("--emotion", metavar="NAME", help="over speech: anger, happiness, …")
    parser.add_argument("--intensity", type=float, metavar="N", help="of the emotion, 0..1 (default: 0.7)")
    told = 'over speech: how it is said, in words, as "sarcastic" or "tired"'
    parser.add_argument("--text", metavar="WORDS", help=told)
    parser.add_argument("--like", type=Path, metavar="PHOTO", help="over speech: with the expression of a photo's face")
    told = "with --audio: the English words that are said; lips are then exact (needs the extra phonetic)"
    parser.add_argument("--transcript", metavar="TEXT", help=told)
    parser.add_argument("--seed", type=natural, default=0, metavar="N", help="of blinks and glances (default: 0)")
    flag = argparse.BooleanOptionalAction
    parser.add_argument(
        "--alive", action=flag, default=True, help="words and speech get blinks and glances (default: yes)"
    )
    parser.add_argument("--fps", type=float, metavar="N", help="frames a second (default: the source's)")
    parser.add_argument("--video", action=flag, default=True, help="write video.mp4 (default: yes)")
    parser.add_argument(
        "--size", type=positive, metavar="N", help="of the video, pixels (default: 512; of photos 1024)"
    )
    parser.add_argument("--background", metavar="COLOUR", help="of the head's video: grey, a name or #rrggbb")
    animate_live.add_options(parser)
    add_file_options(parser)
    add_device(parser)
    add_output(parser)


def run(options: argparse.Namespace) -> Answer:
    """Animate and save the take; --json tells its frames, files and remarks."""
    _check_use(options)
    animate_live.check_use(options)
    if options.live:
        return animate_live.run(options)
    _check(options)
    early.loading(options)
    import facegpt.api

    model = facegpt.api.load(**load_options(options))
    given = {name: getattr(options, name) for name in ("audio", "driver", "curves", "words", "say")}
    how = {"give": "photo" if options.photo else "head", "gain": options.gain, "seed": options.seed}
    how |= {"fps": options.fps, "alive": options.alive, "face_index": options.face, "size": options.size}
    how |= {name: getattr(options, name) for name in ("voice", "style", "text", "like")}
    speech = {name: getattr(options, name) for name in ("mouth", "emotion", "intensity", "transcript")}
    how["speech"] = {name: value for name, value in speech.items() if value is not None}
    with heads.remarks_of(options) as remarks:
        take = model.animate(heads.find(options.source), **given, **how)
    drawn = {} if options.size is None else {"size": options.size}
    files = take.save(
        options.output, options.video, background=options.background, options=file_options(options), **drawn
    )
    several = f"{1 + len(take.others)} people, " if take.others else ""
    lines = [f"{several}{len(take)} frames, {len(take) / take.fps:.1f} s at {take.fps:g} a second, {options.output}"]
    data = {
        "source": options.source,
        "folder": str(options.output),
        "frames": len(take),
        "fps": take.fps,
        "seconds": round(len(take) / take.fps, 3),
        "people": 1 + len(take.others),
        "files": [str(path) for path in files],
        "remarks": [*remarks, *take.remarks],
    }
    return Answer(DONE, data, "\n".join([*lines, *take.remarks]))


def _check(options: argparse.Namespace) -> None:
    """Find out that all is there before anything is loaded. Raises FaceGPTError."""
    from facegpt.video.sources import CLIP_SUFFIXES

    source = Path(heads.find(options.source))
    clip = source.suffix.lower() in CLIP_SUFFIXES
    if clip:
        early.check_clips([options.source])
    elif not (source / "avatar.json").is_file():
        early.check_head(options.source)
    early.check_output(options.output)
    if options.driver:
        early.check_clips(options.driver)
    early.check_file(options.audio)
    for path in options.curves or ():
        early.check_exists(path)
    early.check_exists(options.style)
    early.check_exists(options.like)
    if options.words is not None:
        heads.check_text(options.words, "the performance")
    _check_speech(options)
    if options.video or options.photo:
        from facegpt.runtime.extras import check_installed

        check_installed("av", "writing videos (--no-video leaves it out)")
    early.check_device(options.device)


def _check_use(options: argparse.Namespace) -> None:
    """Exit with 2 for options of speech where nothing is said."""
    spoken = options.say is not None or options.audio is not None
    for name in ("mouth", "emotion", "intensity", "style", "text", "like"):
        if getattr(options, name) is not None and not spoken:
            options.wrong_use(f"--{name} is for speech: give --say TEXT or --audio FILE as well")
    if options.transcript is not None and options.audio is None:
        options.wrong_use("--transcript tells what is said in a sound: give --audio FILE as well")
    if options.voice is not None and options.say is None:
        options.wrong_use("--voice is for a text: give --say TEXT as well")


def _check_speech(options: argparse.Namespace) -> None:
    """Find out that a text can be said. Raises FaceGPTError."""
    if options.say is None:
        return
    from facegpt.runtime.extras import check_installed

    if not any(sign.isalnum() for sign in options.say):
        raise FaceGPTError("there is nothing to say: the text holds no words or numbers")
    check_installed("hibari", "speaking")
