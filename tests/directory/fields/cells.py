"""A value for each cell of a table that is like no other, by what its column's name says, and how it is found again.

A value is a text with a made-up word, a telephone number, a date, a position or opening hours, each used once; so each
cell can be looked for in what was imported and in what the report says. Columns whose value cannot be told from
another (yes or no, a country, a state) are not followed.
"""

import datetime as dt
import re
from dataclasses import dataclass

CONSONANTS, VOWELS = "bdfgklmnprtvz", "aiou"
DAY_ONE = dt.date(2019, 1, 1)
KINDS = [
    ("flag", (r"IsPrivate$|^ExcludeFrom|^AvailableFor|Highlighted|PreferredProv|IsLinkOnly|ISACTIVE|ISPRIMARY|SHOW_ON|"
             r"OPERATIONAL|IS_SHELTER|^Eligibility(Adult|Child|Family|Female|Male|Teen)$|TemporaryMessageAppears|^virtual$|"
             r"^closed$|ADA_ACCESSIBLE")),
    ("fixed", (r"^(Agency\w*_|Service\w*_)?status$|(^|_)type$|link_entity|^freq$|^wkst$|^interval$|^byday$|weekday|TaxonomyLevelName|country$|"
              r"^State|state$|StateProvince$|state_province|currency|_(Both|id)$|^AgencyAddressus_\w+_id$|^timezone$|^count$|^by(weekno|monthday|yearday)$|"
              r"minimum_age|maximum_age|^country_prefix$|LanguageOfRecord|^field_name$|resource_type|"
              r"number_type|^AgencyStatus$|^Pays$|^Province$|^Publier$")),
    ("id", (r"(^|_)(id|Id|ID|AccountId|PortalId|DeploymentId)$|Num$|^UniqueIDPriorSystem$|(Account|Contact)_\w+(Account|Contact)$|"
           r"_ServiceSite$|^taxonomy_ids$")),
    ("email", r"e_?mail|courriel"),
    ("code", r"taxonomycodes|codes 211|^code$|_ModuleServicepost$"),
    ("phone", (r"(phone\d?_?number\d?|^phone\dnumber|^phone(fax|tty|tollfree|number(hotline|businessline|outofarea|afterhours))|hotlinephonenumber|directorphonenumber|contactphonenumber\d?|"
              r"_fax$|tddphone|phonemain|^number$|^vanity_number$|^téléphone|^télécopieur)$")),
    ("extension", r"(^|phonenumber)ext(ension)?\d?$|^poste$"),
    ("position", r"latitude|longitude"),
    ("postal", r"postal_?code|zip$|^code postal$"),
    ("url", r"site web|website|url|^logo$|^uri$|term_uri|schedule_link"),
    ("hours", r"^heures$|^hours(ofoperation)?$|_hoursofoperation$|_modulehoursofoperation$|^schedule$|^opens_at$|^closes_at$"),
    ("date", (r"(Entered|Updated|Inactive|Verified|Approved)On$|Expires$|(^|_)date(_|$)|DateOf|EditDate$|Stamp$|"
             r"valid_(from|to)|^dtstart$|^until$|^updated$|last_modified|^DATE_|_date$|^Mise à jour$")),
    ("year", r"year_?(of)?_?incorporat"),
    ("amount", r"^amount$|^available$|^maximum$"),
    ("language", r"^langues$|^language$|languages(offered|otherthanenglish|offeredlist)?$"),
]  # fmt: skip


def kind_of(column: str) -> str:
    """Of a column, by its name alone."""
    for kind, pattern in KINDS:
        if re.search(pattern, column, re.IGNORECASE if kind != "id" else 0):
            return kind
    return "text"


def word(number: int) -> str:
    """A made-up word, another for each number."""
    letters = ""
    for base in (CONSONANTS, VOWELS, CONSONANTS, VOWELS, CONSONANTS, VOWELS):
        number, rest = divmod(number, len(base))
        letters += base[rest]
    return letters.capitalize() + "x"


@dataclass
class Cell:
    """One filled cell: its table, column, text, kind, and what is looked for (None: it cannot be told from another)."""

    table: str
    column: str
    text: str
    kind: str
    sought: str | None


class Cells:
    """Makes cells, each with a value of its own."""

    def __init__(self):
        self.number = 0
        self.made: list[Cell] = []

    def make(self, table: str, column: str, text: str | None = None, kind: str | None = None) -> str:
        """The text of the cell, which is followed; ``text`` where what it must be is known (it is not followed then)."""
        self.number += 1
        kind = kind or ("given" if text is not None else kind_of(column))
        value, sought = (text, None) if text is not None else self._value(kind, column)
        self.made.append(Cell(table, column, value, kind, sought))
        return value

    def _value(self, kind, column):
        n, token = self.number, word(self.number * 37)
        day = DAY_ONE + dt.timedelta(days=n)
        spaced = re.sub(r"_|(?<=[a-z])(?=[A-Z])", " ", column).lower()
        return {
            "flag": ("", None),
            "fixed": ("", None),
            "id": ("", None),
            "email": (f"{token}@post.test".lower(), token.lower()),
            "code": ("BD-1800.2000", None),
            "phone": (f"705-4{n // 10000:02d}-{n % 10000:04d}", f"7054{n // 10000:02d}{n % 10000:04d}"),
            "extension": (str(1000 + n), str(1000 + n)),
            "position": self._position(column),
            "postal": self._postal(),
            "url": (f"www.{token}.test/a".lower(), token.lower()),
            "hours": self._hours(column),
            "date": (day.isoformat(), day.isoformat()),
            "year": (str(1900 + n % 100), str(1900 + n % 100)),
            "amount": (str(100000 + n), str(100000 + n)),
            "opens": (f"{7 + n // 60 % 5:02d}:{n % 60:02d}", f"{7 + n // 60 % 5:02d}:{n % 60:02d}"),
            "language": ("English; French", None),
            "text": (f"The {spaced} {token}", token),
        }[kind]

    def _position(self, column):
        value = 46 + self.number / 100000 if "lat" in column.lower() else -81 - self.number / 100000
        return f"{value:.5f}", f"{value:.5f}"

    def _postal(self):
        n = self.number
        letters = "ABCEGHJKLMNPRSTVWXYZ"
        code = f"P{n % 10}{letters[n // 10 % 20]} {n // 200 % 10}{letters[n // 2000 % 20]}{n * 7 % 10}"
        return code, code

    def _hours(self, column):
        minute = self.number % 60
        if column in ("opens_at", "closes_at"):
            hour = (9 if column == "opens_at" else 17) + self.number // 60 % 3
            return f"{hour:02d}:{minute:02d}", f"{hour:02d}:{minute:02d}"
        hour = 7 + self.number // 60 % 5
        return f"Mon-Fri {hour}:{minute:02d}am-4:00pm", f"{hour:02d}:{minute:02d}"
