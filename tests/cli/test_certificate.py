"""Certificates for `rapt serve --tls`, and what is refused before anything starts."""

from __future__ import annotations

import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fer_core.cli.main import main
from fer_core.cli.server import certificate
from fer_core.errors import SettingsError
from fer_core.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_one_is_made_kept_and_only_readable_by_its_owner(home: Home) -> None:
    made = certificate.self_signed(home)
    again = certificate.self_signed(home)
    assert again == made
    assert made.self_signed
    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600
    assert len(made.fingerprint.split(":")) == 32
    left = made.ends - datetime.now(UTC)
    assert timedelta(days=390) < left < timedelta(days=398), "browsers refuse longer ones"
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made.cert, made.key)


def test_it_names_this_machine_and_is_made_anew_when_that_changes(home: Home) -> None:
    before = certificate.self_signed(home)
    names = certificate._names(certificate._parse(before.cert.read_bytes()))
    assert {"localhost", "127.0.0.1"} <= names
    after = certificate.self_signed(home, ["rapt.example"])
    assert after.fingerprint != before.fingerprint
    assert certificate.self_signed(home).fingerprint == after.fingerprint, "it names all of ours"


def test_one_that_ends_soon_or_is_damaged_is_made_anew(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificate, "HOLDS", timedelta(days=10))
    short = certificate.self_signed(home)
    monkeypatch.undo()
    longer = certificate.self_signed(home)
    assert longer.fingerprint != short.fingerprint
    longer.cert.write_text("torn")
    assert certificate.self_signed(home).fingerprint != longer.fingerprint


def test_a_pair_that_does_not_fit_is_refused_in_words(home: Home, tmp_path: Path) -> None:
    one = certificate.self_signed(home)
    other = certificate.self_signed(Home(tmp_path / "other"))
    with pytest.raises(SettingsError, match="does not belong"):
        certificate.given(one.cert, other.key)
    with pytest.raises(SettingsError, match="no certificate"):
        certificate.given(one.key, one.key)
    with pytest.raises(SettingsError, match="no private key"):
        certificate.given(one.cert, one.cert)
    with pytest.raises(SettingsError, match="cannot be read"):
        certificate.given(tmp_path / "none.pem", one.key)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--cert", "a.pem"], "belong together"),
        (["--respondents", "door"], "no port"),
        (["--port", "8671", "--respondents", "8671"], "another one"),
    ],
)
def test_options_that_cannot_be_used_are_one_line(
    home: Home, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--home", str(home.root), "--no-browser", *options]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
