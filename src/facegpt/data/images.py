"""Reading photos: whatever a user gives becomes upright sRGB pixels, or one sentence that says why not."""

from __future__ import annotations

import io
import logging
import math
import os
import stat
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, TypeVar, Union

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, JpegImagePlugin

from facegpt.data.exif import focal_px
from facegpt.data.stores import Place, StoredPath, refuse_archive
from facegpt.runtime.extras import needed
from facegpt.types import FaceGPTError, ImageError

Read = TypeVar("Read")

#: What `read_image` takes: a path, the bytes of a file, a binary file object, a PIL image, or an array.
ImageSource = Union[
    str, "os.PathLike[str]", StoredPath, bytes, bytearray, memoryview, IO[bytes], Image.Image, NDArray[Any]
]

#: Larger photos are kept at a reduced size; landmarks are still given in the pixels of the whole photo.
KEPT_PIXELS = 32_000_000
#: Largest picture that is decoded in full (300 MB of pixels), and largest JPEG, which is decoded at reduced size.
MAX_PIXELS, MAX_JPEG_PIXELS = 100_000_000, 1_000_000_000

#: Most bytes that are taken from a file object that cannot be rewound: it may have no end.
MAX_STREAM_BYTES = 1_000_000_000

#: Behind a see-through picture: mid-grey, so that neither dark nor fair hair vanishes into it.
BACKDROP = 128

# Pillow knows many more, some of which start other programs (EPS) or are no photos.
_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "TIFF", "BMP", "PPM", "JPEG2000", "AVIF", "HEIF", "TGA", "ICO")
#: How JPEG and PNG files begin.
_USUAL = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")


#: The marker that ends a JPEG. Rows without data are grey, to so many levels; with less than this share of rows a
#: photo is refused.
_END_OF_JPEG, _GREY_LEVELS, _LEAST_THERE = b"\xff\xd9", 3, 0.05

log = logging.getLogger("facegpt")


class _IncompleteError(ImageError):
    """A picture whose pixels cannot all be decoded."""


@dataclass(frozen=True, eq=False)
class Photo:
    """An upright photo.

    Attributes:
        pixels: (H, W, 3) uint8 sRGB.
        path: the file it came from, or None.
        focal_px: focal length in pixels of `pixels`, where the file tells it.
        original_size: (width, height) of the whole photo, upright, before any reduction.
        incomplete: whether the file is cut off, and what is missing is grey.
    """

    pixels: NDArray[np.uint8]
    path: Path | None = None
    focal_px: float | None = None
    original_size: tuple[int, int] = (0, 0)
    incomplete: bool = False

    @property
    def scale(self) -> float:
        """Pixels here per pixel of the whole photo: 1 unless it was too large to keep."""
        return self.pixels.shape[1] / self.original_size[0]


def read_image(source: ImageSource) -> Photo:
    """Read a photo from a path, the bytes of a file, a binary file object, a PIL image or an array.

    The result is upright (EXIF orientation applied), sRGB (embedded colour profiles applied), opaque (laid on mid-grey
    where it was see-through) and 8-bit; of an animation it is the first frame. Arrays may be (H, W), (H, W, 1),
    (H, W, 3) or (H, W, 4), RGB and sRGB, as uint8, uint16 (0..65535) or floats in 0..1. File objects are read from
    their start where they can be rewound, and stay open.

    Raises:
        ImageError: if it cannot be read; the message names the file and says what to do.
    """
    if isinstance(source, Image.Image):
        return _from_pil(source, None, "the picture")
    if isinstance(source, StoredPath):
        refuse_archive(source)
        return _from_stream(io.BytesIO(source.read_bytes()), f"'{source}'")
    if isinstance(source, (str, os.PathLike)):
        return _with_file(source, _from_stream)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _from_stream(io.BytesIO(source), "the picture")
    if isinstance(source, np.ndarray) or hasattr(source, "__array__"):
        return _from_array(np.asarray(source))
    if hasattr(source, "read"):
        return _from_file_object(source)
    raise ImageError(
        f"a photo is a path, bytes, a binary file, a PIL image or an array of pixels, not a {type(source).__name__}"
    )


def check_photo(path: Place) -> None:
    """Find out from its first bytes whether a file is a photo. Raises ImageError as `read_image`."""
    if isinstance(path, StoredPath):
        refuse_archive(path)
        _opened(io.BytesIO(path.read_bytes()), f"'{path}'")
        return
    _with_file(path, lambda file, name, path: _opened(file, name))


def photo_of(source: ImageSource | Photo) -> Photo:
    """A photo, read if it is not yet. Raises ImageError as `read_image`."""
    return source if isinstance(source, Photo) else read_image(source)


def _with_file(source: str | os.PathLike[str], read: Callable[[IO[bytes], str, Path], Read]) -> Read:
    """What a function reads of a file; whatever is wrong with the file is told in a sentence."""
    text = os.fspath(source)
    if text.startswith(("http://", "https://")):
        raise ImageError(f"'{text}' is a web address; nothing is downloaded here, so save the photo to a file first")
    path = Path(text)
    try:
        if path.is_dir():
            raise ImageError(f"'{path}' is a folder, not a photo")
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for its writer, a device may have no end
            raise ImageError(f"'{path}' is no file but a pipe, a socket or a device; save the photo to a file first")
        refuse_archive(path)
        with path.open("rb") as file:
            return read(file, f"'{path}'", path)
    except FileNotFoundError:
        raise ImageError(f"there is no file '{path}'") from None
    except PermissionError:
        raise ImageError(f"'{path}' may not be read (no permission)") from None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise ImageError(f"'{path}' cannot be read ({getattr(error, 'strerror', None) or error})") from None


def _from_file_object(file: IO[bytes]) -> Photo:
    own = getattr(file, "name", None)
    name = f"'{own}'" if isinstance(own, str) and own else "the picture"
    if isinstance(file, io.TextIOBase):
        raise ImageError(f"{name} was opened as text; open it as a binary file: open(…, 'rb')")
    try:
        if not (hasattr(file, "seekable") and file.seekable()):
            return _from_stream(io.BytesIO(_read_whole(file, name)), name)
        file.seek(0)
        return _from_stream(file, name)
    except ImageError:
        raise
    except Exception as error:  # closed, of a broken connection, or of a class of the user's own
        raise ImageError(f"{name} cannot be read ({_in_one_line(error)})") from None


def _read_whole(file: IO[bytes], name: str) -> bytes:
    """Bytes of a stream to its end."""
    pieces, size = [], 0
    while piece := file.read(1 << 20):
        if not isinstance(piece, bytes):
            raise ImageError(f"{name} gives {type(piece).__name__} and not bytes; open it as a binary file")
        pieces.append(piece)
        size += len(piece)
        if size > MAX_STREAM_BYTES:
            raise ImageError(f"{name} has more than {MAX_STREAM_BYTES // 1_000_000:,} MB; save it to a file first")
    return b"".join(pieces)


def _from_stream(file: IO[bytes], name: str, path: Path | None = None) -> Photo:
    """Read a file that stands at its start; of a JPEG that is cut off, what there is."""
    with warnings.catch_warnings():  # Pillow warns about odd metadata and large sizes; both are dealt with here
        warnings.simplefilter("ignore")
        image = _opened(file, name)
        try:
            return _from_pil(image, path, name, may_shrink=True)
        except _IncompleteError:
            if not isinstance(image, JpegImagePlugin.JpegImageFile):
                raise
            return _from_cut_jpeg(file, name, path)


def _from_cut_jpeg(file: IO[bytes], name: str, path: Path | None) -> Photo:
    """The rows that are there, and grey below. Raises ImageError if that is next to nothing."""
    file.seek(0)
    whole = io.BytesIO(file.read() + _END_OF_JPEG)  # decoders take an early end for one, and leave the rest grey
    photo = _from_pil(JpegImagePlugin.JpegImageFile(whole), path, name, may_shrink=True)
    step = max(1, min(photo.pixels.shape[:2]) // 400)
    drawn = np.abs(photo.pixels[::step, ::step].astype(np.int16) - 128).max(-1) > _GREY_LEVELS
    there = min(drawn.any(1).mean(), drawn.any(0).mean())  # of photos that are turned, columns are missing
    if there < _LEAST_THERE:
        raise ImageError(f"{name} is cut off after its first rows; fetch the file again")
    grey = f"{100 * (1 - there):.0f} % of the picture are missing, and grey"
    log.warning(f"{name} is cut off: {grey if there < 0.99 else 'it is coarser than it was'}; fetch it again")
    return replace(photo, incomplete=True)


def _check_header(file: IO[bytes], name: str) -> None:
    """Refuse an empty file, HEIC (the usual format of iPhones) without its reader, and what is no picture."""
    header = file.read(16)
    file.seek(0)
    if not header:
        raise ImageError(f"{name} is empty")
    if header[4:8] == b"ftyp" and header[8:12] in _HEIF_BRANDS:
        try:
            needed("pillow_heif", f"{name} is a HEIC photo, which").register_heif_opener()
        except FaceGPTError as error:
            raise ImageError(f"{error}; or save the photo as JPEG, and try again") from None


def _opened(file: IO[bytes], name: str) -> Image.Image:
    """Read the header with Pillow; sizes are checked before any pixel is decoded."""
    _check_header(file, name)
    if file.read(8).startswith(_USUAL):  # the readers of all other formats take a tenth of a second to load
        Image.preinit()
    else:
        Image.init()
    file.seek(0)
    try:
        image = Image.open(file, formats=[name for name in _FORMATS if name in Image.OPEN])
    except Image.DecompressionBombError:
        file.seek(0)
        if file.read(2) != b"\xff\xd8":
            raise ImageError(_too_large(name, None, MAX_PIXELS)) from None
        file.seek(0)
        image = JpegImagePlugin.JpegImageFile(file)  # what Image.open would give, without its limit
    except Image.UnidentifiedImageError:
        raise ImageError(f"{name} is not a picture in a format that can be read, or it is damaged") from None
    except Exception as error:  # the parsers raise nearly anything on damaged headers
        raise ImageError(f"{name} is damaged or not a picture ({_in_one_line(error)})") from None
    return image


def _from_pil(image: Image.Image, path: Path | None, name: str, may_shrink: bool = False) -> Photo:
    try:
        size = image.size
        if min(size) < 1:
            raise ImageError(f"{name} has no pixels")
        exif = _exif(image)
        orientation = exif.get(0x0112, 1) if exif is not None else 1
        focal = focal_px(exif, *size) if exif is not None else None
        upright = (size[1], size[0]) if orientation in (5, 6, 7, 8) else size
        _decode(image, name, may_shrink)
        image = _to_rgb(_oriented(image), name)
    except ImageError:
        raise
    except MemoryError:
        raise ImageError(f"{name} does not fit into the memory") from None
    except Exception as error:  # the decoders raise nearly anything on damaged data
        raise _IncompleteError(f"{name} is damaged or incomplete ({_in_one_line(error)})") from None
    image = _reduced(image)
    pixels = np.array(image, np.uint8)
    scale = pixels.shape[1] / upright[0]
    return Photo(pixels, path, focal * scale if focal else None, upright)


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _exif(image: Image.Image) -> Any:
    """Read the EXIF block; a damaged one is as good as none."""
    try:
        exif = image.getexif()
        exif.get_ifd(0x8769)
        return exif
    except Exception:
        return None


def _decode(image: Image.Image, name: str, may_shrink: bool) -> None:
    """Decode the pixels in place, large JPEGs at 1/2, 1/4 or 1/8 of their size if that may be changed."""
    pixels = image.width * image.height
    if may_shrink and isinstance(image, JpegImagePlugin.JpegImageFile) and pixels > KEPT_PIXELS:
        # Progressive files keep the coefficients of the whole picture in memory, whatever the scale.
        limit = MAX_PIXELS if image.info.get("progressive") else MAX_JPEG_PIXELS
        if pixels > limit:
            raise ImageError(_too_large(name, image.size, limit))
        shrink = next((n for n in (2, 4) if pixels / n**2 <= KEPT_PIXELS), 8)
        image.draft(None, (image.width // shrink, image.height // shrink))
    elif pixels > MAX_PIXELS:
        raise ImageError(_too_large(name, image.size, MAX_PIXELS))
    image.load()


def _too_large(name: str, size: tuple[int, int] | None, limit: int) -> str:
    shape = f"{size[0]} × {size[1]} pixels" if size else "too many pixels"
    return f"{name} has {shape}; the limit is {limit // 1_000_000} million for this format, so make it smaller first"


def _oriented(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # a damaged EXIF block must not cost the picture
        return image


def _to_rgb(image: Image.Image, name: str) -> Image.Image:
    """Convert any mode of Pillow to opaque 8-bit sRGB."""
    if image.mode.startswith("I;16") or image.mode == "I":
        return Image.fromarray(_eight_bit(np.asarray(image).astype(np.int64), name)).convert("RGB")
    if image.mode == "F":
        return Image.fromarray(_eight_bit(np.asarray(image), name)).convert("RGB")
    if image.mode in ("PA", "La") or "transparency" in image.info:
        image = image.convert("RGBA")
    profile = image.info.get("icc_profile")
    if image.mode in ("LA", "RGBA", "RGBa"):
        image = image.convert("RGBA")
        backdrop = Image.new("RGBA", image.size, (BACKDROP,) * 3 + (255,))
        image = Image.alpha_composite(backdrop, image).convert("RGB")
    if profile and image.mode in ("RGB", "CMYK"):
        image = _to_srgb(image, profile)
    return image.convert("RGB")


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Apply an embedded colour profile; a broken one is left out, as every viewer does."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return image
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        return converted if converted is not None else image
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image


def _reduced(image: Image.Image) -> Image.Image:
    pixels = image.width * image.height
    if pixels <= KEPT_PIXELS:
        return image
    shrink = math.sqrt(KEPT_PIXELS / pixels)
    size = max(1, int(image.width * shrink)), max(1, int(image.height * shrink))
    return image.resize(size, Image.Resampling.BOX, reducing_gap=2.0)


def _eight_bit(values: NDArray[Any], name: str) -> NDArray[np.uint8]:
    """Scale 16-bit integers or floats in 0..1 to 0..255."""
    if values.dtype == np.uint8:
        return values
    if np.issubdtype(values.dtype, np.integer):
        if values.min() < 0 or values.max() > 65535:
            raise ImageError(f"{name} has values outside 0..65535; save it with 8 or 16 bits a channel")
        return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if np.issubdtype(values.dtype, np.floating):
        if not np.isfinite(values).all() or values.min() < 0 or values.max() > 1:
            raise ImageError(f"{name} has float values outside 0..1; scale them, or give uint8 in 0..255")
        return np.rint(values.astype(np.float32) * 255).astype(np.uint8)
    raise ImageError(f"{name} holds {values.dtype}; give uint8 in 0..255, uint16 in 0..65535 or floats in 0..1")


def _from_array(array: NDArray[Any]) -> Photo:
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3 or array.shape[2] not in (1, 3, 4):
        hint = "; move the channels last" if array.ndim == 3 and array.shape[0] in (1, 3, 4) else ""
        raise ImageError(f"an array of pixels has the shape (H, W, 3), not {array.shape}{hint}")
    if array.size == 0:
        raise ImageError(f"the array of pixels is empty: its shape is {array.shape}")
    if not (array.dtype in (np.uint8, np.uint16) or np.issubdtype(array.dtype, np.floating)):
        raise ImageError(f"the array holds {array.dtype}; give uint8 in 0..255, uint16 in 0..65535 or floats in 0..1")
    if array.shape[0] * array.shape[1] > MAX_PIXELS:
        raise ImageError(_too_large("the array", (array.shape[1], array.shape[0]), MAX_PIXELS))
    pixels = _eight_bit(array, "the array")
    if pixels.shape[2] == 1:
        pixels = pixels.repeat(3, axis=2)
    return _from_pil(Image.fromarray(np.ascontiguousarray(pixels)), None, "the array")


def read_texture(path: Path) -> NDArray[np.uint8]:
    """A head's own PNG texture, (H, W, 4) uint8 sRGB with alpha."""
    try:
        with Image.open(path, formats=["PNG"]) as image:
            return np.array(image.convert("RGBA"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise FaceGPTError(f"the texture '{path}' cannot be read ({error})") from None
