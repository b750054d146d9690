"""Bytes → letters: the encoding is found from the whole file, said, and what is not text is refused by its place."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from charset_normalizer import from_bytes

from core.datasets.text.mixed import MIXED
from core.errors import FileRefused, InputRefused

PIECE = 8_000_000  # bytes read at once
LOOKED = 1 << 20  # bytes looked at at once: what a processor's cache holds
# UTF-32 first: its mark begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The letters of languages that write them in one byte each, by page. Most tables that are not UTF-8 are Western.
WESTERN = (
    "éèàêçôîûùâïëœ",  # French
    "äöüß",
    "áéíóúñü",  # Spanish
    "ãçáéêóõâíúàô",  # Portuguese
    "àèéìòù",  # Italian
    "åäöé",  # Swedish, Finnish
    "æøåé",  # Danish, Norwegian
    "áðéíóúýþæö",  # Icelandic
    "àèéíïòóúüç",  # Catalan
)
CENTRAL = ("áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "ąćęłńóśźż", "áéíóöőúüű", "čćđšž", "ăâîşţ")  # cs sk pl hu hr ro
BALTIC = ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž")
TURKISH = ("çğıöşüâî",)
PAGES = (
    ("cp1252", WESTERN),
    ("cp1250", CENTRAL),
    ("cp1257", BALTIC),
    ("cp1254", TURKISH),
    ("mac_roman", WESTERN),
    ("cp850", WESTERN),
)
BESIDE_LETTERS = frozenset("’‘“”„–—…«»´•©®™²³ºª°µ¿¡\u00a0·")  # signs that stand before or after words
CYRILLIC, GREEK = "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґ", "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ"
SCRIPTS = (
    ("cp1251", (CYRILLIC,)),
    ("koi8_r", (CYRILLIC,)),
    ("cp866", (CYRILLIC,)),
    ("cp1253", (GREEK,)),
    ("cp1255", ("אבגדהוזחטיךכלםמןנסעףפץצקרשת",)),
)
SIGNS = BESIDE_LETTERS | frozenset("€£§½¼¾±×")
# Prices in nats: a letter of the language, of another one of Western Europe, of none; a page that most files don't use.
OWN, NEIGHBOUR, FOREIGN, RARE_PAGE = 3.0, 4.0, 7.0, 4.0
# What Windows writes under the name of a national encoding: the same letters, and more.
AS_WRITTEN = {
    "shift_jis": "cp932",
    "shift_jis_2004": "cp932",
    "shift_jisx0213": "cp932",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "cp950",
}
SAID = 3  # lines that are named
FEW = 4  # letters beyond ASCII that make no other script
LETTERS_LOOKED_AT = 5_000
BEYOND = re.compile(r"[^\x00-\x7f]")
BEYOND_BYTES = re.compile(rb"[\x80-\xff]+")
WORD = re.compile(r"\w+")
KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]{2}")
MULTIBYTE = re.compile(rb"[\xc3-\xf4][\x80-\xbf]+")
NO_TABLES = frozenset({"undefined", "idna", "punycode"})
CONTROLS = tuple(code for code in range(32) if code not in b"\t\n\r")
CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True)
class Control:
    """A control character: its code, how often it stands in the file, and at which byte first."""

    code: int
    count: int
    first: int


@dataclass(frozen=True)
class Letters:
    """A file's encoding and what is to be said about it; `pieces` gives the text, `carriage` lines end in \\r alone."""

    path: Path
    name: str
    encoding: str
    notices: tuple[str, ...] = ()
    carriage: bool = False
    lines: int = 0  # how many there are, where the whole file was looked at
    controls: tuple[Control, ...] = ()  # control characters, where letters are bytes

    def pieces(self, size: int = PIECE) -> Iterator[str]:
        """The text, a piece at a time. Raises FileRefused at what is not of the encoding, or NUL."""
        decoder = codecs.getincrementaldecoder(self.encoding)("strict")
        read = 0
        with self.path.open("rb") as file:
            while True:
                data = file.read(size)
                try:
                    text = decoder.decode(data, final=not data)
                except UnicodeError as error:
                    where = self.name
                    if isinstance(error, UnicodeDecodeError):
                        where += f", byte {read - (len(error.object) - len(data)) + error.start:,}"
                    raise FileRefused(
                        f"the bytes are not valid {self.encoding}",
                        where=where,
                        fix="save it as UTF-8 CSV, or choose another encoding",
                    ) from error
                if (at := text.find("\0")) >= 0:
                    raise binary(f"{self.name}, near byte {read + at:,}")
                if text:
                    yield text.replace("\r", "\n") if self.carriage else text
                if not data:
                    return
                read += len(data)


def binary(where: str) -> FileRefused:
    """The refusal of what holds NUL bytes."""
    return FileRefused(
        "this is not text: it holds NUL bytes",
        where=where,
        fix="export it anew as text and save it as CSV; a NUL byte is no letter",
    )


def find_encoding(path: Path, name: str, chosen: str | None = None) -> Letters:
    """Order: what the user chose, byte-order mark, UTF-16 by its NULs, UTF-8, a guess that is said.

    Raises FileRefused where the bytes are no text, or of two encodings, InputRefused where what was chosen is none.
    """
    with path.open("rb") as file:
        head = file.read(1 << 20)
    if chosen:
        encoding = _known(chosen)
        notices = _strays(path) if encoding == MIXED else ()
        return _with_line_ends(Letters(path, name, encoding, notices), head)
    marked = next((encoding for mark, encoding in MARKS if head.startswith(mark)), None)
    if marked == "utf-8-sig" and isinstance(seen := _utf8(path, name), Seen):
        return _with_line_ends(Letters(path, name, marked, lines=seen.lines, controls=seen.controls()), head)
    if marked is None:
        marked = _wide(head)
    if marked is not None:
        return _with_line_ends(Letters(path, name, marked), head)
    seen = _utf8(path, name)
    if isinstance(seen, Seen):
        return _with_line_ends(Letters(path, name, "utf-8", lines=seen.lines, controls=seen.controls()), head)
    place, around, line = seen
    if b"\0" in head:
        raise binary(f"{name}, byte {head.find(bytes(1)):,}")
    return _with_line_ends(_guess(path, name, head, place, around, line), head)


def _strays(path: Path) -> tuple[str, ...]:
    """What is said of the lines that are not UTF-8."""
    lines: list[int] = []
    count, word = 0, ""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                count += 1
                lines += [number] * (count <= SAID)
                around = line[max(0, error.start - 30) : error.end + 30].decode(MIXED)
                word = word or next((each for each in WORD.findall(around) if not each.isascii()), "")
    if not count:
        return ()
    held = "1 line holds" if count == 1 else f"{count:,} lines hold"
    named = f"{', '.join(f'{line:,}' for line in lines)}{', …' if count > SAID else ''}"
    shown = f", for instance “{word[:40]}”" if word else ""
    return (f"{held} bytes that are not UTF-8 ({named}); they were read as Windows-1252{shown}",)


def _known(encoding: str) -> str:
    fix = "for instance utf-8, cp1252 or utf-16"
    try:
        codec = codecs.lookup(encoding)
    except (LookupError, ValueError) as error:
        raise InputRefused(f"there is no encoding called “{encoding}”", where="encoding", fix=fix) from error
    # Among Python's codecs are some that pack bytes (zip, hex), and some for the names of hosts.
    if not codec._is_text_encoding or codec.name in NO_TABLES:
        raise InputRefused(f"“{encoding}” is no encoding of text", where="encoding", fix=fix)
    return codec.name


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: NULs at every second byte."""
    even, odd = head[0:4096:2].count(0), head[1:4096:2].count(0)
    half = max(1, min(len(head), 4096) // 2)
    if odd > 0.4 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None


class Seen:
    """What was seen in bytes that passed by: line ends and control characters."""

    def __init__(self) -> None:
        self.bytes = self.ends = 0
        self._last = b"\n"
        self._controls: dict[int, tuple[int, int]] = {}  # code → how often, at which byte first

    @property
    def lines(self) -> int:
        return self.ends + (self._last != b"\n")

    def controls(self) -> tuple[Control, ...]:
        """By where each stands first."""
        found = [Control(code, count, first) for code, (count, first) in self._controls.items()]
        return tuple(sorted(found, key=lambda control: control.first))

    def add(self, data: bytes) -> None:
        """The next bytes."""
        values = np.frombuffer(data, np.uint8)
        ends = int(np.count_nonzero(values == 10))
        # Nearly every file has no other byte below 32 than these: looking for each control character takes longer.
        if np.count_nonzero(values < 32) - ends != np.count_nonzero(values == 9) + np.count_nonzero(values == 13):
            for code in CONTROLS:
                if count := data.count(code):
                    before, first = self._controls.get(code, (0, self.bytes + data.find(code)))
                    self._controls[code] = before + count, first
        self.bytes, self.ends, self._last = self.bytes + len(data), self.ends + ends, data[-1:] or self._last


def _utf8(path: Path, name: str) -> Seen | tuple[int, bytes, int]:
    """What was seen in the file; or place, the bytes around and the line of the first byte that is not UTF-8.

    Raises FileRefused at a NUL.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    seen = Seen()
    with path.open("rb") as file:
        while True:
            data = file.read(LOOKED)
            try:
                if not (
                    data.isascii() and data and decoder.getstate()[0] == b""
                ):  # most files are ASCII: no need to decode
                    decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                around = bytes(error.object)
                place = seen.bytes - (len(around) - len(data)) + error.start
                line = seen.ends + 1 + around.count(b"\n", 0, error.start)
                return place, around[max(0, error.start - 200) :][: 1 << 20], line
            if not data:
                return seen
            seen.add(data)
            if (nul := next((control for control in seen.controls() if control.code == 0), None)) is not None:
                raise binary(f"{name}, byte {nul.first:,}")


def _seen(path: Path) -> Seen:
    seen = Seen()
    with path.open("rb") as file:
        while data := file.read(LOOKED):
            seen.add(data)
    return seen


def _guess(path: Path, name: str, head: bytes, place: int, around: bytes, line: int) -> Letters:
    where = f"{name}, byte {place:,}, line {line:,}"
    sample = head if place < len(head) else head[: 1 << 16] + around
    no_text = FileRefused(
        "these bytes are no text in any encoding that is known here", where=where, fix="save it as UTF-8 CSV"
    )
    if len(CONTROL.findall(sample[:65_536])) > 0.01 * min(len(sample), 65_536):
        raise no_text
    if _also_utf8(sample):
        raise FileRefused(
            "the file mixes two encodings: most of its letters are UTF-8, but not the byte at this place",
            where=where,
            fix=f"choose {MIXED}, which reads such bytes as Windows-1252 and all else as UTF-8, or save it as UTF-8; or choose latin-1, "
            "which reads every byte (letters that were UTF-8 will look wrong)",
        )
    encoding = _likely_encoding(sample)
    if encoding is None:
        raise no_text
    # Encodings of one byte a letter look alike: a word lets the reader see whether the letters are right.
    shown = ""
    text = sample.decode(encoding, "replace")
    odd = next((word for word in WORD.findall(text) if not word.isascii()), "")
    shown = f", for instance “{odd[:40]}”" if odd else ""
    notice = f"the file is not UTF-8 (first at byte {place:,}); it was read as {encoding}{shown}"
    return Letters(path, name, encoding, (notice,), controls=_seen(path).controls())


def _also_utf8(sample: bytes) -> bool:
    """Whether most bytes beyond ASCII stand in valid UTF-8 sequences: then the encoding is a mixture."""
    beyond = sum(byte >= 0x80 for byte in sample)
    valid = 0
    for match in MULTIBYTE.finditer(sample):
        try:
            match[0].decode("utf-8")
        except UnicodeDecodeError:
            continue
        valid += len(match[0])
    return valid > 0.5 * beyond


def _likely_encoding(data: bytes) -> str | None:
    """The guess: a page of Latin letters where they stand alone among plain ones, one of another script where not.

    What is neither, as with Chinese or Japanese, is told by its words.
    """
    runs = BEYOND_BYTES.findall(data)
    alone = sum(map(len, runs)) <= max(1.5 * len(runs), FEW)
    page = _page(data, PAGES, 0.5 * (NEIGHBOUR + FOREIGN)) if alone else _page(data, SCRIPTS, NEIGHBOUR)
    if page is not None:
        return page
    best = from_bytes(data).best()
    if best is not None:
        wider = AS_WRITTEN.get(best.encoding, best.encoding)
        return wider if _reads(data, wider) else best.encoding
    return "cp932" if _reads(data, "cp932") and KANA.search(data.decode("cp932", "ignore")) else None


def _reads(data: bytes, encoding: str) -> bool:
    """Whether the bytes are text of an encoding; a letter may be cut off at their end."""
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _page(data: bytes, pages: Sequence[tuple[str, tuple[str, ...]]], most: float) -> str | None:
    """The page under which the letters are those of one language, signs not inside words; None where none is.

    most: what a letter may cost.
    """
    priced = []
    for number, (page, languages) in enumerate(pages):
        try:
            text = data.decode(page)
        except UnicodeDecodeError:
            continue
        price, count = _price(text, languages)
        priced.append((price + RARE_PAGE * (number > 0), number, count, page))
    if not priced:
        return None
    price, _, count, page = min(priced)
    return page if price <= RARE_PAGE + most * count else None


def _price(text: str, languages: tuple[str, ...]) -> tuple[float, int]:
    """How unlikely the letters beyond ASCII are in the likeliest of the languages, and how many there are."""
    letters: Counter[str] = Counter()
    price, count = 0.0, 0
    for match in islice(BEYOND.finditer(text), LETTERS_LOOKED_AT):
        letter, start = match[0], match.start()
        before, after = text[start - 1 : start], text[start + 1 : start + 2]
        count += 1
        if letter.isalpha() and letter not in SIGNS:
            letters[letter.lower()] += 1
            price += FOREIGN * (letter.isupper() and before.islower())
        elif before.isalpha() and after.isalpha() and letter != "’":
            price += OWN + FOREIGN
        else:
            beside = before.isalpha() or after.isalpha()
            price += OWN if letter in (BESIDE_LETTERS if beside else SIGNS) else FOREIGN
    other = set("".join(WESTERN)) if languages is WESTERN else set()
    return price + min(
        sum(n * (OWN if letter in own else NEIGHBOUR if letter in other else FOREIGN) for letter, n in letters.items())
        for own in languages
    ), count


def _with_line_ends(letters: Letters, head: bytes) -> Letters:
    try:
        text = head.decode(letters.encoding, "ignore")
    except UnicodeError:  # reading it tells where
        return letters
    alone = text.count("\r") - text.count("\r\n")
    return replace(letters, carriage=alone > text.count("\n"))
