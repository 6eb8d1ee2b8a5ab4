"""`facegpt animate HEAD --audio mic --live`: speech as it is spoken, into other programs."""

from __future__ import annotations

import argparse
import sys

from facegpt.cli import early, heads
from facegpt.cli.parts import DONE, Answer, load_options, positive

#: The name of the microphone, as in facegpt.animate.speech.live.
MICROPHONE = "mic"
_RECEIVERS = ("vmc", "livelink", "websocket")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what belongs to --live."""
    told = "of --audio: send motion while it is spoken, without files; Ctrl-C ends it"
    parser.add_argument("--live", action="store_true", help=told)
    parser.add_argument("--vmc", metavar="HOST[:PORT]", help="with --live: send VMC there (port 39539)")
    parser.add_argument("--livelink", metavar="HOST[:PORT]", help="with --live: send Live Link Face there (port 11111)")
    told = "with --live: JSON at ws://127.0.0.1:PORT for your own pages"
    parser.add_argument("--websocket", type=positive, metavar="PORT", help=told)
    parser.add_argument("--seconds", type=positive, metavar="N", help="with --live: stop after so long")


def check_use(options: argparse.Namespace) -> None:
    """Exit with 2 for options that do not go together."""
    given = [name for name in (*_RECEIVERS, "seconds") if getattr(options, name) is not None]
    if options.live and options.audio is None:
        options.wrong_use("--live follows a voice: give --audio mic or --audio FILE as well")
    if options.live and (options.photo or options.fbx):
        options.wrong_use("--live sends the motion of a head and writes no files: leave out --photo and --fbx")
    if given and not options.live:
        options.wrong_use(f"--{given[0]} is for motion as it happens: add --live")
    if options.audio is not None and str(options.audio) == MICROPHONE and not options.live:
        options.wrong_use("a microphone has no end: add --live, or give --audio a sound file")


def run(options: argparse.Namespace) -> Answer:
    """Follow the voice until it ends or Ctrl-C; --json tells frames, delays and the share of a core."""
    _check(options)
    early.loading(options)
    import facegpt.api
    from facegpt.animate.animating import TALKING
    from facegpt.animate.speech.live import speak_live
    from facegpt.animate.speech.settings import SpeechSettings
    from facegpt.animate.subject import subjects_of
    from facegpt.export.live.output import LiveOutput

    told = {name: getattr(options, name) for name in ("mouth", "emotion", "intensity", "fps")}
    settings = SpeechSettings(**{name: value for name, value in told.items() if value is not None})
    model = facegpt.api.load(**load_options(options))
    face = subjects_of(model, heads.find(options.source), options.face, 1)[0].face
    idle = TALKING if options.alive else None
    with LiveOutput(options.vmc, options.livelink, options.websocket) as output:
        print("listening; Ctrl-C ends it", file=sys.stderr, flush=True)
        live = speak_live(face, str(options.audio), output.send, settings, idle, options.seed, options.seconds)
    data = live.as_dict()
    text = (
        f"{data['frames']} frames in {data['seconds']:.0f} s, {data['delay_ms']:.0f} ms behind the voice "
        f"(95 %: {data['delay_ms_p95']:.0f} ms), {100 * data['core']:.0f} % of a core"
    )
    return Answer(DONE, {"source": options.source, **data}, text)


def _check(options: argparse.Namespace) -> None:
    """Find out that the voice can be heard and that the receivers can be sent to. Raises FaceGPTError."""
    from facegpt.runtime.extras import check_installed

    early.check_head(options.source)
    if str(options.audio) == MICROPHONE:
        check_installed("sounddevice", "listening to a microphone")
    else:
        early.check_file(options.audio)
    early.check_receivers(options)
    early.check_device(options.device)
