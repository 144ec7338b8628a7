"""Who answers for what is measured here: named once for a server, printed on every paper."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from fer_core.errors import SettingsError
from fer_core.storage.settings import SetSetting

if TYPE_CHECKING:
    from fer_core.storage import Store

RESPONSIBLE_SETTING: Final = "law.responsible"
#: The name that respondents' links tell; older than the other settings.
RECIPIENT_SETTING: Final = "respond.recipient"
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who decides what is measured and why. "": nobody said."""

    name: str = ""  # a person's or an organisation's; respondents are told it as well
    contact: str = ""  # where questions go: an address, a phone number
    officer: str = ""  # the data protection officer and how to reach them
    address: str = ""  # of a privacy text on the web; the notice's code leads there


def responsible(store: Store) -> Responsible:
    """Who answers for this server."""
    kept = store.settings.get(RESPONSIBLE_SETTING, {})
    found = {one.name: str(kept.get(one.name, "")) for one in fields(Responsible)}
    return Responsible(**found | {"name": str(store.settings.get(RECIPIENT_SETTING, ""))})


def set_responsible(store: Store, who: Responsible) -> None:
    """Keep who answers for this server. SettingsError for an address that is none."""
    texts = {name: " ".join(text.split()) for name, text in asdict(who).items()}
    if any(len(text) > _LONGEST for text in texts.values()):
        raise SettingsError("One of these texts is too long.", f"Use at most {_LONGEST} letters.")
    web = urlsplit(texts["address"])
    if texts["address"] and (web.scheme not in ("https", "http") or not web.hostname):
        raise SettingsError(
            f"{texts['address']!r} is no address of a page.", "Write https://example.org/privacy."
        )
    name = texts.pop("name")
    store.run(SetSetting(name=RECIPIENT_SETTING, value=name or None))
    store.run(SetSetting(name=RESPONSIBLE_SETTING, value=texts))
