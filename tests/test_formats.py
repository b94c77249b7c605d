"""Formats of other tools: what goes out comes back, whatever the text."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import spacy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from spacy.tokens import DocBin, SpanGroup

from dealspan.corpus.formats import FORMATS
from dealspan.corpus.formats.label_studio import CONFIGURATION
from dealspan.corpus.formats.utf16 import characters, units
from dealspan.corpus.gold import LABELS, GoldArticle, GoldMention
from tests.formats import READ, TOOLS, deal, found, gold, marked, out_and_back

# Round trips

WORDS = st.sampled_from(
    ["Novena", " ", "  ", "\n", "\r\n", "\r", "\t", "🌲", "👩🏽‍🚀", "e\u0301", "ñ", "שלום", "\u200f", "\u202e", "مرحبا",
     "$5m.", "don't",
     "\x01", "\x0b", "\x0c", "\x1b", "\x1c", "\x85", "\u2028", "\ufeff", "\\n",
     '"', "A/S.", "日本", "#1", "-DOCSTART-", "T1\t"]
)  # fmt: skip
ids = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
) | st.sampled_from(["..", ".", "a/b", "../../x", "/etc/passwd", "con", "a\\b", "Ω", "A1", "a1", "x" * 300, "\n"])


@st.composite
def articles(draw: st.DrawFn) -> GoldArticle:
    characters = st.lists(st.characters(exclude_categories=["Cs"]), min_size=1)
    text = "".join(draw(st.lists(WORDS, min_size=1, max_size=12) | characters))
    if not text.strip():
        text += "x"
    spans = []
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        if text[start:end].strip():
            spans.append((draw(st.sampled_from(LABELS)), start, end))
    return gold(text, spans, id=draw(ids), deals=[deal(n) for n in range(draw(st.integers(0, 2)))])


@pytest.mark.parametrize("name", READ)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=st.lists(articles(), min_size=1, max_size=3))
def test_what_goes_out_comes_back(
    name: str, written: list[GoldArticle], tmp_path_factory: pytest.TempPathFactory
) -> None:
    read, _ = out_and_back(name, written, tmp_path_factory.mktemp("formats"))
    if name == "brat":  # files have an order of their own
        read.sort(key=lambda one: msgspec.json.encode(one))
        written = sorted(written, key=lambda one: msgspec.json.encode(one))
    assert read == written


EXAMPLES = {
    "emoji": marked("🌲🌲 Novena raises $5m 👩🏽‍🚀 from Alder", COMPANY="Novena", MONEY="$5m", INVESTOR="Alder"),
    "emoji in a name": marked("Novena 🌲 Labs raises", COMPANY="Novena 🌲 Labs"),
    "combining marks": marked("Nove\u0301na e\u0301t Alde\u0308r", COMPANY="Nove\u0301na", INVESTOR="Alde\u0308r"),
    "CR LF": marked("Novena\r\n\r\nraises $5m\r\nfrom Alder\r\n", COMPANY="Novena", MONEY="$5m", INVESTOR="Alder"),
    "a lone CR": marked("Novena\rraises $5m", COMPANY="Novena", MONEY="$5m"),
    "a mention over lines": marked("Alder\r\nVentures\nLLP backs", INVESTOR="Alder\r\nVentures\nLLP"),
    "right to left": marked("חברת נובנה גייסה $5m", COMPANY="נובנה", MONEY="$5m"),
    "bidi controls": marked("\u202eNovena\u202c raises", COMPANY="\u202eNovena\u202c"),
    "control characters": marked("Novena\x01\x1b[31m raises\x0b$5m\x1c", COMPANY="Novena\x01", MONEY="$5m"),
    "the whole text": gold("Novena", [("COMPANY", 0, 6)]),
    "inside a token": marked("Novena-led at €12m.", COMPANY="Novena", MONEY="€12m"),
    "a hedge over a name": marked("according to Novena, it", HEDGE="according to Novena", COMPANY="Novena"),
    "the same span twice": gold("Novena", [("COMPANY", 0, 6), ("INVESTOR", 0, 6), ("COMPANY", 0, 6)]),
    "nothing": gold("Nothing here."),
    "hundreds of deals": gold("Novena", [("COMPANY", 0, 6)], deals=[deal(n) for n in range(300)]),
    "no date": gold("Novena", published=None, title=None, id="x/../../y"),
}  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize("name", READ)
def test_examples_come_back(name: str, example: str, tmp_path: Path) -> None:
    assert out_and_back(name, [EXAMPLES[example]], tmp_path)[0] == [EXAMPLES[example]]


@pytest.mark.parametrize("name", ["prodigy", "labelstudio", "jsonl"])
def test_what_holds_everything_reports_no_loss(name: str, tmp_path: Path) -> None:
    assert out_and_back(name, list(EXAMPLES.values()), tmp_path)[1] == []


def test_what_is_lost_is_reported(tmp_path: Path) -> None:
    assert out_and_back("docbin", [EXAMPLES["inside a token"]], tmp_path)[1] == [
        "a1: MONEY '€12m' ends inside a token; the span is '€12m.'",
    ]
    (loss,) = out_and_back("doccano", [EXAMPLES["a hedge over a name"]], tmp_path)[1]
    assert loss.startswith("a1: 1 mentions overlap others; a project of doccano keeps them only where")
    over = [EXAMPLES["the same span twice"], EXAMPLES["a mention over lines"]]
    losses = FORMATS["conll"].write(over, tmp_path / "x.conll")
    assert losses == [
        "a1: INVESTOR 'Novena' overlaps another; it is left out",
        "a1: COMPANY 'Novena' overlaps another; it is left out",
        "a1: INVESTOR 'Alder\\r\\nVentures\\nLLP' crosses a line break or wide space",
        "CoNLL holds neither deals (0 left out) nor title, date and source of an article",
    ]
    blank = gold("a\n\nb", [("HEDGE", 1, 2)])
    assert out_and_back("brat", [blank], tmp_path)[1] == ["a1: HEDGE at 1 covers line breaks alone; it is left out"]
    space = gold("a b", [("HEDGE", 1, 2)])
    read, losses = out_and_back("docbin", [space], tmp_path)
    assert losses == ["a1: HEDGE at 1 covers no word; it is left out"]
    assert read == [space]


# What the files hold


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=articles())
def test_each_tool_sees_the_words_of_a_mention(written: GoldArticle, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("formats")
    words = [(mention.label, mention.text) for mention in written.mentions]
    for name in ("prodigy", "labelstudio", "doccano"):
        FORMATS[name].write([written], folder / name)
    (task,) = json.loads((folder / "labelstudio").read_bytes())
    values = [region["value"] for region in task["annotations"][0]["result"]]
    assert [(value["labels"][0], value["text"]) for value in values] == words
    assert [task["data"]["text"][value["start"] : value["end"]] for value in values] == [text for _, text in words]
    entry = json.loads((folder / "doccano").read_bytes())
    units = entry["text"].encode("utf-16-le")
    assert [(label, units[2 * a : 2 * b].decode("utf-16-le")) for a, b, label in entry["label"]] == words
    task = json.loads((folder / "prodigy").read_bytes())
    tokens = task["tokens"]
    assert "".join(token["text"] + " " * token["ws"] for token in tokens) == written.text
    for span, (label, text) in zip(task["spans"], words, strict=True):
        covered = tokens[span["token_start"] : span["token_end"] + 1]
        assert span["label"] == label
        assert written.text[covered[0]["start"] : covered[-1]["end"]].strip(" ") == text.strip(" ")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_prodigy_cuts_its_tokens_at_the_mentions(tmp_path: Path) -> None:
    article = marked("🌲 Novena-led at €12m. Now", COMPANY="Novena", MONEY="€12", HEDGE="at €12m")
    out_and_back("prodigy", [article], tmp_path)
    (task,) = lines(tmp_path / "articles.prodigy")
    tokens = task["tokens"]
    assert [token["text"] for token in tokens] == ["🌲", "Novena", "-", "led", "at", "€", "12", "m", ".", "Now"]
    assert [token["id"] for token in tokens] == list(range(10))
    assert "".join(token["text"] + " " * token["ws"] for token in tokens) == article.text
    for span in task["spans"]:
        first, last = tokens[span["token_start"]], tokens[span["token_end"]]
        assert (first["start"], last["end"]) == (span["start"], span["end"])
    assert task["answer"] == "accept"
    assert task["meta"] == {"id": "a1", "published": "2026-03-02", "source": "wire"}
    assert task["dealspan"]["deals"] == []


def test_label_studio_counts_characters(tmp_path: Path) -> None:
    out_and_back("labelstudio", [EXAMPLES["emoji"]], tmp_path)
    (task,) = json.loads((tmp_path / "articles.labelstudio").read_text(encoding="utf-8"))
    (annotation,) = task["annotations"]
    first = annotation["result"][0]
    assert first["value"] == {"start": 3, "end": 9, "text": "Novena", "labels": ["COMPANY"]}
    assert (first["from_name"], first["to_name"], first["type"]) == ("label", "text", "labels")
    assert task["data"]["text"] == EXAMPLES["emoji"].text
    assert all(f'value="{label}"' in CONFIGURATION for label in LABELS)


def test_doccano_counts_code_units_and_is_ascii(tmp_path: Path) -> None:
    out_and_back("doccano", [EXAMPLES["emoji"]], tmp_path)
    content = (tmp_path / "articles.doccano").read_bytes()
    assert content.isascii()
    entry = json.loads(content)
    assert entry["label"][0] == [5, 11, "COMPANY"]
    assert entry["text"].encode("utf-16-le")[10:22].decode("utf-16-le") == "Novena"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_code_units_are_those_of_utf_16(text: str) -> None:
    begins = units(text)
    assert [len(text[:n].encode("utf-16-le")) // 2 for n in range(len(text) + 1)] == begins
    assert [characters(text)[unit] for unit in begins] == list(range(len(text) + 1))


def test_brat_writes_a_stretch_for_each_line(tmp_path: Path) -> None:
    article = replace(EXAMPLES["a mention over lines"], deals=[deal()])
    out_and_back("brat", [article], tmp_path)
    folder = tmp_path / "articles.brat"
    bound, note = (folder / "a1.ann").read_text(encoding="utf-8").splitlines()
    assert bound == "T1\tINVESTOR 0 5;7 15;16 19\tAlder Ventures LLP"
    assert note.isascii()
    assert (folder / "a1.txt").read_bytes() == article.text.encode()


def test_brat_keeps_to_its_folder_whatever_the_ids(tmp_path: Path) -> None:
    names = ["../up", "..", ".hidden", "/up", "a/b", "a__b", "A__B", "ünïcode 🌲", "x" * 400, "", "c\nd", "con"]
    folder = tmp_path / "in" / "here"
    assert FORMATS["brat"].write([gold("Novena", id=name) for name in names], folder) == []
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert len({name.lower() for name in files}) == 3 * len(names)
    assert all(name.startswith("in/here/") and name.count("/") == 2 and len(name) < 200 for name in files)
    assert {one.id for one in found("brat", folder)} == set(names)


def test_brat_follows_no_link_out_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "brat"
    FORMATS["brat"].write([gold("Novena"), gold("Kettl", id="a2")], folder)
    (folder / "a1.txt").unlink()
    (folder / "a1.txt").symlink_to(tmp_path / "secret.txt")
    error, other = found("brat", folder)
    assert "a1.txt: is a link that leads out of the folder" in str(error)
    assert other.id == "a2"


# What a tool changed


def edited(name: str, article: GoldArticle, folder: Path) -> Any:
    """The article as it comes back after its first mention was made the second word, in the tool's own fields."""
    path = folder / f"articles.{name}"
    FORMATS[name].write([article], path)
    match name:
        case "docbin":
            vocab = spacy.blank("en").vocab
            (doc,) = DocBin().from_disk(path).get_docs(vocab)
            doc.spans["gold"] = SpanGroup(
                doc, spans=[doc.char_span(7, 13, label="INVESTOR"), *list(doc.spans["gold"])[1:]]
            )
            docs = DocBin(store_user_data=True)
            docs.add(doc)
            docs.to_disk(path)
        case "brat":
            file = path / "a1.ann"
            file.write_text(file.read_text(encoding="utf-8").replace("COMPANY 0 6\tNovena", "INVESTOR 7 13\traises"))
        case _:
            text = path.read_text(encoding="utf-8")
            data = json.loads(text)
            if name == "prodigy":
                data["spans"][0] |= {"label": "INVESTOR", "start": 7, "end": 13}
            elif name == "labelstudio":
                value = data[0]["annotations"][0]["result"][0]["value"]
                value |= {"start": 7, "end": 13, "labels": ["INVESTOR"], "text": "raises"}
            else:
                data["label"][0] = [7, 13, "INVESTOR"]
            path.write_text(json.dumps(data))
    (one,) = found(name, path)
    return one


@pytest.mark.parametrize("name", TOOLS)
def test_what_was_changed_in_a_tool_counts(name: str, tmp_path: Path) -> None:
    article = replace(marked("Novena raises €12m. 🌲", COMPANY="Novena", MONEY="€12m"), deals=[deal()])
    back = edited(name, article, tmp_path)
    assert back == replace(
        article, mentions=[GoldMention(label="INVESTOR", text="raises", start=7, end=13), article.mentions[1]]
    )


def test_a_note_changed_in_brat_counts(tmp_path: Path) -> None:
    FORMATS["brat"].write([gold("Novena", [("COMPANY", 0, 6)], deals=[deal(), deal(2)])], tmp_path)
    file = tmp_path / "a1.ann"
    file.write_text(file.read_text().replace('"id": "d2", "kind": "round"', '"id": "d2", "kind": "total"'))
    (one,) = found("brat", tmp_path)
    assert [held.kind for held in one.deals] == ["round", "total"]
    (tmp_path / "a1.dealspan.json").unlink()
    (alone,) = found("brat", tmp_path)
    assert alone.deals == one.deals
    assert (alone.id, alone.published) == ("a1", None)


# Real articles


@pytest.mark.parametrize("name", READ)
def test_the_corpus_comes_back(name: str, tmp_path: Path) -> None:
    from dealspan.corpus.collection import gold_articles, read_corpus

    corpus = read_corpus(Path(__file__).parents[1] / "corpus")
    written = sorted(gold_articles(corpus, None, "dev"), key=lambda one: one.id)
    assert out_and_back(name, written, tmp_path)[0] == written
