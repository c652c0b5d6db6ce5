import base64
import io
import re
import shutil
from html.parser import HTMLParser

import matplotlib.pyplot as plt
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.figure import Figure
from PIL import Image

from course_utils.sliders import frame_slider

TEXTS = {"label": "rate", "values": [0.1, 0.25, 1 / 3], "alts": ["low", "middle", "high"]}


def figure(height):
    made = Figure(figsize=(2, 1))
    made.subplots().plot([0, height])
    return made


def figures():
    return [figure(height) for height in (1, -1, 2)]


class Elements(HTMLParser):
    """All elements of a page as (tag, attributes)."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def one(self, tag):
        (attributes,) = [attributes for name, attributes in self.found if name == tag]
        return attributes


def pictures(slider):
    files = [base64.b64decode(data) for data in re.findall(r"base64,([\w+/=]+)", slider.html)]
    return [Image.open(io.BytesIO(file)) for file in files]


def test_page_holds_slider_label_picture_and_texts():
    page = Elements(frame_slider(figures(), start=1, **TEXTS).html)
    slider = page.one("input")
    assert (slider["type"], slider["min"], slider["max"], slider["value"]) == ("range", "0", "2", "1")
    assert (slider["aria-label"], slider["aria-valuetext"]) == ("rate", "0.25")
    assert slider["data-lm-suppress-shortcuts"] == "true"
    assert page.one("label")["for"] == slider["id"] == page.one("output")["for"]
    assert page.one("img")["alt"] == "middle"
    assert (page.one("img")["width"], page.one("img")["height"]) == ("192", "96")
    assert page.one("div")["class"] == "frame-slider"


def test_pictures_have_64_colours_and_are_stored_once():
    found = pictures(frame_slider(figures(), **TEXTS))
    assert len(found) == 3
    for picture in found:
        assert (picture.format, picture.mode, picture.size) == ("PNG", "P", (192, 96))
        assert len(picture.getcolors()) <= 64
    assert len({picture.tobytes() for picture in found}) == 3


def test_page_asks_no_other_host_for_anything():
    assert not re.search(r"https?:|//[a-z]", frame_slider(figures(), **TEXTS).html)


def test_same_content_same_page_other_content_other_ids():
    one, same = (frame_slider(figures(), **TEXTS) for _ in range(2))
    other = frame_slider(figures(), **{**TEXTS, "label": "strength"})
    assert one.html == same.html
    assert Elements(one.html).one("div")["id"] != Elements(other.html).one("div")["id"]


def test_markup_in_texts_is_shown_not_obeyed():
    texts = {
        "label": 'a<b "c"',
        "values": ["<i>", "</script>", "z"],
        "alts": ['"x" onload="y', "</script>", "z"],
    }
    page = frame_slider(figures(), **texts).html
    elements = Elements(page)
    assert elements.one("img")["alt"] == '"x" onload="y'
    assert "onload" not in elements.one("img")
    assert elements.one("input")["aria-label"] == 'a<b "c"'
    assert page.count("</script>") == 1
    assert "<i>" not in page


def test_a_notebook_shows_it_and_prints_the_same_text_each_time():
    slider = frame_slider(figures(), **TEXTS)
    bundle, _ = DisplayFormatter().format(slider)
    assert bundle == {"text/html": slider.html, "text/plain": "<slider: rate, 3 pictures from 0.1 to 0.3333>"}
    assert slider._repr_html_() == slider.html
    assert repr(slider) == bundle["text/plain"]


def test_frames_may_be_figures_or_functions_that_draw_one():
    def by_pyplot():
        plt.figure(figsize=(2, 1))
        plt.plot([0, 1])

    frames = [figure(1), lambda: figure(1), lambda: figure(1).axes[0], by_pyplot]
    slider = frame_slider(frames, label="n", values=range(4), alts=["x"] * 4)
    first, *others = [picture.tobytes() for picture in pictures(slider)][:3]
    assert all(picture == first for picture in others)
    assert len(pictures(slider)) == 4


def test_figures_are_closed_and_settings_kept():
    before = dict(plt.rcParams)
    frame_slider([plt.figure(), lambda: plt.subplots()[0], lambda: plt.subplots()[1]], **TEXTS)
    assert plt.get_fignums() == []
    assert dict(plt.rcParams) == before


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"frames": []}, ValueError, "frames must hold at least one picture"),
        ({"values": [1]}, ValueError, "values must be as many as frames, got 1 for 3 frames"),
        ({"alts": ["x"] * 4}, ValueError, "alts must be as many as frames, got 4 for 3 frames"),
        ({"alts": ["x", " ", "z"]}, ValueError, r"alts\[1\] must be a text that is not empty, got ' '"),
        ({"label": None}, TypeError, "label must be a text, got None"),
        ({"start": 3}, ValueError, "start must be less than the number of frames, 3, got 3"),
        ({"start": 0.5}, TypeError, "start must be an integer"),
        ({"dpi": 0}, ValueError, "dpi must be at least 1"),
        (
            {"frames": [figure(1), "b", "c"]},
            TypeError,
            r"frames\[1\] must be a Figure or .*, got str",
        ),
        (
            {"frames": [lambda: 3, *figures()[1:]]},
            TypeError,
            r"frames\[0\] must draw a Figure or .*, got int",
        ),
    ],
)
def test_bad_input_is_refused(changes, error, message):
    keywords = {"frames": figures(), **TEXTS, **changes}
    with pytest.raises(error, match=message):
        frame_slider(keywords.pop("frames"), **keywords)


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("needs Chromium")
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


def test_in_a_browser_the_keyboard_moves_each_slider_alone(browser, tmp_path):
    one = frame_slider(figures(), start=1, **TEXTS)
    other = frame_slider(figures(), label="strength", values=list("abc"), alts=["a", "b", "c"])
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{one.html}{other.html}{one.html}")
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(error))
    page.goto(file.as_uri())

    first, second, copy = page.locator(".frame-slider").all()
    shown = first.locator("img").get_attribute("src")
    first.locator("input").focus()
    steps = [("ArrowRight", "0.3333", "high"), ("Home", "0.1", "low"), ("ArrowRight", "0.25", "middle")]
    for key, text, alt in steps:
        page.keyboard.press(key)
        assert first.locator("output").inner_text() == text
        assert first.locator("input").get_attribute("aria-valuetext") == text
        assert first.locator("img").get_attribute("alt") == alt
        assert (first.locator("img").get_attribute("src") == shown) is (alt == "middle")
    copy.locator("input").press("End")
    alts = [slider.locator("img").get_attribute("alt") for slider in (first, second, copy)]
    assert alts == ["middle", "a", "high"]

    page.evaluate("(0, eval)(document.scripts[2].text)")  # a notebook may run the script of an output again
    copy.locator("input").press("ArrowLeft")
    assert copy.locator("img").get_attribute("src") == shown
    assert errors == []
    page.close()
