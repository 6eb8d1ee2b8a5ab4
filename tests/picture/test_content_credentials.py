"""Changed pictures and videos carry a signed record that is valid, and stops being so when the picture is touched."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from facegpt.data import content_credentials
from facegpt.data.content_credentials import CERTIFICATE, KEY, read_record, signed
from facegpt.data.provenance import (
    SOURCE_TYPE,
    is_marked,
    is_marked_video,
    marked_image,
    marked_jpeg,
    marked_png,
    mp4_box,
)
from facegpt.types import FaceGPTError

PICTURE = np.random.default_rng(0).integers(0, 255, (48, 40, 3)).astype(np.uint8)
KINDS = [(marked_png, "image/png"), (marked_jpeg, "image/jpeg")]


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Signing and reading must not open a connection from Python; a proxy that nobody answers catches the library's."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")


@pytest.mark.parametrize(("encode", "kind"), KINDS)
def test_a_changed_picture_has_a_valid_record_of_what_it_is(encode, kind):
    pytest.importorskip("c2pa")
    data = encode(marked_image(PICTURE))
    record = read_record(data, kind)
    assert record["validation_state"] == "Valid"
    assert SOURCE_TYPE in str(record["manifests"])
    assert is_marked(data)  # XMP is still there


@pytest.mark.parametrize(("encode", "kind"), KINDS)
def test_a_record_does_not_hold_for_a_picture_that_was_touched(encode, kind):
    pytest.importorskip("c2pa")
    data = bytearray(encode(marked_image(PICTURE)))
    data[-len(data) // 8] ^= 255  # among the pixels, which follow the record
    record = read_record(bytes(data), kind)
    assert record is None or record["validation_state"] == "Invalid"


def test_two_pictures_do_not_tell_that_one_machine_made_them():
    pytest.importorskip("c2pa")
    records = [read_record(marked_png(marked_image(PICTURE)), "image/png") for _ in range(2)]
    serials = {
        record["manifests"][record["active_manifest"]]["signature_info"]["cert_serial_number"] for record in records
    }
    assert len(serials) == 2


def test_a_video_of_a_changed_photo_is_signed_and_plays(tmp_path):
    av = pytest.importorskip("av")
    pytest.importorskip("c2pa")
    from facegpt.export.video_file import VideoFile

    with VideoFile(tmp_path / "a.mp4", 10, None, mp4_box()) as file:
        for k in range(5):
            file.add(PICTURE, k / 10)
    assert read_record((tmp_path / "a.mp4").read_bytes(), "video/mp4")["validation_state"] == "Valid"
    assert is_marked_video(tmp_path / "a.mp4")
    with av.open(str(tmp_path / "a.mp4")) as video:
        assert len(list(video.decode(video=0))) == 5
    assert [each.name for each in tmp_path.iterdir()] == ["a.mp4"]


def test_without_the_library_the_xmp_alone_says_it(monkeypatch):
    monkeypatch.setattr(content_credentials, "can_sign", lambda: False)
    data = marked_png(marked_image(PICTURE))
    assert is_marked(data)
    assert b"c2pa" not in data


def test_a_certificate_that_cannot_be_read_is_said(monkeypatch, tmp_path):
    pytest.importorskip("c2pa")
    monkeypatch.setenv(CERTIFICATE, str(tmp_path / "none.pem"))
    monkeypatch.setenv(KEY, str(tmp_path / "none.key"))
    with pytest.raises(FaceGPTError, match="PEM"):
        signed(b"", "image/png", SOURCE_TYPE)
    for name in ("none.pem", "none.key"):
        (tmp_path / name).write_text("no certificate")
    with pytest.raises(FaceGPTError, match="does not sign"):
        signed(marked_png_bytes(), "image/png", SOURCE_TYPE)


def marked_png_bytes():
    import io

    data = io.BytesIO()
    Image.fromarray(PICTURE).save(data, "PNG")
    return data.getvalue()
