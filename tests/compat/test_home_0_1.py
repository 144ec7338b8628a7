"""A home that version 0.1 left opens and shows the same numbers, to the digit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any, Final

import pytest

from tests.compat.reading import EXPECTED, read, unpack

pytestmark = pytest.mark.slow

_AVERAGED: Final = r"(activation|confidence|emotion|expressiveness|p_\w+)"
_SECONDS_2: Final = (
    "seconds/2: a second's probabilities are means, which sum to 1; medians taken class by class "
    "did not. What frames disagree on is mixed."
)
_PEAK_2: Final = (
    "peak/2: the highest second of the drawn curve; it was that of a smoothed one, which is not "
    "drawn."
)
_READ_BY: Final = (
    "A study is read by its conditions or films, side by side, with its answer above and key "
    "moments below; all viewers together are a choice."
)
_LANES: Final = (
    "An expression has a lane, no clear expression too; viewers are a step line, scenes fine "
    "lines; the heat map has a key; what is under the cursor is written as elsewhere."
)
_REFERENCE: Final = "Differences are the other minus the reference, which can be chosen."
#: What is meant to differ from version 0.1, as the test tells it (a regular expression that
#: matches from the start), and why. A line here that matches nothing any more is a failure.
MEANT: Final[dict[str, str]] = {
    r'pages /(session|study)\?\S+ \[\d+\]: new: \{"button": \["Forget for good", false\]\}$': (
        "A session and a study can be forgotten for good, in backups too."
    ),
    r'pages /study\?\S+ \[\d+\]: new: \{"number_input": \["Seconds, of a picture"': (
        "A picture can be shown for some seconds."
    ),
    r"pages / \[\d+\]": (
        "The overview stands by study, with what needs a look in place of a mean over everything."
    ),
    r"pages /analyze \[\d+\]": (
        "A condition can be chosen beforehand, a folder be dropped; no path of the server is told."
    ),
    r"pages /(data|mistakes|model)\S* \[\d+\] component (added|endings|into): new key: ": (
        "The drop zone takes folders of recordings and offers what is here already to a study."
    ),
    r"pages /sessions\S* \[\d+\]": (
        "Sessions are found by study, kind and what needs a look, and several are selected."
    ),
    r'pages /study\?\S+ \[\d+\]: new: \{"button": \["Set up in three steps"': (
        "A study's sessions lead to its set-up."
    ),
    r'pages /session\?\S+ \[\d+\] button_group \[\d+\] \[\d+\]: new: "Split"$': (
        "A viewer who is two people can be split."
    ),
    r"pages /replay\?\S+ \[\d+\] component (splits: new key: \[\]|asked_split: new key: null)$": (
        "The replay's player offers that at the playhead, and says where it was done."
    ),
    r'pages .* figure data \[\d+\] (line shape: new key: "linear"|connectgaps: new key: false)$': (
        "Plotly's own defaults, written out: nothing is drawn differently."
    ),
    r'pages /compare\S* \[9\] caption: gone: "Tested together': (
        "Where groups are too small to be tested, no test is told of."
    ),
    r'pages /session\?id=\S+ \[\d+\] html \[\d+\]: "(14|19) %" → "(15|20) %"$': (
        "Shares of one whole are rounded together, so that they sum to 100 %."
    ),
    r'pages /session\?id=\S+ \[\d+\]: new: \{"button": \["Resume", false\]\}$': (
        "A session that was cut short can be resumed on its page, as its error says."
    ),
    r'pages /session\?id=\S+ \[\d+\]: new: \{"markdown": "The (process|disk|analysis)': (
        "Beside that button stands why the session was cut short."
    ),
    r'pages /mistakes\S* \[\d+\] caption: "Looking inside\.': "Said plainly; no number changed.",
    r"pages /(study|compare|session|label|mistakes|train|models?|inside)\b\S* "
    r".*(\ba (dot|shape|row) an? [a-z]+|goes with the others|cannot be told|than chance gives|"
    r"they judge it|Said the same|have judged|begin by this link|no gain that could|"
    r"then all begin|without it stay|read so|read otherwise|known to agree)": (
        "Said plainly; no number changed."
    ),
    r"pages /(models?|train)\b\S* \[\d+\] figure "
    r'(data \[\d+\] (customdata|hovertemplate: "epoch)|layout [xy]axis title text: "How )': (
        "Percentages are written one way, also under the mouse; axes have the field's words."
    ),
    r"pages /(models?|train)\?(id=spots-2&view=Training|view=Compare|run=j2qcc08s8ewer)\S* \[\d+\]"
    r'( (figure|said): gone: |: gone: \{"(figure|html)"| caption: new key: "It trained for 2)': (
        "Two epochs make no curve."
    ),
    r"pages /session\S* \[\d+\] (caption: new key: .:material/broken_image|warning: gone: )": (
        "What was lost is said without alarm where nothing can be done about it."
    ),
    r"commands export Spring spot\.xlsx answer rows: 9 → 10$": (
        "A study's workbook has one sheet more, with its key numbers."
    ),
    r"commands export Spring spot baseline\.csv ": (
        "A study's seconds can be exported with baseline correction; 0.1 refused it by mistake."
    ),
    r'pages \S+ \[0\] title: "': (
        "A page's title is its name in the side bar; the question that it answers is the subtitle."
    ),
    r"pages \S+ \[1\] html \[0\]: ": "The subtitle begins with the page's question.",
    r'pages /mistakes\S* \[\d+\](: new: \{"(selectbox": \["Shown"|component": \{"faces")'
    r'| button_group: new key: \["View", "Faces"| component: gone: | html: (gone|new key): )': (
        "Mistakes lists labels that are probably wrong and has a map of the faces; what it showed "
        "stands below these choices, said plainly."
    ),
    r"pages /model\?\S*view=Figures \[\d+\]: new: "
    r'\{("subheader": "Slices"|"caption": "Fewer than 50|"html": |"button_group": \["Open the m)': (
        "A model's figures go into slices of its faces."
    ),
    r'pages /train\S* \[\d+\]: new: \{("subheader": "Trainings over|"multiselect": \["Drawn"'
    r'|"html": \["spots-2 reached|"figure": |"table": \{"Training")': (
        "Trainings stand over one another, with their settings and notes."
    ),
    r'pages /mistakes\S* \[\d+\] selectbox (\[\d+\] ?)+: "(At any s|S)ureness" → ': (
        "Confidence is the field's word."
    ),
    r"pages /models?\b\S* \[\d+\] (html|said|figure data \[\d+\] (name|hovertemplate))": (
        "An accuracy carries its interval, and best and worst are named from 30 faces on."
    ),
    r'pages /session\S* \[\d+\] button \[0\]: "Forget the faces" →': "Said plainly.",
    r'pages /train\S* \[\d+\] (selectbox \[2\] \[\d+\]: "\w+, from nothing|warning|caption|html)': (
        "Said plainly; no number changed."
    ),
    r"routes /clip/\S+/rows\S* content eyes: new key: ": (
        "The replay draws lids and gaze where they were read; in sessions of 0.1 they were not."
    ),
    r'routes /r/\S+ content \[1\] recipient: new key: ""$': (
        "Respondents are told by name whom the numbers go to."
    ),
    rf"tables seconds {_AVERAGED} ": _SECONDS_2,
    rf"commands export .*\.csv content {_AVERAGED} ": _SECONDS_2,
    r"commands export .*\.xlsx content (seconds|viewer seconds|viewers|scenes|synchrony) ": (
        f"{_SECONDS_2} Scenes: {_PEAK_2}"
    ),
    r"commands export .*\.xlsx content markers ": _PEAK_2,
    r"commands export .*\.xlsx content timeline \[\d+\]: new: ": (
        "The timeline has columns of eyes and movements at its end; sessions of 0.1 have none."
    ),
    r"commands export .*\.xlsx content method ": "It names the new versions, and the mean's own.",
    r"commands export .*\.eaf (content|answer) ": _SECONDS_2,
    r"commands export .*\.svg content ": f"{_PEAK_2} {_SECONDS_2}",
    r"commands report .* peak(_s)?: ": _PEAK_2,
    r"commands report .* viewers: 3 → 2$": (
        "A viewer without a known second is none of the curve's, and is not counted beside it."
    ),
    r"commands report .* text (said \[\d+\]: |drawn )": (
        f"{_PEAK_2} What the smallest group hides is said, and hides alone. Sentences say of how "
        "many they speak."
    ),
    r'pages \S+ \[\d+\] metric \[1\]: "\S+( %)? at \d': _PEAK_2,
    r'pages /study\S* \[\d+\] (markdown: "\*\*Highest at|page_link )': _PEAK_2,
    r"pages /(study|compare)\S* \[\d+\] html (\[\d+\]|digest|drawn|said)": (
        f"Scene tables: {_PEAK_2} Differences are those of the numbers beside them. Sentences say "
        "of how many they speak."
    ),
    r"pages /study\?(?!\S*view(ers)?=)\S+ \[\d+\]": _READ_BY,
    r"pages /study\?\S*viewers=\S+ \[\d+\](: (new|gone)| selectbox| markdown| page_link)": _READ_BY,
    r"pages /study\?\S*viewers=\S+ \[\d+\] (figure layout|caption|html|component)": _LANES,
    r"pages /compare\S* \[\d+\]( figure| html|: new: .*selectbox| selectbox: new)": (
        f"{_REFERENCE} {_LANES}"
    ),
    r"pages /(study|session)\S* \[\d+\] figure data ": f"{_SECONDS_2} Mixed has a colour.",
    r"pages /(study|session)\S* \[\d+\] (said: |figure layout annotations )": (
        f"{_PEAK_2} Sentences say of how many they speak."
    ),
    r"pages /replay\S* \[\d+\] component (emotions|lead|sure|measures)": (
        f"{_SECONDS_2} Mixed has a colour. {_PEAK_2}"
    ),
    r"pages /studies \[\d+\] html \[\d\]: ": (
        "A list counts what counts and shows the mean of the study's page; of several films the "
        "lowest and the highest."
    ),
    r"pages /session\?\S+ \[\d+\] figure layout (height|shapes|xaxis|yaxis)": (
        "Session has a lane for attention, and grey where no face could be used lies in every lane."
    ),
    r'pages \S+ \[\d+\] figure layout meta: new key: \{"time": true\}$': (
        "The charts over time of a page share their zoom."
    ),
    r"pages /replay\?\S+ \[\d+\] component (edits|eyes|gaps|known|lanes|viewer): new key: ": (
        "Replay has a lane a viewer, greys what Session greys, shows one viewer's curve, and "
        "hides what who looks may not do."
    ),
    r'pages /(session|study)\?\S+ \[\d+\]: new: \{"button": \["Recommend", false\]\}$': (
        "A session's and a study's page lead to Recommend."
    ),
    r"pages /live \[\d+\] component (forbidden|purposes|studies \[\d+\] purpose): new key: ": (
        "Live asks what it is for, where its study does not say."
    ),
    r'pages /study\?\S+ \[\d+\]: new: \{("markdown": "\*\*What is this|"selectbox": \["Purpose")': (
        "A study is asked what it is for; those of stores made earlier are not stated."
    ),
    r'pages /study\?\S+ \[\d+\]: new: \{"info": "First say what the study is for': (
        "Before another link is made, that is asked."
    ),
    r'pages /study\?\S+ \[\d+\](:| download_button:) new.*"Notice"': "A notice leads to a link.",
    r'pages /study\?\S+ \[\d+\]: new: \{"markdown": "Nobody can use this link any more': (
        "Closing a link is said in plainer words."
    ),
    r'pages /study\?\S*view(ers)?=\S+ \[\d+\]( button: new key: \["Forget for good", false\]$'
    r'| button_group: gone: \["View", |: new: \{"button_group": \["View", "\w+", \[.*"Course", )': (
        "A study's page makes courses for its respondents: its views stand after its new buttons."
    ),
    r'pages /study\?\S+ \[\d+\]: new: \{"button": \["Clips", false\]\}$': (
        "A study's moments can be made into films."
    ),
    r'pages /study\?\S+ \[\d+\]: new: \{"button": \["Share", false\]\}$': (
        "A study's report can be read by whoever has a link to it."
    ),
    r'pages /study\?\S+&view=Links \[\d+\]: new: \{("warning": "\d of \d left on the way: '
    r'|"button_group": \["Fieldwork by", |"table": \{"Link": )': (
        "Links tell how their fieldwork goes, and what should be mended."
    ),
    r'pages /session\?\S+ \[\d+\]: new: \{"download_button": '
    r'\["(SPSS|Stata|R, CSV and codebook)", false\]\}$': (
        "A session's seconds can be had for statistics programs."
    ),
    r'pages /compare\S* \[\d+\] said: "Too few viewers to compare .* → "Too few viewers .*«': (
        "Long names of conditions stand in quotes, so that they can be told from the sentence."
    ),
    r"pages /(data|mistakes|model)\S* \[\d+\] component redraw: new key: true$": (
        "A drop zone can leave its page as it is while files arrive; these draw it as before."
    ),
    r"pages /(mistakes|model)\S* \[\d+\] selectbox \[2\] \[\d\]: "
    r'"HOME/data-sets/\w+/(\S+)" → "\2"$': (
        "A data set is called by its name, not by its place on the server."
    ),
    r'pages /compare\S* \[\d+\]: new: \{"multiselect": \["Only"': (
        "Groups can be compared among those alone who have a tag, an answer or a device."
    ),
    r'routes /r/\S+ content (\[0\] \[\d+\]: new: "(Dislike|Like)"'
    r"|\[1\] (course|device|languages?|words): new key: )": (
        "A respondent's page is told its language and with what their device can read the face, "
        "and can show a course with a slider or keys."
    ),
    r"pages /replay\?\S+ \[\d+\] component films ": (
        "Without the picture there is no stage to draw boxes on."
    ),
}
#: A table or an answer of a command may get new columns and keys: readers skip what they do
#: not know. What it had keeps its value.
MAY_GROW: Final = re.compile(r"(tables|commands) .*: new key: ")


def differences(old: Any, new: Any, where: str) -> Iterator[str]:
    """Each value that differs, by the place where it stands."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            if key not in new:
                yield f"{where} {key}: gone: {short(old[key])}"
            elif key not in old:
                yield f"{where} {key}: new key: {short(new[key])}"
            else:
                yield from differences(old[key], new[key], f"{where} {key}")
    elif isinstance(old, list) and isinstance(new, list):
        yield from list_differences(old, new, where)
    elif old != new or isinstance(old, bool) is not isinstance(new, bool):
        yield f"{where}: {short(old)} → {short(new)}"


def list_differences(old: list[Any], new: list[Any], where: str) -> Iterator[str]:
    """As a person would tell them: what was put in or taken out moves nothing else."""
    before, now = ([json.dumps(one, sort_keys=True) for one in side] for side in (old, new))
    for kind, a, b, c, d in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        together = min(b - a, d - c)
        for i in range(together):
            yield from differences(old[a + i], new[c + i], f"{where} [{a + i}]")
        for i in range(a + together, b):
            yield f"{where} [{i}]: gone: {short(old[i])}"
        for i in range(c + together, d):
            yield f"{where} [{i}]: new: {short(new[i])}"


def short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:300]}…"


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    return dict(json.loads(EXPECTED.read_text("utf-8")))


@pytest.fixture(scope="module")
def found(expected: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return read(unpack(tmp_path_factory.mktemp("home-0.1")), expected["addresses"])


@pytest.mark.parametrize("what", ["tables", "commands", "pages", "routes"])
def test_the_home_shows_what_it_showed(
    expected: dict[str, Any], found: dict[str, Any], what: str
) -> None:
    told = list(differences(expected[what], found[what], what))
    meant = [re.compile(one) for one in MEANT if what in one]
    unmeant = [
        one for one in told if not MAY_GROW.match(one) and not any(m.match(one) for m in meant)
    ]
    assert not unmeant, f"{len(unmeant)} values differ:\n" + "\n".join(unmeant[:60])
    past = [one.pattern for one in meant if not any(map(one.match, told))]
    assert not past, f"These differences are no longer there: {past}"


def test_every_page_has_its_address(expected: dict[str, Any], found: dict[str, Any]) -> None:
    assert len(expected["addresses"]) > 60
    assert list(found["pages"]) == expected["addresses"]
    broken = {
        address: element
        for address, elements in found["pages"].items()
        for element in elements
        if "exception" in element
    }
    assert not broken


def test_a_difference_is_told_by_its_place() -> None:
    old = {"/session": [{"metric": ["Mean", 41.5]}, {"caption": "a"}], "gone": 1}
    new = {"/session": [{"title": "b"}, {"metric": ["Mean", 41.6]}, {"caption": "a"}]}
    assert list(differences(old, new, "pages")) == [
        'pages /session [0] metric: gone: ["Mean", 41.5]',
        'pages /session [0] title: new key: "b"',
        'pages /session [1]: new: {"metric": ["Mean", 41.6]}',
        "pages gone: gone: 1",
    ]
    assert not list(differences(old, old, "pages"))
    assert list(differences([1, 2.0], [1, 2.5], "x")) == ["x [1]: 2.0 → 2.5"]
