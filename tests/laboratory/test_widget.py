"""The laboratory in a notebook: its Python side, and all of it in a real JupyterLab."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import nbformat
import pytest

from course_utils.laboratory import complete_setting, laboratory
from course_utils.laboratory.program import program, widget_module
from course_utils.laboratory.training import measure, own_points

ROOT = Path(__file__).resolve().parents[2]
QUICK = {"rows": 30, "depth": 1, "width": 4, "epochs": 50}
CELLS = [
    f"""import sys
sys.path.insert(0, {str(ROOT)!r})
from course_utils.laboratory import laboratory
lab = laboratory({QUICK | {"learningRate": 0.01}}, rival={QUICK})
lab""",
    'lab.setting = {**lab.setting, "dropout": 0.5}',
    'print("page has", len(lab.result["fresh"]), "seeds, dropout", lab.result["setting"]["dropout"])',
    'print("Python has width", lab.setting["width"])',
]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"penalty": "l4"}, r"setting\['penalty'\] must be one of \['none', 'l1', .*, got 'l4'"),
        ({"strenght": 1}, r"setting must have names among .*, got 'strenght'"),
        ({"width": 33}, r"setting\['width'\] must be one of \[2, 4, .*, got 33"),
    ],
)
def test_what_is_not_on_offer_is_refused(setting, message):
    with pytest.raises(ValueError, match=message):
        complete_setting(setting)


def test_without_anywidget_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "course_utils.laboratory.widget", raising=False)
    with pytest.raises(ImportError, match="pip install anywidget"):
        laboratory()


def test_own_points_that_are_none_are_refused():
    with pytest.raises(ValueError, match=r"three numbers in a line, got .* as number 2"):
        own_points("1, 2, 0\n1, 2")


def test_modules_stand_in_an_order_in_which_they_can_be_joined(monkeypatch):
    monkeypatch.setattr("course_utils.laboratory.program.MODULES", ("network", "penalties"))
    with pytest.raises(ValueError, match=r"network.js imports \['penalties'\]"):
        program()


def test_keras_gives_an_interval_a_difference_and_a_verdict():
    setting = complete_setting(QUICK | {"data": "moons", "noise": 0.2, "learningRate": 0.05, "patience": 5})
    rival = complete_setting(QUICK | {"data": "moons", "noise": 0.2, "learningRate": 0.0001})
    found = measure(setting, rival, 4)
    assert found["low"] < found["mean"] < found["high"]
    assert len(found["fresh"]) == found["difference"]["n"] == 4
    assert found["difference"]["high"] < 0
    assert found["verdict"] == "supported"
    assert "difference" not in measure(setting, None, 2)


def test_python_reads_and_sets_the_state():
    pytest.importorskip("anywidget")
    lab = laboratory({"penalty": "l2"}, rival={})
    assert lab.setting == complete_setting({"penalty": "l2"})
    assert lab.rival == complete_setting({})
    lab.setting = {"dropout": 0.5}
    assert lab.setting == complete_setting({"dropout": 0.5})
    with pytest.raises(ValueError, match="must be one of"):
        lab.rival = {"width": 1}
    assert lab._esm == widget_module()


def test_the_button_trains_with_keras_and_says_what_went_wrong(monkeypatch):
    pytest.importorskip("anywidget")
    lab = laboratory(QUICK)
    measured = {"mean": 0.5, "low": 0.4, "high": 0.6, "seeds": 32}
    training = "course_utils.laboratory.training"
    monkeypatch.setattr(f"{training}.measure", lambda *given: measured | {"given": given})
    lab._hear(None, "something else", [])
    assert lab.keras == {}
    lab._hear(None, {"train": True}, [])
    assert lab.keras["given"] == (lab.setting, None, 32)
    monkeypatch.delattr(f"{training}.measure")
    lab._hear(None, {"train": True}, [])
    assert "Keras did not train this setting" in lab.keras["message"]


@pytest.fixture
def jupyter(tmp_path):
    pytest.importorskip("jupyterlab")
    pytest.importorskip("anywidget")
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), tmp_path / "lab.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--port={port}", "--no-browser", "--allow-root", "--IdentityProvider.token="]
    options += [f"--ServerApp.root_dir={tmp_path}", "--LabApp.news_url=", "--LabApp.check_for_updates_class="
                "jupyterlab.NeverCheckForUpdate"]  # fmt: skip
    surroundings = os.environ | {"HOME": str(tmp_path), "JUPYTER_CONFIG_DIR": str(tmp_path / "config")}
    log = (tmp_path / "log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options], stdout=log, stderr=log, env=surroundings
    )
    address = f"http://127.0.0.1:{port}/lab/tree/lab.ipynb"
    for _ in range(120):
        try:
            urlopen(f"http://127.0.0.1:{port}/api").close()
            break
        except OSError:
            time.sleep(0.5)
    yield address
    server.terminate()
    server.wait(30)


def run_cell(page, number):
    """Execute a cell by hand, once the notebook takes keys, and wait for its number."""
    prompt = f"document.querySelectorAll('.jp-Notebook .jp-Cell .jp-InputPrompt')[{number}].textContent"
    for _ in range(10):
        page.locator(".jp-Notebook .jp-Cell .cm-content").nth(number).click()
        page.keyboard.press("Shift+Enter")
        page.wait_for_timeout(2000)
        if page.evaluate(prompt).strip() != "[ ]:":
            break
    page.wait_for_function(f"/[0-9]/.test({prompt})", polling=200)


def test_in_jupyterlab_page_and_python_share_the_state(jupyter, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 1400})
    page.set_default_timeout(60_000)
    dialog = page.locator(".jp-Dialog")  # JupyterLab may ask about kernels or files
    page.add_locator_handler(dialog, lambda: dialog.locator("button.jp-mod-accept").last.click())
    page.goto(jupyter)
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    page.wait_for_function("!document.querySelector('.jp-NotebookPanel .jp-Spinner')")
    run_cell(page, 0)
    done = "document.querySelector('.laboratory')?.dataset.state === 'done'"
    page.wait_for_function(done)
    assert "8 pairs" in page.locator(".lab-result").inner_text()

    run_cell(page, 1)
    dropout = "document.querySelector('[name=dropout]')"
    page.wait_for_function(f"{dropout}.getAttribute('aria-valuetext') === '0.5'")
    page.wait_for_timeout(300)
    page.wait_for_function(done)
    page.wait_for_timeout(500)
    run_cell(page, 2)
    page.get_by_text("page has 8 seeds, dropout 0.5", exact=True).wait_for()

    page.locator("[data-group=Network] summary").click()
    page.locator(".laboratory [name=width]").focus()
    page.keyboard.press("End")  # JupyterLab leaves the key to the slider
    page.wait_for_timeout(500)
    run_cell(page, 3)
    page.get_by_text("Python has width 64", exact=True).wait_for()
    page.close()
