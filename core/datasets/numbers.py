"""Numbers as people write them: decimal point or comma, thousands marks, currencies, units, bounds.

A column's numbers have one form (“point” or “comma”: the decimal mark; “duration”: hours, minutes and seconds between
colons, read as seconds) and one unit, found by `style`; `numbers`
then reads each cell by itself. A bound (“<0.1”) is taken at its value and counted by `censored`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.datasets.cells import Floats, Texts, matching

FORMS = ("point", "comma", "duration")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CURRENCIES = (
    *("US$", "CA$", "A$", "R$", "HK$", "$", "€", "£", "¥", "₹", "₽", "₩", "₺", "₪", "฿", "₫", "₴"),
    *("CHF", "USD", "EUR", "GBP", "JPY", "CNY", "INR", "AUD", "CAD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF"),
    *(
        "BRL",
        "MXN",
        "ZAR",
        "RUB",
        "TRY",
        "KRW",
        "SGD",
        "HKD",
        "ILS",
        "Fr.",
        "SFr.",
        "kr.",
        "kr",
        "zł",
        "Kč",
        "Ft",
        "Rs.",
    ),
)
UNITS = _words(
    "% ‰ °C °F ° K kg g mg µg μg ug ng lb lbs oz t ton tons tonne tonnes km m cm mm µm μm nm in inch inches ft feet yd"
    " yards mi mile miles s sec secs second seconds ms µs ns min mins minute minutes h hr hrs hour hours d day days wk"
    " wks week weeks month months mo yr yrs year years V mV kV A mA W mW kW MW GW Wh kWh MWh GWh J kJ MJ kcal cal Cal"
    " Pa kPa MPa hPa bar mbar psi atm mmHg Hz kHz MHz GHz L l ml mL dl dL cl hl gal gallon gallons qt pt m/s km/h kph"
    " mph rpm bpm fps ppm ppb mol mmol µmol nmol pmol mmol/l mmol/L mg/dl mg/dL mg/l mg/L g/l g/L g/dl g/dL mg/kg µg/l"
    " µg/m3 µg/m³ g/cm3 kg/m3 kg/m2 kg/m² kB KB MB GB TB MiB GiB bytes bit bits px dB dBm N kN Nm Nm² hp PS cc mpg ha"
    " acre acres m2 m² m3 m³ cm2 cm² cm3 cm³ km2 km² ft2 ft² sqft sqm lx lm cd Ω kΩ F mF µF nF pF IU U/L U/l mU/L x"
    " W/m2 W/m² kN/m2 L/100km l/100km cups tbsp tsp pts points people persons"
)
UNSURE = frozenset("ACFKTNdtx")  # one letter right behind the digits: a flat or a seat as well as an amount
ENOUGH = 5_000  # different cells that tell the decimal mark and the unit
PLAIN = re.compile(r"^(?:[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?|[-+]?inf(inity)?)$", re.IGNORECASE)
SPACES = " \u00a0\u202f\u2009"
PROBE = 300  # cells that tell whether a column is worth a close look
NUMBER_LIKE = re.compile(rf"^[^0-9]{{0,6}}[{SPACES}]*[0-9][0-9.,'’{SPACES}]*(e[-+]?[0-9]+)?[^0-9]{{0,16}}[0-9]?$")
MINUS = "-\u2212\u2013"
DURATION = re.compile(rf"^[{MINUS}+]?\d{{1,5}}:[0-5]\d:[0-5]\d([.,]\d+)?$")
WRITTEN_OUT = 400  # places of a number that is compared by its digits
EXPONENT = "(?:e[-+\u2212]?[0-9]+)?"
EITHER = re.compile(r"^[1-9]\d{0,2}(,\d{3})+$")  # 1,234: thousands, unless other cells have a decimal comma
DOT_EITHER = re.compile(r"^[-+]?[1-9]\d{0,2}\.\d{3}$")  # 1.234: a point with three digits behind it, or thousands
FRACTION = re.compile(r"^[-+]?(\d+\.(\d{1,2}|\d{4,})|(0|\d{4,})\.\d+)$")  # a point that marks no thousands
SMALL_WHOLE = re.compile(r"^[-+]?\d{1,3}$")
THOUSANDS = re.compile(r"^(?:Tsd\.?|Mio\.?|Mrd\.?|mn|bn|thousand|million|billion|k|K|T|M|m) ?(?=\S)")  # kEUR, Mio EUR
# What statistics write at a number to say something of it: 105.2#, #83.0, 12 (e), 23.5 b, 7[2]. Letters that are units
# as well (d, s) are none, nor is an e right behind digits, where an exponent was cut off.
MARK_BEHIND = r"[*#†‡§]{1,3}|[¹²³⁴-⁹]|\[[0-9a-z]{1,2}\]|\([a-z]\)|[bcfnpruz]"
MARK = re.compile(
    rf"^(?P<before>[*#†‡§]{{1,3}})?(?P<number>[-+\u2212]?[0-9.,].*?)[{SPACES}]?"
    rf"(?P<behind>{MARK_BEHIND}|(?<=[{SPACES}])e)?$"
)
MAYBE_MARKED = re.compile(rf"^[*#†‡§]|(?:{MARK_BEHIND}|[{SPACES}]e)$")
HEADER_UNIT = re.compile(r"[(\[]\s*([^()\[\]]{1,14}?)\s*[)\]]\s*$")


def _grouped(marks: str) -> str:
    return "|".join(rf"[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})+" for mark in marks)


POINT = rf"(?:{_grouped(',' + SPACES)}|{_grouped(chr(39) + '’')}|[1-9]\d?(?:,\d{{2}})+,\d{{3}}|\d+)(?:\.\d*)?|\.\d+"
COMMA = rf"(?:{_grouped('.' + SPACES)}|{_grouped(chr(39) + '’')}|\d+)(?:,\d*)?|,\d+|\d+\.\d+"
NUMBER = {"point": f"(?:{POINT}){EXPONENT}", "comma": f"(?:{COMMA}){EXPONENT}"}
ANY_NUMBER = rf"(?:{POINT}|{COMMA}){EXPONENT}"
BARE_COMMA = re.compile(rf"^(?:{COMMA}){EXPONENT}$", re.IGNORECASE)
WORD = r"(?:[€$£¥]/)?[\pL%‰°][\pL%‰°²³µ/·^.0-9 ]{0,14}"


@dataclass(frozen=True)
class Style:
    """How a column writes its numbers. `tie`: a cell like “1,234” or “1.234”, where none tells which of two it is."""

    form: str = "point"
    unit: str = ""
    tie: str = ""


def numbers(values: Texts, form: str = "", unit: str | None = None) -> Floats:
    """The numbers of a column's different cells, (D,); NaN where a cell is none. Infinities stay infinite.

    form: “point”, “comma”, or empty to decide it from these cells. unit: what may stand at the number; None for
    any unit or currency that is known. Of a column whose form is known, a footnote's mark at a number is left out.
    """
    if form == "duration":
        return _seconds(values)
    if not form:
        return _numbers(values, _decimal_mark(values), unit)
    out = _numbers(values, form, unit)
    rest = np.flatnonzero(np.isnan(out))
    if len(rest):
        out[rest] = _numbers(np.asarray([_unmarked(cell)[0] for cell in values[rest]], object), form, unit)
    return out


def footnotes(values: Texts, form: str, unit: str) -> Texts:
    """The footnote's mark that each cell is a number without, (D,); empty where it is one as it stands, or is none."""
    marks = np.full(len(values), "", object)
    maybe = np.flatnonzero(matching(values, MAYBE_MARKED)) if form != "duration" else np.zeros(0, np.int64)
    if len(maybe) == 0:
        return marks
    apart = [_unmarked(cell) for cell in values[maybe]]
    bare = np.asarray([cell for cell, _ in apart], object)
    read = np.isnan(_numbers(values[maybe], form, unit)) & ~np.isnan(_numbers(bare, form, unit))
    marks[maybe[read]] = [mark for (_, mark), good in zip(apart, read, strict=True) if good]
    return marks


def _unmarked(cell: str) -> tuple[str, str]:
    """The cell without the footnote's mark at its number, and that mark."""
    found = MARK.match(cell)
    if found is None:
        return cell, ""
    return found["number"], (found["before"] or "") + (found["behind"] or "")


def _numbers(values: Texts, form: str, unit: str | None) -> Floats:
    out = np.full(len(values), np.nan)
    plain = matching(values, PLAIN)
    if form == "comma":  # 1.234 is plain as well, and may be a thousand
        plain &= ~matching(values, re.compile(r"\."))
    out[plain] = values[plain].astype(np.float64)
    slow = np.flatnonzero(~plain)
    if len(slow):
        out[slow] = _values(_taken_apart(values[slow], NUMBER[form], *_around(unit)), form)
    return out


def may_be(values: Texts) -> float:
    """The share of a few cells that look like numbers: spares names and texts a close look."""
    some = values[:: max(1, len(values) // PROBE)]
    return float(matching(some, NUMBER_LIKE).mean())


def durations(values: Texts) -> NDArray[np.bool_]:
    """Which cells are lengths of time: “27:35:05”."""
    return matching(values, DURATION)


def _seconds(values: Texts) -> Floats:
    out = np.full(len(values), np.nan)
    for i in np.flatnonzero(durations(values)):
        sign = -1.0 if values[i][0] in MINUS else 1.0
        hours, minutes, seconds = values[i].lstrip(MINUS + "+").replace(",", ".").split(":")
        out[i] = sign * (3600 * float(hours) + 60 * float(minutes) + float(seconds))
    return out


def censored(values: Texts) -> NDArray[np.bool_]:
    """Which cells give a bound: “<0.1”, “≥ 100”."""
    return matching(values, re.compile(r"^[<>≤≥]"))


def style(name: str, values: Texts) -> Style:
    """Decimal mark and unit of a column, from its different cells and from its name (“weight (kg)”)."""
    if len(values) and durations(values).all():
        return Style("duration", "s")
    if tie := _dot_tie(values):
        # Who writes three digits behind a point writes them behind every number.
        form = "comma" if matching(values, SMALL_WHOLE).any() else "point"
        return Style(form, _header_unit(name), tie)
    odd = values[~matching(values, PLAIN)]
    if len(odd) == 0:
        return Style(unit=_header_unit(name))
    telling = odd[:ENOUGH]
    apart = _taken_apart(telling, ANY_NUMBER, "|".join(map(re.escape, CURRENCIES)), WORD + "|" + _around(None)[1])
    unit = _unit(telling, apart) or _header_unit(name)
    form = _decimal_mark(values)
    tie = ""
    bare = _bare(apart)
    if form == "point" and len(odd) == len(values) and len(bare) == len(telling):
        either = matching(bare, EITHER) & (np.asarray([cell.count(",") for cell in bare], int) == 1)
        tie = str(bare[0]) if either.all() else ""
    return Style(form, unit, tie)


def _dot_tie(values: Texts) -> str:
    dotted = matching(values, DOT_EITHER)
    return str(values[dotted][0]) if dotted.any() and (dotted | matching(values, SMALL_WHOLE)).all() else ""


def _decimal_mark(values: Texts) -> str:
    """“comma” where the cells say so and more of them can be read like that."""
    marked = values[matching(values, re.compile(r",|\..*\."))]
    if len(marked) == 0:
        return "point"
    marked = marked[:: max(1, len(marked) // ENOUGH)]
    bare = _bare(_taken_apart(marked, ANY_NUMBER, *_around(None)))
    says = matching(bare, BARE_COMMA) & ~matching(bare, EITHER) & ~matching(bare, re.compile(r"^\d+\.\d+$"))
    if not says.any():
        return "point"
    read = {form: np.count_nonzero(~np.isnan(_numbers(marked, form, None))) for form in ("point", "comma")}
    return "comma" if read["comma"] >= read["point"] else "point"


def _around(unit: str | None) -> tuple[str, str]:
    """Patterns of what may stand before and behind the number."""
    money = "|".join(re.escape(each) for each in sorted(CURRENCIES, key=len, reverse=True))
    if unit is None:
        return money, "|".join([money, *(re.escape(each) for each in sorted(UNITS, key=len, reverse=True))])
    if not unit:
        return "", ""
    if unit in CURRENCIES:
        return re.escape(unit), re.escape(unit)
    stem = re.escape(unit.removesuffix("s") if len(unit) > 2 else unit)
    plural = "s?" if len(unit) > 1 and unit[-1].isalpha() else ""
    caseless = _fold(unit.upper()) == unit.lower()
    return "", f"(?i:{stem}{plural})" if caseless else stem + plural


def _taken_apart(values: Texts, number: str, before: str, after: str) -> pa.StructArray:
    """Each cell as bound, brackets, signs, what stands around, and the bare number; null where it is no number."""
    gap = f"[{SPACES}]?"
    pattern = (
        rf"^(?P<bound>[<>]=?|[≤≥])?{gap}(?P<open>\()?(?P<sign>[-+{MINUS[1:]}])?{gap}(?P<before>{before})?[{SPACES}]*"
        rf"(?P<inner>[-+{MINUS[1:]}])?(?P<number>(?i:{number}|inf(?:inity)?|∞)){gap}(?P<after>{after})?"
        rf"(?P<trail>[{MINUS[1:]}-])?(?P<close>\))?$"
    )
    return pc.extract_regex(pa.array(values, pa.string()), pattern)


def _values(apart: pa.StructArray, form: str) -> Floats:
    """The cells' numbers: marks of thousands taken out, sign put in front; NaN where the cell is none."""
    read = np.asarray([np.nan if cell is None else float(cell) for cell in _pointed(apart, form)], np.float64)
    negative, broken = _signs(apart)
    read[broken] = np.nan
    return np.where(negative, -read, read)


def _pointed(apart: pa.StructArray, form: str) -> list[str | None]:
    """The numbers' digits with a decimal point and no marks of thousands, signs left out; None where the cell is none."""
    bare = _fields(apart)["number"]
    bare = pc.replace_substring_regex(bare, f"[{SPACES}'’]", "")
    if form == "comma":
        pointed = pc.match_substring_regex(bare, r"^\d+\.\d+(?:e|$)")
        thousands = pc.match_substring_regex(bare, r"^[1-9]\d{0,2}(?:\.\d{3})+(?:e|$)")
        asked = pc.and_(pointed, pc.invert(thousands))
        commas = pc.replace_substring(pc.replace_substring(bare, ".", ""), ",", ".")
        bare = pc.if_else(asked, bare, commas)
    else:
        bare = pc.replace_substring(bare, ",", "")
    cells: list[str | None] = pc.replace_substring_regex(
        pc.replace_substring(bare, "∞", "inf"), f"[{MINUS[1:]}]", "-"
    ).to_pylist()
    return cells


def _signs(apart: pa.StructArray) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which numbers are below zero, and which are none for their signs, (D,) each."""
    fields = _fields(apart)
    opened, closed = (_says(fields[name], "()") for name in ("open", "close"))
    minus = np.stack([_says(fields[name], MINUS) for name in ("sign", "inner", "trail")])
    signs = opened.astype(int) + minus.sum(0)
    return signs == 1, (opened != closed) | (signs > 1)


def decimals(values: Texts, form: str, unit: str) -> Texts:
    """A column's different cells as exact decimal numbers, (D,): “1e3” and “1,000.0” as “1000”, of any number of digits.

    None where a cell is no number, and where it says more than one: a bound, or a footnote's mark.
    """
    out = np.full(len(values), None, object)
    if form == "duration":
        for i in np.flatnonzero(durations(values)):
            parts = values[i].lstrip(MINUS + "+").replace(",", ".").split(":")
            hours, minutes, seconds = map(Decimal, parts)
            out[i] = _exact(3600 * hours + 60 * minutes + seconds, values[i][0] in MINUS)
        return out
    apart = _taken_apart(values, NUMBER[form], *_around(unit))
    negative, broken = _signs(apart)
    bound = pc.fill_null(_fields(apart)["bound"], "").to_pylist()
    for at, cell in enumerate(_pointed(apart, form)):
        if cell is not None and not broken[at] and not bound[at]:
            out[at] = _exact(Decimal(cell), bool(negative[at]))
    return out


def _exact(number: Decimal, negative: bool) -> str | None:
    if not number.is_finite():
        return "-inf" if negative else "inf"
    if number and abs(number.adjusted()) > WRITTEN_OUT:  # beyond what a number here can be: left as it is written
        return None
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text.lstrip("0") or "0"
    return f"-{text}" if negative and text != "0" else text


def _fields(apart: pa.StructArray) -> dict[str, pa.Array]:
    names = [apart.type.field(i).name for i in range(apart.type.num_fields)]
    return dict(zip(names, apart.flatten(), strict=True))


def _bare(apart: pa.StructArray) -> Texts:
    """The numbers' digits and marks, of those cells that are numbers."""
    bare: Texts = _fields(apart)["number"].drop_null().to_numpy(zero_copy_only=False)
    return bare


def _says(field: pa.Array, marks: str) -> NDArray[np.bool_]:
    found = pc.is_in(field, pa.array(list(marks)))
    out: NDArray[np.bool_] = pc.fill_null(found, False).to_numpy(zero_copy_only=False).astype(bool)
    return out


def _unit(values: Texts, apart: pa.StructArray) -> str:
    """The unit or currency that the cells share; the commonest where there are several that are known."""
    fields = _fields(apart)
    units: Counter[str] = Counter()
    glued: set[str] = set()
    around = zip(values, fields["before"].to_pylist(), fields["after"].to_pylist(), strict=True)
    for cell, before, after in around:
        found = (before or after or "").strip()
        if found:
            units[found] += 1
            if after and cell.removesuffix(")").removesuffix(found)[-1:].isdigit():
                glued.add(found)
    known = {unit: count for unit, count in units.items() if _is_known(unit, unit in glued)}
    if known:
        return max(
            known, key=lambda unit: (sum(known[each] for each in known if _fold(each) == _fold(unit)), known[unit])
        )
    if len(units) == 1:
        (word, count), *_ = units.items()
        # A word that we don't know is a unit only where all cells have it, apart from the number, and numbers vary.
        if count == len(values) >= 10 and word not in glued:
            return word
    return ""


def _fold(unit: str) -> str:
    """The unit in small letters, where these say the same: mW and MW, nm and Nm don't."""
    return unit if len(unit) < 2 or unit[0] in "mMnNpP" else unit.lower()


def _is_known(unit: str, glued: bool) -> bool:
    if unit in UNSURE:
        return not glued
    return unit in UNITS or unit in CURRENCIES or unit.lower() in UNITS


def _header_unit(name: str) -> str:
    found = HEADER_UNIT.search(name)
    if found is None:
        return ""
    unit = found.group(1)
    known = all(part in UNITS or THOUSANDS.sub("", part) in CURRENCIES for part in re.split(r"[/·*]| per ", unit))
    return unit if known or unit in UNITS or name.rstrip().endswith("]") else ""
