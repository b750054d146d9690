"""Dates and times as people write them: one strptime format, or an epoch, for a whole column.

`readings` gives the formats that all cells of a column fit (several, where day and month can't be told apart), `under`
reads cells by one. A time without a date is counted from midnight. Month names are English or of six other languages; %q is a quarter, told
by its first month. Where a table was put together from two, a column may have two formats, written “one | other”.
"""

from __future__ import annotations

import calendar
import re
from collections import Counter
from itertools import combinations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.cells import Floats, Texts, matching, say_missing
from core.datasets.numbers import numbers

DAY_FIRST, MONTH_FIRST = "%d/%m/%Y", "%m/%d/%Y"
EPOCHS = {"epoch s": 1, "epoch ms": 1000}  # how many make a second
# The order in which columns without a stored format were decided; it must stay as it is.
MOMENTS = (
    *("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d", "%d.%m.%Y"),
    *(DAY_FIRST, MONTH_FIRST, "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S%z"),
    *("%Y-%m-%d %H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%d %H:%M:%S.%f%z"),
)
DATES = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y %m %d", "%d.%m.%Y", "%d.%m.%y", "%d. %m. %Y"),
    *("%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d %m %Y", "%m %d %Y"),
    *("%d/%m/%y", "%m/%d/%y", "%y/%m/%d", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d"),
    *("%d %b %Y", "%d-%b-%Y", "%d/%b/%Y", "%d.%b.%Y", "%d%b%Y", "%d. %b %Y", "%d %b, %Y", "%d %b. %Y"),
    *("%d %b %y", "%d-%b-%y", "%d%b%y", "%b %d, %Y", "%b %d %Y", "%b. %d, %Y", "%b-%d-%Y", "%Y-%b-%d", "%Y %b %d"),
    *("%a, %d %b %Y", "%a %d %b %Y", "%a, %b %d, %Y", "%A, %d %b %Y", "%A, %b %d, %Y"),
    *("%b %Y", "%b-%Y", "%b, %Y", "%b/%Y", "%b-%y", "%Y-%b", "%Y %b", "%Y-%m", "%Y/%m", "%m/%Y", "%m-%Y"),
    *("%B de %Y", "%d de %B de %Y"),
    *("%YQ%q", "%Y-Q%q", "%Y Q%q", "Q%q %Y", "Q%q-%Y", "Q%q/%Y"),
)
FORMATS = tuple(dict.fromkeys((*DATES, *(form.replace("%b", "%B") for form in DATES))))
PIECES = {
    **{"%Y": r"\d{4}", "%y": r"\d{2}", "%m": r"\d{1,2}", "%d": r"\d{1,2}", "%q": "[1-4]"},
    **{"%b": "[A-Za-z]{3}", "%B": "(?:May|[A-Za-z]{4,9})", "%a": "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"},
    "%A": "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day",
}
PACKED = re.compile(r"^(1[6-9]|20|21)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
CLOCK = re.compile(
    r"(?P<gap>^| - |[ T:_-]|, )(?P<hour>\d{1,2}:\d{2})(?P<second>:\d{2})?(?P<fraction>[.,]\d+)?(?P<noon> ?[AaPp][Mm])?"
    r"(?P<zone>Z| ?[+-]\d{2}:?\d{2}| UTC| GMT)?$"
)
GLUED = re.compile(r"^\d{8}:\d{4}$")  # 20240131:1830
DIGIT = re.compile("[0-9]")
# Names of months, and of those that are written short, where they are not the English ones: German, French, Spanish,
# Italian, Portuguese, Dutch; as they stand in dates: Polish, Czech, Russian, Ukrainian; Swedish, Danish, Turkish.
MONTHS = {
    1: "januar jänner janvier enero gennaio janeiro januari stycznia ledna января січня ocak",
    2: "februar feber février fevrier febrero febbraio fevereiro februari lutego února февраля лютого şubat",
    3: "märz maerz mars marzo março marco maart marts marca března марта березня mart",
    4: "avril abril aprile kwietnia dubna апреля квітня nisan",
    5: "mai mayo maggio maio mei maj maja května мая травня mayıs",
    6: "juni juin junio giugno junho czerwca června июня червня haziran",
    7: "juli juillet julio luglio julho lipca července июля липня temmuz",
    8: "août aout agosto augustus augusti sierpnia srpna августа серпня ağustos",
    9: "septembre septiembre setiembre settembre setembro września září сентября вересня eylül",
    10: "oktober octobre octubre ottobre outubro października října октября жовтня ekim",
    11: "novembre noviembre novembro listopada listopadu ноября листопада kasım",
    12: "dezember décembre decembre diciembre dicembre dezembro grudnia prosince декабря грудня aralık",
}
SHORT = {
    **{"Jan": "ene janv gen янв", "Feb": "févr fev lut фев", "Mar": "mär mrz mrt мар", "Apr": "avr abr kwi апр"},
    **{"May": "mag mei maj май", "Jun": "juin giu cze июн", "Jul": "juil lug lip июл", "Aug": "août ago sie авг"},
    **{"Sep": "sept set wrz сен", "Oct": "okt ott out paź окт", "Nov": "lis ноя", "Dec": "dez déc dic gru дек"},
}


def _small(word: str) -> str:
    """As a key: in small letters, the Turkish i with and without a dot one letter, since patterns take them for one."""
    return word.casefold().replace("i\u0307", "i").replace("ı", "i")


ENGLISH = {
    **{_small(name): month for month, names in SHORT.items() for name in names.split()},
    **{_small(name): calendar.month_name[month] for month, names in MONTHS.items() for name in names.split()},
}
FOREIGN = re.compile(rf"(?<![^\W\d_])({'|'.join(sorted(ENGLISH, key=len, reverse=True))})(?![^\W\d_])", re.I)
# The day of the week in front of a date, in the same languages, and what JavaScript puts around its offset.
WEEKDAYS = (
    "mon mo mo. tue di di. wed mi mi. thu do do. fri fr fr. sat sa sa. sun so so. lun lu ma mar mer me mie mié jeu je jue"
    " gio ven ve vie sam sab sáb dim dom seg ter qua qui sex ma wo don vr za zo"
    " monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag"
    " sonnabend sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles miercoles jueves"
    " viernes sábado sabado domingo lunedì martedì mercoledì giovedì venerdì domenica segunda terça quarta quinta sexta"
    " maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"
)
WEEKDAY = re.compile(
    rf"^(?:{'|'.join(map(re.escape, sorted(set(WEEKDAYS.split()), key=len, reverse=True)))})[.,]{{0,2}} +(?=\S*\d|[a-z]{{3}} \d)",
    re.I,
)
OFFSET = re.compile(r" (?:GMT|UTC)(?=[+-]\d{4})|(?<=[+-]\d{4}) \([^()]{1,40}\)$")
YEAR_WORD = re.compile(r"(?<=\d{4}) ?(?:r|г|р|года|року)\.?$")  # Polish, Russian, Ukrainian: 2023 r., 2024 г.
HOURS = re.compile(r" ?\(?(?:GMT|UTC)([+-])(\d{1,2})(?::?(\d\d))?\)?$")  # GMT-5, (UTC+05:30)
# Zones by their usual names, where these name one; “CST” and “AST” are taken to be America's, “IST” India's.
OFFSETS = (
    "EST-0500 EDT-0400 CST-0600 CDT-0500 MST-0700 MDT-0600 PST-0800 PDT-0700 AKST-0900 AKDT-0800 HST-1000 BRT-0300 WET+0000"
    " WEST+0100 CET+0100 CEST+0200 MEZ+0100 MESZ+0200 EET+0200 EEST+0300 MSK+0300 SGT+0800 HKT+0800 JST+0900 KST+0900"
    " AEST+1000 AEDT+1100 ACST+0930 ACDT+1030 AWST+0800 NZST+1200 NZDT+1300 OEZ+0200 OESZ+0300 AST-0400 ADT-0300 NST-0330"
    " NDT-0230 ART-0300 COT-0500 PET-0500 BST+0100 WAT+0100 CAT+0200 SAST+0200 EAT+0300 TRT+0300 PKT+0500 IST+0530 ICT+0700"
    " WIB+0700 WITA+0800 PHT+0800 WIT+0900"
)
ZONES = {zone[:-5]: zone[-5:] for zone in OFFSETS.split()}
ZONE = re.compile(rf"(?<=[\dMm]) ({'|'.join(ZONES)})$")
SHORT_OFFSET = re.compile(r"(:\d\d(?:[.,]\d+)?)([+-]\d\d)$")  # as PostgreSQL writes it
DOTTED = re.compile(r"(?<=\d{4}) (\d{1,2})\.(\d\d)\.(\d\d)$")  # 28/03/2025 0.15.35
NOON = re.compile(r" ([ap])\.[\s\u00a0\u202f]?m\.", re.I)  # 4:48 p. m.
# Before or after noon in other words, behind the time (Turkish, Greek, Hungarian) or in front of it.
SPACES = re.compile(r"(?<=\S)[ \u00a0\u202f]{2,}(?=\S)")  # 2020-04-29  22:33:33
CLOCK_FIRST = re.compile(r"^(\d{1,2}:\d\d(?::\d\d)?) +(\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4})$")  # 11:49:31 07/24/26
NOON_BEHIND = re.compile(r"(?<=\d) ?(?:(ÖÖ|π\.?μ\.?|de\.)|(ÖS|μ\.?μ\.?|du\.))(?=$| )", re.I)
NOON_BEFORE = re.compile(r"(?:(午前|上午|오전)|(午後|下午|오후)) ?(\d{1,2}:\d\d(?::\d\d)?)")
YEAR_LAST = re.compile(r"^([a-z]{3}) +(\d{1,2}) (\d\d:\d\d:\d\d)( [+-]\d{4}| UTC| GMT)? (\d{4})$", re.I)
SEASON = re.compile(r"^\d\d(\d\d)[-/](\d\d)$")
LONGEST = 80
SAMPLE = 50
OR = " | "  # between two formats
OFTEN = 6  # formats that most cells have the shape of, from which two are taken
MIDNIGHT = -2_208_988_800.0  # 1900-01-01, which a time without a date is taken to be of


def _shape(form: str) -> re.Pattern[str]:
    pattern = re.sub(r"%\w", lambda piece: PIECES[piece[0]], form.replace(".", r"\."))
    return re.compile(f"^{pattern.replace('Q[1-4]', '[QT][1-4]')}$", re.I)  # T: trimestre


SHAPES = {form: _shape(form) for form in FORMATS}


def english(cell: str) -> str:
    """The cell with names of months in other languages in English."""
    return FOREIGN.sub(lambda found: ENGLISH[_small(found[1])], cell)


def bare(cell: str) -> str:
    """The cell without the day of the week in front of its date, its zone's name and second spaces; the year behind its day."""
    if len(cell) > LONGEST:
        return cell
    cell = YEAR_WORD.sub("", SPACES.sub(" ", cell))
    cell = CLOCK_FIRST.sub(r"\2 \1", cell)
    cell = NOON.sub(r" \1m", cell)
    cell = NOON_BEHIND.sub(lambda found: " AM" if found[1] else " PM", cell)
    cell = NOON_BEFORE.sub(lambda found: f"{found[3]} {'AM' if found[1] else 'PM'}", cell)
    cell = DOTTED.sub(r" \1:\2:\3", SHORT_OFFSET.sub(r"\1\g<2>00", cell))
    cell = ZONE.sub(lambda found: f" {ZONES[found[1]]}", cell)
    cell = HOURS.sub(lambda found: f" {found[1]}{int(found[2]):02d}{found[3] or '00'}", cell)
    return YEAR_LAST.sub(r"\1 \2 \5 \3\4", OFFSET.sub("", WEEKDAY.sub("", cell)))


def formats(cell: str) -> tuple[str, ...]:
    """The formats that a cell has the shape of, the usual ones first; if there is none, those without its weekday."""
    return _formats(cell) or (_formats(without) if (without := bare(cell)) != cell else ())


def _formats(cell: str) -> tuple[str, ...]:
    if len(cell) > LONGEST:
        return ()
    cell = english(cell)
    clock = CLOCK.search(cell)
    date = cell[: clock.start()] if clock else cell
    time = clock["gap"] + _time(clock) if clock else ""
    if clock and not date:
        return (time,)
    if GLUED.match(date):
        return ("%Y%m%d:%H%M",) if PACKED.match(date) and not clock else ()
    if re.fullmatch(r"\d{8}", date):
        return ("%Y%m%d" + time,) if PACKED.match(date) else ()
    return tuple(form + time for form, shape in SHAPES.items() if shape.match(date))


def _time(clock: re.Match[str]) -> str:
    noon, zone, fraction = clock["noon"] or "", clock["zone"] or "", clock["fraction"] or ""
    time = ("%I" if noon else "%H") + ":%M" + (":%S" if clock["second"] else "")
    time += fraction[0] + "%f" if fraction else ""
    time += (" %p" if noon.startswith(" ") else "%p") if noon else ""
    if zone in (" UTC", " GMT"):
        return time + zone
    return time + ((" %z" if zone.startswith(" ") else "%z") if zone else "")


def moments(values: Texts, form: str = "") -> Floats:
    """Seconds since 1970 (UTC) of a column's different cells under its format; empty: the one that fits most."""
    if form:
        return under(values, form)
    filled = values[~say_missing(values)]
    found = next((each for each in MOMENTS if fits(filled, each)), None)
    return under(values, found or max(MOMENTS, key=lambda each: int((~np.isnan(under(values, each))).sum())))


def readings(values: Texts, share: float = 1.0) -> tuple[str, ...]:
    """The formats under which all cells (or that share of them) are dates or times, the likeliest first."""
    if len(values) == 0:
        return ()
    # The longest cell shows what the first may not: a fraction of seconds, a month that is not May.
    shown = dict.fromkeys((*formats(max(values[:SAMPLE], key=len)), *formats(values[0])))
    found = tuple(form for form in shown if fits(values, form, share) and not _seasons(values, form))
    return found or _two_readings(values, share)


def _two_readings(values: Texts, share: float) -> tuple[str, ...]:
    """Pairs of formats, of which each cell has one; not where a cell has both and they say different moments."""
    if np.mean([bool(formats(cell)) for cell in values[:: max(1, len(values) // 8)]]) < 0.5:
        return ()  # names and texts are spared a close look
    some = values[:: max(1, len(values) // (4 * SAMPLE))]
    shapes = [formats(cell) for cell in some]
    if np.mean([not each for each in shapes]) > (1 - share) * 2:
        return ()
    counted = Counter(form for each in shapes for form in each)
    read = {form: under(values, form) for form, _ in counted.most_common(OFTEN)}
    pairs = []
    for one, other in combinations(read, 2):
        a, b = read[one], read[other]
        apart = (~np.isnan(a) & np.isnan(b)).any() and (~np.isnan(b) & np.isnan(a)).any()
        unlike = bool(((a != b) & ~np.isnan(a) & ~np.isnan(b)).any())
        missed = float((np.isnan(a) & np.isnan(b)).mean())
        if apart and not unlike and missed <= 1 - share and _of_one_sort(one, other):
            pairs.append((OR.join(sorted((one, other))), np.where(np.isnan(a), b, a)))
    # Day and month that can be told by neither: one pair is enough where all say the same moments.
    alike = [form for form, moments in pairs if np.array_equal(moments, pairs[0][1], equal_nan=True)]
    return tuple(alike[:1]) if len(alike) == len(pairs) else tuple(form for form, _ in pairs)


def _of_one_sort(one: str, other: str) -> bool:
    """Whether both have a date, both or none a zone; and, where their dates look alike, the same order of day, month."""
    dated = all(re.search("%[yY]", form) for form in (one, other))
    alike = re.sub("%[dm]", "", one.lower())[:4] == re.sub("%[dm]", "", other.lower())[:4]
    order = [re.findall("%[dm]", form) for form in (one, other)]
    return dated and ("%z" in one) == ("%z" in other) and (order[0] == order[1] or not alike)


def usable(form: str) -> bool:
    """Whether a text is a format: an epoch, or directives that are known here, each once, with a date or a time."""
    if form in EPOCHS:
        return True
    if OR in form:
        return all(usable(each) and each not in EPOCHS for each in form.split(OR))
    parts = re.findall("%(.?)", form)
    return (
        bool(set(parts) & set("YymdbBHIMq")) and set(parts) <= set("YymdbBaAHIMSfpzq") and len(set(parts)) == len(parts)
    )


def swapped(forms: tuple[str, ...]) -> str:
    """The first format, of those that fit as well, that takes other parts for day and month; empty where none is."""
    order = re.findall(r"%[dmyY]", forms[0])
    return next((form for form in forms[1:] if re.findall(r"%[dmyY]", form) != order), "")


def _seasons(values: Texts, form: str) -> bool:
    """2009/10, 2010/11, …: a year and the next, not months."""
    if form not in ("%Y-%m", "%Y/%m"):
        return False
    parts = [found for found in map(SEASON.match, values[:SAMPLE]) if found]
    return bool(parts) and all((int(found[1]) + 1) % 100 == int(found[2]) for found in parts)


def fits(values: Texts, form: str, share: float = 1.0) -> bool:
    """Whether every cell (or that share of them), and there is one, is a date or time of that format."""
    if len(values) == 0 or np.isnan(under(values[:SAMPLE], form)).mean() > (1 - share) * 2:
        return False
    return bool(np.isnan(under(values, form)).mean() <= 1 - share)


def under(values: Texts, form: str) -> Floats:
    """Seconds since 1970 (UTC) under a format, or since midnight where it has no date; NaN where a cell is not of it."""
    if form in EPOCHS:
        return numbers(values, "point", "") / EPOCHS[form]
    if OR in form:
        one, other = (under(values, each) for each in form.split(OR, 1))
        return np.where(np.isnan(one), other, one)
    seconds = _under(values, form)
    rest = np.flatnonzero(np.isnan(seconds))
    without = np.asarray([bare(cell) for cell in values[rest]], object)
    changed = without != values[rest]
    if changed.any():
        seconds[rest[changed]] = _under(without[changed], form)
    if ".%f" in form:  # a writer leaves out a fraction that is zero
        rest = np.flatnonzero(np.isnan(seconds))
        seconds[rest] = _under(values[rest], form.replace(".%f", ""))
    return seconds


def _under(values: Texts, form: str) -> Floats:
    # Words such as “now” would be read as this moment, and seven digits as a date of eight.
    shaped = matching(values, PACKED if form.startswith("%Y%m%d") else DIGIT)
    if "%B" in form or "%b" in form:
        values = np.asarray([english(cell) for cell in values], object)
    cells = pc.if_else(pa.array(shaped), pa.array(values, pa.string()), pa.scalar(None, pa.string()))
    if "%f" in form:  # microseconds: nanoseconds end in the year 2262
        cells = pc.replace_substring_regex(cells, r"([.,]\d{6})\d+", r"\1")
    if re.match(r"%Y[-/.]%m[-/.]%d", form):  # 2024-1-2
        cells = pc.replace_substring_regex(cells, r"^(\d{4}[-/.])(\d[-/.])", r"\10\2")
        cells = pc.replace_substring_regex(cells, r"^(\d{4}[-/.]\d{2}[-/.])(\d)($|[^\d])", r"\10\2\3")
    if "Q%q" in form:  # a quarter is its first month
        for quarter in "1234":
            cells = pc.replace_substring_regex(cells, f"[QqTt]{quarter}", f"{3 * int(quarter) - 2:02d}")
        form = form.replace("Q%q", "%m")
    found = pd.to_datetime(pd.Series(cells.to_pylist(), dtype=object), format=form, errors="coerce", utc=True)
    at = found.dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
    seconds: Floats = np.where(np.isnat(at), np.nan, at.astype(np.int64) / 1e6)
    return seconds if re.search("%[yY]", form) else seconds - MIDNIGHT
