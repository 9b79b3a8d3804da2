"""Pictures and films on disk, by hash: one small interface, one folder, durable before anybody hears of them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

CHUNK = 1024 * 1024  # bytes


class MediaStore:
    """Files named by the SHA-256 of their bytes, two letters a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes) -> str:
        """Keep `data`; returns its SHA-256 in hex. File and folders are synced to disk before it returns."""
        digest = hashlib.sha256(data).hexdigest()
        goal = self.path(digest)
        if goal.exists():
            goal.touch()  # young again, so that nobody sweeps it away under us
            return digest
        goal.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=goal.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(goal)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()
            raise
        for folder in (goal.parent, self.folder):
            _sync(folder)
        return digest

    def put_stream(self, source: IO[bytes]) -> str:
        """Keep what `source` gives, piece by piece; returns its SHA-256 in hex, once it is synced to disk."""
        first = self.folder / "00"
        first.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=first, prefix=".new-")
        hashed = hashlib.sha256()
        try:
            with os.fdopen(handle, "wb") as file:
                while data := source.read(CHUNK):
                    hashed.update(data)
                    file.write(data)
                file.flush()
                os.fsync(file.fileno())
            goal = self.path(hashed.hexdigest())
            goal.parent.mkdir(parents=True, exist_ok=True)
            Path(name).replace(goal)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()
            raise
        for folder in (goal.parent, self.folder):
            _sync(folder)
        return hashed.hexdigest()

    def put_file(self, path: Path) -> str:
        """Keep a file's bytes without reading them whole; `path` stays, and may be the same file on disk."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        goal = self.path(digest)
        if goal.exists():
            goal.touch()
            return digest
        goal.parent.mkdir(parents=True, exist_ok=True)
        new = goal.parent / f".new-{digest}"
        new.unlink(missing_ok=True)
        try:
            new.hardlink_to(path)
        except OSError:  # another file system, or one without links
            shutil.copyfile(path, new)
        with new.open("rb+") as file:
            os.fsync(file.fileno())
        new.touch()
        new.replace(goal)
        for folder in (goal.parent, self.folder):
            _sync(folder)
        return digest

    def path(self, digest: str) -> Path:
        """Where the bytes with this hash lie, or would."""
        return self.folder / digest[:2] / digest

    def remove(self, digest: str) -> None:
        """Forget these bytes; it is no error when they are gone already."""
        self.path(digest).unlink(missing_ok=True)

    def is_older(self, digest: str, at: datetime) -> bool:
        """Were these bytes last put before `at`?"""
        try:
            return self.path(digest).stat().st_mtime < at.timestamp()
        except FileNotFoundError:
            return False

    def list_older(self, at: datetime) -> Iterator[Path]:
        """Every file last put before `at`, unfinished ones (``.new-…``) among them."""
        for folder in sorted(self.folder.glob("??")):
            for path in sorted(folder.iterdir()):
                with contextlib.suppress(FileNotFoundError):
                    if path.stat().st_mtime < at.timestamp():
                        yield path


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
