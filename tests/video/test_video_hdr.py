"""High dynamic range clips: known colours, put into HLG and PQ by the formulas of ITU-R BT.2100, come back."""

from __future__ import annotations

import logging
from fractions import Fraction

import numpy as np
import pytest

from facegpt.video.decoding.hdr import as_srgb
from facegpt.video.reading import open_clip

av = pytest.importorskip("av")

SKIN, WHITE, GREY = (224, 172, 140), (255, 255, 255), (119, 119, 119)
HLG, PQ = 18, 16


def to_linear(srgb):
    value = np.asarray(srgb) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def to_signal(srgb, transfer):
    """R'G'B', 0..1, of a colour whose white stands at 203 cd/m² (BT.2408), in BT.2020."""
    to_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])  # BT.2087
    nits = 203 * to_2020 @ to_linear(srgb)
    if transfer == PQ:
        y = (nits / 10_000) ** 0.1593017578125
        return ((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375
    luminance = np.dot([0.2627, 0.6780, 0.0593], nits) / 1000
    scene = nits / 1000 * luminance ** ((1 - 1.2) / 1.2)  # the display's system gamma, undone
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), 0.17883277 * np.log(12 * scene - 0.28466892) + 0.55991073)


def hdr_clip(path, colours, transfer):
    """A 10-bit BT.2020 clip with a band of each colour."""
    signal = np.concatenate([np.tile(to_signal(colour, transfer), (48, 96, 1)) for colour in colours])
    red, green, blue = np.moveaxis(signal, -1, 0)
    luma = 0.2627 * red + 0.6780 * green + 0.0593 * blue
    planes = (64 + 876 * luma, 512 + 896 * (blue - luma) / 1.8814, 512 + 896 * (red - luma) / 1.4746)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx265", rate=25, options={"crf": "4", "x265-params": "log-level=none"})
        stream.width, stream.height, stream.pix_fmt = signal.shape[1], signal.shape[0], "yuv420p10le"
        context = stream.codec_context
        context.color_trc, context.color_primaries, context.colorspace, context.color_range = transfer, 9, 9, 1
        for k in range(3):
            frame = av.VideoFrame(signal.shape[1], signal.shape[0], "yuv420p10le")
            for plane, values, step in zip(frame.planes, planes, (1, 2, 2), strict=True):
                rows = np.round(values[::step, ::step]).astype("<u2")
                padded = np.zeros((rows.shape[0], plane.line_size // 2), "<u2")
                padded[:, : rows.shape[1]] = rows
                plane.update(padded.tobytes())
            frame.pts, frame.time_base = k, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


@pytest.mark.parametrize(("transfer", "white", "name"), [(HLG, 0.75, "HLG"), (PQ, 0.58, "PQ")])
def test_known_colours_of_an_hdr_clip_come_back(tmp_path, caplog, transfer, white, name):
    assert to_signal(WHITE, transfer) == pytest.approx(white, abs=0.005)  # table 1 of BT.2408
    path = hdr_clip(tmp_path / f"{name}.mp4", (SKIN, WHITE, GREY), transfer)
    with caplog.at_level(logging.WARNING, "facegpt"), open_clip(path) as clip:
        frame = next(iter(clip)).pixels
        assert clip.info.hdr == name
    for k, colour in enumerate((SKIN, WHITE, GREY)):
        assert np.abs(frame[48 * k + 24, 48].astype(int) - colour).max() <= 3
    assert any(f"HDR ({name})" in line and "BT.2408" in line for line in caplog.messages)


@pytest.mark.parametrize("transfer", [HLG, PQ])
def test_what_is_brighter_than_paper_is_white_and_brighter_never_darker(transfer):
    signal = np.round(np.linspace(0, 65535, 500)).astype(np.uint16)[:, None].repeat(3, 1)
    shown = as_srgb(signal[None], transfer, 9)[0].astype(int)
    assert (shown[-1] == 255).all() and (shown[0] == 0).all()
    assert (np.diff(shown, axis=0) >= 0).all()
    assert np.abs(shown - shown[:, :1]).max() <= 1  # grey stays grey


def test_a_clip_of_standard_range_says_nothing(tmp_path, caplog):
    from test_video_reading import picture, write_clip

    with caplog.at_level(logging.WARNING, "facegpt"), open_clip(write_clip(tmp_path / "a.mp4", [picture(1)])) as clip:
        assert (clip.info.hdr, clip.info.remark) == ("", "")
    assert not caplog.messages
