"""SPSS, Stata and R: read back with their labels, and the numbers that went in."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from fer_core.errors import DataError
from fer_core.measures import BY_KEY
from fer_core.reports.formats import StudyOptions, export_session, export_study
from fer_core.reports.statistics.codebook import LONGEST_NAME, coded, variable_name, wide
from fer_core.reports.study_export import viewers_seconds
from fer_core.storage import Store
from fer_core.studies.membership import Study

READ = {"sav": pyreadstat.read_sav, "dta": pyreadstat.read_dta}


@pytest.mark.parametrize("form", READ)
def test_a_studys_seconds_are_read_back_with_labels(
    form: str, store: Store, study: Study, tmp_path: Path
) -> None:
    target = tmp_path / f"s.{form}"
    rows = export_study(store, study, target, form)
    table, about = READ[form](target)
    expected = viewers_seconds(store, study, False)
    assert rows == len(table) == len(expected)
    for key in ("engagement", "attention", "valence", "p_happy", "confidence"):
        np.testing.assert_array_equal(table[key], expected[key].astype(np.float64))
    labels = about.column_names_to_labels
    assert labels["engagement"] == "Engagement (0 to 100)"
    assert labels["p_happy"] == "Probability of happy"
    words = {int(code): word for code, word in about.variable_value_labels["condition"].items()}
    assert words == {1: "A", 2: "B"}
    assert table["condition"].map(words).tolist() == expected["condition"].tolist()
    emotions = {int(code): word for code, word in about.variable_value_labels["emotion"].items()}
    known = expected["emotion"].notna()
    assert table.loc[known, "emotion"].map(emotions).tolist() == expected["emotion"][known].tolist()
    assert table["emotion"].isna().tolist() == (~known).tolist(), "missing stays missing"
    assert study.name[:20] in about.file_label


@pytest.mark.parametrize("form", READ)
def test_one_row_a_viewer(form: str, store: Store, study: Study, tmp_path: Path) -> None:
    target = tmp_path / f"w.{form}"
    assert export_study(store, study, target, form, StudyOptions(wide=True)) == 48
    table, about = READ[form](target)
    long = viewers_seconds(store, study, False)
    one = long[long["second"] == 12].set_index("session_id")["engagement"].astype(np.float64)
    np.testing.assert_array_equal(table["engagement_0012"], one[table["session_id"]])
    assert about.column_names_to_labels["engagement_0012"] == "Engagement (0 to 100), second 12"


def test_a_smallest_group_leaves_no_single_viewer(
    store: Store, study: Study, tmp_path: Path
) -> None:
    target = tmp_path / "s.sav"
    export_study(store, study, target, "sav", StudyOptions(minimum=5))
    table, about = pyreadstat.read_sav(target)
    assert list(table.columns) == ["measure", "second", "mean", "low", "high", "n"]
    assert set(about.variable_value_labels["measure"].values()) <= set(BY_KEY)
    with pytest.raises(DataError, match="single viewers"):
        export_study(store, study, target, "sav", StudyOptions(minimum=5, wide=True))


def test_a_bundle_for_r_holds_what_its_script_reads(
    store: Store, study: Study, tmp_path: Path
) -> None:
    target = tmp_path / "s.zip"
    export_study(store, study, target, "zip")
    with zipfile.ZipFile(target) as archive:
        long = pd.read_parquet(io.BytesIO(archive.read("long.parquet")))
        tidy = pd.read_csv(io.BytesIO(archive.read("long.csv")))
        wider = pd.read_csv(io.BytesIO(archive.read("wide.csv")))
        book = pd.read_csv(io.BytesIO(archive.read("codebook.csv")))
        script = archive.read("read.R").decode()
    expected = viewers_seconds(store, study, False)
    np.testing.assert_array_equal(long["engagement"], expected["engagement"].astype(np.float64))
    np.testing.assert_allclose(tidy["valence"], expected["valence"], rtol=1e-6)
    assert long["condition"].tolist() == tidy["condition"].tolist() == list(expected["condition"])
    assert len(wider) == 48
    assert book["variable"].tolist() == list(long.columns)
    assert book.set_index("variable").loc["engagement", "version"] == "engagement/1"
    assert set(re.findall(r"^attr\(long\[\[\"(\w+)\"", script, re.M)) == set(long.columns)
    assert script.count("{") == script.count("}")
    assert script.count("(") == script.count(")")


@pytest.mark.parametrize("form", ["sav", "dta", "zip"])
def test_a_session_is_written_too(form: str, store: Store, study: Study, tmp_path: Path) -> None:
    one = str(study.counted["session_id"].iloc[0])
    target = tmp_path / f"one.{form}"
    rows = export_session(store, one, target, form)
    assert rows == len(store.timeline.seconds(one))
    assert target.stat().st_size > 500


def test_odd_names_and_texts_become_names_that_programs_take(tmp_path: Path) -> None:
    odd = {
        "1st": ["=1+1", None],
        "Größe in m²": [1.5, np.nan],
        "a" * 60: [True, False],
        "a" * 59 + "b": ["ü" * 4000, ""],
        "condition": ['say "hi"', "C:\\x"],
    }
    found = coded(pd.DataFrame(odd))
    names = list(found.table.columns)
    assert len({one.casefold() for one in names}) == 5
    assert all(re.fullmatch(r"[A-Za-z]\w{,30}", one, re.ASCII) for one in names)
    assert all(len(one) <= LONGEST_NAME for one in names)
    from fer_core.reports.statistics.labelled import r_script, write_bundle, write_labelled

    for form in READ:
        assert write_labelled(found, tmp_path / f"o.{form}", form, title="Ä" * 90) == 2
        table, _ = READ[form](tmp_path / f"o.{form}")
        assert table[names[1]].tolist()[0] == 1.5
    write_bundle(found, tmp_path / "o.zip", title="t\nquit()")
    assert '"say \\"hi\\""' in r_script(found, "t", {"long": found})
    with zipfile.ZipFile(tmp_path / "o.zip") as archive:
        assert "'=1+1" in archive.read("long.csv").decode()
        assert archive.read("read.R").decode().startswith("# t quit(), by Rapt")


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert variable_name("Mean", ["mean"]) == "Mean_2"
    assert variable_name("x" * 40, ["x" * 31]) == "x" * 29 + "_2"
    assert variable_name("§", []) == "x"


def test_too_many_columns_are_refused_in_words() -> None:
    seconds = np.arange(40_000)
    long = pd.DataFrame(
        {"session_id": "s", "viewer": 1, "second": seconds, "engagement": seconds / 1.0}
    )
    with pytest.raises(DataError, match="40,002 columns"):
        wide(long, ["engagement"])


def test_seconds_before_the_film_have_names_of_their_own() -> None:
    long = pd.DataFrame(
        {"session_id": "s", "viewer": 1, "second": [-2, -1, 0], "engagement": [1.0, 2.0, 3.0]}
    )
    table = wide(long, ["engagement"])
    assert list(table.columns[-3:]) == ["engagement_m0002", "engagement_m0001", "engagement_0000"]
    assert coded(table).column_labels["engagement_m0002"].endswith("second -2")
