"""Who watched what, from a CSV file."""

from __future__ import annotations

import pytest

from fer_core.errors import DataError
from fer_core.studies.respondents import from_csv

HERE = {"s1": "R07_A", "s2": "R08_B", "s3": "twice", "s4": "Twice.mp4"}


def test_rows_are_found_by_name_and_what_is_wrong_is_named_by_its_line() -> None:
    text = (
        "File;Participant;Group\n"
        "r07_a.mp4;Ann;A\n"
        '"R08_B";"Bob\nsenior";\n'
        "R09;Cem;B\n"
        ";Dora;A\n"
        "twice;Eve;A\n"
        "\n"
        "R07_A;Ann again;B\n"
    )
    found = from_csv(text.encode("utf-8-sig"), HERE)
    assert found.said == {
        "s1": {"respondent": "Ann", "condition": "A"}, "s2": {"respondent": "Bob\nsenior"},
    }  # fmt: skip
    assert found.problems == (
        "Line 5: there is no recording «R09» here.",
        "Line 6: it names no recording.",
        "Line 7: 2 recordings are called «twice».",
        "Line 9: «R07_A» is in line 2 already.",
    )


def test_a_film_that_the_study_does_not_have_is_refused_by_line() -> None:
    text = b"name,film\nR07_A,Spott\nR08_B,Spot\n"
    found = from_csv(text, HERE, ["Spot"])
    assert found.said == {"s2": {"stimulus": "Spot"}}
    assert found.problems == ("Line 2: there is no film «Spott» in this study.",)
    assert from_csv(text, HERE).said["s1"] == {"stimulus": "Spott"}


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"name\nR07_A\n", b"\xff\xfe\x00name"])
def test_a_file_of_another_kind_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(DataError):
        from_csv(content, HERE)
