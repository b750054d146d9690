"""Files made to do harm end in words: what, where, which limit, what to do. Nothing else is touched by them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import struct
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets import containers
from core.datasets.ingest import ingest
from core.datasets.preview import ROWS, first_rows
from core.datasets.read import read_file
from core.errors import FileRefused, HourglassError, TooLarge, TooManyRows
from core.settings import Settings
from core.specs import ReadOptions
from core.storage.store import Store
from tests.conftest import add_csv, grid_csv
from tests.core.datasets.hostile import ods, ods_cell, ods_row, ole, xls, xlsx, zipped

CSV = b"a,b\n1,x\n2,y\n"
SMALL = Settings(upload_limit_mb=2, row_limit=1_000, column_limit=50, cell_limit_bytes=10_000)


def linked() -> zipfile.ZipInfo:
    link = zipfile.ZipInfo("t.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    return link


def locked() -> bytes:
    """A zip whose entry says that it is encrypted, here and in the directory."""
    data = bytearray(zipped({"t.csv": CSV}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def twice() -> bytes:
    data = zipped([("t.csv", CSV), ("u.csv", CSV)])
    return data.replace(b"u.csv", b"t.csv")


def many() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for i in range(100_000):
            archive.writestr(zipfile.ZipInfo(f"{i}.csv"), b"")
    return out.getvalue()


def lying() -> bytes:
    """A zip that says its table of 30 MB has 12 bytes."""
    data = bytearray(zipped({"t.csv": b"a,b\n" + b"1,2\n" * 7_500_000}))
    for start in (22, data.index(b"PK\x01\x02") + 24):
        data[start : start + 4] = struct.pack("<I", 12)
    return bytes(data)


def tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        entry = tarfile.TarInfo("t.csv")
        entry.size = len(CSV)
        archive.addfile(entry, io.BytesIO(CSV))
    return out.getvalue()


def spanning(*cells: str) -> bytes:
    return xlsx(
        "".join(
            f'<row r="{cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}"><c r="{cell}"><v>1</v></c></row>' for cell in cells
        )
    )


def repeated(rows: int, columns: int) -> bytes:
    return ods(ods_row(ods_cell("a")) + ods_row(ods_cell("x", number_columns_repeated=columns), times=rows))


def parquet(columns: dict[str, object], **options: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, **options)
    return out.getvalue()


def arrow(columns: dict[str, object]) -> bytes:
    out = io.BytesIO()
    feather.write_feather(pa.table(columns), out, compression="uncompressed")
    return out.getvalue()


BOMB = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
ZEROS = bytes(30_000_000)
LONG = "x" * 9_000
# name: bytes, kind of refusal, words of what, words of where
REFUSED: dict[str, tuple[bytes, type[FileRefused], str, str]] = {
    "gzip bomb": (gzip.compress(ZEROS), TooLarge, "unpacks to more than 2 MB", "x"),
    "bzip2 bomb": (bz2.compress(ZEROS), TooLarge, "unpacks to more than 2 MB", "x"),
    "xz bomb": (lzma.compress(ZEROS), TooLarge, "unpacks to more than 2 MB", "x"),
    "zip bomb": (zipped({"t.csv": ZEROS.replace(b"\0", b"1")}), TooLarge, "unpacks to more than 2 MB", "x, t.csv"),
    "nested zip": (zipped({"u.zip": zipped({"t.csv": CSV})}), FileRefused, "“u.zip” is an archive itself", "x"),
    "gzip in a zip": (zipped({"t.gz": gzip.compress(CSV)}), FileRefused, "no file in the archive is a table", "x"),
    "zip in a gzip": (gzip.compress(zipped({"t.csv": CSV})), FileRefused, "zip archive inside a gzip", "x"),
    "tar": (tar(), FileRefused, "tar archive inside a gzip", "x"),
    "link": (zipped([(linked(), "/etc/passwd")]), FileRefused, "“t.csv” in the archive is a link", "x"),
    "name that leads out": (zipped({"../../etc/t.csv": CSV}), FileRefused, "leads to a place outside", "x"),
    "absolute name": (zipped({"/etc/t.csv": CSV}), FileRefused, "leads to a place outside", "x"),
    "name of a drive": (zipped({"C:\\t.csv": CSV}), FileRefused, "leads to a place outside", "x"),
    "name with backslashes": (zipped({"a\\..\\..\\t.csv": CSV}), FileRefused, "leads to a place outside", "x"),
    "duplicate names": (twice(), FileRefused, "“t.csv” stands twice", "x"),
    "locked": (locked(), FileRefused, "locked with a password", "x"),
    "zip without a table": (zipped({"a.png": b"\x89PNG" + bytes(90)}), FileRefused, "no file in the archive", "x"),
    "empty zip": (zipped({}), FileRefused, "no file in the archive is a table", "x"),
    "torn zip": (zipped({"t.csv": CSV})[:-9], FileRefused, "zip archive is damaged", "x"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(60), FileRefused, "7z archive", "x"),
    "torn xz": (lzma.compress(CSV)[:-9], FileRefused, "xz file is damaged", "x"),
    "sheet to XFD1048576": (
        spanning("A1", "XFD1048576"),
        TooLarge,
        "16,384 columns, the limit is 50",
        "cell XFD1048576",
    ),
    "rows far below": (spanning("A1", "AX1", "B2", "A9999999"), TooLarge, "span 9,999,999 rows × 50", "cell AX9999999"),
    "entity bomb": (xlsx("", prolog=BOMB), FileRefused, "declares XML entities", "x"),
    "late entity bomb": (xlsx("", prolog="<!-- " + "x" * 9_000 + " -->" + BOMB), FileRefused, "declares XML", "x"),
    "workbook bomb": (xlsx(" " * 30_000_000), TooLarge, "unpacks to 30,", "x"),
    "ods of many columns": (repeated(1, 16_384), TooLarge, "16,384 columns, the limit is 50", "sheet “S”"),
    "ods of many rows": (repeated(900_000_000, 9), TooLarge, "span 900,000,001 rows × 9 columns", "sheet “S”"),
    "word document": (zipped({"[Content_Types].xml": "<a/>", "word/document.xml": "<a/>"}), FileRefused, "a Word", "x"),
    "old word document": (ole("WordDocument", b""), FileRefused, "a Word document", "x"),
    "locked workbook": (ole("EncryptedPackage", b""), FileRefused, "locked with a password", "x"),
    "torn workbook": (xls({(0, 0): "a", (1, 0): 1.0})[:1_500], FileRefused, "damaged", "x"),
    "parquet of zeros": (
        parquet({"t": pa.array(["0" * 9_000] * 2_000)}, use_dictionary=False, compression="zstd", row_group_size=500),
        TooManyRows,
        "2,000 rows, the limit is 1,000",
        "x",
    ),
    "parquet that unpacks": (
        parquet({"t": [LONG] * 999}, use_dictionary=False, compression="zstd"),
        TooLarge,
        "bytes when unpacked, the limit is 8,000,000",
        "x",
    ),
    "parquet that repeats": (parquet({"t": [LONG] * 999}), TooLarge, "unpacks to more than 8,000,000 bytes", "x"),
    "parquet of a long cell": (parquet({"t": ["x" * 10_001]}), TooLarge, "10,001 bytes, the limit is 10,000", "row 1"),
    "arrow that repeats": (
        arrow({"t": pa.array([LONG]).dictionary_encode().take(pa.array([0] * 999))}),
        TooLarge,
        "unpacks to more than 8,000,000 bytes",
        "x",
    ),
    "arrow of rows without bytes": (arrow({"t": pa.nulls(50_000_000)}), TooManyRows, "more than 1,000 rows", "x"),
    "torn arrow": (arrow({"t": ["a", "b"]})[:-30], FileRefused, "damaged", "x"),
    "json of many keys": (
        b"".join(b'{"k%d": 1}\n' % i for i in range(60)),
        TooLarge,
        "more than 50 different keys",
        "line 51",
    ),
    "json of many rows": (b'{"k": 1}\n' * 1_001, TooManyRows, "more than 1,000 rows", "line 1,001"),
    "json line without end": (b'{"a": 1}\n{"a": "' + b"x" * 200_000, TooLarge, "line has more than 160,000", "line 2"),
    "json of a long cell": (b'{"a": 1}\n{"a": "' + b"x" * 10_001 + b'"}\n', TooLarge, "10,001 bytes", "row 2"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), FileRefused, "a PNG image", "x"),
    "pdf": (b"%PDF-1.7\n1 0 obj", FileRefused, "a PDF document", "x"),
    "html": (b"\n<html><body><table><tr><td>1</td></tr></table>", FileRefused, "a web page", "x"),
    "json": (b'{"a": [1, 2],\n "b": {"c": 3}}', FileRefused, "JSON, not a table", "x"),
    "pickle": (b"\x80\x04\x95" + bytes(60), FileRefused, "a Python pickle", "x"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_where_limit_and_what_to_do(tmp_path: Path, case: str) -> None:
    data, kind, what, where = REFUSED[case]
    path = tmp_path / "upload"
    path.write_bytes(data)
    with pytest.raises(HourglassError) as caught:
        read_file(path, "x", SMALL)
    error = caught.value
    assert type(error) is kind
    assert what in error.what
    assert where in error.where
    assert error.fix
    assert "\n" not in error.line()


@pytest.mark.parametrize("case", REFUSED)
def test_a_look_at_the_first_rows_ends_in_rows_or_in_words(tmp_path: Path, case: str) -> None:
    path = tmp_path / "upload"
    path.write_bytes(REFUSED[case][0])
    try:
        assert len(first_rows(path, "x", SMALL, ReadOptions()).rows) <= ROWS
    except HourglassError as error:
        assert error.fix


@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        (",".join(f"c{i}" for i in range(100_000)) + "\n" + "1," * 99_999 + "1\n", "100,000 columns", "x"),
        ('a,b\n1,2\n3,"' + "x" * 30_000_000 + '"\n', "larger than 1,000,000", "line 3"),
        ("a,b\n1,2\n3," + "x" * 30_000_000 + "\n", "larger than 1,000,000", "line 3"),
        ("x" * 30_000_000, "larger than 1,000,000", "line 1"),
        ("a,b" + ",1" * 15_000_000, "columns, the limit is 5,000", "x"),
        ('"' * 30_000_000, "larger than 1,000,000", "line 1"),
    ],
    ids=["columns", "quoted cell", "cell", "line without end", "cells without end", "quotes"],
)
def test_text_without_measure_is_stopped_at_the_limit(tmp_path: Path, text: str, what: str, where: str) -> None:
    path = tmp_path / "upload"
    path.write_text(text)
    with pytest.raises(TooLarge, match=what) as caught:
        read_file(path, "x", Settings())
    assert where in caught.value.where


@pytest.mark.parametrize("name", ["RIFF", "GIF8", "MZ", "BM", "ORC", "Obj", "PK", "BZh"])
def test_a_table_may_begin_as_other_files_do(tmp_path: Path, name: str) -> None:
    path = tmp_path / "upload"
    path.write_text(f"{name},b\n1,x\n2,y\n")
    assert read_file(path, "x.csv", SMALL).columns == (name, "b")


def test_earlier_data_is_untouched(store: Store, tmp_path: Path) -> None:
    kept = add_csv(store, tmp_path, grid_csv())
    path = tmp_path / "upload"
    store.settings = store.settings.model_copy(update=SMALL.limits())
    for data, *_ in REFUSED.values():
        path.write_bytes(data)
        with pytest.raises(FileRefused):
            ingest(store, path, "bad.csv")
    assert [dataset.id for dataset in store.datasets.find()] == [kept.id]
    assert store.datasets.cells(kept).num_rows == 60


class Counting:
    """A source that counts what is asked of it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.bytes = file, 0

    def read(self, size: int = -1) -> bytes:
        piece = self.file.read(size)
        self.bytes += len(piece)
        return piece


def test_little_is_unpacked_beyond_the_limit(tmp_path: Path) -> None:
    with gzip.open(io.BytesIO(gzip.compress(ZEROS))) as file:
        counting = Counting(file)  # type: ignore[arg-type]
        with pytest.raises(TooLarge):
            containers._copy(counting, tmp_path / "out", 30_000, "x", SMALL)  # type: ignore[arg-type]
    assert counting.bytes <= 2_000_000 + containers.PIECE
    assert (tmp_path / "out").stat().st_size <= 2_000_000


def test_an_archive_of_100_000_files_is_refused_from_its_directory(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(many())
    with pytest.raises(TooLarge, match="more than 10,000 files") as caught:
        read_file(path, "x.zip", Settings())
    assert caught.value.where == "x.zip"


def test_a_directory_of_many_files_is_not_read_to_its_end() -> None:
    file = io.BytesIO(bytes(50_000_000))
    with pytest.raises(TooLarge, match="more than 10,000 files"):
        containers.Bounded(file, "x").read(45_000_000)
    assert file.tell() <= containers.TABLE.directory + 1


def test_a_bomb_under_the_limit_is_known_by_its_ratio(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(gzip.compress(bytes(110_000_000), 1))
    with pytest.raises(TooLarge, match="over 200 to 1"):
        read_file(path, "x.csv.gz", Settings())


def test_sizes_that_an_archive_makes_up_are_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(lying())
    with pytest.raises(FileRefused, match="damaged"):
        read_file(path, "x.zip", SMALL)


def test_what_was_unpacked_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = tmp_path / "upload"
    for data in (zipped({"t.csv": CSV}), gzip.compress(ZEROS), gzip.compress(CSV)):
        path.write_bytes(data)
        try:
            table = read_file(path, "x", SMALL)
        except TooLarge:
            continue
        assert table.rows == 2
        del table
    assert [path.name for path in tmp_path.iterdir()] == ["upload"]


def test_parquet_metadata_is_no_more_than_a_first_look(tmp_path: Path) -> None:
    """A file that says of itself that it is small: the bytes are counted as they come."""
    data = parquet({"t": [LONG] * 500, "u": [LONG + "y"] * 500})
    unpacked = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(0).total_byte_size
    assert unpacked < 100_000  # so that its metadata gives no reason to refuse it
    (tmp_path / "upload").write_bytes(data)
    with pytest.raises(TooLarge, match="unpacks to more than 8,000,000"):
        read_file(tmp_path / "upload", "x", SMALL)


@pytest.mark.parametrize("how", [{}, {"use_dictionary": False, "column_encoding": {"t": "DELTA_BYTE_ARRAY"}}])
def test_a_column_that_repeats_a_long_cell_takes_little_memory(tmp_path: Path, how: dict[str, object]) -> None:
    """90 kB that would be 500 MB as text."""
    column = pa.array(["x" * 90_000]).take(pa.array(np.zeros(6_000, int)))
    pq.write_table(pa.table({"t": column}), tmp_path / "x", **how)
    code = (
        "import resource, sys; from pathlib import Path; from core.settings import Settings\n"
        "from core.datasets.read import read_file; from core.errors import TooLarge\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: read_file(Path(sys.argv[1]), 'x', Settings())\n"
        "except TooLarge as error: print(error.line())\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "x")], capture_output=True, text=True, check=True, timeout=60
    )
    line, grown = done.stdout.strip().splitlines()
    assert "1,000 to 1" in line
    assert int(grown) < 250


def test_a_sheet_that_asks_for_too_much_ends_its_own_process_only(tmp_path: Path) -> None:
    """Cells without a reference, and an old workbook, tell no look how far they span."""
    limits = Settings(ingest_memory_mb=500)
    path = tmp_path / "upload"
    path.write_bytes(xls({(0, 0): "a", (1, 0): 1.0, (65_535, 60_000): 2.0}))
    with pytest.raises(TooLarge, match="more than 500 MB of memory") as caught:
        read_file(path, "x.xls", limits)
    assert caught.value.where.startswith("x.xls")
    wide = '<row r="1">' + "<c><v>1</v></c>" * 5_000 + "</row>"
    path.write_bytes(xlsx(wide + '<row r="900000"><c><v>1</v></c></row>'))
    with pytest.raises(TooLarge, match="more than 500 MB of memory"):
        read_file(path, "x.xlsx", limits)


def forged(data: bytes, where: int, what: bytes) -> bytes:
    return data[:where] + what + data[where + len(what) :]


HEALTHY = [
    parquet({"t": ["a", "bb", None] * 40, "n": list(range(120))}),
    arrow({"t": ["a", "bb", None] * 40, "n": list(range(120)), "d": pa.array(["p", "q"] * 60).dictionary_encode()}),
    xls({(i, j): float(i * j) if i else f"c{j}" for i in range(9) for j in range(3)}),
    zipped({"t.csv": CSV * 40}),
]


@settings(max_examples=60)
@given(st.sampled_from(HEALTHY), st.floats(0, 1), st.binary(min_size=1, max_size=8), st.booleans())
def test_damage_anywhere_ends_in_a_table_or_in_words(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, place: float, noise: bytes, torn: bool
) -> None:
    where = int(place * (len(data) - 1))
    path = tmp_path_factory.mktemp("damaged") / "x"
    path.write_bytes(data[: where + 1] if torn else forged(data, where, noise))
    try:
        read_file(path, "x", SMALL, ReadOptions())
    except FileRefused as error:
        assert error.fix
    try:
        first_rows(path, "x", SMALL, ReadOptions())
    except FileRefused as error:
        assert error.fix
