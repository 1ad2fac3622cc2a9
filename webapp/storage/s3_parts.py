"""Files on S3 that are too large for one answer: sent and fetched in parts, by this thread and with little memory."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from webapp.storage.breaker import Breaker
from webapp.storage.incoming import StorageError

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

PART = 32 * 1024 * 1024  # bytes; S3 takes 10,000 parts, which is 320 GB
SILENT = "The file storage does not answer. Try again later."
FETCHED = 4 * 1024 * 1024  # bytes asked for at once


def send_file(client: S3Client, bucket: str, key: str, path: Path, headers: dict[str, Any]) -> None:
    """There whole at the end, or not at all."""
    if path.stat().st_size > PART:
        _send_in_parts(client, bucket, key, path, headers)
    else:
        with path.open("rb") as file:
            client.put_object(Bucket=bucket, Key=key, Body=file, **headers)


def _send_in_parts(client: S3Client, bucket: str, key: str, path: Path, headers: dict[str, Any]) -> None:
    """When it is broken off it is given up, so that nobody pays for its parts."""
    upload = client.create_multipart_upload(Bucket=bucket, Key=key, **headers)["UploadId"]
    named: dict[str, Any] = {"Bucket": bucket, "Key": key, "UploadId": upload}
    try:
        with path.open("rb") as file:
            parts = _send_parts(client, named, file)
        client.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    except BaseException:
        client.abort_multipart_upload(**named)
        raise


def _send_parts(client: S3Client, named: dict[str, Any], file: IO[bytes]) -> list[Any]:
    parts: list[Any] = []
    while data := file.read(PART):
        number = len(parts) + 1
        sent = client.upload_part(**named, PartNumber=number, Body=data)
        parts.append({"ETag": sent["ETag"], "PartNumber": number})
    return parts


class FileOnS3(io.RawIOBase):
    """Read where one wants to; each read is a request of its own, so that a slow reader holds no connection open."""

    def __init__(self, client: S3Client, bucket: str, key: str, size: int, breaker: Breaker) -> None:
        self.client, self.bucket, self.key, self.size, self.breaker = client, bucket, key, size, breaker
        self.place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.place, io.SEEK_END: self.size}[whence]
        return self.place

    def readall(self) -> bytes:
        """In large portions; Python's own asks for 8 KB at a time, each of them a request."""
        return b"".join(iter(partial(self.read, FETCHED), b""))

    def readinto(self, buffer: Any) -> int:
        end = min(self.place + len(buffer), self.size)
        if end <= self.place:
            return 0
        asked = f"bytes={self.place}-{end - 1}"
        with words_for_s3(self.breaker):
            data = self.client.get_object(Bucket=self.bucket, Key=self.key, Range=asked)["Body"].read()
        buffer[: len(data)] = data
        self.place += len(data)
        return len(data)


@contextmanager
def words_for_s3(breaker: Breaker) -> Iterator[None]:
    """Around whatever asks the bucket. Raises StorageError, and FileNotFoundError for a key that there is not."""
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

    if not breaker.lets_ask():
        raise StorageError(SILENT)
    try:
        yield
        breaker.answered()
    except ClientError as error:
        breaker.answered()
        if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
            raise FileNotFoundError(str(error)) from None
        raise StorageError("The file storage refused. Try again later.") from error
    except HTTPClientError as error:
        breaker.failed()
        raise StorageError(SILENT) from error
    except BotoCoreError as error:
        raise StorageError(SILENT) from error
