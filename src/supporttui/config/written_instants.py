"""Reads instants as people write them. What has more than one meaning is refused with its readings, never guessed.

A date is `2026-06-08`, `20260608`, `2026-W24-1`, `2026-159`, `8 Jun 2026`, `Jun 8, 2026`, `8.6.2026` (day first) or,
where the order is configured or only one can be meant, `8/6/2026`. A time is `16:00`, `16:00:30`, `4pm`, `noon` or
`24:00`; `midnight` is refused, since it may be either end of the day.
Without a date it is today, without a year this year, without a time the day's first instant. A zone is an offset
(`+03:00`, `UTC+3`: east of UTC), `Z`, a name such as `Europe/Berlin`, or a short name that the desk's own zone uses.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from supporttui.config.settings import DateOrder
from supporttui.config.tables import shown
from supporttui.domain.zones import UnknownZone, load_zone


class WhenRules(NamedTuple):
    """The rules by which a written instant is read."""

    zone: ZoneInfo
    """The desk's."""
    now: datetime
    order: DateOrder = DateOrder.UNSET


ONE_DAY: Final = timedelta(days=1)
EASTMOST: Final = timedelta(hours=14)
WESTMOST: Final = timedelta(hours=-12)
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2999
EXAMPLES: Final = '"2026-11-25 16:00", "Nov 25 4pm" or "2026-11-25T21:00Z"'
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

AMBIGUOUS_ZONES: Final[Mapping[str, str]] = {
    "AST": "-04:00 (Atlantic) or +03:00 (Arabia)",
    "BST": "+01:00 (Britain) or +06:00 (Bangladesh)",
    "CDT": "-05:00 (North America) or -04:00 (Cuba)",
    "CST": "-06:00 (North America), +08:00 (China) or -05:00 (Cuba)",
    "EDT": "-04:00 (North America) or +11:00 (Australia)",
    "EST": "-05:00 (North America) or +10:00 (Australia)",
    "IST": "+05:30 (India), +01:00 (Ireland) or +02:00 (Israel)",
    "MST": "-07:00 (North America) or +08:00 (Malaysia)",
    "PST": "-08:00 (North America) or +08:00 (Philippines)",
    "SST": "-11:00 (Samoa) or +08:00 (Singapore)",
    "WST": "+08:00 (Australia) or +13:00 (Samoa)",
}
"""Short names that several zones use, with their offsets."""

_TIME: Final = re.compile(
    r"(?<![\d:.,/+-])(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,6})\d*)?)?"
    r"(?![\d:])(?:\s*(?P<half>[ap])\.?m\b\.?)?"
    r"|(?<![\d:.,/+-])(?P<hour2>\d{1,2})\s*(?P<half2>[ap])\.?m\b\.?"
    r"|(?<=\dT)(?P<hour3>\d{2})(?P<minute3>\d{2})(?P<second3>\d{2})?(?!\d)",
    re.IGNORECASE | re.ASCII,
)
_OFFSET: Final = re.compile(
    r"(?:(?:utc|gmt)\s*)?(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?", re.IGNORECASE | re.ASCII
)
_NOON: Final = re.compile(r"\b(?:12\s*)?noon\b", re.IGNORECASE)
_MIDNIGHT: Final = re.compile(r"\bmidnight\b", re.IGNORECASE)
_ZONE_COMMENT: Final = re.compile(r"\s*\([a-z ]{1,40}\)", re.IGNORECASE)
"""The name of a zone that e-mail writes behind the offset; RFC 5322 makes it a comment."""
_ZONE_TEXT: Final = re.compile(
    r"\s*\(?(?P<zone>(?:utc|gmt)?\s*[+-]\d{1,2}(?::?\d{2})?(?![\d:])|[a-z]+(?:[/_+-][a-z0-9]+)*)\)?(?=\s|,|$)",
    re.IGNORECASE | re.ASCII,
)
_TRAILING_ZONE: Final = re.compile(
    r"\s+(?P<zone>(?:utc|gmt)\s*[+-]\d{1,2}(?::?\d{2})?|[+-]\d{2}:?\d{2}|[a-z]+/[a-z_/+-]+\d*|utc|gmt|z|[a-z]{3,5})$",
    re.IGNORECASE | re.ASCII,
)
_YEAR_FIRST: Final = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", re.ASCII)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_ISO_WEEK: Final = re.compile(r"(\d{4})-?W(\d{2})-?(\d)", re.IGNORECASE | re.ASCII)
_ORDINAL: Final = re.compile(r"(\d{4})-(\d{3})", re.ASCII)
_DOTTED: Final = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4}|\d{2})?", re.ASCII)
_EITHER_ORDER: Final = re.compile(r"(\d{1,2})([-/])(\d{1,2})(?:\2(\d{4}|\d{2}))?", re.ASCII)
_NAMED: Final = re.compile(
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?[\s/-]*(?:of )?(?P<month>[a-z]{3,9})\.?"
    r"|(?P<month2>[a-z]{3,9})\.?[\s/-]*(?P<day2>\d{1,2})(?:st|nd|rd|th)?)(?:[\s,/-]+(?P<year>\d{4}))?"
    r"|(?P<year3>\d{4})[\s/-](?P<month3>[a-z]{3,9})[\s/-](?P<day3>\d{1,2})",
    re.IGNORECASE | re.ASCII,
)
_WEEKDAY: Final = re.compile(rf"\b({'|'.join(f'{d[:3]}(?:{d[3:]})?' for d in WEEKDAYS)})\b[,.]?", re.IGNORECASE)


def read_when(text: str, rules: WhenRules) -> datetime:
    """The instant that a text means, in UTC. Raises ValueError with a sentence that says what would be right."""
    rest = _NOON.sub("12:00", " ".join(text.replace("\N{MINUS SIGN}", "-").split()))
    try:
        if _MIDNIGHT.search(rest):
            raise _Meaning("says midnight, which may be where the day begins or ends; write 00:00 or 24:00")
        at = _TIME.search(rest)
        clock, next_day = _clock(at)
        rest, zone_text = _without_time_and_zone(rest, at)
        day = _day(rest, rules, is_needed=at is None)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise _Meaning(f"is in the year {day.year}; clocks are counted from {FIRST_YEAR} to {LAST_YEAR}")
        day += ONE_DAY if next_day else timedelta()
        zone = _zone(zone_text, rules, day) if zone_text else rules.zone
        if at is None:
            return _first_instant(day, zone)
        return _instant(datetime.combine(day, clock), zone)
    except _Meaning as meaning:
        raise ValueError(f"{shown(text)} {meaning}") from meaning
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{shown(text)} is no date and time that can be read; write for example {EXAMPLES}") from error


class _Meaning(Exception):
    """Why a text of a known form is refused, as the end of a sentence."""


def _clock(at: re.Match[str] | None) -> tuple[time, bool]:
    """The time of day, and whether it is the next day's midnight, which `24:00` means. Raises ValueError."""
    if at is None:
        return time.min, False
    hour = int(at["hour"] or at["hour2"] or at["hour3"])
    minute, second = int(at["minute"] or at["minute3"] or 0), int(at["second"] or at["second3"] or 0)
    half = (at["half"] or at["half2"] or "").lower()
    if half and not 1 <= hour <= 12:
        raise _Meaning(f"has the hour {hour}, which no clock with am and pm shows; write for example 4pm or 16:00")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if (hour, minute, second) == (24, 0, 0):
        return time.min, True
    if second == 60:
        raise _Meaning("has a leap second; write the second before or after it")
    return time(hour, minute, second, int((at["part"] or "0").ljust(6, "0"))), False


def _without_time_and_zone(text: str, at: re.Match[str] | None) -> tuple[str, str]:
    """The text that is left for the date, and the zone's."""
    if at is None:
        zone = _TRAILING_ZONE.search(text)
        if zone is None or _is_date_word(zone["zone"]):
            return text, ""
        return text[: zone.start()], zone["zone"]
    before, after = text[: at.start()], text[at.end() :]
    zone = _ZONE_TEXT.match(after)
    if zone is None or _is_date_word(zone["zone"]):
        zone_text = ""
    else:
        zone_text, after = zone["zone"], after[zone.end() :]
        if _OFFSET.fullmatch(zone_text):
            after = _ZONE_COMMENT.sub("", after, count=1)
    before = re.sub(r"(?<=\d)T$|(?:^|(?<=\s))at\s*$", "", before.rstrip(), flags=re.IGNORECASE)
    return f"{before} {re.sub(r'^ *on ', '', after, flags=re.IGNORECASE)}".strip(" ,"), zone_text


def _is_date_word(word: str) -> bool:
    """Whether a word after the time belongs to the date, and is no zone."""
    return word.lower() == "on" or word.lower()[:3] in MONTHS or _WEEKDAY.fullmatch(word) is not None


def _day(text: str, rules: WhenRules, *, is_needed: bool) -> date:
    """The date of a text from which time and zone are taken."""
    today = rules.now.astimezone(rules.zone).date()
    weekday = _WEEKDAY.search(text)
    if weekday is not None:
        text = f"{text[: weekday.start()]} {text[weekday.end() :]}".strip(" ,")
    if not text and weekday is not None:
        raise _Meaning("names a weekday without a date: the last one or the coming one; write the date")
    if not text:
        if is_needed:
            raise ValueError("nothing is written")
        return today
    day = _numeric_day(" ".join(text.split()), rules, today)
    if weekday is not None and not WEEKDAYS[day.weekday()].startswith(weekday[1].lower()[:3]):
        raise _Meaning(f"names the wrong weekday: {day} is a {WEEKDAYS[day.weekday()].capitalize()}")
    return day


def _numeric_day(text: str, rules: WhenRules, today: date) -> date:
    if match := _YEAR_FIRST.fullmatch(text):
        return date(int(match[1]), int(match[3]), int(match[4]))
    if match := _COMPACT.fullmatch(text):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := _ISO_WEEK.fullmatch(text):
        return date.fromisocalendar(int(match[1]), int(match[2]), int(match[3]))
    if match := _ORDINAL.fullmatch(text):
        day = date(int(match[1]), 1, 1) + (int(match[2]) - 1) * ONE_DAY
        if day.year != int(match[1]):
            raise ValueError("the year has no such day")
        return day
    if match := _DOTTED.fullmatch(text):
        day_number, month, year = int(match[1]), int(match[2]), match[3]
        if month > 12:
            raise _Meaning(f"has no month {month}: dates with dots are day first; write for example 2026-06-08")
        return date(_full_year(year, today), month, day_number)
    if match := _EITHER_ORDER.fullmatch(text):
        return _day_in_either_order(match, rules.order, today)
    return _named_day(text, today)


def _full_year(text: str | None, today: date) -> int:
    """The year; `26` is 2026, and none is this one."""
    if text is None:
        return today.year
    return int(text) + (2000 if len(text) == 2 else 0)


def _day_in_either_order(match: re.Match[str], order: DateOrder, today: date) -> date:
    """`3/4/2026` and `3-4-2026`: by the configured order, or as the one reading that is a date."""
    first, second, year_text = int(match[1]), int(match[3]), match[4]
    if year_text is not None and len(year_text) == 2 and (match[2] == "-" or order is DateOrder.UNSET):
        raise _Meaning("has a year of two digits, which may be its first or its last number; write all four")
    year = _full_year(year_text, today)
    readings = {}
    for meant, (day, month) in {
        DateOrder.DAY_FIRST: (first, second),
        DateOrder.MONTH_FIRST: (second, first),
    }.items():
        if 1 <= month <= 12 and (order in (meant, DateOrder.UNSET)):
            try:
                readings[meant] = date(year, month, day)
            except ValueError:
                continue
    found = [*dict.fromkeys(readings.values())]
    if len(found) == 2:
        texts = " or ".join(_day_text(day) for day in found)
        raise _Meaning(
            f"can be {texts}; write {found[0]} or {found[1]}, or set order = "
            f'"{DateOrder.DAY_FIRST.value}" or "{DateOrder.MONTH_FIRST.value}" below [dates]'
        )
    if not found and order is not DateOrder.UNSET:
        raise _Meaning(f"is no date with {order.value.replace('-', ' ')}, as order below [dates] says")
    return found[0] if found else date(year, second, first)


def _day_text(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _named_day(text: str, today: date) -> date:
    """A date with the month's name."""
    match = _NAMED.fullmatch(text)
    if match is None:
        raise ValueError("no form of a date")
    name = (match["month"] or match["month2"] or match["month3"]).lower()
    month = MONTHS.index(name[:3]) + 1
    if not f"{date(2000, month, 1):%B}".lower().startswith(name) and name != "sept":
        raise ValueError("no month")
    year = int(match["year"] or match["year3"] or today.year)
    return date(year, month, int(match["day"] or match["day2"] or match["day3"]))


def _zone(text: str, rules: WhenRules, day: date) -> tzinfo:
    """The zone of a text: east of UTC is positive, as in ISO 8601."""
    if text.upper() in ("Z", "UTC", "UT", "GMT"):
        return UTC
    if match := _OFFSET.fullmatch(text):
        offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
        if int(match["minutes"] or 0) < 60:
            offset = offset if match["sign"] == "+" else -offset
            if WESTMOST <= offset <= EASTMOST:
                return timezone(offset)
        raise _Meaning("has an offset that no zone has; offsets reach from -12:00 to +14:00")
    own = _short_names(rules.zone, day.year)
    if text.upper() in own:
        return timezone(own[text.upper()])
    if "/" in text:
        try:
            return load_zone(text)
        except UnknownZone as error:
            raise _Meaning(
                f"names the time zone {shown(text)}, which does not exist; write an offset such as +02:00"
            ) from error
    meant = AMBIGUOUS_ZONES.get(text.upper())
    if meant is not None:
        raise _Meaning(f"has the zone {text}, which can be {meant}; write the offset")
    raise _Meaning(
        f"has the zone {shown(text)}, which {rules.zone.key} does not use; write an offset such as +02:00, "
        "or a name such as Europe/Berlin"
    )


def _short_names(zone: ZoneInfo, year: int) -> dict[str, timedelta]:
    """The short names that a zone uses in a year, such as EST and EDT, with their offsets."""
    names = {}
    for month in range(1, 13):
        at = datetime(year, month, 1, tzinfo=zone)
        name, offset = at.tzname(), at.utcoffset()
        if name and offset is not None and name[0] not in "+-":
            names[name.upper()] = offset
    return names


def _first_instant(day: date, zone: tzinfo) -> datetime:
    """The first instant of a date, also where its midnight is skipped or comes twice."""
    at = _readings(datetime.combine(day, time.min), zone)[0]
    if at.astimezone(zone).date() != day:
        raise _Meaning(f"did not exist in {zone}, whose calendar leaves out {day}")
    return at


def _instant(wall: datetime, zone: tzinfo) -> datetime:
    """The instant of a wall time. Raises _Meaning where the zone skips it or shows it twice."""
    readings = _readings(wall, zone)
    earlier, later = min(readings), max(readings)
    if earlier == later:
        return earlier
    texts = [at.astimezone(zone).isoformat(" ", "minutes") for at in (earlier, later)]
    name = getattr(zone, "key", str(zone))
    if earlier.astimezone(zone).replace(tzinfo=None) != wall:
        raise _Meaning(f"did not exist in {name}, where the clocks were put forward; write {texts[0]} or {texts[1]}")
    raise _Meaning(f"came twice in {name}, where the clocks were put back; write {texts[0]} or {texts[1]}")


def _readings(wall: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """Both instants that a wall time can be read as; alike but for changes of daylight saving."""
    return wall.replace(tzinfo=zone).astimezone(UTC), wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
