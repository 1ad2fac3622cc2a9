"""Forms with files, read from the network by the library multipart.

Werkzeug's own reader copies each piece several times and compiles the boundary into patterns: of a picture of 500 KB it
takes ten times as much of the processor.
"""

from __future__ import annotations

import math
from io import BytesIO
from typing import IO, cast

from multipart import MultipartSegment, ParserLimitReached, PushMultipartParser
from werkzeug.datastructures import FileStorage, Headers, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

AS_BYTES = "latin-1"  # of which any byte is a letter
MAX_HEADER_SIZE = 64 * 1024  # bytes of a line above a part; the name of a file may be long


class FormReader(FormDataParser):
    """As Werkzeug's, with the same limits; `max_form_memory_size` is for all fields together."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        """What is no form, or a broken one, has no fields and no files. Raises RequestEntityTooLarge."""
        if mimetype != "multipart/form-data":
            return super().parse(stream, mimetype, content_length, options)
        try:
            return stream, *self._read(stream, (options or {}).get("boundary", ""), content_length)
        except ParserLimitReached as error:
            raise RequestEntityTooLarge from error
        except ValueError:
            return stream, self.cls(), self.cls()

    def _read(
        self, stream: IO[bytes], boundary: str, content_length: int | None
    ) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
        most_parts = math.inf if self.max_form_parts is None else self.max_form_parts
        parser = PushMultipartParser(
            boundary, max_header_size=MAX_HEADER_SIZE, max_segment_count=most_parts, header_charset=AS_BYTES
        )
        form: list[tuple[str, str]] = []
        files: list[tuple[str, FileStorage]] = []
        fields_size = 0
        for part in parser.parse_blocking(stream.read):
            if isinstance(part, MultipartSegment):
                name, filename, headers = _head_of(part)
                content: IO[bytes] = BytesIO() if filename is None else self._file(filename, headers, content_length)
            elif part is not None:
                content.write(part)
                fields_size += len(part) if filename is None else 0
                if self.max_form_memory_size is not None and fields_size > self.max_form_memory_size:
                    raise RequestEntityTooLarge
            elif filename is None:
                form.append((name, cast(BytesIO, content).getvalue().decode(errors="replace")))
            else:
                content.seek(0)
                files.append((name, FileStorage(content, filename, name, headers=headers)))
        return self.cls(form), self.cls(files)

    def _file(self, filename: str, headers: Headers, content_length: int | None) -> IO[bytes]:
        return self.stream_factory(content_length, headers.get("Content-Type"), filename)


def _head_of(part: MultipartSegment) -> tuple[str, str | None, Headers]:
    """Its name, that of its file, and what else stands above it; `filename*` is understood, too.

    Old programs write names in an alphabet of their own, which nothing tells: what is no UTF-8 is read as far as it is.
    """
    headers = Headers([(name, value.encode(AS_BYTES).decode(errors="replace")) for name, value in part.headerlist])
    said = parse_options_header(headers.get("Content-Disposition"))[1]
    return said.get("name", ""), said.get("filename"), headers
