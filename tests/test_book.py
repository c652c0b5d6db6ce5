"""The built book, read from its files and looked at in a real browser. `make book` comes first."""

import os
import re
import shutil
import sys
import threading
from collections import Counter
from functools import cache, partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "_ext"))

from accessible import repair_page  # noqa: E402
from execution import clean  # noqa: E402
from verdicts import read_verdicts  # noqa: E402

HTML = ROOT / "_build" / "html"
PAGES = sorted(
    path.relative_to(HTML).as_posix() for path in HTML.rglob("*.html") if "_static" not in path.parts
)
# Pages people read; the index of names, the search page and the like are the theme's.
READ_PAGES = [
    page
    for page in PAGES
    if page in ("index.html", "answers.html", "laboratory.html")
    or page.startswith(("chapters/", "appendix/"))
]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
MODES = {"light": ("light", DESKTOP), "dark": ("dark", DESKTOP), "phone": ("light", PHONE)}
SETTLED = (
    450  # milliseconds: the theme updates tab stops 300 ms after a change of size, and fades its colours
)
LINKING = {"a": "href", "link": "href", "img": "src", "script": "src", "source": "src", "iframe": "src"}
LOADING = {"img", "script", "source", "iframe", "link"}


class PageReader(HTMLParser):
    """Collects what the tests ask about one page."""

    def __init__(self):
        super().__init__()
        self.ids, self.links, self.images, self.classes = [], [], [], set()
        self.in_article = False

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if "id" in attributes:
            self.ids.append(attributes["id"])
        self.classes.update((attributes.get("class") or "").split())
        self.in_article = self.in_article or tag == "article"
        if tag == "img" and self.in_article:
            self.images.append(attributes)
        if LINKING.get(tag) in attributes:
            self.links.append((tag, attributes.get("rel", ""), attributes[LINKING[tag]]))

    def handle_endtag(self, tag):
        self.in_article = self.in_article and tag != "article"


@cache
def read(page):
    reader = PageReader()
    reader.feed((HTML / page).read_text(encoding="utf-8"))
    return reader


def test_the_book_is_built():
    assert (HTML / "index.html").is_file(), f"{HTML}/index.html is missing: run `make book` first"
    assert any(page.startswith("chapters/") for page in PAGES), "the built book holds no chapter"


def test_every_chapter_has_its_page():
    chapters = {f"chapters/{path.stem}.html" for path in (ROOT / "chapters").glob("*.ipynb")}
    assert chapters == {page for page in PAGES if page.startswith("chapters/")}


def test_chapters_and_figures_carry_the_number_of_the_file():
    for path in sorted((HTML / "chapters").glob("*.html")):
        page = path.read_text(encoding="utf-8")
        number = int(path.stem.partition("_")[0])
        assert f'<span class="section-number">{number}. </span>' in page
        figures = re.findall(r'class="caption-number">Figure (\d+)\.', page)
        assert figures
        assert set(figures) == {str(number)}


@pytest.mark.parametrize("page", PAGES)
def test_sphinx_left_no_complaint_in_the_page(page):
    assert not read(page).classes & {"system-message", "problematic", "cell-output-error"}


@pytest.mark.parametrize("page", PAGES)
def test_internal_links_lead_somewhere(page):
    dead = []
    for _, _, link in read(page).links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc or link == "#":
            continue
        target = (HTML / page).parent / unquote(parts.path) if parts.path else HTML / page
        target = target.resolve()
        if not target.is_file():
            dead.append(f"{link}: no such file")
        elif parts.fragment and target.suffix == ".html":
            ids = read(target.relative_to(HTML).as_posix()).ids
            if unquote(parts.fragment) not in ids:
                dead.append(f"{link}: no such place on that page")
    assert not dead


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_loaded_from_another_host(page):
    foreign = [
        link
        for tag, rel, link in read(page).links
        if tag in LOADING and urlsplit(link).netloc and rel not in {"canonical", "alternate"}
    ]
    assert not foreign


@pytest.mark.parametrize("page", READ_PAGES)
def test_images_have_alt_texts(page):
    alts = [image.get("alt") or "" for image in read(page).images]
    for alt in alts:
        assert len(alt) >= 20, f"{alt!r} does not describe a picture"
        assert not re.search(r"\.(png|svg|jpe?g|gif)$|^_images/", alt), f"{alt!r} is a file name"
    assert len(alts) == len(set(alts)), "two pictures share an alt text"


@pytest.mark.parametrize("page", PAGES)
def test_ids_are_unique(page):
    assert [name for name, times in Counter(read(page).ids).items() if times > 1] == []


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def address():
    if not HTML.is_dir():
        pytest.fail(f"{HTML} is missing: run `make book` first")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(HTML)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def start_browser(playwright):
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    executable = executable or playwright.chromium.executable_path
    if not Path(executable).exists():
        reason = "no Chromium here: install it (Debian: apt install chromium) for the browser tests"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return playwright.chromium.launch(executable_path=executable, args=BROWSER_FLAGS)


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = start_browser(playwright)
        yield browser
        browser.close()


class Visit:
    """One page in the browser, with everything it asked for and complained about."""

    def __init__(self, browser, url):
        self.requests, self.complaints = [], []
        self.page = browser.new_page(viewport=DESKTOP, color_scheme="light", reduced_motion="reduce")
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self.note)
        self.page.goto(url, wait_until="load")
        self.page.evaluate("Promise.all([document.fonts.ready, window.MathJax?.startup?.promise])")

    def note(self, message):
        if message.type == "error":
            self.complaints.append(message.text)

    def look(self, color_scheme, viewport):
        self.page.emulate_media(color_scheme=color_scheme)
        self.page.set_viewport_size(viewport)
        self.page.wait_for_function(f"document.documentElement.dataset.theme === '{color_scheme}'")
        self.page.wait_for_timeout(SETTLED)

    def foreign_requests(self):
        return [url for url in self.requests if urlsplit(url).hostname not in {"127.0.0.1", None}]


@pytest.fixture
def visit(browser):
    visits = []

    def make(url):
        visits.append(Visit(browser, url))
        return visits[-1]

    yield make
    for each in visits:
        each.page.close()


def found_by_axe(page):
    from axe_playwright_python.sync_playwright import Axe

    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:160]} {node.get('any', [{}])[:1]}"
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("page", READ_PAGES)
def test_page_is_quiet_and_accessible(page, visit, address):
    seen = visit(f"{address}/{page}")
    assert seen.complaints == []
    assert seen.foreign_requests() == []
    found = {}
    for mode, (color_scheme, viewport) in MODES.items():
        seen.look(color_scheme, viewport)
        found[mode] = found_by_axe(seen.page)
    assert found == {mode: [] for mode in MODES}
    wider = seen.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wider <= 0, f"on a phone the page is {wider} pixels wider than the screen"


@pytest.mark.parametrize("page", READ_PAGES)
def test_page_opens_from_the_file_system(page, visit):
    seen = visit((HTML / page).as_uri())
    assert seen.complaints == []
    assert [url for url in seen.requests if urlsplit(url).scheme not in {"file", "data", "blob"}] == []


def test_formulas_are_set(visit, address):
    pages = [page for page in READ_PAGES if "math" in read(page).classes]
    assert pages, "no page holds a formula"
    seen = visit(f"{address}/{pages[0]}")
    assert seen.page.locator("mjx-container").count() > 0
    assert seen.page.locator("mjx-merror").count() == 0


def test_search_finds_a_word(visit, address):
    seen = visit(f"{address}/search.html?q=penalty")
    seen.page.wait_for_selector("#search-results li a", timeout=10_000)
    assert seen.foreign_requests() == []


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("default decay", "chapters/06_weight_decay.html#claim-the-default-decay"),
        ("early stopping lowers", "chapters/02_overfitting.html#claim-early-stopping"),
        ("soft threshold", "appendix/glossary.html#"),
    ],
)
def test_search_leads_to_the_place(visit, address, words, place):
    seen = visit(f"{address}/search.html?q={words}")
    seen.page.wait_for_selector("#search-results li a", timeout=10_000)
    seen.page.wait_for_timeout(SETTLED)
    links = seen.page.eval_on_selector_all(
        "#search-results li a", "all => all.map(a => a.getAttribute('href'))"
    )
    assert any(link.startswith(place) for link in links[:5]), links[:5]


def test_sliders_move_by_keyboard(visit, address):
    pages = [page for page in READ_PAGES if "frame-slider" in read(page).classes]
    if not pages:
        pytest.skip("no page holds a slider yet")
    for page in pages:
        seen = visit(f"{address}/{page}")
        for slider in seen.page.locator(".frame-slider input[type=range]").all():
            before = slider.input_value()
            slider.focus()
            seen.page.keyboard.press("ArrowLeft" if before == slider.get_attribute("max") else "ArrowRight")
            assert slider.input_value() != before


@pytest.mark.parametrize("place", ["server", "file"])
def test_the_laboratory_trains_in_the_page(visit, address, place):
    start = address if place == "server" else HTML.as_uri()
    seen = visit(f"{start}/laboratory.html#rows=30&depth=1&width=4&epochs=50&rival=width%3D8")
    seen.page.wait_for_function("document.getElementById('laboratory').dataset.state === 'done'")
    assert "8 pairs" in seen.page.get_by_role("status").inner_text()
    assert seen.complaints == []
    assert seen.foreign_requests() == []


def test_every_verdict_has_a_card_a_row_and_a_place_in_its_chapters_box():
    table = (HTML / "appendix" / "verdicts.html").read_text(encoding="utf-8")
    for path in (ROOT / "chapters").glob("*.ipynb"):
        page = (HTML / "chapters" / f"{path.stem}.html").read_text(encoding="utf-8")
        box = page.partition('<details class="chapter-verdicts">')[2].partition("</details>")[0]
        for verdict in read_verdicts(nbformat.read(path, as_version=4)):
            assert f'id="{verdict["anchor"]}"' in page
            assert f'href="#{verdict["anchor"]}"' in box
            assert f'href="../chapters/{path.stem}.html#{verdict["anchor"]}"' in table


def test_verdicts_are_filtered_by_outcome_and_source(visit, address):
    page = visit(f"{address}/appendix/verdicts.html").page
    every, shown = page.locator("table.verdicts tbody tr"), page.locator("table.verdicts tbody tr:visible")
    outcomes, sources = (
        {row.get_attribute(f"data-{name}") for row in every.all()} for name in ("outcome", "source")
    )
    assert shown.count() == every.count()
    for name, values in (("outcome", outcomes), ("source", sources)):
        for value in values:
            page.locator(f"select[name={name}]").select_option(value)
            expected = page.locator(f'table.verdicts tbody tr[data-{name}="{value}"]').count()
            assert shown.count() == expected > 0
            assert page.locator(".verdict-filters output").inner_text().startswith(f"{expected} of ")
        page.locator(f"select[name={name}]").select_option("")


def test_results_in_one_minute_carry_badges():
    for path in (ROOT / "chapters").glob("*.ipynb"):
        page = (HTML / "chapters" / f"{path.stem}.html").read_text(encoding="utf-8")
        summary = page.partition('<section id="in-one-minute">')[2].partition("<details")[0]
        assert "verdict-badge" in summary, f"{path.stem}: no result in one minute leads to a verdict"


@pytest.mark.parametrize("page", [page for page in READ_PAGES if page.startswith("chapters/")])
def test_no_open_line_of_code_is_cut(page, visit, address):
    seen = visit(f"{address}/{page}")
    cut = seen.page.evaluate(
        """[...document.querySelectorAll('.bd-article pre')]
        .filter(pre => pre.checkVisibility({contentVisibilityAuto: true}))
        .filter(pre => pre.scrollWidth > pre.clientWidth).map(pre => pre.textContent)"""
    )
    assert cut == []


def test_repairing_a_page_twice_changes_nothing():
    page = (
        '<div class="sidebar-primary-item"> <a class="navbar-brand logo"></a></div>'
        '<table><th class="blank">&nbsp;</th></table>'
    )
    once = repair_page(page)
    assert 'aria-label="Home"' in once
    assert '<td class="blank"></td>' in once
    assert repair_page(once) == once


def test_cleaning_a_notebook_leaves_what_belongs_under_version_control():
    cell = nbformat.v4.new_code_cell("1", metadata={"tags": ["check"], "collapsed": True, "execution": {}})
    cell.outputs = [nbformat.v4.new_output("stream", name=name, text="x") for name in ("stdout", "stderr")]
    notebook = clean(nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {}}))
    assert notebook.cells[0].metadata == {"tags": ["check"]}
    assert [output.name for output in notebook.cells[0].outputs] == ["stdout"]
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
