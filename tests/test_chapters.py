"""The house rules of the chapters, checked on the committed notebooks without executing them."""

import ast
import re
import sys
from collections import Counter
from dataclasses import fields
from pathlib import Path

import nbformat
import pytest

from course_utils.compare import Difference, verdict
from course_utils.compare.verdicts import VERDICT_MIME

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "_ext"))

from verdicts import read_verdicts  # noqa: E402

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
ROOMS = [
    "In one minute", "The idea", "From scratch", "In Keras", "They agree", "Is it true?", "Pitfalls",
    "Exercises", "Take-away", "Further reading",
]  # fmt: skip
# The facts in the line under the first sentence, each by what the line must hold.
FACTS = {
    "minutes to read": r"\b\d+ min to read\b",
    "seconds to run": r"\b\d+ s to run\b",
    "what you need first": r"\bneeds\b",
    "the lecture script it follows": r"\bscript\b",
    "Open in Colab": r"\[Open in Colab\]\(https://colab\.research\.google\.com/\S+/chapters/NAME\.ipynb\)",
}
# Words that a newcomer may not know, as they stand in a text; "draw" is also a verb.
TERMS = {
    "draw": r"\b(?:\d+|a|one|each|every|the|per|same|other|fresh|new|all) draws?\b",
    **{
        term: rf"\b{term}s?\b"
        for term in (
            "shared network", "nat", "data loss", "verdict", "floor", "equal fit", "soft threshold", "tape",
            "posterior",
        )
    },
}  # fmt: skip
PITFALL = ("What you see:", "Why:", "What to do:")
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
LONGEST_CELL = 25
LONGEST_SNIPPET = 6
# What a page of the book shows without scrolling sideways, in a window of 1280 pixels.
WIDEST_LINE = 76
WIDEST_OUTPUT = 72
FEWEST_PAIRS = 32
SHORTEST_ALT = 40
NOT_RUN_BY_THE_BOOK = {"skip-execution", "nbval-skip"}
DIRECTIVE = re.compile(r"^\s*(```+|:::+)\s*\{[a-z]|\{[a-z][a-z:_-]*\}`|^\(\S+\)=\s*$", re.MULTILINE)


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


@pytest.fixture
def name(path):
    return path.stem


def code_cells(notebook, tag=None):
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [cell for cell in cells if tag is None or tag in tags_of(cell)]


def markdown_of(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def tags_of(cell):
    return cell.metadata.get("tags", [])


def printed_by(cell):
    return "".join(out.text for out in cell.outputs if out.output_type == "stream")


def lines_of(cell):
    return cell.source.count("\n") + 1


def headings(notebook, level):
    pattern = re.compile(rf"^{'#' * level} (.+?)\s*$", re.MULTILINE)
    return [heading for source in markdown_of(notebook) for heading in pattern.findall(source)]


def python_of(cell):
    """The syntax tree of a cell, without the lines that only IPython understands."""
    lines = (re.sub(r"^(\s*)[%!].*", r"\1pass", line) for line in cell.source.splitlines())
    return ast.parse("\n".join(lines))


def test_there_are_chapters():
    assert CHAPTERS, f"no chapters found in {ROOT / 'chapters'}"


def test_the_table_of_contents_lists_every_chapter():
    listed = re.findall(r"^\s*- file: chapters/(\S+)", (ROOT / "_toc.yml").read_text(), re.MULTILINE)
    assert listed == [path.stem for path in CHAPTERS]


def test_set_up_cell_is_the_same_everywhere():
    first = {path.stem: code_cells(nbformat.read(path, as_version=4))[0] for path in CHAPTERS}
    assert len({cell.source for cell in first.values()}) == 1, f"set-up cells differ in {list(first)}"
    for name, cell in first.items():
        assert cell.source.startswith("# @title Set-up"), (
            f"{name}: the first code cell is not the set-up cell"
        )
        assert cell.outputs == [], f"{name}: the set-up cell prints"
        assert tags_of(cell) == ["hide-input"], f"{name}: the set-up cell is not folded"


def test_captions_and_names_are_unique_in_the_book():
    figures = [
        cell.metadata.mystnb.figure
        for path in CHAPTERS
        for cell in code_cells(nbformat.read(path, as_version=4))
        if "figure" in cell.metadata.get("mystnb", {})
    ]
    for field in ("name", "caption"):
        values = Counter(figure[field] for figure in figures)
        assert [value for value, times in values.items() if times > 1] == []


def test_notebook_is_valid_and_its_cells_have_ids(notebook):
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) >= (4, 5)
    assert all(cell.get("id") for cell in notebook.cells)


def test_metadata_is_clean(notebook):
    assert notebook.metadata == METADATA, "run `make notebooks`: it writes clean metadata"
    for cell in notebook.cells:
        extra = set(cell.metadata) - {"tags", "mystnb", "cellView"}
        assert not extra, f"{extra} in the metadata of: {cell.source[:60]!r}"


def test_first_cell_is_a_title_a_sentence_and_a_line_of_facts(notebook, name):
    title, _, facts, room = notebook.cells[0].source.split("\n\n")[:4]
    assert re.fullmatch(r"# .+", title)
    assert len(headings(notebook, 1)) == 1, "a chapter has one title"
    assert "\n" not in facts, "the facts are one line"
    missing = [fact for fact, words in FACTS.items() if not re.search(words.replace("NAME", name), facts)]
    assert not missing, f"the line {facts!r} does not say {missing}"
    assert room == "## In one minute"


def test_one_minute_gives_results_a_snippet_and_links(notebook):
    summary = notebook.cells[0].source.partition("## In one minute")[2]
    (snippet,) = re.findall(r"```python\n(.*?)\n```", summary, re.DOTALL)
    assert snippet.count("\n") < LONGEST_SNIPPET
    assert max(map(len, snippet.splitlines())) <= WIDEST_LINE
    places = re.findall(r"\]\(#([^)]+)\)", summary)
    assert places, "link each result to the place that proves it"
    unknown = set(places) - {slug(heading) for level in (2, 3) for heading in headings(notebook, level)}
    assert not unknown, f"no heading makes the anchors {unknown}"


def slug(heading):
    """The anchor that the book, like GitHub, makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_rooms_are_all_there_in_order(notebook):
    found = headings(notebook, 2)
    assert len(found) == len(ROOMS), f"expected {ROOMS}, found {found}"
    for heading, room in zip(found, ROOMS, strict=True):
        assert re.match(rf"{re.escape(room)}(: |\s|$)", heading), f"{heading!r} should begin with {room!r}"


def test_terms_are_explained_or_linked_where_they_first_stand(notebook):
    """Explained: the term is set in bold. Linked: it stands in a link to the glossary."""
    elsewhere = r"```.*?```|`[^`]*`|\$[^$]*\$|^#.*?$|<[^>]*>|\]\((?!\S*glossary)[^)]*\)"
    text = re.sub(elsewhere, " ", "\n\n".join(markdown_of(notebook)), flags=re.DOTALL | re.MULTILINE)
    explained = [m.span() for m in re.finditer(r"\[[^\]]*\]\([^)]*glossary[^)]*\)|\*\*[^*]+\*\*", text)]
    for term, pattern in TERMS.items():
        if first := re.search(pattern, text, re.IGNORECASE):
            known = any(start <= first.end() - 1 < end for start, end in explained)
            around = text[max(0, first.start() - 40) : first.end() + 40]
            assert known, f"{term!r} needs bold and an explanation, or a link to the glossary: {around!r}"


def test_pitfalls_are_boxes_in_one_scheme(notebook):
    room = "\n".join(markdown_of(notebook)).partition("\n## Pitfalls")[2].partition("\n## Exercises")[0]
    for pitfall in re.split(r"^### ", room, flags=re.MULTILINE)[1:]:
        box = re.search(r'<div class="admonition warning">.*?</div>', pitfall, re.DOTALL)
        missing = [word for word in PITFALL if not box or f"<b>{word}</b>" not in box[0]]
        assert not missing, f"{pitfall.splitlines()[0]!r} has no box that says {missing}"


def test_markdown_reads_well_everywhere(notebook):
    for source in markdown_of(notebook):
        found = DIRECTIVE.search(source)
        assert not found, f"{found[0]!r} is raw text in Colab"
        for box in re.findall(r'<div class="admonition.*?</div>', source, re.DOTALL):
            assert "\n\n" not in box, f"a blank line ends the HTML of this box: {box[:80]!r}"
            assert "admonition-title" in box, f"a box without a title: {box[:80]!r}"
            assert not re.search(r"\*\*|\]\(", box), (
                f"Markdown inside HTML is raw text in Colab: {box[:80]!r}"
            )


def test_links_between_pages_exist(notebook):
    for source in markdown_of(notebook):
        for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", source):
            assert (ROOT / "chapters" / link).resolve().is_file(), f"{link} leads nowhere"


def test_code_cells_hold_one_idea(notebook):
    long = [cell.source.splitlines()[0] for cell in code_cells(notebook)[1:] if lines_of(cell) > LONGEST_CELL]
    assert not long, f"over {LONGEST_CELL} lines: {long}"


def test_code_fits_on_the_page(notebook):
    lines = [line for cell in code_cells(notebook)[1:] for line in cell.source.splitlines()]
    wide = [line for line in lines if len(line) > WIDEST_LINE]
    assert not wide, f"over {WIDEST_LINE} characters: {wide}"


def test_outputs_fit_on_the_page(notebook):
    for cell in code_cells(notebook):
        wide = [line for line in text_of(cell).splitlines() if len(line) > WIDEST_OUTPUT]
        assert not wide, f"over {WIDEST_OUTPUT} characters: {wide}"


def text_of(cell):
    """What a cell shows as plain text: its prints, and results that have no picture or table of their own."""
    shown = [out.data for out in cell.outputs if "data" in out]
    plain = [data["text/plain"] for data in shown if not {"text/html", "image/png"} & set(data)]
    return "\n".join([printed_by(cell), *plain])


def test_drawing_judging_and_guarding_is_folded(notebook):
    for cell in code_cells(notebook):
        kinds = {kind for out in cell.outputs for kind in out.get("data", {})}
        sliders = "frame-slider" in str([out.get("data", {}).get("text/html", "") for out in cell.outputs])
        aside = (
            {"image/png", VERDICT_MIME} & kinds
            or sliders
            or re.search(r"^holds\(", cell.source, re.MULTILINE)
        )
        folded = {"hide-input", "exercise", "check", "solution"} & set(tags_of(cell))
        assert folded or not aside, f"tag this cell hide-input: {cell.source[:60]!r}"


def test_verdicts_are_measured_on_the_chapters_own_draws(notebook):
    verdicts = read_verdicts(notebook)
    assert verdicts, "a chapter without a verdict"
    for judged in verdicts:
        assert judged["n"] >= FEWEST_PAIRS, f"{judged['claim']!r} rests on {judged['n']} pairs"
        assert judged["low"] < judged["high"], f"{judged['claim']!r} is an identity and needs no verdict"
    sources = "\n".join(cell.source for cell in code_cells(notebook))
    assert re.search(r"\bdraws\(\d", sources), "name the draws with `draws(first, last)`"
    by_hand = re.findall(r"\b(?:Verdict|Difference)\(|vnd\.course-utils", sources)
    assert not by_hand, f"only `verdict` makes verdicts, and `paired_difference` differences: {by_hand}"


def test_verdicts_follow_from_their_data_and_nothing_else_looks_like_one(notebook):
    for cell in code_cells(notebook):
        assert not re.search(r"^\s*(Claim|Verdict):", printed_by(cell), re.MULTILINE), "display the verdict"
        for output in cell.outputs:
            if data := output.get("data", {}).get(VERDICT_MIME):
                numbers = {field.name: data[field.name] for field in fields(Difference)}
                again = verdict(
                    data["claim"], Difference(**numbers), data["expected"], data["source"], data["margin"]
                )
                assert again.data == data
                assert str(again) == output.data["text/plain"]


def test_claims_and_sources_are_told_apart():
    found = [v for path in CHAPTERS for v in read_verdicts(nbformat.read(path, as_version=4))]
    assert [claim for claim, times in Counter(v["claim"] for v in found).items() if times > 1] == []
    spellings = {}
    for source in {v["source"] for v in found}:
        spellings.setdefault(re.sub(r"\W", "", source.lower()), set()).add(source)
    assert [names for names in spellings.values() if len(names) > 1] == [], "one spelling for one source"


def test_measured_statements_are_guarded_by_holds(notebook):
    for cell in code_cells(notebook):
        for line in cell.source.splitlines():
            assert not re.match(r"\s*assert\b.*\.(outcome|low|high|mean)\b", line), f"use holds: {line!r}"


def test_code_is_announced(notebook):
    before = [None, *notebook.cells]
    for previous, cell in zip(before, notebook.cells, strict=False):
        opens_a_group = cell.cell_type == "code" and (previous is None or previous.cell_type == "markdown")
        assert not opens_a_group or previous.source.strip(), f"no text before {cell.source[:60]!r}"


def test_outputs_are_committed_and_executed_in_order(notebook):
    run = [cell for cell in code_cells(notebook) if not NOT_RUN_BY_THE_BOOK & set(tags_of(cell))]
    counts = [cell.execution_count for cell in run]
    assert counts == list(range(1, len(run) + 1)), (
        "run `make notebooks`: execution counts are not 1, 2, 3, ..."
    )


def test_cells_for_a_live_kernel_are_skipped_by_book_and_tests(notebook):
    for cell in code_cells(notebook):
        found = NOT_RUN_BY_THE_BOOK & set(tags_of(cell))
        assert found in (set(), NOT_RUN_BY_THE_BOOK), f"only {found} on {cell.source[:60]!r}"


def test_outputs_hold_no_error_no_stderr_and_no_figure_text(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.output_type != "error", f"an error is committed: {cell.source[:60]!r}"
            assert output.get("name") != "stderr", f"stderr is committed: {cell.source[:60]!r}"
            data = output.get("data", {})
            # Beside a picture, "<Figure size ...>" is only what browsers without pictures would show.
            text = "" if "image/png" in data else output.get("text", "") + data.get("text/plain", "")
            assert not re.search(r"<Figure size|<Axes|<matplotlib", text), (
                f"end this plotting cell so that it shows no text: {cell.source[-60:]!r}"
            )
            assert "application/vnd.jupyter.widget-view+json" not in data, "a widget needs a live kernel"


def test_no_semicolon_hides_an_output(notebook):
    for cell in code_cells(notebook):
        ends_so = cell.source.rstrip().endswith(";")
        assert not ends_so, f"nbval shows what a semicolon hides; assign instead: {cell.source[-60:]!r}"


def test_figures_have_alt_text_caption_and_name(notebook):
    for cell in code_cells(notebook):
        if any("image/png" in output.get("data", {}) for output in cell.outputs):
            settings = cell.metadata.get("mystnb", {})
            alt = settings.get("image", {}).get("alt", "")
            assert len(alt) >= SHORTEST_ALT, f"the alt text {alt!r} is short for {cell.source[:60]!r}"
            figure = settings.get("figure", {})
            assert figure.get("caption"), f"no caption for {cell.source[:60]!r}"
            assert figure.get("name", "").startswith("fig-"), f"no name fig-... for {cell.source[:60]!r}"


def test_figures_are_png(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            kinds = [kind for kind in output.get("data", {}) if kind.startswith("image/")]
            assert set(kinds) <= {"image/png"}, f"{kinds} from {cell.source[:60]!r}"


def test_pictures_of_a_page_weigh_at_most_a_megabyte(notebook):
    outputs = [str(out.get("data", {})) for cell in code_cells(notebook) for out in cell.outputs]
    pictures = re.findall(r"iVBORw0KGgo[A-Za-z0-9+/]+", " ".join(outputs))
    assert sum(map(len, pictures)) * 3 / 4 <= 1e6


def test_every_fit_is_quiet(notebook):
    calls = (node for cell in code_cells(notebook) for node in ast.walk(python_of(cell)))
    for call in calls:
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "fit":
            quiet = any(
                word.arg == "verbose" and getattr(word.value, "value", None) == 0 for word in call.keywords
            )
            assert quiet or not is_keras_fit(call), f"say verbose=0 in: {ast.unparse(call)}"


def is_keras_fit(call):
    """Keras models are called by their training words; scikit-learn's and SciPy's fit have no verbose."""
    return "model" in ast.unparse(call.func.value).lower() or any(
        word.arg in {"epochs", "batch_size", "validation_data", "callbacks"} for word in call.keywords
    )


def test_tensorflow_is_imported_only_with_a_reason(notebook):
    for cell in code_cells(notebook):
        for line in cell.source.splitlines():
            if re.match(r"\s*(import|from) tensorflow\b", line):
                assert "#" in line, f"say why in a comment on the line: {line!r}"


def exercises_of(notebook):
    """The cells of each exercise, by its heading."""
    found, current = {}, None
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for mark, title in re.findall(r"^(##+) (.+?)\s*$", cell.source, re.MULTILINE):
                current = title if mark == "###" and title.startswith("Exercise") else None
                if current:
                    found[current] = []
        elif current:
            found[current].append(cell)
    return found


def test_there_are_three_exercises_with_numbers(notebook):
    titles = list(exercises_of(notebook))
    assert len(titles) >= 3
    for number, title in enumerate(titles, start=1):
        assert re.match(rf"Exercise {number}: \S", title), (
            f"expected 'Exercise {number}: ...', found {title!r}"
        )


def test_each_exercise_has_stub_check_and_solution(notebook):
    for title, cells in exercises_of(notebook).items():
        roles = [
            role for cell in cells for role in ("exercise", "check", "solution") if role in tags_of(cell)
        ]
        assert roles == ["exercise", "check", "solution"], f"{title} has {roles}"


def test_check_cells_name_what_is_wrong(notebook):
    for cell in code_cells(notebook, "check"):
        assert re.search(r"\bcheck_\w+\(", cell.source), f"no check_...( in {cell.source!r}"
        assert "remove-output" in tags_of(cell), "the page does not show what an unanswered exercise lacks"
        text = printed_by(cell)
        assert text.startswith("Not yet"), f"the stub's check should print 'Not yet: ...', not {text[:60]!r}"


def test_solutions_are_hidden_and_correct(notebook):
    for cell in code_cells(notebook, "solution"):
        assert "hide-cell" in tags_of(cell)
        assert cell.source.startswith("# @title Solution"), f"starts with {cell.source[:40]!r}"
        assert cell.metadata.get("cellView") == "form", "Colab hides a solution by cellView: form"
        assert re.search(r"\bcheck_\w+\(", cell.source), "a solution ends by calling the exercise's check"
        assert "Correct" in printed_by(cell), f"the solution printed {printed_by(cell)[:60]!r}"
