"""The house rules of the chapters, checked on the committed notebooks without executing them."""

import ast
import re
from collections import Counter
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
ROOMS = [
    "The idea", "From scratch", "In Keras", "They agree", "Is it true?", "Pitfalls", "Exercises", "Take-away",
    "Further reading",
]  # fmt: skip
# The five facts of the box at the head of a chapter, each by a word that its line holds.
BOX_FACTS = {
    "what you will learn": r"learn",
    "what you need first": r"need",
    "minutes to read": r"\d+\s*min",
    "seconds to run": r"\d+\s*s(ec|\b)",
    "the lecture script it follows": r"lecture|script|follow",
}
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
LONGEST_CELL = 25
# What a page of the book shows without scrolling sideways, in a window of 1366 pixels.
WIDEST_LINE = 84
SHORTEST_ALT = 40
NOT_RUN_BY_THE_BOOK = {"skip-execution", "nbval-skip"}
DIRECTIVE = re.compile(r"^\s*(```+|:::+)\s*\{[a-z]|\{[a-z][a-z:_-]*\}`|^\(\S+\)=\s*$", re.MULTILINE)


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=nbformat.NO_CONVERT)


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


def test_first_cell_is_a_title_and_a_box_with_five_facts(notebook):
    opening = notebook.cells[0].source
    assert opening.startswith("# ")
    assert len(headings(notebook, 1)) == 1, "a chapter has one title"
    box = re.search(r'<div class="admonition note">(.*?)</div>', "\n\n".join(markdown_of(notebook)[:2]), re.S)
    assert box, "the box with what to know before starting is missing"
    facts = re.sub(r"<[^>]+>", " ", box[1])
    missing = [fact for fact, word in BOX_FACTS.items() if not re.search(word, facts, re.IGNORECASE)]
    assert not missing, f"the box does not say {missing}"


def test_rooms_are_all_there_in_order(notebook):
    assert headings(notebook, 2) == ROOMS


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
        text = printed_by(cell)
        assert text.startswith("Not yet"), f"the stub's check should print 'Not yet: ...', not {text[:60]!r}"


def test_solutions_are_hidden_and_correct(notebook):
    for cell in code_cells(notebook, "solution"):
        assert "hide-cell" in tags_of(cell)
        assert cell.source.startswith("# @title Solution"), f"starts with {cell.source[:40]!r}"
        assert cell.metadata.get("cellView") == "form", "Colab hides a solution by cellView: form"
        assert re.search(r"\bcheck_\w+\(", cell.source), "a solution ends by calling the exercise's check"
        assert "Correct" in printed_by(cell), f"the solution printed {printed_by(cell)[:60]!r}"
