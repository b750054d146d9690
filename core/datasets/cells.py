"""A column of text as its different cells: what all parsing works on. Nothing here knows kinds."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Texts = NDArray[np.object_]  # str or None, (N,)
Floats = NDArray[np.float64]

MISSING_WORDS = frozenset(
    {"k.a.", "k. a.", "keine angabe", "n.v.", "not available", "not applicable"}
    | {"na", "n/a", "n.a.", "nan", "null", "none", "nil", "?", "-", "--", "—", "missing", "(null)", "<na>"}
    | {".", "..", "...", "…", ":", "---"}
    | {"\\n"}  # \N, as MySQL and PostgreSQL write it
    | {"#n/a", "#value!", "#div/0!", "#ref!", "#name?", "#num!", "#null!"}
)
# Words for it among numbers and dates only: of names, “unknown” may be one.
UNKNOWN_WORDS = MISSING_WORDS | {
    *("unknown", "unk", "unk.", "not known", "not recorded", "not reported", "not measured", "no data", "nodata"),
    *("0000-00-00", "0000-00-00 00:00:00", "00.00.0000", "00/00/0000"),
    *("n.d.", "nd", "n/d", "s/d", "tbd", "tba", "??", "pending", "unbekannt", "inconnu", "inconnue", "desconocido"),
    *("*", "**", "***", "nr", "n.r.", "no aplica", "não se aplica", "nao se aplica", "não informado", "sem informação"),
    *("sin dato", "sin datos", "no disponible", "non disponible", "non renseigné", "sans objet", "entfällt", "fehlt"),
    *(
        "non disponibile",
        "brak",
        "brak danych",
        "нет данных",
        "не указано",
        "bilinmiyor",
        "belirtilmemiş",
        "不明",
        "未知",
    ),
    *("desconocida", "sconosciuto", "desconhecido", "onbekend", "nicht bekannt", "ohne angabe", "o.a.", "keine daten"),
}
HASH = 20  # bytes of “… ” and sixteen hexadecimal digits


@dataclass(frozen=True)
class Distinct:
    """A column as its different cells, trimmed, in order of appearance, and where they stand."""

    values: Texts  # (D,) str
    places: NDArray[np.int64]  # (N,) position in `values`; -1 where the row's cell is empty

    @property
    def counts(self) -> NDArray[np.int64]:
        """How often each stands, (D,)."""
        return np.bincount(self.places[self.places >= 0], minlength=len(self.values))

    @property
    def rows(self) -> int:
        return len(self.places)

    def spread(self, parsed: Floats) -> Floats:
        """One entry a different cell → one a row, NaN where empty."""
        return np.append(parsed, np.nan)[self.places]


def distinct(texts: Texts | pa.ChunkedArray) -> Distinct:
    """The different cells of a column."""
    column = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else pa.array(texts, pa.string())
    trimmed = pc.utf8_trim_whitespace(column)
    trimmed = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
    coded = trimmed.dictionary_encode()
    places = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return Distinct(coded.dictionary.to_numpy(zero_copy_only=False), places)


def shortened(column: pa.Array, longest: int) -> pa.Array:
    """Cells of more bytes than that by their beginning and a hash of the whole: different ones stay different."""
    sizes = pc.binary_length(column)
    if (pc.max(sizes).as_py() or 0) <= longest:
        return column
    long = pc.fill_null(pc.greater(sizes, longest), False)
    short = []
    for cell in column.filter(long):
        whole = cell.as_py().encode()
        begin = whole[: longest - HASH].decode(errors="ignore")
        short.append(f"{begin}… {hashlib.blake2b(whole, digest_size=8).hexdigest()}")
    return pc.replace_with_mask(column, long, pa.array(short, pa.string()))


def matching(values: Texts, pattern: re.Pattern[str]) -> NDArray[np.bool_]:
    """Which cells the pattern matches, upper case or lower."""
    found = pc.match_substring_regex(pa.array(values, pa.string()), pattern.pattern, ignore_case=True)
    out: NDArray[np.bool_] = found.to_numpy(zero_copy_only=False).astype(bool)
    return out


def say_missing(values: Texts, words: frozenset[str] = MISSING_WORDS) -> NDArray[np.bool_]:
    """Which cells are words for a missing value."""
    lower = pc.utf8_lower(pa.array(values, pa.string()))
    out: NDArray[np.bool_] = pc.is_in(lower, pa.array(sorted(words))).to_numpy(zero_copy_only=False)
    return out.astype(bool)
