"""A real S3 endpoint on loopback, with one bucket: a process of its own."""

import contextlib
import subprocess
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tests.bench.server import free_port
from tests.config.servers import wait_until

KEYS = {"access_key": "stratum", "secret_key": "not a secret"}
NAME = "pictures"


class Endpoint:
    """`kill` ends it, with all that it holds in memory."""

    def __init__(self, port: int = 0) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.client = boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=KEYS["access_key"],
            aws_secret_access_key=KEYS["secret_key"],
        )
        wait_until(self._made, 60, "the S3 endpoint answers")

    def _made(self) -> bool:
        with contextlib.suppress(BotoCoreError, ClientError):
            self.client.create_bucket(Bucket=NAME)
            return True
        assert self.process.poll() is None, "the S3 endpoint has ended"
        return False

    def options(self, **more: object) -> dict[str, object]:
        """Of `config.bucket.Bucket`."""
        return {"bucket_name": NAME, "endpoint_url": self.url, "region_name": "us-east-1", **KEYS, **more}

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
