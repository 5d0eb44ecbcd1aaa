"""Hints for values that are no dates."""

import pytest

from roster.yaml.date_hints import date_hint

HINTS = {
    "2027-02-30": "February 2027 has 28 days; write it as YYYY-MM-DD",
    "2028-02-30": "February 2028 has 29 days; write it as YYYY-MM-DD",
    "2027-04-31": "April 2027 has 30 days; write it as YYYY-MM-DD",
    "2027-04-00": "April 2027 has 30 days; write it as YYYY-MM-DD",
    "2027-13-01": "there is no month 13; write YYYY-MM-DD: 2027-01-13?",
    "2027-13-13": "there is no month 13; write it as YYYY-MM-DD",
    "2027-00-10": "there is no month 0; write it as YYYY-MM-DD",
    "9999-12-31": "the year must be 1 to 9998; write it as YYYY-MM-DD",
    "0000-01-01": "the year must be 1 to 9998; write it as YYYY-MM-DD",
    "27-02-03": "write it as YYYY-MM-DD, with four digits for the year",
    "2027-2-3": "write 2027-02-03",
    "2027/02/03": "write 2027-02-03",
    "20270203": "write 2027-02-03",
    "2027-02-03T00:00:00Z": "write 2027-02-03",
    "2027-02-03 10:00:00": "write 2027-02-03",
    "03/02/2027": "write 2027-02-03 or 2027-03-02",
    "03/03/2027": "write 2027-03-03",
    "31/12/2027": "write 2027-12-31",
    "12-31-2027": "write 2027-12-31",
    "03.02.2027": "write 2027-02-03",
    "3 February 2027": "write it as YYYY-MM-DD",
    "Feb 3, 2027": "write it as YYYY-MM-DD",
    "soon": "write it as YYYY-MM-DD",
    "": "write it as YYYY-MM-DD",
    "٢٠٢٧-٠٢-٠٣": "write it as YYYY-MM-DD",
    "1" * 10_000: "write it as YYYY-MM-DD",
}


@pytest.mark.parametrize("text", HINTS, ids=lambda text: text[:30])
def test_hint_shows_the_intended_date(text: str):
    assert date_hint(text) == HINTS[text]
