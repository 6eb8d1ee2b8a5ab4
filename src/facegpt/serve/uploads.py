"""Forms with files: each file goes to the store's own folder as it comes, under a name of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from facegpt.serve.problems import ProblemError

#: Longest value of a field that is no file, bytes; most parts of a form; longest headers of a part, bytes.
MOST_VALUE, MOST_PARTS, MOST_HEADERS = 16_000, 256, 4_000


@dataclass
class Form:
    """What came.

    Attributes:
        fields: values by name. files: by name, where each lies. names: what the client called them, for people only.
    """

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, list[Path]] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)


class _Reader:
    """Takes the parts of a form apart as they come."""

    def __init__(self, boundary: bytes, folder: Path, most_bytes: int) -> None:
        self.form, self._folder, self._most = Form(), folder, most_bytes
        self._header, self._value, self._headers = b"", b"", {}  # type: ignore[var-annotated]
        self._file: IO[bytes] | None = None
        self._name, self._data, self._size, self._parts, self.whole = "", b"", 0, 0, False
        told: dict[str, Any] = {
            "on_part_begin": self._begin,
            "on_header_field": self._on_field,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header,
            "on_headers_finished": self._open,
            "on_part_data": self._take,
            "on_part_end": self.close,
            "on_end": self._end,
        }
        self.parser = MultipartParser(boundary, told)  # type: ignore[arg-type]

    def _begin(self) -> None:
        self._parts += 1
        self._headers, self._header, self._value, self._data, self._size = {}, b"", b"", b"", 0
        if self._parts > MOST_PARTS:
            raise ProblemError(413, "too_large", f"a form has at most {MOST_PARTS} parts")

    def _on_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]
        self._check_headers()

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        self._check_headers()

    def _check_headers(self) -> None:
        if len(self._header) + len(self._value) > MOST_HEADERS or len(self._headers) > 16:
            raise ProblemError(413, "too_large", "a part of the form has headers that are too long")

    def _on_header(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header = self._value = b""

    def _open(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if kind != b"form-data" or not self._name:
            raise _malformed("a part has no name")
        if b"filename" in options:
            called = options[b"filename"].decode("utf-8", "replace")
            path = self._folder / f"{self._parts}.upload"  # never a name of the client's
            self.form.files.setdefault(self._name, []).append(path)
            self.form.names.setdefault(self._name, []).append(shown_name(called))
            self._file = path.open("wb")

    def _take(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        if self._file is not None:
            if self._size > self._most:
                raise ProblemError(
                    413, "too_large", f"a file is larger than {self._most / 1e6:g} MB, the most taken here"
                )
            self._file.write(data[start:end])
            return
        if self._size > MOST_VALUE:
            raise ProblemError(413, "too_large", f"the field '{self._name[:40]}' is too long")
        self._data += data[start:end]

    def close(self) -> None:
        """End the part at hand."""
        if self._file is not None:
            self._file.close()
            self._file = None
        elif self._name:
            self.form.fields[self._name] = self._data.decode("utf-8", "replace")
        self._name = ""

    def _end(self) -> None:
        self.whole = True


def shown_name(name: str) -> str:
    """The last part of a file's name without control characters, for people."""
    return re.sub(r"[\x00-\x1f\x7f]", "", re.split(r"[\\/]", name)[-1])[:80]


def _malformed(why: str) -> ProblemError:
    return ProblemError(400, "malformed", f"this is no form that can be read: {why}")


async def read_form(request: Request, folder: Path, most_bytes: int) -> Form:
    """Read a form whose files go to `folder`; none may be larger than `most_bytes`.

    Raises:
        ProblemError: if it is no form, damaged, or too large.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 1 <= len(boundary) <= 256:
        raise ProblemError(415, "media", "send multipart/form-data, as in: curl -F photo=@anna.jpg")
    reader = _Reader(boundary, folder, most_bytes)
    try:
        async for piece in request.stream():
            reader.parser.write(piece)
        reader.parser.finalize()
    except FormParserError:
        raise _malformed("its parts are damaged") from None
    except ClientDisconnect:
        raise ProblemError(400, "malformed", "the client went away") from None
    finally:
        reader.close()
    if not reader.whole:
        raise _malformed("its end is missing")
    return reader.form


def one_file(form: Form, name: str) -> tuple[Path, str]:
    """The one file of a name, and what the client called it. Raises ProblemError (422)."""
    files = form.files.get(name, [])
    if len(files) != 1:
        raise ProblemError(422, "form", f"the form needs one file '{name}', as in: curl -F {name}=@FILE")
    if files[0].stat().st_size == 0:
        raise ProblemError(422, "empty", f"the file '{name}' is empty")
    return files[0], form.names[name][0]


def yes(form: Form, name: str) -> bool:
    """Whether a field says yes; it does when it is left out."""
    return form.fields.get(name, "true").lower() not in ("false", "0", "no", "off", "none")


def number(form: Form, name: str, low: float, high: float, whole: bool = False) -> Any:
    """The number in a field, None where it is left out or empty. Raises ProblemError (422) for anything else."""
    text = form.fields.get(name, "").strip()
    if not text:
        return None
    try:
        value = int(text) if whole else float(text)
    except ValueError:
        value = high + 1
    if not low <= value <= high:
        kind = "whole number" if whole else "number"
        raise ProblemError(422, "invalid", f"{name} is a {kind} of {low:g} to {high:g}, not '{text[:40]}'")
    return value
