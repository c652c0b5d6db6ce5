"""A Chromium, and in it the laboratory's modules or its page, served from this machine."""

import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from course_utils.laboratory.program import page_script, program, style_sheet

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Laboratory</title>
<meta name="viewport" content="width=device-width">{head}<link rel="stylesheet" href="laboratory.css">
</head><body><main><h1>Laboratory</h1><div id="laboratory" data-chapters="chapters/"></div></main>
<script src="laboratory.js"></script></body></html>"""
NO_WORKERS = """<meta http-equiv="Content-Security-Policy" content="worker-src 'none'">"""
# Small enough that eight seeds train in a blink.
QUICK = "rows=30&depth=1&width=4&epochs=50"


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="package")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("needs Chromium")
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def modules(browser):
    """A function that runs JavaScript where `m` holds all modules."""
    page = browser.new_page()
    page.add_script_tag(content=program() + "const m = laboratoryProgram();")
    yield page.evaluate
    page.close()


@pytest.fixture(scope="package")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    (folder / "laboratory.js").write_text(page_script(), encoding="utf-8")
    (folder / "laboratory.css").write_text(style_sheet(), encoding="utf-8")
    for name, head in {"index.html": "", "no_workers.html": NO_WORKERS}.items():
        (folder / name).write_text(PAGE.format(head=head), encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


class Visit:
    """The laboratory's page in the browser, with what it asked for and complained about."""

    def __init__(self, browser, url, cores=2, **options):
        self.requests, self.complaints = [], []
        self.page = browser.new_page(**options)
        self.page.add_init_script(
            f"Object.defineProperty(navigator, 'hardwareConcurrency', {{value: {cores}}});"
        )
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(url)

    def trained(self):
        """Wait for the end of the training that a change has started, or will in a moment."""
        self.page.wait_for_timeout(200)
        self.page.wait_for_function("document.getElementById('laboratory').dataset.state === 'done'")
        return self

    def setting(self, name):
        return self.page.locator(f".lab-controls [name={name}]")

    def result(self):
        return self.page.locator(".lab-result").inner_text()


@pytest.fixture
def visit(browser, site):
    visits = []

    def make(link=QUICK, name="index.html", **options):
        visits.append(Visit(browser, f"{site}/{name}#{link}", **options))
        return visits[-1]

    yield make
    for each in visits:
        assert each.complaints == []
        each.page.close()
