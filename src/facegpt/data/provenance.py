"""Say in a file's own metadata that it was changed: IPTC's digital source type, as XMP, in PNG, JPEG and MP4 files.

The vocabulary is IPTC's (NewsCodes, digitalsourcetype): a photo in part replaced by what a trained model made is
"compositeWithTrainedAlgorithmicMedia". Readers of XMP (exiftool, Photoshop, search engines) show it. Where the extra
`facegpt[credentials]` is installed, PNG and JPEG files carry a signed record as well (content_credentials.py).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from facegpt.data.content_credentials import signed

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
#: The keyword of XMP in PNG files (XMP specification, part 3).
PNG_KEYWORD = "XML:com.adobe.xmp"
#: The type of the box of XMP in MP4 files (the same, 1.1.3 of part 3).
_MP4_BOX = UUID("be7acfcb-97a9-42e8-9c71-999491e3afac").bytes
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 Iptc4xmpExt:DigitalSourceType="{source}" xmp:CreatorTool="FaceGPT"/>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def packet() -> str:
    """The XMP packet of a changed photo."""
    return _PACKET.format(source=SOURCE_TYPE)


def marked_image(pixels: NDArray[np.uint8]) -> Image.Image:
    """A PIL image that carries the mark: `save` writes it into JPEG and WebP files by itself, PNG by `marked_png`."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image.info["xmp"] = packet().encode("utf-8")
    image.info[PNG_KEYWORD] = packet()
    return image


def marked_png(image: Image.Image) -> bytes:
    """Encode as PNG with the mark."""
    info = PngInfo()
    info.add_itxt(PNG_KEYWORD, packet())
    data = io.BytesIO()
    image.save(data, format="PNG", pnginfo=info)
    return signed(data.getvalue(), "image/png", SOURCE_TYPE)


def marked_jpeg(image: Image.Image, quality: int = 95) -> bytes:
    """Encode as JPEG with the mark, without chroma subsampling."""
    data = io.BytesIO()
    image.convert("RGB").save(data, "JPEG", quality=quality, subsampling=0, xmp=packet().encode("utf-8"))
    return signed(data.getvalue(), "image/jpeg", SOURCE_TYPE)


def mp4_box() -> bytes:
    """The mark as a box that stands at the end of an MP4 file; players pass over it."""
    content = packet().encode("utf-8")
    return struct.pack(">I4s16s", 24 + len(content), b"uuid", _MP4_BOX) + content


def is_marked_video(path: Path) -> bool:
    """Whether an MP4 file says that it was changed."""
    return any(SOURCE_TYPE.encode() in content for content in _xmp_boxes(path))


def _xmp_boxes(path: Path) -> Iterator[bytes]:
    """What the boxes of XMP at the top of an MP4 file hold."""
    with path.open("rb") as file:
        while len(head := file.read(8)) == 8:
            size, kind = struct.unpack(">I4s", head)
            start = file.tell()
            if size == 1:  # a box of 4 GB and more says so after its kind
                size = struct.unpack(">Q", file.read(8))[0]
            if size == 0:  # up to the end of the file
                return
            if kind == b"uuid" and file.read(16) == _MP4_BOX:
                yield file.read(size - 24)
            if size < 8:
                return
            file.seek(start - 8 + size)


def is_marked(data: bytes) -> bool:
    """Whether a picture file says that it was changed."""
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        xmp = image.info.get("xmp", b"") or image.info.get(PNG_KEYWORD, "")
    text = xmp.decode("utf-8", "replace") if isinstance(xmp, bytes) else str(xmp)
    return SOURCE_TYPE in text
