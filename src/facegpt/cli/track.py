"""The verb track: a video to animated heads. Only the standard library is imported until it runs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from facegpt.cli import early
from facegpt.cli.parts import (
    DONE,
    INTERRUPTED,
    Answer,
    add_dress,
    add_file_options,
    add_output,
    add_verb,
    file_options,
    positive,
)


def add(verbs: Any) -> None:
    """Declare the verb."""
    parser = add_verb(
        verbs,
        "track",
        run,
        "follow the faces of a video: animated heads, curves, Live Link Face",
        "facegpt track clip.mp4 -o take1\n  facegpt track clip.mp4 --avatar anna -o take1\n"
        "  facegpt track 0 --live --livelink 192.168.0.5",
    )
    parser.add_argument("clip", metavar="CLIP", help="a video, a folder of pictures, - (stdin) or a camera's number")
    add_output(parser)
    parser.add_argument(
        "--quality",
        choices=("fast", "balanced"),
        default="balanced",
        help="fast: heads by landmarks, a typical skin; balanced: by colours too, the clip's skin (default: balanced)",
    )
    add_file_options(parser)
    flag = argparse.BooleanOptionalAction
    parser.add_argument("--smooth", action=flag, default=True, help="calm the motion (default: yes)")
    parser.add_argument("--overlay", action=flag, default=True, help="write overlay.mp4 (default: yes)")
    parser.add_argument("--resume", action=flag, default=True, help="go on where an earlier run ended (default: yes)")
    parser.add_argument("--fps", type=float, metavar="N", help="frames a second of a folder of pictures (default: 25)")
    parser.add_argument("--frames", type=positive, metavar="N", help="stop after so many frames")
    add_dress(parser, "clip")
    parser.add_argument("--avatar", type=Path, metavar="DIR", help="of a person: they are followed with their own head")
    help_retexture = "with --avatar: a picture that is laid on its texture.png; the clip with it is retextured.mp4"
    parser.add_argument("--retexture", type=Path, metavar="FILE", help=help_retexture)
    parser.add_argument("--live", action="store_true", help="at the speed of a camera, without files; Ctrl-C ends it")
    parser.add_argument("--vmc", metavar="HOST[:PORT]", help="with --live: send VMC there (port 39539)")
    parser.add_argument("--livelink", metavar="HOST[:PORT]", help="with --live: send Live Link Face there (port 11111)")
    parser.add_argument(
        "--websocket", type=positive, metavar="PORT", help="with --live: JSON at ws://127.0.0.1:PORT for your own pages"
    )


def run(options: argparse.Namespace) -> Answer:
    """Follow the faces into a folder, or live into other programs."""
    from facegpt.errors import FaceGPTError

    if options.retexture is not None and (options.live or options.avatar is None):
        raise FaceGPTError("--retexture changes the skin of an avatar in a clip: give --avatar, and no --live")
    if options.live:
        return _live(options)
    if options.vmc or options.livelink or options.websocket:
        raise FaceGPTError("--vmc, --livelink and --websocket send while a camera runs: add --live")
    early.check_avatar(options.avatar)
    early.check_clips([options.clip])
    early.check_file(options.retexture)
    early.check_output(options.output)
    early.loading(options)
    import facegpt
    from facegpt.hair.accessories import Wishes
    from facegpt.personal.known import opened

    wishes, model = Wishes(options.hair, options.glasses), facegpt.load()
    avatar = None if options.avatar is None else opened(options.avatar, model.head)
    from facegpt.batch.clip import TrackSettings, track_to_folder

    settings = TrackSettings(
        colours=options.quality == "balanced",
        smooth=options.smooth,
        overlay=options.overlay,
        resume=options.resume,
        fps=options.fps,
        most_frames=options.frames,
        avatar=avatar,
        retexture=options.retexture,
        wishes=wishes,
        files=file_options(options),
    )
    result = track_to_folder(model, options.clip, options.output, settings)
    data = result.as_dict(options.clip, options.output)
    people = "1 person" if len(data["faces"]) == 1 else f"{len(data['faces'])} people"
    frames = "1 frame" if result.frames == 1 else f"{result.frames} frames"
    lines = [f"{options.clip}: {people} in {frames}, {options.output}"]
    if result.resumed:
        lines.append(f"{result.resumed} of the frames were there already")
    if result.skipped or result.truncated:
        short = "; the file ends early" if result.truncated else ""
        lines.append(f"{result.skipped} damaged packets were left out{short}")
    if result.state == "stopped":
        lines.append("stopped: the files hold what was tracked until then; the same command goes on")
    return Answer(DONE if result.state == "done" else INTERRUPTED, data, "\n".join(lines))


def _live(options: argparse.Namespace) -> Answer:
    _check_live(options)
    early.loading(options)
    import facegpt
    from facegpt.batch.clip import track_live
    from facegpt.export.live.output import LiveOutput
    from facegpt.personal.known import opened

    model = facegpt.load()
    avatar = None if options.avatar is None else opened(options.avatar, model.head)
    with LiveOutput(options.vmc, options.livelink, options.websocket) as output:
        told = track_live(
            model,
            options.clip,
            output.send,
            lambda line: print(line, file=sys.stderr, flush=True),
            options.fps,
            options.frames,
            avatar,
        )
    text = (
        f"{told['frames']} frames at {told['fps']:.1f} a second, {told['ms_a_frame']:.0f} ms each; {told['late']} late"
    )
    return Answer(DONE, {"clip": str(options.clip), **told}, text)


def _check_live(options: argparse.Namespace) -> None:
    """Find out that the clip can be followed and that the receivers can be sent to. Raises FaceGPTError."""
    early.check_avatar(options.avatar)
    early.check_clips([options.clip])
    early.check_receivers(options)
