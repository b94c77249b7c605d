"""Formats of other tools: what goes out comes back, whatever the text; what is broken is named and costs no other."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
import spacy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from spacy.tokens import Doc, DocBin, SpanGroup

from dealspan.corpus.formats import FORMATS, FormatError, Ignored
from dealspan.corpus.formats.label_studio import CONFIGURATION
from dealspan.corpus.formats.utf16 import characters, units
from dealspan.corpus.gold import LABELS, GoldAmount, GoldArticle, GoldDeal, GoldInvestor, GoldMention
from dealspan.records import Valuation

READ = [name for name, format in FORMATS.items() if format.read]
TOOLS = [name for name in READ if name != "jsonl"]


def gold(text: str, spans: Iterable[tuple[str, int, int]] = (), **fields: Any) -> GoldArticle:
    mentions = [GoldMention(label=label, text=text[a:b], start=a, end=b) for label, a, b in spans]  # type: ignore[arg-type]
    return GoldArticle(**({
        "id": "a1", "published": date(2026, 3, 2), "title": "Novena", "source": "wire", "genre": "reviewed",
        "split": "train", "author": "ana", "text": text, "mentions": mentions, "deals": [],
    } | fields))  # fmt: skip


def marked(text: str, **words: str) -> GoldArticle:
    """An article with the first occurrence of some words marked, each under the label that names it."""
    return gold(text, [(label, text.index(word), text.index(word) + len(word)) for label, word in words.items()])


def deal(number: int = 1, **fields: Any) -> GoldDeal:
    return GoldDeal(**({
        "id": f"d{number}", "kind": "round", "company": "Novena", "stage": "planned", "certainty": "rumored",
        "amount": GoldAmount(min=5e6, max=None, currency="USD", text="at least\n$5m"), "round_type": "seed",
        "investors": [GoldInvestor(name="Alder\u2028Ventures 🌲", role="lead")], "hedges": ["is said to"],
        "valuation": Valuation(amount=1e9, currency="EUR", kind="pre"), "attribution": ["Tarn\tWire"],
        "date": "2026-03", "extension": True,
    } | fields))  # fmt: skip


def out_and_back(name: str, articles: list[GoldArticle], folder: Path) -> tuple[list[Any], list[str]]:
    path = folder / f"articles.{name}"
    losses = FORMATS[name].write(articles, path)
    read = FORMATS[name].read
    assert read is not None
    return list(read(path)), losses


def found(name: str, path: Path) -> list[Any]:
    read = FORMATS[name].read
    assert read is not None
    return list(read(path))


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


# What others made


def test_gold_of_other_hands(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(
        '\ufeff{"id": "x", "text": "Novena 🌲 raises", "mentions": [{"label": "COMPANY", "start": 0, "end": 6}],'
        ' "deals": [], "source": {"repo": "a"}, "published": "2026-03-02"}\r\n\n',
        encoding="utf-8",
    )
    (one,) = found("jsonl", path)
    assert one.mentions == [GoldMention(label="COMPANY", text="Novena", start=0, end=6)]
    assert (one.genre, one.split, one.source, one.published) == ("reviewed", "train", '{"repo":"a"}', date(2026, 3, 2))


def test_a_docbin_of_spacy(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    docs = DocBin()
    for key in ("sc", None):
        doc = nlp.make_doc("Novena raises €12m")
        span = doc.char_span(0, 6, label="COMPANY")
        if key:
            doc.spans[key] = [span]
        else:
            doc.ents = [span]
        docs.add(doc)
    docs.to_disk(tmp_path / "x.spacy")
    one, other = found("docbin", tmp_path / "x.spacy")
    assert one.mentions == other.mentions == [GoldMention(label="COMPANY", text="Novena", start=0, end=6)]
    assert one.id != other.id


def studio(value: dict[str, Any], text: str = "🌲 Novena\nLabs raises", **task: Any) -> dict[str, Any]:
    region = {"type": "labels", "value": value}
    return {"data": {"text": text, "id": 7}, "annotations": [{"result": [region]}]} | task


def written(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def test_what_label_studio_counted_in_code_units(tmp_path: Path) -> None:
    old = studio({"start": 3, "end": 14, "text": "Novena\\nLabs", "labels": ["COMPANY"]})
    new = studio({"start": 2, "end": 13, "text": "Novena\\nLabs", "labels": ["COMPANY"]})
    path = written(tmp_path / "x.json", [old, new])
    for one in found("labelstudio", path):
        assert one.id == "7"
        assert one.mentions == [GoldMention(label="COMPANY", text="Novena\nLabs", start=2, end=13)]


def test_what_label_studio_has_besides(tmp_path: Path) -> None:
    good = {"start": 2, "end": 8, "labels": ["COMPANY"]}
    region = {"type": "labels", "value": good}
    path = written(
        tmp_path / "x.json",
        [
            studio(good, annotations=[{"result": [region, {"type": "choices", "value": {"choices": ["x"]}}]}]),
            studio(good, annotations=[{"result": [], "was_cancelled": True}]),
            studio(good, annotations=[], predictions=[{"result": [region], "score": 0.5}]),
            studio(good, annotations=[{"result": [region]}, {"result": []}]),
            studio(good, annotations=[], predictions=[4]),
        ],
    )
    ignored, first, skipped, predicted, twice, bare = found("labelstudio", path)
    assert ignored == Ignored(f"{path}:1: 1 results that are no labels are left out (choices)")
    assert skipped == Ignored(f"{path}:2: was skipped in Label Studio; it is left out")
    assert first.mentions == predicted.mentions != bare.mentions == []
    assert "5: has 2 annotations; keep the one that counts".replace("5", "4") in str(twice)


def test_what_prodigy_and_doccano_have_besides(tmp_path: Path) -> None:
    tasks = [{"text": "Novena", "answer": "ignore"}, {"text": "Novena", "relations": [{}], "_input_hash": 5}]
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(task) + "\n" for task in tasks))
    ignored, relations, one = found("prodigy", tmp_path / "p.jsonl")
    assert "p.jsonl:1: was not accepted in Prodigy (ignore)" in ignored.message
    assert "p.jsonl:2: 1 relations are left out" in relations.message
    assert one.text == "Novena"
    entry = {"id": 4, "text": "🌲 Novena", "Comments": ["hm"], "relations": [],
             "entities": [{"id": 9, "label": "COMPANY", "start_offset": 3, "end_offset": 9}]}  # fmt: skip
    (tmp_path / "d.jsonl").write_text(json.dumps(entry))
    comments, one = found("doccano", tmp_path / "d.jsonl")
    assert "1 comments are left out" in comments.message
    assert one.mentions == [GoldMention(label="COMPANY", text="Novena", start=2, end=8)]
    assert one.id == "4"


def test_what_brat_has_besides(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "x.txt").write_text("Novena of Riga raises")
    (tmp_path / "sub" / "x.ann").write_text(
        "T1\tCOMPANY 0 6;15 21\tNovena raises\nR1\tOf Arg1:T1 Arg2:T1\n#1\tAnnotatorNotes T1\thm\n"
    )
    gaps, relation, note, one = found("brat", tmp_path)
    assert "x.ann:1: T1 has gaps; the whole stretch is taken" in gaps.message
    assert "x.ann:2: R1 is left out" in relation.message
    assert "x.ann:3: a note is left out: 'hm'" in note.message
    assert one.mentions == [GoldMention(label="COMPANY", text="Novena of Riga raises", start=0, end=21)]
    assert one.id == "sub/x"


# What is broken

GOOD = '{"text": "Novena raises", "mentions": [], "deals": [], "spans": [], "label": []}'


def at(of: str, label: str, start: int, end: int, **more: str) -> str:
    mention = {"label": label, "start": start, "end": end, **more}
    return json.dumps({"text": of, "mentions": [mention], "deals": []})


BAD = {
    "jsonl": [
        ("{", "is no whole JSON"),
        ("[]", "is not what it should be"),
        ('{"text": "x", "mentions": []}', "missing required field `deals`"),
        ('{"text": " ", "mentions": [], "deals": []}', "has an empty text"),
        (at("x", "ORG", 0, 1), "'ORG' is no label; rename"),
        (at("x", "ROUND", 0, 2), "lies beyond the text of 1"),
        (at("x", "ROUND", -1, 1), "lies beyond the text"),
        (at(" x", "ROUND", 0, 1), "white space alone"),
        (at("xy", "ROUND", 0, 1, text="y"), "count code points"),
        ('{"text": "x", "mentions": [], "deals": [{"id": "d"}]}', "missing required field `kind`"),
        ('{"text": "x", "mentions": [], "deals": [], "published": "soon"}', "write a date such as 2018-05-31"),
        ('{"text": "\\ud800", "mentions": [], "deals": []}', "is no whole JSON"),
    ],
    "prodigy": [
        ('{"text": "x", "spans": [{"start": 0, "label": "ROUND"}]}', "missing required field `end`"),
        ('{"text": "x", "dealspan": {"id": 5}}', "'dealspan' is not what was exported"),
        ("[" * 100_000, "mend or drop the entry"),
    ],
    "doccano": [
        ('{"text": "🌲x", "label": [[1, 3, "ROUND"]]}', "export from a project that does not count grapheme clusters"),
        ('{"text": "x", "label": [[0, 9, "ROUND"]]}', "beyond the text of 1 UTF-16 code units"),
        ('{"text": "x", "label": [[0, "ROUND"]]}', "is not what it should be"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "line", "message"), [(n, *one) for n, many in BAD.items() for one in many])
def test_a_bad_line_is_named_and_costs_no_other(name: str, line: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(f"{GOOD}\n{line}\n{GOOD}\n", encoding="utf-8")
    one, error, other = found(name, path)
    assert isinstance(error, FormatError)
    assert str(error).startswith(f"{path}:2: ")
    assert message in str(error)
    assert one.text == other.text == "Novena raises"


@pytest.mark.parametrize("name", READ)
def test_a_file_that_is_none(name: str, tmp_path: Path) -> None:
    (error,) = found(name, tmp_path / "none")
    assert "cannot be read" in str(error) or "holds no brat annotations" in str(error)
    (tmp_path / "empty").write_bytes(b"")
    (error,) = found(name, tmp_path / "empty")
    assert isinstance(error, FormatError)
    (tmp_path / "binary").write_bytes(b"\xff\x00\x01")
    (error,) = found(name, tmp_path / "binary")
    assert isinstance(error, FormatError)


def test_a_bad_task_of_label_studio(tmp_path: Path) -> None:
    good = studio({"start": 2, "end": 8, "labels": ["COMPANY"]})
    path = written(
        tmp_path / "x.json",
        [good, {"text": "x"}, studio({"start": 2, "end": 8, "text": "other", "labels": ["COMPANY"]}),
         studio({"start": 2, "labels": []}), good],
    )  # fmt: skip
    one, least, other, lacking, last = found("labelstudio", path)
    assert str(least).startswith(f"{path}:2: has no `data`; export the project as JSON, not as JSON-MIN")
    assert "'other' stands not at 2..8, where the text has 'Novena'" in str(other)
    assert "missing required field `end`" in str(lacking)
    assert one == last
    (error,) = found("labelstudio", written(path, {"tasks": []}))
    assert "is not what it should be" in str(error)


def test_a_bad_folder_of_brat(tmp_path: Path) -> None:
    for name, row in {"a": "T1\tCOMPANY 0\tN", "b": "T1\tCOMPANY 0 6\tOther", "c": "T1\tCOMPANY 0 6\tNovena",
                      "d": "T1\tCOMPANY 0 60", "e": '#1\tAnnotatorNotes T1\t{"id": 4}'}.items():  # fmt: skip
        (tmp_path / f"{name}.txt").write_text("Novena raises")
        (tmp_path / f"{name}.ann").write_text(f"{row}\n")
    (tmp_path / "f.ann").write_text("")
    where, words, one, beyond, note, alone = found("brat", tmp_path)
    assert "a.ann:1: 'COMPANY 0' is no label with offsets" in str(where)
    assert "b.ann:1: 'Other' stands not at 0 6, where the text has 'Novena'" in str(words)
    assert "lies beyond the text" in str(beyond)
    assert "e.ann:1: is not what it should be" in str(note)
    assert "f.txt: cannot be read" in str(alone)
    assert one.id == "c"


def test_a_docbin_that_breaks_off(tmp_path: Path) -> None:
    path = tmp_path / "x.spacy"
    FORMATS["docbin"].write([gold("Novena")], path)
    path.write_bytes(path.read_bytes()[:-20])
    (error,) = found("docbin", path)
    assert "is no DocBin" in str(error)
    doc = Doc(spacy.blank("en").vocab, words=["Novena"])
    doc.user_data["gold"] = "{"
    DocBin(store_user_data=True, docs=[doc, Doc(doc.vocab, words=["Kettl"])]).to_disk(path)
    error, one = found("docbin", path)
    assert f"{path}:1: is no whole JSON" in str(error)
    assert one.text == "Kettl "


# Real articles


@pytest.mark.parametrize("name", READ)
def test_the_corpus_comes_back(name: str, tmp_path: Path) -> None:
    from dealspan.corpus.collection import gold_articles, read_corpus

    corpus = read_corpus(Path(__file__).parents[1] / "corpus")
    written = sorted(gold_articles(corpus, None, "dev"), key=lambda one: one.id)
    assert out_and_back(name, written, tmp_path)[0] == written
