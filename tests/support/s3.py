"""A real S3 server (SeaweedFS) of our own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.support.ports import free_port

KEY, SECRET, BUCKET = "test-key", "test-secret", "pictures"


PORTS = ("master.port", "volume.port", "filer.port", "s3.port")
ATTEMPTS = 5


class S3Server:
    """Started again with other ports when it ends at once, as it does when a port of its is taken after all."""

    def __init__(self, folder: Path, origins: str = "*") -> None:
        """Browsers may send to it from pages of these origins, with commas between them."""
        self.origins = origins
        for attempt in range(ATTEMPTS):
            self._start(folder / str(attempt))
            if self._make_bucket():
                return
        raise AssertionError(f"The S3 server does not start:\n{(folder / '0' / 'log').read_text()[-4000:]}")

    def _start(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        identity = {"name": "test", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}
        (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        ports = {name: free_port() for name in PORTS}
        self.url = f"http://127.0.0.1:{ports['s3.port']}"
        weed = shutil.which("weed", path=str(Path(sys.executable).parent))
        options = ["-filer", "-s3", f"-s3.config={folder / 's3.json'}", "-master.volumeSizeLimitMB=64"]
        options += ["-s3.port.iceberg=0", "-s3.port.lance=0"]  # fixed ports, that only one server could have
        options += [f"-s3.allowedOrigins={self.origins}"]
        addresses = ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", *(f"-{name}={port}" for name, port in ports.items())]
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [str(weed), "server", f"-dir={folder}", *options, *addresses], stdout=log, stderr=log
            )

    def _make_bucket(self) -> bool:
        """True once the server stores; False when it ended or never got so far."""
        self.client = boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            config=Config(retries={"max_attempts": 0}),
        )
        deadline = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                self.client.create_bucket(Bucket=BUCKET)
                self.client.put_object(Bucket=BUCKET, Key="ready", Body=b"")
                return True
            except (BotoCoreError, ClientError):
                time.sleep(0.2)
        self.stop()
        return False

    def let_anybody_read(self, prefix: str) -> None:
        """A bucket policy, as the one in docs/deploy.md; it holds from a moment after this returns."""
        resource = f"arn:aws:s3:::{BUCKET}/{prefix}/*"
        statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": resource}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        self.client.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))

    def stop(self) -> None:
        self.process.kill()  # it takes half a minute to end by itself, and its folder is thrown away
        self.process.wait(20)
