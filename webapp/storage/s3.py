"""Files in an S3 bucket, which all machines share."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog

from webapp.storage.breaker import Breaker
from webapp.storage.files import FOLDERS, INCOMING, RENDITIONS, FoundFile, StoredFile
from webapp.storage.incoming import IncomingFile, StorageError
from webapp.storage.s3_parts import FETCHED, SILENT, FileOnS3, send_file, words_for_s3

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

log = structlog.get_logger(__name__)

PATIENCE = 5  # seconds
COPY_BYTES = 1024 * 1024
FOR_EVER = "public, max-age=31536000, immutable"  # what a bucket or CDN says of a rendition: its key holds a hash


@dataclass(frozen=True)
class PostForm:
    """Its fields come before the file."""

    url: str
    fields: dict[str, str]


class S3Storage:
    def __init__(self, bucket: str, client: S3Client) -> None:
        self.bucket, self.client = bucket, client
        self.breaker = Breaker()

    def keep(self, incoming: IncomingFile, key: str) -> StoredFile:
        incoming.flush()
        incoming.seek(0)
        with words_for_s3(self.breaker):
            self.client.put_object(Bucket=self.bucket, Key=key, Body=incoming.file)
        return StoredFile(key, incoming.size, incoming.sha256)

    def put(self, key: str, data: bytes, mime_type: str) -> None:
        with words_for_s3(self.breaker):
            self.client.put_object(Bucket=self.bucket, Key=key, Body=data, **headers_of(key, mime_type))

    def put_file(self, key: str, path: Path, mime_type: str) -> None:
        with words_for_s3(self.breaker):
            send_file(self.client, self.bucket, key, path, headers_of(key, mime_type))
        path.unlink(missing_ok=True)

    def open(self, key: str) -> IO[bytes]:
        file = tempfile.SpooledTemporaryFile(max_size=COPY_BYTES)  # noqa: SIM115
        try:
            with words_for_s3(self.breaker):  # in this thread: a time limit can't interrupt those of download_fileobj
                body = self.client.get_object(Bucket=self.bucket, Key=key)["Body"]
                shutil.copyfileobj(body, file, COPY_BYTES)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file

    def stream(self, key: str) -> IO[bytes]:
        found = self.find(key)
        if found is None:
            raise FileNotFoundError(key)
        return io.BufferedReader(FileOnS3(self.client, self.bucket, key, found.size, self.breaker), FETCHED)

    def delete(self, key: str) -> None:
        with words_for_s3(self.breaker):
            self.client.delete_object(Bucket=self.bucket, Key=key)

    def find(self, key: str) -> FoundFile | None:
        try:
            with words_for_s3(self.breaker):
                facts = self.client.head_object(Bucket=self.bucket, Key=key)
        except FileNotFoundError:
            return None
        return FoundFile(key, facts["ContentLength"], facts["LastModified"])

    def form_for(self, key: str, mime_type: str, size: int, seconds: int) -> PostForm:
        """A form with which a browser may put this one file here, of this size and type, for so long."""
        fields = {"Content-Type": mime_type}
        conditions: list[Any] = [["content-length-range", size, size], fields]
        with words_for_s3(Breaker()):  # nobody is asked: it is signed here
            made = self.client.generate_presigned_post(self.bucket, key, fields, conditions, seconds)
        return PostForm(made["url"], made["fields"])

    @cached_property
    def upload_origin(self) -> str | None:
        """Where those forms lead; None when they can't be signed here."""
        try:
            parts = urlsplit(self.form_for(INCOMING, "image/jpeg", 1, seconds=1).url)
        except StorageError as error:
            log.warning("storage.no_direct_uploads", error=str(error.__cause__))
            return None
        return f"{parts.scheme}://{parts.netloc}"

    def lets_browsers_send_from(self, origin: str) -> bool:
        """Asked as a browser asks before it sends, so that it needs no right to read settings. Raises StorageError."""
        import urllib3

        url = self.form_for(INCOMING, "image/jpeg", 1, seconds=1).url
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        try:
            answer = urllib3.request("OPTIONS", url, headers=asked, timeout=PATIENCE, retries=False)
        except urllib3.exceptions.ProtocolError:
            return False  # some servers hang up on pages that they do not know
        except urllib3.exceptions.HTTPError as error:
            raise StorageError(SILENT) from error
        return answer.headers.get("Access-Control-Allow-Origin") in ("*", origin)

    def every_file(self) -> Iterator[FoundFile]:
        """Of ours: the bucket may hold the files of others too."""
        for folder in FOLDERS:
            with words_for_s3(self.breaker):
                pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"{folder}/")
                for page in pages:
                    for file in page.get("Contents", []):
                        yield FoundFile(file["Key"], file["Size"], file["LastModified"])

    def local_path(self, key: str) -> Path | None:
        return None

    def check(self) -> None:
        try:
            with words_for_s3(self.breaker):
                self.client.head_bucket(Bucket=self.bucket)
        except FileNotFoundError:
            raise StorageError(f"There is no bucket called {self.bucket}.") from None


def headers_of(key: str, mime_type: str) -> dict[str, Any]:
    """With which it is answered to whoever may fetch it from the bucket."""
    return {"ContentType": mime_type, "CacheControl": FOR_EVER if key.startswith(f"{RENDITIONS}/") else "private"}


def connect_s3(endpoint_url: str | None, patience: float = 30) -> S3Client:
    """A client that waits so many seconds for each piece of an answer, and asks twice."""
    import boto3  # 20 MB that the local disk does not need
    from botocore.config import Config

    limits = Config(
        connect_timeout=min(3, patience),
        read_timeout=patience,
        retries={"max_attempts": 2, "mode": "standard"},
        signature_version="s3v4",
        s3={"addressing_style": "auto" if endpoint_url else "virtual"},  # else boto3 signs for a redirect to the region
    )
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    return boto3.client("s3", endpoint_url=endpoint_url, region_name=region, config=limits)
