"""The servers between browsers and this one: none unless a person named one."""

from __future__ import annotations

import base64
import subprocess

import pytest

from dashboard.camera.connection import network
from dashboard.camera.connection.peer import server_configuration
from fer_core.errors import SettingsError
from fer_core.storage import Store


def test_no_server_is_asked_unless_one_was_named(store: Store) -> None:
    servers = network.ice_servers(store)
    assert network.for_browser(servers) == {"iceServers": []}
    # an empty list, not an absent one: the library would ask a public server
    assert server_configuration(servers).iceServers == []
    network.save(store, network.Network("turn.example.org:3478", "turn:turn.example.org", "u", "c"))
    servers = network.ice_servers(store)
    assert network.for_browser(servers)["iceServers"] == [
        {"urls": ["stun:turn.example.org:3478"]},
        {"urls": ["turn:turn.example.org"], "username": "u", "credential": "c"},
    ]
    stun, turn = server_configuration(servers).iceServers or []
    assert (stun.urls, stun.username) == ("stun:turn.example.org:3478", None)
    assert (turn.urls, turn.username, turn.credential) == ("turn:turn.example.org", "u", "c")


def test_a_turn_login_from_a_secret_ends_and_is_what_coturn_expects() -> None:
    given = network.Network(turn_url="turn:t.example", turn_secret="north", turn_user="rapt")
    (server,) = network.servers_of(given, now=1_800_000_000)
    until, _, user = server.username.partition(":")
    assert user == "rapt"
    assert 6 * 3600 <= int(until) - 1_800_000_000 <= 7 * 3600
    # echo -n USERNAME | openssl dgst -sha1 -hmac north -binary | base64
    assert server.credential == login_by_openssl(server.username)


def login_by_openssl(name: str) -> str:
    done = subprocess.run(
        ["openssl", "dgst", "-sha1", "-hmac", "north", "-binary"],
        input=name.encode(), capture_output=True, check=True,
    )  # fmt: skip
    return base64.b64encode(done.stdout).decode()


@pytest.mark.parametrize(
    "wrong",
    [
        network.Network(stun_url="https://stun.example.org"),
        network.Network(turn_url="turn:host"),
        network.Network(turn_url="turn:host name", turn_secret="s"),
        network.Network(public_url="study.example.org"),
        network.Network(public_url="ftp://study.example.org"),
    ],
)
def test_addresses_that_no_browser_takes_are_refused(wrong: network.Network) -> None:
    with pytest.raises(SettingsError):
        network.check(wrong)
