"""The catalogue: what is read of a CSV file, what is refused and how, what the store keeps."""

from __future__ import annotations

from collections import Counter

import pytest

from fer_core.errors import DataError, StoreError
from fer_core.recommend.catalogue import (
    Catalogue,
    _folded,
    id_of,
    load_catalogue,
    read_catalogue,
    starter_catalogue,
    write_catalogue,
)
from fer_core.storage import Store
from fer_core.storage.recommend.catalogue import (
    ForgetItems,
    Medium,
    NewItem,
    RemoveItems,
    SaveItems,
)

HEAD = "medium,title,creator,year,valence,energy,warmth,tension,sentence\n"


def item(title: str = "Our spot", *, energy: float = 0.5, sentence: str = "") -> NewItem:
    return NewItem(
        item_id=id_of(Medium.CREATIVE, title),
        medium=Medium.CREATIVE,
        title=title,
        valence=0.5,
        energy=energy,
        warmth=0.5,
        tension=0.1,
        sentence=sentence,
    )


def test_the_shipped_titles_are_sound_and_of_four_media() -> None:
    items = starter_catalogue()
    counts = Counter(one.medium for one in items)
    assert 140 <= len(items) <= 170
    assert min(counts[one] for one in ("film", "book", "song", "game")) > 25
    assert all(one.sentence.endswith(".") and one.year and one.creator for one in items)
    assert len({one.item_id for one in items}) == len(items)
    tags = Catalogue.of(items).tags
    assert (tags.std(axis=0) > 0.2).all(), "tags that spread"


def test_a_catalogue_that_was_written_is_read_back() -> None:
    again = read_catalogue(write_catalogue(starter_catalogue()))
    assert again.items == starter_catalogue()
    assert not again.problems


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("film,,X,2001,0,0,0,0,", "Line 2: The title is missing."),
        ("opera,Carmen,X,1875,0,0,0,0,", "Line 2: The medium «opera» is not known; write film"),
        ("film,A,X,2001,2,0,0,0,", "Line 2: The valence is 2; it must lie between -1 and 1."),
        ("film,A,X,2001,nan,0,0,0,", "Line 2: The valence is nan; it must lie between"),
        ("film,A,X,2001,high,0,0,0,", "The valence is «high», which is no number"),
        ("film,A,X,2001,0,,0,0,", "Line 2: The energy is missing; write 0 to 1."),
        ("film,A,X,soon,0,0,0,0,", "The year is «soon»; write it as four digits."),
        ("film,A,X,99999,0,0,0,0,", "The year is 99999; write it as four digits."),
        ("film,A,X,2001,0,0,0,0,a,b", "It has 10 cells, the first line 9; is a quote missing?"),
        (f"film,{'A' * 300},X,2001,0,0,0,0,", "The title has 300 characters; 200 is the most."),
    ],
)
def test_a_wrong_row_is_named_by_its_line(row: str, message: str) -> None:
    found = read_catalogue(HEAD + row + "\n\nbook,Sound,Y,1999,0.1,0.2,0.3,0.4,Fine.\n")
    assert [one.title for one in found.items] == ["Sound"]
    assert found.refused == 1
    assert message in str(found.problems[0])


def test_lines_are_those_of_the_file_also_behind_a_cell_of_two_lines() -> None:
    rows = 'film,"A\nB",X,2001,0,0,0,0,\nfilm,C,X,2001,9,0,0,0,\n'
    found = read_catalogue(HEAD + rows)
    assert found.items[0].title == "A B"
    assert found.problems[0].line == 4


def test_the_second_of_two_alike_is_refused_with_the_line_of_the_first() -> None:
    found = read_catalogue(HEAD + "film,A,X,2001,0,0,0,0,\nfilm,a,X,2001,1,0,0,0,\n")
    assert str(found.problems[0]) == "Line 3: 'a' stands in line 2 already."


def test_formulas_and_html_stay_the_texts_that_they_are() -> None:
    cell = "=HYPERLINK(1)"
    found = read_catalogue(HEAD + f"film,{cell},<b>X</b>,2001,0,0,0,0,<script>x</script>\n")
    assert (found.items[0].title, found.items[0].creator) == (cell, "<b>X</b>")
    assert found.items[0].sentence == "<script>x</script>"


def test_tables_of_other_programs_are_read() -> None:
    text = "\ufeffTitle;Medium;Valence;Energy;Warmth;Tension\nKärnten;Film;0,5;0,25;1;−0\n"
    found = read_catalogue(text.encode())
    assert found.items[0].title == "Kärnten"
    assert found.items[0].energy == 0.25


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no column medium, title"),
        (b"title,medium\nA,film\n", "no column valence, energy, warmth, tension"),
        (HEAD.replace("year", "title").encode(), "title is there twice"),
        (HEAD.replace("year", "colour").encode(), "colour is not known"),
        (HEAD.encode() + "film,Kärnten".encode("latin-1"), "not UTF-8 text .line 2"),
    ],
)
def test_what_is_no_table_of_items_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_catalogue(content)


def test_items_are_kept_changed_hidden_and_shown_again(store: Store) -> None:
    shipped = starter_catalogue()[0]
    assert store.run(SaveItems(items=(item(), item("Second")))) == 2
    store.run(SaveItems(items=(item(sentence="Anew."),)))
    store.run(RemoveItems(items=(shipped,)))
    found = load_catalogue(store)
    assert len(found) == len(starter_catalogue()) + 1
    assert shipped.item_id not in found.index
    assert found.items[found.index[item().item_id]].sentence == "Anew."
    store.run(ForgetItems(item_ids=(shipped.item_id, item().item_id)))
    found = load_catalogue(store)
    assert shipped in found.items
    assert item().item_id not in found.index


def test_items_that_stay_columns_are_a_sequence() -> None:
    shipped = starter_catalogue()
    items = Catalogue.of(shipped).items
    assert list(items) == list(shipped)
    assert (items[0], items[-1]) == (shipped[0], shipped[-1])
    assert items[3:9:2] == list(shipped[3:9:2])
    assert items[145:] == list(shipped[145:])
    with pytest.raises(IndexError):
        items[len(items)]
    empty = Catalogue.of(())
    assert not len(empty)
    assert empty.tags.shape == (0, 4)
    assert not len(empty.find("x"))


def test_words_find_what_a_look_at_every_title_finds() -> None:
    catalogue = Catalogue.of(starter_catalogue())
    for words, medium in (("the", None), ("of 19", Medium.FILM), ("é", Medium.SONG), ("", None)):
        wanted = [_folded(word) for word in words.split()]
        expected = {
            one.item_id
            for one in starter_catalogue()
            if (medium is None or one.medium == medium)
            and all(w in _folded(f"{one.title} {one.creator} {one.year or ''}") for w in wanted)
        }
        found = [one.item_id for one in catalogue.find(words, medium)]
        assert set(found) == expected, words
        assert len(found) == len(expected)


def test_the_store_refuses_what_is_not_sound(store: Store) -> None:
    with pytest.raises(StoreError, match=r"'Our spot': The energy is 7"):
        store.run(SaveItems(items=(item(energy=7.0),)))
    with pytest.raises(StoreError, match="same id"):
        store.run(SaveItems(items=(item(), item())))
    assert not len(store.catalogue.table())
