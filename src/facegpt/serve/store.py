"""What the server keeps: heads, clips and personal heads, their records in SQLite and their files in folders.

Only the web process writes the database; the workers write the folders. `secure_delete` overwrites what is deleted.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from facegpt.runtime.atomic_files import make_folder
from facegpt.serve.jobs import ENDED
from facegpt.types import FaceGPTError

#: Kinds of things kept, each a table of the database and a folder beside it.
KINDS = ("heads", "clips", "avatars")
#: Folder of uploads until their job ends.
SPOOL = "spool"
_TABLES = """
CREATE TABLE IF NOT EXISTS {kind} (
    id TEXT PRIMARY KEY, created REAL NOT NULL, saved INTEGER NOT NULL DEFAULT 0,
    words TEXT NOT NULL DEFAULT '', data TEXT NOT NULL, used REAL NOT NULL DEFAULT 0);
"""
_JOBS = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, created REAL NOT NULL, kind TEXT NOT NULL, lane TEXT NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, payload TEXT NOT NULL, result TEXT, error TEXT);
"""
#: Of jobs that have ended.
_OVER = f"state IN {ENDED}"


class Store:
    """The records and folders of one server.

    Args:
        folder: where; made if need be.

    Raises:
        FaceGPTError: if it cannot be written, or another server uses it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = make_folder(folder).resolve()
        for name in (*KINDS, SPOOL):
            make_folder(self.folder / name)
        self._lock = threading.Lock()
        self._claim()
        try:
            self._base = sqlite3.connect(self.folder / "facegpt.sqlite", check_same_thread=False, isolation_level=None)
            with contextlib.suppress(OSError):
                os.chmod(self.folder, 0o700)
            for line in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON", "busy_timeout=5000"):
                self._base.execute(f"PRAGMA {line}")
            for kind in KINDS:
                self._base.executescript(_TABLES.format(kind=kind))
                if "used" not in {row[1] for row in self._base.execute(f"PRAGMA table_info({kind})")}:
                    self._base.execute(f"ALTER TABLE {kind} ADD COLUMN used REAL NOT NULL DEFAULT 0")
            self._base.executescript(_JOBS)
        except sqlite3.Error as error:
            raise FaceGPTError(
                f"the database in '{self.folder}' cannot be used ({error}); choose another --data"
            ) from None

    def _claim(self) -> None:
        """Hold the folder against a second server, as far as the system can."""
        self._held = open(self.folder / ".lock", "a+b")  # noqa: SIM115  (held as long as the store)
        try:
            import fcntl

            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:
            return
        except OSError:
            raise FaceGPTError(
                f"another server uses the data folder '{self.folder}'; stop it, or choose another --data"
            ) from None

    def close(self) -> None:
        """Close the database and let go of the folder."""
        with self._lock:
            self._base.close()
        self._held.close()

    def _run(self, line: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._base.execute(line, values).fetchall()

    # Heads, clips, personal heads

    def path(self, kind: str, key: str) -> Path:
        """The folder of a thing. `key` is an id of this store, never a client's text that was not looked up."""
        return self.folder / kind / key

    def add(self, kind: str, key: str, data: dict[str, Any], saved: bool = False) -> None:
        """Keep a record, unless there is one; `data` may hold "name" and "text", which searches look through."""
        values = (key, data.get("created") or time.time(), int(saved), _words(data), json.dumps(data))
        line = f"INSERT INTO {kind} (id, created, saved, words, data) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
        self._run(line, values)

    def used(self, kind: str, keys: Iterable[str]) -> None:
        """Note that things were asked for now: what is in use is not forgotten."""
        for key in keys:
            self._run(f"UPDATE {kind} SET used = ? WHERE id = ?", (time.time(), key))

    def get(self, kind: str, key: str) -> dict[str, Any] | None:
        """The record of a thing, or None."""
        rows = self._run(f"SELECT data, saved FROM {kind} WHERE id = ?", (key,))
        return {**json.loads(rows[0][0]), "saved": bool(rows[0][1])} if rows else None

    def find(self, kind: str, saved: bool | None = None, words: str = "", most: int = 200) -> list[dict[str, Any]]:
        """Records, the newest first; of those that hold every one of the words."""
        where: list[str] = ["1"]
        values: list[Any] = []
        if saved is not None:
            where.append("saved = ?")
            values.append(int(saved))
        for word in words.lower().split():
            where.append("words LIKE ? ESCAPE '\\'")
            values.append("%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%")
        line = f"SELECT data, saved FROM {kind} WHERE {' AND '.join(where)} ORDER BY created DESC LIMIT ?"
        return [{**json.loads(data), "saved": bool(kept)} for data, kept in self._run(line, (*values, most))]

    def of_ids(self, kind: str, keys: Sequence[str]) -> list[dict[str, Any]]:
        """The records of those that are still there, in the order of the ids."""
        found = (self.get(kind, key) for key in keys)
        return [data for data in found if data is not None]

    def save(self, kind: str, key: str, name: str) -> dict[str, Any] | None:
        """Keep a thing under a name until it is deleted; None if there is none."""
        data = self.get(kind, key)
        if data is None:
            return None
        data["name"] = name or data.get("name", "")
        self._run(
            f"UPDATE {kind} SET saved = 1, words = ?, data = ? WHERE id = ?", (_words(data), json.dumps(data), key)
        )
        return {**data, "saved": True}

    def delete(self, kind: str, key: str) -> bool:
        """Delete a record, its files, and ended jobs whose result tells of it; False if there is none."""
        found = self._delete(kind, key)
        if found:
            self._overwrite()
        return found

    def _delete(self, kind: str, key: str) -> bool:
        found = bool(self._run(f"DELETE FROM {kind} WHERE id = ? RETURNING id", (key,)))
        if found:
            self._run(f"DELETE FROM jobs WHERE {_OVER} AND instr(result, ?)", (key,))
            shutil.rmtree(self.path(kind, key), ignore_errors=True)
        return found

    def _overwrite(self) -> None:
        """Take what was deleted out of the log that SQLite writes before its database."""
        self._run("PRAGMA wal_checkpoint(TRUNCATE)")

    def forget(self, older_than_s: float, most: int = 1_000_000, jobs_s: float | None = None) -> int:
        """Delete what nobody saved and nobody asked for in the last seconds; how many there were.

        Of each kind no more than `most` stay unsaved, the newest. Finished jobs go after `jobs_s`.
        """
        end, count = time.time() - older_than_s, 0
        for kind in KINDS:
            old = f"SELECT id FROM {kind} WHERE saved = 0 AND max(created, used) < ?"
            beyond = f"SELECT id FROM {kind} WHERE saved = 0 ORDER BY max(created, used) DESC LIMIT -1 OFFSET ?"
            for (key,) in self._run(old, (end,)) + self._run(beyond, (most,)):
                count += self._delete(kind, key)
        jobs_end = end if jobs_s is None else time.time() - jobs_s
        self._run(f"DELETE FROM jobs WHERE created < ? AND {_OVER}", (jobs_end,))
        if count:
            self._overwrite()
        return count

    def sweep(self) -> None:
        """Delete folders and uploads that no record speaks of: of a server that was killed."""
        for kind in KINDS:
            known = {key for (key,) in self._run(f"SELECT id FROM {kind}")}
            for folder in (self.folder / kind).iterdir():
                if folder.name not in known:
                    shutil.rmtree(folder, ignore_errors=True)
        waiting = {key for (key,) in self._run("SELECT id FROM jobs WHERE state IN ('queued', 'running')")}
        for folder in (self.folder / SPOOL).iterdir():
            if folder.name not in waiting:
                shutil.rmtree(folder, ignore_errors=True)

    def count(self, kind: str) -> int:
        """How many there are."""
        return int(self._run(f"SELECT count(*) FROM {kind}")[0][0])

    # Uploads

    def spool(self, key: str) -> Path:
        """The folder of a job's uploads."""
        return make_folder(self.folder / SPOOL / key)

    def unspool(self, key: str) -> None:
        """Delete a job's uploads."""
        shutil.rmtree(self.folder / SPOOL / key, ignore_errors=True)

    # Jobs

    def note_job(self, key: str, kind: str, lane: str, payload: dict[str, Any], attempts: int) -> None:
        """Keep a job that waits or runs, so that it survives a restart."""
        values = (key, time.time(), kind, lane, "queued", attempts, json.dumps(payload))
        self._run("INSERT OR REPLACE INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)", values)

    def end_job(self, key: str, state: str, result: Any, error: Any) -> None:
        """Keep how a job ended; what was asked is forgotten."""
        line = "UPDATE jobs SET state = ?, result = ?, error = ?, payload = '{}' WHERE id = ?"
        self._run(line, (state, json.dumps(result), json.dumps(error), key))

    def job(self, key: str) -> dict[str, Any] | None:
        """A job of before, or None."""
        names = ("id", "created", "kind", "lane", "state", "attempts", "payload", "result", "error")
        rows = self._run("SELECT * FROM jobs WHERE id = ?", (key,))
        if not rows:
            return None
        row = dict(zip(names, rows[0], strict=True))
        return {**row, **{name: json.loads(row[name] or "null") for name in ("payload", "result", "error")}}

    def open_jobs(self) -> Iterator[dict[str, Any]]:
        """Jobs that had not ended when the last server did, the oldest first."""
        for (key,) in self._run("SELECT id FROM jobs WHERE state IN ('queued', 'running') ORDER BY created"):
            if (job := self.job(key)) is not None:
                yield job


def _words(data: dict[str, Any]) -> str:
    """What a search looks through."""
    told = [item.get("words") or item["label"] for item in data.get("understood", ()) if isinstance(item, dict)]
    return " ".join([str(data.get("name") or ""), str(data.get("text") or ""), *told]).lower()
