"""Uploads on disk: any split of the bytes comes out whole, bounds hold, nothing lies about, the folder shows only its own."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st

from core.datasets import uploads
from core.errors import DiskFull, FileRefused, InputRefused, NotFound, SettingsRefused, TooLarge
from core.settings import Settings

HOSTILE = "../../../etc/x<img src=x>.csv"


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def sent(settings: Settings, name: str, data: bytes) -> uploads.Upload:
    id_ = uploads.begin(settings, name, len(data)).id
    writer = uploads.Writer(settings, id_)
    writer.write(data)
    return writer.finish()


def age(settings: Settings, seconds: float) -> None:
    then = time.time() - seconds
    for path in (settings.home / "uploads").iterdir():
        os.utime(path, (then, then))


@trials(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(pieces=st.lists(st.binary(max_size=50), max_size=8), lost=st.sets(st.integers(0, 7)))
def test_pieces_come_out_as_one_also_when_the_server_restarts_in_between(
    tmp_path: Path, pieces: list[bytes], lost: set[int]
) -> None:
    settings, data = Settings(home=tmp_path / "home"), b"".join(pieces)
    id_ = uploads.begin(settings, "a.csv", len(data)).id
    writer = uploads.Writer(settings, id_)
    for i, piece in enumerate(pieces):
        writer = uploads.Writer(settings, id_) if i in lost else writer
        writer.write(piece)
    whole = writer.finish()
    assert whole.path.read_bytes() == data
    assert whole.sha256 == hashlib.sha256(data).hexdigest()
    assert whole.whole and whole.received == whole.size == len(data)
    assert uploads.Writer(settings, id_).finish() == whole  # asked twice, answered twice


def test_a_hostile_name_is_kept_as_text_and_never_touches_the_disk(here: Settings) -> None:
    upload = sent(here, HOSTILE, b"a,b\n1,2\n")
    assert upload.name == HOSTILE
    assert {path.name for path in (here.home / "uploads").iterdir()} == {upload.id, f"{upload.id}.json"}
    assert not (here.home / "etc").exists()


@pytest.mark.parametrize("id_", ["", ".", "..", "../hourglass", "A" * 32, "0" * 31, "0" * 32 + "\n", "a/b", "0" * 32])
def test_only_ids_that_were_given_out_are_found(here: Settings, id_: str) -> None:
    with pytest.raises(NotFound, match="choose the file again"):
        uploads.find(here, id_)


@pytest.mark.parametrize(("name", "size"), [("", 1), ("  ", 1), ("a.csv", -1)])
def test_what_is_no_file_is_refused(here: Settings, name: str, size: int) -> None:
    with pytest.raises(InputRefused):
        uploads.begin(here, name, size)


def test_a_file_over_the_limit_is_refused_before_a_byte_is_sent(here: Settings) -> None:
    small = here.model_copy(update={"upload_limit_mb": 1})
    uploads.begin(small, "just.csv", 1_000_000)
    with pytest.raises(TooLarge, match=r"the limit is 1 MB .*HOURGLASS_UPLOAD_LIMIT_MB"):
        uploads.begin(small, "over.csv", 1_000_001)


def test_more_than_was_announced_is_refused_and_not_written(here: Settings) -> None:
    upload = uploads.begin(here, "a.csv", 3)
    writer = uploads.Writer(here, upload.id)
    writer.write(b"ab")
    with pytest.raises(TooLarge, match="more bytes came than were announced"):
        writer.write(b"cd")
    with pytest.raises(InputRefused, match="has not arrived yet"):
        writer.finish()
    assert uploads.find(here, upload.id).received == 2


def test_room_is_kept_for_the_rest_of_other_uploads(here: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        total: int
        used: int
        free: int

    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**12, 0, 1_200_000_000))
    uploads.begin(here, "first.csv", 600_000_000)
    with pytest.raises(DiskFull, match=r"1,100 MB are still to come.* room for 1,000 MB"):
        uploads.begin(here, "second.csv", 500_000_000)
    uploads.begin(here, "third.csv", 400_000_000)
    age(here, uploads.MOVING_SECONDS + 60)  # both stand still
    uploads.begin(here, "fourth.csv", 1_000_000_000)


def test_what_jobs_had_is_swept_too_where_they_are_known(here: Settings, tmp_path: Path) -> None:
    wanted, unwanted = sent(here, "wanted.csv", b"a\n1\n"), sent(here, "unwanted.csv", b"a\n2\n")
    for upload in (wanted, unwanted):
        uploads.release(here, upload.id)
    age(here, uploads.STALE_SECONDS + 60)
    link = uploads.new_path(here)
    link.symlink_to(tmp_path / "gone from the server's folder")
    assert uploads.sweep(here, needed=[str(wanted.path)]) == 1
    assert wanted.path.exists()
    assert not unwanted.path.exists()
    assert link.is_symlink()  # young by itself
    os.utime(link, (1, 1), follow_symlinks=False)
    assert uploads.sweep(here, needed=[str(wanted.path)]) == 1
    assert not link.is_symlink()


def test_what_was_left_lying_is_swept_and_what_a_job_has_is_not(here: Settings) -> None:
    begun, whole = uploads.begin(here, "begun.csv", 5), sent(here, "whole.csv", b"a\n1\n")
    taken = sent(here, "taken.csv", b"a\n2\n")
    uploads.release(here, taken.id)
    assert uploads.sweep(here) == 0
    age(here, uploads.STALE_SECONDS + 60)
    fresh = uploads.begin(here, "fresh.csv", 5)  # sweeps
    for gone in (begun, whole, taken):
        with pytest.raises(NotFound):
            uploads.find(here, gone.id)
    assert {path.stem for path in (here.home / "uploads").iterdir()} == {taken.id, fresh.id}
    assert taken.path.read_bytes() == b"a\n2\n"


def test_a_discarded_upload_leaves_nothing(here: Settings) -> None:
    upload = uploads.begin(here, "a.csv", 10)
    writer = uploads.Writer(here, upload.id)
    writer.write(b"abc")
    uploads.discard(here, upload.id)
    assert list((here.home / "uploads").iterdir()) == []
    with pytest.raises(NotFound):
        writer.write(b"d")


# --- the server's folder ---------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two tables, and much that must not be picked."""
    made, outside = tmp_path / "folder", tmp_path / "outside"
    made.mkdir()
    outside.mkdir()
    (outside / "secret.csv").write_text("a\n1\n")
    (made / "old.csv").write_text("a\n1\n")
    os.utime(made / "old.csv", (1_000, 1_000))
    (made / "<img src=x>.csv").write_text("a\n1\n2\n")
    (made / "link.csv").symlink_to(made / "old.csv")
    (made / "out.csv").symlink_to(outside / "secret.csv")
    (made / "nowhere.csv").symlink_to(made / "none")
    (made / "loop.csv").symlink_to(made / "loop.csv")
    (made / ".hidden.csv").write_text("a\n1\n")
    (made / "deeper").mkdir()
    (made / "deeper" / "inner.csv").write_text("a\n1\n")
    os.mkfifo(made / "pipe.csv")
    return made


def test_the_folder_lists_its_own_files_newest_first(here: Settings, folder: Path) -> None:
    settings = here.model_copy(update={"folder": folder})
    files, more = uploads.server_files(settings)
    assert [file.name for file in files] == ["<img src=x>.csv", "link.csv", "old.csv"]
    assert more == 0
    assert [file.size for file in files] == [6, 4, 4]
    assert uploads.server_file(settings, "old.csv") == files[2]


@pytest.mark.parametrize(
    "name", ["out.csv", "../outside/secret.csv", ".hidden.csv", "deeper", "deeper/inner.csv", "", "..", "a\0", "none"]
)
def test_nothing_else_can_be_picked(here: Settings, folder: Path, name: str) -> None:
    with pytest.raises(FileRefused, match="no such file"):
        uploads.server_file(here.model_copy(update={"folder": folder}), name)


def test_a_borrowed_file_outlives_the_job_that_removes_its_upload(here: Settings, folder: Path) -> None:
    settings = here.model_copy(update={"folder": folder})
    path = uploads.borrow(settings, uploads.server_file(settings, "link.csv"))
    assert path.parent == here.home / "uploads"
    assert path.read_text() == "a\n1\n"
    path.unlink()
    assert (folder / "old.csv").read_text() == "a\n1\n"
    with pytest.raises(TooLarge):
        tight = settings.model_copy(update={"upload_limit_mb": 0})
        uploads.borrow(tight, uploads.server_file(settings, "old.csv"))


def test_without_a_folder_there_is_nothing_and_a_missing_one_is_said(here: Settings, tmp_path: Path) -> None:
    assert uploads.server_files(here) == ((), 0)
    with pytest.raises(SettingsRefused, match=r"no such file.*HOURGLASS_FOLDER="):
        uploads.server_files(here.model_copy(update={"folder": tmp_path / "none"}))


def test_the_folder_is_a_setting_and_empty_means_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOURGLASS_FOLDER", "")
    assert Settings().folder is None
    monkeypatch.setenv("HOURGLASS_FOLDER", str(tmp_path))
    assert Settings().folder == tmp_path
