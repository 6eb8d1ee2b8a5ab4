"""Reading photos: every kind of file a user may have becomes upright sRGB pixels, or one sentence that names it."""

from __future__ import annotations

import io
import struct
import tracemalloc
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from facegpt.assets import asset_path
from facegpt.data import images
from facegpt.data.images import read_image
from facegpt.types import ImageError

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


@pytest.fixture
def corners() -> Image.Image:
    """32 × 16 pixels: red top left, green top right, blue bottom left, white bottom right."""
    image = Image.new("RGB", (32, 16))
    for colour, box in (
        (RED, (0, 0, 16, 8)),
        (GREEN, (16, 0, 32, 8)),
        (BLUE, (0, 8, 16, 16)),
        (WHITE, (16, 8, 32, 16)),
    ):
        image.paste(colour, box)
    return image


def corner_colours(pixels: np.ndarray) -> np.ndarray:
    return pixels[[1, 1, -2, -2], [1, -2, 1, -2]].astype(int)


@pytest.fixture(autouse=True)
def nothing_on_stderr(capfd):
    """No reader may let a warning of its libraries through to the terminal."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    assert capfd.readouterr().err == ""


def test_a_png_is_read_pixel_by_pixel(tmp_path, corners):
    corners.save(tmp_path / "a.png")
    photo = read_image(tmp_path / "a.png")
    assert photo.pixels.shape == (16, 32, 3) and photo.pixels.dtype == np.uint8
    assert photo.original_size == (32, 16) and photo.scale == 1 and photo.path == tmp_path / "a.png"
    np.testing.assert_array_equal(photo.pixels, np.asarray(corners))
    np.testing.assert_array_equal(read_image(str(tmp_path / "a.png")).pixels, photo.pixels)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(tmp_path, corners, orientation):
    """Undo each of the eight ways before saving (EXIF 2.32, tag 274): reading must give the upright picture back."""
    turn = Image.Transpose
    undo = {
        **{1: (), 2: (turn.FLIP_LEFT_RIGHT,), 3: (turn.ROTATE_180,), 4: (turn.FLIP_TOP_BOTTOM,)},
        **{5: (turn.TRANSPOSE,), 6: (turn.ROTATE_90,), 7: (turn.TRANSVERSE,), 8: (turn.ROTATE_270,)},
    }[orientation]
    stored = corners
    for operation in undo:
        stored = stored.transpose(operation)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "a.jpg", exif=exif, quality=95, subsampling=0)
    photo = read_image(tmp_path / "a.jpg")
    assert photo.original_size == (32, 16)
    assert np.abs(corner_colours(photo.pixels) - [RED, GREEN, BLUE, WHITE]).max() < 12


def test_a_damaged_exif_block_does_not_cost_the_picture(tmp_path, corners):
    corners.save(tmp_path / "a.jpg", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff", quality=95)
    assert read_image(tmp_path / "a.jpg").pixels.shape == (16, 32, 3)


@pytest.mark.parametrize("mode", ["L", "P", "1", "CMYK", "LA", "RGBA", "YCbCr", "I;16", "F"])
def test_every_mode_of_a_grey_picture_gives_that_grey(tmp_path, mode):
    if mode == "I;16":
        image = Image.fromarray(np.full((8, 8), 128 * 257, np.uint16))
    elif mode == "F":
        image = Image.fromarray(np.full((8, 8), 128 / 255, np.float32))
    elif mode == "1":
        image = Image.new("1", (8, 8), 1)
    else:
        image = Image.new("RGB", (8, 8), (128, 128, 128))
        image = image.quantize(4) if mode == "P" else image.convert(mode)
    path = tmp_path / ("a.tif" if mode in ("CMYK", "F", "YCbCr") else "a.png")
    image.save(path, **({"compression": "tiff_deflate"} if mode == "YCbCr" else {}))  # plain: Pillow 12.3 lost it
    expected = 255 if mode == "1" else 128
    assert np.abs(read_image(path).pixels.astype(int) - expected).max() <= 2


def test_sixteen_bits_a_channel_are_scaled_and_not_clipped(tmp_path):
    ramp = np.linspace(0, 65535, 64).astype(np.uint16)[None].repeat(4, 0)
    Image.fromarray(ramp).save(tmp_path / "a.png")
    expected = ramp / 257.0
    assert np.abs(read_image(tmp_path / "a.png").pixels[..., 0] - expected).max() <= 1
    assert np.abs(read_image(ramp).pixels[..., 0] - expected).max() <= 1


def test_sixteen_bit_colour_png_keeps_its_colours(tmp_path):
    """Written by hand, because Pillow writes no 16-bit colour."""
    row = b"\x00" + struct.pack(">3H", 65535, 32896, 0) * 4
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 4, 4, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * 4)),
        (b"IEND", b""),
    )
    data = b"\x89PNG\r\n\x1a\n"
    for kind, body in chunks:
        data += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    (tmp_path / "a.png").write_bytes(data)
    assert np.abs(read_image(tmp_path / "a.png").pixels.astype(int) - (255, 128, 0)).max() <= 1


def test_cmyk_jpeg_keeps_its_colours(tmp_path):
    Image.new("RGB", (16, 16), (200, 30, 40)).convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    assert np.abs(read_image(tmp_path / "a.jpg").pixels.astype(int) - (200, 30, 40)).max() < 8


def test_a_see_through_picture_is_laid_on_mid_grey(tmp_path):
    image = Image.new("RGBA", (8, 8), (255, 0, 0, 255))
    image.paste((0, 255, 0, 0), (4, 0, 8, 8))
    image.save(tmp_path / "a.png")
    pixels = read_image(tmp_path / "a.png").pixels
    assert tuple(pixels[0, 0]) == RED and tuple(pixels[0, 7]) == (128, 128, 128)
    image.convert("P").save(tmp_path / "p.gif", transparency=image.convert("P").getpixel((7, 0)))
    assert tuple(read_image(tmp_path / "p.gif").pixels[0, 7]) == (128, 128, 128)


@pytest.mark.parametrize("ending", ["gif", "webp"])
def test_an_animation_gives_its_first_frame(tmp_path, ending):
    frames = [Image.new("RGB", (16, 16), colour) for colour in (RED, GREEN, BLUE)]
    frames[0].save(tmp_path / f"a.{ending}", save_all=True, append_images=frames[1:], duration=50, loop=0)
    assert np.abs(read_image(tmp_path / f"a.{ending}").pixels[8, 8].astype(int) - RED).max() < 20


def test_an_embedded_colour_profile_is_applied(tmp_path):
    """A profile with the primaries of red and green exchanged turns red into green."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exchanged = srgb.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    exchanged = exchanged.replace(b"rXYZ", b"temp", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"temp", b"gXYZ", 1)
    for profile, expected in ((srgb, RED), (exchanged, GREEN), (b"not a profile", RED)):
        Image.new("RGB", (8, 8), RED).save(tmp_path / "a.png", icc_profile=profile)
        assert np.abs(read_image(tmp_path / "a.png").pixels[0, 0].astype(int) - expected).max() < 60


def test_focal_length_comes_from_the_35_mm_equivalent(tmp_path):
    """A 43.27-mm equivalent lens has the diagonal of the picture as its focal length (CIPA DCG-001)."""
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA405] = 43
    Image.new("RGB", (400, 300)).save(tmp_path / "a.jpg", exif=exif)
    assert read_image(tmp_path / "a.jpg").focal_px == pytest.approx(500 * 43 / 43.2666, rel=1e-3)


def test_focal_length_comes_from_the_resolution_of_the_sensor(tmp_path):
    """100 pixels a millimetre and 5 mm give 500 px in the camera's size, 250 px in a copy of half the size."""
    exif = Image.Exif()
    exif.get_ifd(0x8769).update({0x920A: 5.0, 0xA20E: 1000.0, 0xA210: 3, 0xA002: 800, 0xA003: 600})
    Image.new("RGB", (400, 300)).save(tmp_path / "a.jpg", exif=exif)
    assert read_image(tmp_path / "a.jpg").focal_px == pytest.approx(250, rel=1e-3)


def test_focal_length_is_not_known_after_a_crop_or_from_nonsense(tmp_path):
    for tags in ({0xA405: 28, 0xA002: 800, 0xA003: 800}, {0xA405: 0}, {0xA405: 60000}, {0x920A: 5.0}):
        exif = Image.Exif()
        exif.get_ifd(0x8769).update(tags)
        Image.new("RGB", (400, 300)).save(tmp_path / "a.jpg", exif=exif)
        assert read_image(tmp_path / "a.jpg").focal_px is None


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.jpg", b"", "empty"),
        ("text.jpg", b"this is no picture at all" * 20, "not a picture"),
        ("cut.png", None, "damaged or incomplete"),
        ("cut.webp", None, "damaged"),
        ("header.png", b"\x89PNG\r\n\x1a\n", "damaged"),
        ("photo.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 64, ""),
        ("drawing.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "not a picture"),
    ],
)
def test_a_file_that_cannot_be_read_gives_a_sentence_with_its_name(tmp_path, name, content, says):
    path = tmp_path / name
    if content is None:
        rng = np.random.default_rng(0)
        Image.fromarray(rng.integers(0, 255, (64, 64, 3), np.uint8)).save(path)
        content = path.read_bytes()[: path.stat().st_size // 2]
    path.write_bytes(content)
    with pytest.raises(ImageError, match=name) as caught:
        read_image(path)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_heic_without_its_reader_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pillow_heif", None)
    (tmp_path / "a.HEIC").write_bytes(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic")
    with pytest.raises(ImageError, match=r"needs the package pillow-heif.*pip install .*\[heic\]"):
        read_image(tmp_path / "a.HEIC")


def test_missing_files_folders_and_addresses_give_a_sentence(tmp_path):
    with pytest.raises(ImageError, match=r"no file .*nobody\.jpg"):
        read_image(tmp_path / "nobody.jpg")
    with pytest.raises(ImageError, match="is a folder"):
        read_image(tmp_path)
    with pytest.raises(ImageError, match="web address"):
        read_image("https://example.org/a.jpg")
    with pytest.raises(ImageError, match="not a dict"):
        read_image({})  # type: ignore[arg-type]


def test_one_pixel_is_a_picture(tmp_path):
    Image.new("RGB", (1, 1), RED).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png").pixels.tolist() == [[[255, 0, 0]]]


def huge_jpeg(width: int, height: int) -> bytes:
    """Make a grey JPEG of any size in little memory: one row of blocks, repeated with restart markers."""
    buffer = io.BytesIO()
    Image.new("L", (width, 8), 90).save(buffer, "JPEG", quality=50, restart_marker_rows=1)
    one = buffer.getvalue()
    scan = one.index(b"\xff\xda")
    start = scan + 2 + struct.unpack(">H", one[scan + 2 : scan + 4])[0]
    header, row = bytearray(one[:start]), one[start:-2]
    frame = header.index(b"\xff\xc0")
    header[frame + 5 : frame + 7] = struct.pack(">H", height)
    rows = [row + bytes([0xFF, 0xD0 + i % 8]) for i in range(height // 8 - 1)]
    return bytes(header) + b"".join(rows) + row + b"\xff\xd9"


def test_a_jpeg_of_20000_by_20000_is_read_at_a_reduced_size(tmp_path):
    path = tmp_path / "huge.jpg"
    path.write_bytes(huge_jpeg(20_000, 20_000))
    photo = read_image(path)
    height, width, _ = photo.pixels.shape
    assert photo.original_size == (20_000, 20_000) and height * width <= images.KEPT_PIXELS
    assert photo.scale == width / 20_000 and width == height
    assert np.abs(photo.pixels[::100, ::100].astype(int) - 90).max() <= 2


def test_other_formats_of_20000_by_20000_are_refused_before_they_are_decoded(tmp_path):
    for name, shape in (("bomb.png", (20_000, 20_000)), ("large.png", (12_000, 12_000))):
        head = struct.pack(">IIBBBBB", *shape, 8, 2, 0, 0, 0)
        body = b"\x89PNG\r\n\x1a\n"
        for kind, data in ((b"IHDR", head), (b"IDAT", zlib.compress(b"\x00" * 10_000)), (b"IEND", b"")):
            body += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        (tmp_path / name).write_bytes(body)
        tracemalloc.start()
        with pytest.raises(ImageError, match=f"{name}.*limit is 100 million"):
            read_image(tmp_path / name)
        assert tracemalloc.get_traced_memory()[1] < 50e6  # bytes
        tracemalloc.stop()


def test_arrays_of_any_usual_kind_are_taken():
    grey = np.full((5, 7), 51, np.uint8)
    for array in (grey, grey[..., None], grey[..., None].repeat(3, 2), grey / 255.0, grey.astype(np.uint16) * 257):
        photo = read_image(array)
        assert photo.pixels.shape == (5, 7, 3) and (photo.pixels == 51).all() and photo.path is None
    alpha = np.zeros((5, 7, 4), np.uint8)
    assert (read_image(alpha).pixels == 128).all()
    view = np.full((9, 9, 3), 51, np.uint8)[::-2, ::2]
    assert (read_image(view).pixels == 51).all()


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((3, 8, 8), np.uint8), "channels last"),
        (np.zeros((0, 8, 3), np.uint8), "empty"),
        (np.zeros((8,), np.uint8), r"shape \(H, W, 3\)"),
        (np.full((8, 8, 3), 200.0), "outside 0..1"),
        (np.full((8, 8, 3), np.nan), "outside 0..1"),
        (np.zeros((8, 8, 3), np.int64), "int64"),
        (np.zeros((8, 8, 3), bool), "bool"),
        (np.zeros((8, 8, 3), object), "object"),
    ],
)
def test_arrays_that_are_no_picture_give_a_sentence(array, says):
    with pytest.raises(ImageError, match=says):
        read_image(array)


def test_the_array_given_is_not_changed_or_shared():
    array = np.full((8, 8, 3), 51, np.uint8)
    photo = read_image(array)
    photo.pixels[:] = 0
    assert (array == 51).all()


def test_the_bundled_photo_is_the_one_of_scikit_image():
    photo = read_image(asset_path("astronaut.png"))
    assert photo.pixels.shape == (512, 512, 3)
    data = pytest.importorskip("skimage.data")
    np.testing.assert_array_equal(photo.pixels, data.astronaut())
