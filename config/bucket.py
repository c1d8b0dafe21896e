"""Pictures in an S3-compatible bucket, for sites of several machines: extra `s3`, settings `MEDIA_S3_…`.

The bucket is closed. Readers get pictures at this site's own addresses, from `blog/pages/media.py`, which asks whether
they may: a signed address would lie on another host, which the Content-Security-Policy forbids, and could be passed on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.base import File
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage

CLIENT = {
    "connect_timeout": 2,
    "read_timeout": 5,
    "retries": {"mode": "standard", "total_max_attempts": 2},
    # Checksums of newer kinds are Amazon's own; other engines refuse or ignore them.
    "request_checksum_calculation": "when_required",
    "response_checksum_validation": "when_required",
    "signature_version": "s3v4",
}


class Bucket(S3Storage):
    """One folder of a bucket; where it is not `served`, this site has no addresses of its files.

    Raises ConnectionError where the endpoint does not answer, FileNotFoundError where there is no such file.
    """

    def __init__(self, *, served: bool, **options: Any) -> None:
        self.base_url = settings.MEDIA_URL if served else None
        # Other engines than Amazon's have no host name for each bucket.
        style = {"addressing_style": "path" if options.get("endpoint_url") else "auto"}
        client = Config(s3=style, **CLIENT)
        super().__init__(client_config=client, file_overwrite=False, default_acl=None, **options)

    def url(
        self, name: str | None, parameters: Any = None, expire: Any = None, http_method: Any = None
    ) -> str:
        if self.base_url is None:
            raise ValueError("These files are never served.")
        return urljoin(self.base_url, filepath_to_uri(name or "").lstrip("/"))

    def _open(self, name: str, mode: str = "rb") -> File:
        with self._told():
            file: File = super()._open(name, mode)
            if "r" in mode:
                # Fetched now, while one can still say that it failed.
                _ = file.file
            return file

    def _save(self, name: str, content: Any) -> str:
        with self._told():
            return str(super()._save(name, content))

    def exists(self, name: str) -> bool:
        with self._told():
            return bool(super().exists(name))

    def delete(self, name: str) -> None:
        with self._told():
            super().delete(name)

    def names(self) -> Iterator[str]:
        """All files, a thousand a request. `listdir` would ask once for each folder, and some engines know none."""
        pages = self.connection.meta.client.get_paginator("list_objects_v2")
        prefix = f"{self.location.strip('/')}/" if self.location else ""
        with self._told():
            for page in pages.paginate(Bucket=self.bucket_name, Prefix=prefix):
                for found in page.get("Contents", ()):
                    yield found["Key"].removeprefix(prefix)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (BotoCoreError, ClientError) as error:
            raise ConnectionError(f"The bucket at {self.endpoint_url or 'Amazon'}: {error}") from error
