"""Pictures under a slider that need no kernel: in the book, in Colab, in JupyterLab and from a file."""

import base64
import hashlib
import html
import io
import json
import numbers
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from course_utils._arguments import check_integer, checked
from course_utils._pictures import small_png

Frame = Figure | Callable[[], Figure | Axes | None]

# The picture shown first stands in the page, the others in the script. A range input has arrow keys, Home and
# End by itself; JupyterLab would swallow them without data-lm-suppress-shortcuts. Colours are the page's own.
_PAGE = """<div class="frame-slider" id="{id}">
<style>
.frame-slider img {{ display: block; max-width: 100%; height: auto; }}
.frame-slider p {{ display: flex; flex-wrap: wrap; gap: 0.75em; align-items: center; }}
.frame-slider input {{ flex: 0 1 24em; min-height: 24px; }}
.frame-slider output {{ white-space: nowrap; }}
</style>
<p>
<label for="{id}-input">{label}</label>
<input type="range" id="{id}-input" min="0" max="{last}" step="1" value="{start}" autocomplete="off" \
aria-label="{label}" aria-valuetext="{text}" data-lm-suppress-shortcuts="true">
<output for="{id}-input">{text}</output>
</p>
<img src="{source}" alt="{alt}" width="{width}" height="{height}">
<script>
(() => {{
  const frames = {frames};
  for (const slider of document.querySelectorAll('[id="{id}"]')) {{
    const [input, output, image] = ["input", "output", "img"].map((name) => slider.querySelector(name));
    if (input.oninput) continue;
    const first = image.src;
    input.oninput = () => {{
      const [text, alt, source] = frames[input.value];
      image.src = source || first;
      image.alt = alt;
      output.textContent = text;
      input.setAttribute("aria-valuetext", text);
    }};
  }}
}})();
</script>
</div>"""


class FrameSlider:
    """What `frame_slider` returns: shows itself in a notebook; ``html`` is the whole of it, a str."""

    def __init__(self, page: str, label: str, texts: Sequence[str]) -> None:
        self.html = page
        self._summary = f"<slider: {label}, {len(texts)} pictures from {texts[0]} to {texts[-1]}>"

    def __repr__(self) -> str:
        return self._summary

    def _repr_html_(self) -> str:
        return self.html

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self._summary}


@checked
def frame_slider(
    frames: Sequence[Frame],
    *,
    label: str,
    values: Sequence[Any],
    alts: Sequence[str],
    start: int = 0,
    dpi: int = 96,
) -> FrameSlider:
    """Put pictures under a slider.

    The pictures are drawn now and stored in the page as PNG files of 64 colours. Figures are closed after
    that, so a notebook does not show them a second time.

    Parameters
    ----------
    frames : sequence of Figure or callable
        One picture per position of the slider. A callable draws one and returns its Figure or an Axes of it;
        if it returns None, the current figure is taken.
    label : str
        What the slider changes; shown in front of it and read out by screen readers.
    values : sequence
        The value shown at each position; numbers are shortened to four digits.
    alts : sequence of str
        One sentence per picture that says what is to be seen in it.
    start : int
        Position at the beginning.
    dpi : int
        Pixels per inch of figure size.

    Returns
    -------
    FrameSlider

    Raises
    ------
    ValueError
        If `frames` is empty, `values` or `alts` differ from it in length, or a text is empty.
    TypeError
        If a frame is neither a Figure nor a callable that draws one.

    Examples
    --------
    >>> figures = [plt.figure(figsize=(2, 1)) for _ in range(3)]
    >>> frame_slider(figures, label="rate", values=[0.1, 0.2, 0.5], alts=["none", "few", "half"])
    <slider: rate, 3 pictures from 0.1 to 0.5>
    """
    frames, values, alts = list(frames), list(values), list(alts)
    _check_texts(frames, label, values, alts)
    start = check_integer(start, "start")
    if start >= len(frames):
        raise ValueError(f"start must be less than the number of frames, {len(frames)}, got {start}")
    check_integer(dpi, "dpi", minimum=1)

    texts = [_text(value) for value in values]
    pictures = [_png(frame, place, dpi) for place, frame in enumerate(frames)]
    sources = [f"data:image/png;base64,{base64.b64encode(picture).decode()}" for picture in pictures]
    width, height = Image.open(io.BytesIO(pictures[start])).size
    stored = [source if place != start else "" for place, source in enumerate(sources)]
    page = _PAGE.format(
        id=_content_id(label, texts, alts, sources),
        label=html.escape(label),
        last=len(frames) - 1,
        start=start,
        text=html.escape(texts[start]),
        alt=html.escape(alts[start]),
        source=sources[start],
        width=width,
        height=height,
        frames=_script_json(list(zip(texts, alts, stored, strict=True))),
    )
    return FrameSlider(page, label, texts)


def _check_texts(frames: list, label: Any, values: list, alts: list) -> None:
    if not frames:
        raise ValueError("frames must hold at least one picture, got none")
    for name, texts in (("values", values), ("alts", alts)):
        if len(texts) != len(frames):
            raise ValueError(f"{name} must be as many as frames, got {len(texts)} for {len(frames)} frames")
    for name, text in [("label", label), *((f"alts[{place}]", alt) for place, alt in enumerate(alts))]:
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{name} must be a text that is not empty, got {text!r}")


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, numbers.Real) else str(value)


def _png(frame: Any, place: int, dpi: int) -> bytes:
    """Draw one frame, close its figure and return it as a PNG file."""
    figure = frame
    if not isinstance(frame, Figure):
        if not callable(frame):
            raise TypeError(f"frames[{place}] must be a Figure or a callable, got {type(frame).__name__}")
        drawn = frame()
        figure = plt.gcf() if drawn is None else getattr(drawn, "figure", drawn)
    if not isinstance(figure, Figure):
        raise TypeError(f"frames[{place}] must draw a Figure or an Axes, got {type(drawn).__name__}")
    picture = small_png(figure, dpi)
    plt.close(figure)
    return picture


def _content_id(*content: Any) -> str:
    """Make an id that is the same at each run and differs between sliders."""
    return f"frame-slider-{hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]}"


def _script_json(content: Any) -> str:
    """Write JSON that cannot end the script element it stands in."""
    return json.dumps(content).replace("<", "\\u003c")
