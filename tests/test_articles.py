import io
from datetime import date
from pathlib import Path

import pytest

from dealspan.articles import ReadError, read
from dealspan.articles.page import MAX_DEPTH, read_page
from dealspan.records import Article


def articles(*inputs: object, stdin: bytes = b"") -> list[Article]:
    found = list(read(map(str, inputs), io.BytesIO(stdin)))
    errors = [str(item) for item in found if isinstance(item, ReadError)]
    assert not errors
    return [item for item in found if isinstance(item, Article)]


def errors(*inputs: object, stdin: bytes = b"") -> list[str]:
    return [str(item) for item in read(map(str, inputs), io.BytesIO(stdin)) if isinstance(item, ReadError)]


# Text


def test_text_is_kept_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeff Novena\r\nraises\t€5m\r\n".encode())
    (article,) = articles(path)
    assert article.text == " Novena\r\nraises\t€5m\r\n"
    assert (article.id, article.source, article.published) == (str(path), str(path), None)


def test_markdown_is_text(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Novena *raises* $5m")
    assert articles(tmp_path / "a.md")[0].text == "# Novena *raises* $5m"


# Pages

NEWS = "Novena raised $5m in a seed round, which Alder Ventures led, it said on Monday."


def page(body: str, head: str = "") -> str:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>Novena raises\n   $5m</p><p>Two</p>", "Novena raises $5m\nTwo"),
        ("<p>Novena <b>rai</b>ses&nbsp;$5m<br>Two", "Novena raises $5m\nTwo"),
        ("<p>a &lt;script&gt; b</p>", "a <script> b"),
        ("<nav>Menu</nav><p>x</p><footer>f</footer><script>s</script><style>s</style><noscript>n</noscript>", "x"),
        ("<p>x</p><div hidden>no</div>", "x"),
        ("<p>teaser</p><article><p>The news</p><aside>also</aside></article>", "The news"),
        ("<article>short</article><article>the longest one</article>", "the longest one"),
        ("<article>outer <article>inner</article> end</article>", "outer\ninner\nend"),
        ("<div>around</div><main>The news</main>", "The news"),
        ("<article> </article><p>x</p>", "x"),
        ("<table><tr><td>Series A</td><td>$5m</td></tr><tr><td>Series B</td></tr></table>", "Series A $5m\nSeries B"),
        ("<ul><li>one<li>two</ul>after", "one\ntwo\nafter"),
        ("<p>cut off <b>in the mid", "cut off in the mid"),
        ("<p>x</p><!-- Novena raises $5m -->", "x"),
        ("<p>Novena <a href=1>raises</a> $5m from <a href=2>Alder</a></p>", "Novena raises $5m from Alder"),
        (f"<p>{NEWS}</p><ul><li><a href=1>{NEWS}</a><li><a href=2>{NEWS}</a></ul>", NEWS),
        ("<ul><li><a href=1>Seed</a></ul>", "Seed"),
        (f"<p>{NEWS}</p><div class='related-stories x'><p>{NEWS[:40]}</p></div><div id=comments>no</div>", NEWS),
        (f"<div class='page has-sidebar'><p>{NEWS}</p><div class=sidebar>Menu</div></div>", NEWS),
        (f"<div>Top<div><p>{NEWS}</p><p>end</p></div>bottom</div>", f"{NEWS}\nend"),
        (f"<div><p>{NEWS}</p></div><div><p>{NEWS}</p></div>", f"{NEWS}\n{NEWS}"),
        (f"<p>{NEWS}</p><article><a href=1>A card</a> of five</article>", f"{NEWS}\nA card of five"),
        (f"<p>intro</p><div class=entry-content><p>{NEWS}</p></div>by", NEWS),
        (f"<table><tr><td>menu</td></tr><tr><td><p>{NEWS}</p><p>end</p></td></tr></table>", f"{NEWS}\nend"),
    ],
)
def test_text_of_a_page(source: str, text: str) -> None:
    assert read_page("p.html", page(source)).text == text


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title>Novena raises | The Ledger</title>", "Heading"),
        ('<meta property="og:title" content=" Novena\n raises ">', "Novena raises"),
        (
            '<script type="application/ld+json">{"headline": "From data", "datePublished": "2018-05-31"}</script>',
            "From data",
        ),
    ],
)
def test_title_of_a_page(head: str, title: str) -> None:
    found = read_page("p.html", page("<header><h1>Heading</h1></header><article>Body</article>", head))
    assert found.title == title
    assert found.text == f"{title}\nBody"


def test_title_is_not_said_twice() -> None:
    assert read_page("p.html", page("<article><h1>Novena</h1><p>x</p></article>")).text == "Novena\nx"


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2018-05-31T23:10:00-05:00">',
        '<meta name="Date" content="2018-05-31">',
        '<meta itemprop="datePublished" content="2018-05-31">',
        '<script type="application/ld+json">{"@graph": [{"@type": "X"}, {"datePublished": "2018-05-31"}]}</script>',
        '<script type="application/ld+json">[{"datePublished": "2018-05-31T00:00:00Z"}]</script>',
        '<script type="application/ld+json">{broken</script><meta name="pubdate" content="2018-05-31">',
        '<meta name="date" content="yesterday"><meta name="dc.date" content="2018-05-31">',
    ],
)
def test_date_of_a_page(head: str) -> None:
    assert read_page("p.html", page("<p>x", head)).published == date(2018, 5, 31)


def test_date_of_a_page_from_a_time_element() -> None:
    found = read_page("p.html", page('<article><time datetime="2018-05-31T10:00">May 31</time> x</article>'))
    assert found.published == date(2018, 5, 31)


def test_page_without_a_date() -> None:
    assert read_page("p.html", page("<p>May 31, 2018")).published is None


def test_page_in_the_encoding_it_declares(tmp_path: Path) -> None:
    path = tmp_path / "p.html"
    path.write_bytes('<meta charset="iso-8859-1"><p>Société “Novena” 5 €'.encode("cp1252"))
    assert articles(path)[0].text == "Société “Novena” 5 €"


def test_page_in_an_encoding_that_is_not_the_declared_one(tmp_path: Path) -> None:
    (tmp_path / "p.html").write_bytes(b'<meta charset="shift_jis"><p>\xff\xff\xfd')
    assert "neither UTF-8 nor the shift_jis" in errors(tmp_path / "p.html")[0]


def test_page_without_text(tmp_path: Path) -> None:
    (tmp_path / "p.html").write_text("<script>render()</script>")
    assert "holds no text" in errors(tmp_path / "p.html")[0]


def test_page_nested_without_end_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "p.html").write_text("<div>" * 200_000 + "x")
    assert f"more than {MAX_DEPTH} deep" in errors(tmp_path / "p.html")[0]


def test_page_with_many_open_paragraphs_is_read() -> None:
    assert read_page("p.html", page("<p>x" * 10_000)).text.count("\n") == 9_999


# JSONL


def test_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"id": "a", "text": "x", "title": "T", "published": "2018-05-31T10:00:00Z", "source": {"url": "http://u"}}\n'
        "\n"
        '{"text": "y", "source": {"path": "p"}, "deals": [], "mentions": 5}\n'
        '{"id": 7, "text": "z\\r\\n", "source": "s", "published": null}'
    )
    assert articles(path) == [
        Article(id="a", text="x", title="T", published=date(2018, 5, 31), source="http://u"),
        Article(id=f"{path}:3", text="y", source='{"path":"p"}'),
        Article(id="7", text="z\r\n", source="s"),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "cut', "not one whole JSON object"),
        ('{"id": "a"}', "missing required field `text`"),
        ('{"text": 5}', "Expected `str`"),
        ("[1]", "Expected `object`"),
        ('{"text": " "}', "empty text"),
        ('{"text": "x", "published": "May 2018"}', "'May 2018'; write a date"),
        ('{"text": "\\ud800"}', "not one whole JSON object"),
        ('{"x": ' + "[" * 100_000, "repair or drop it"),
    ],
)
def test_a_broken_line_is_named_and_the_others_are_read(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"text": "one"}}\n{line}\n{{"text": "three"}}\n')
    first, error, third = read([str(path)], io.BytesIO())
    assert isinstance(first, Article)
    assert isinstance(third, Article)
    assert str(error).startswith(f"{path}:2: ")
    assert message in str(error)


def test_line_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"text": "caf\xe9"}\n{"text": "y"}\n')
    assert "a.jsonl:1: is not UTF-8" in errors(tmp_path / "a.jsonl")[0]


def test_binary_file_named_jsonl_gives_one_error(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\x00\n" * 1000)
    assert len(errors(tmp_path / "a.jsonl")) == 1


def test_line_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dealspan.articles.lines.MAX_BYTES", 20)
    (tmp_path / "a.jsonl").write_text('{"text": "' + "x" * 100 + '"}\n{"text": "y"}\n')
    error, article = read([str(tmp_path / "a.jsonl")], io.BytesIO())
    assert "a.jsonl:1: is longer than" in str(error)
    assert isinstance(article, Article)
    assert article.text == "y"


def test_gold_file_is_an_input() -> None:
    gold = Path(__file__).parents[2] / "shared" / "gold" / "dev.jsonl"
    if not gold.exists():
        pytest.skip("the gold articles are not part of the repository")
    found = articles(gold)
    assert len(found) == len(gold.read_text().splitlines())
    assert all(article.published for article in found)


# Standard input


@pytest.mark.parametrize(
    "text", ["Novena raises $5m", "\n\n Novena\r\nraises", '{"not": "an article"}', "{Novena} raises", '\ufeff{"a']
)
def test_stdin_as_text(text: str) -> None:
    (article,) = articles("-", stdin=text.encode())
    assert (article.id, article.text, article.source) == ("-", text.removeprefix("\ufeff"), None)


def test_stdin_as_lines() -> None:
    found = list(read(["-"], io.BytesIO(b'\n {"text": "x"}\nbroken\n{"id": "b", "text": "y"}\n')))
    assert isinstance(found[0], Article)
    assert found[0].id == "-:2"
    assert str(found[1]).startswith("-:3: ")
    assert isinstance(found[2], Article)
    assert found[2].id == "b"


def test_empty_stdin() -> None:
    assert errors("-") == ["-: is empty; give a file with text"]


# Files, folders, patterns


def test_folder_is_read_sorted_without_hidden_and_unknown_files(tmp_path: Path) -> None:
    for name in ("b/z.txt", "b/a.md", "a.txt", "c.HTML", ".git/x.txt", ".x.txt", "photo.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    assert [Path(a.id).relative_to(tmp_path).as_posix() for a in articles(tmp_path)] == [
        "a.txt",
        "c.HTML",
        "b/a.md",
        "b/z.txt",
    ]


def test_folder_named_like_a_file_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    assert "holds no file ending in" in errors(tmp_path / "a.txt")[0]


def test_pattern(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "c.md", "[1].txt"):
        (tmp_path / name).write_text(name)
    assert [a.text for a in articles(tmp_path / "?.txt")] == ["a.txt", "b.txt"]
    assert [a.text for a in articles(tmp_path / "[1].txt")] == ["[1].txt"]
    assert "matches no file" in errors(tmp_path / "*.html")[0]


def test_name_without_an_ending_is_sniffed(tmp_path: Path) -> None:
    (tmp_path / "feed").write_text('{"text": "x"}')
    (tmp_path / "LICENSE").write_text("y")
    assert [a.text for a in articles(tmp_path / "feed", tmp_path / "LICENSE")] == ["x", "y"]


def test_unknown_ending_is_an_error_that_names_the_known(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_text("x")
    (error,) = errors(tmp_path / "a.pdf")
    assert "ends in .pdf, which is not read; known endings are .txt, .md, .html, .htm, .jsonl" in error


def test_name_that_is_not_utf8(tmp_path: Path) -> None:
    path = str(tmp_path) + "/caf\udce9.txt"
    try:
        Path(path).write_text("x")
    except (OSError, UnicodeError):
        pytest.skip("this file system takes only names in UTF-8")
    assert articles(path)[0].id.encode().endswith("caf\ufffd.txt".encode())


def test_dangling_link_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "nothing")
    assert "cannot be read (No such file" in errors(tmp_path / "a.txt")[0]


def test_one_bad_input_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(b"\xff")
    (tmp_path / "good.txt").write_text("x")
    found = list(read([str(tmp_path / "no.txt"), str(tmp_path / "bad.txt"), str(tmp_path / "good.txt")], io.BytesIO()))
    assert [type(item) for item in found] == [ReadError, ReadError, Article]
