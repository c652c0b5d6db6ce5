"""The benchmark times the same work for every program, and its ratios are per trained model."""

import numpy as np
import pytest

from benchmarks import replicates as bench


@pytest.fixture
def job():
    blobs = np.zeros((6, 2)), np.array([0, 1] * 3)
    return bench.Job("tiny", lambda: bench.mlp((3,)), blobs, blobs, epochs=1, batch_size=6)


def test_ratios_are_per_model_and_against_the_first_row(job, capsys):
    table = bench.Table()
    table.add(job, "model.fit", 1, {"build": 1.0, "compile": 0.0, "run": 10.0})
    table.add(job, "fit_replicates", 32, {"build": 1.0, "compile": 2.0, "run": 2.0})
    assert table.rows[1]["Times faster, run"] == pytest.approx(10 * 32 / 2)
    assert table.rows[1]["Times faster, all"] == pytest.approx(10 * 32 / 5)
    assert table.seconds_to_run(32) == 2.0
    assert capsys.readouterr().out.count("\n") == 2


def test_programs_report_their_seconds(job):
    for seconds in (
        bench.model_fit(job),
        bench.model_fit(job, steps_per_execution=1),
        bench.replicates(job, 2),
    ):
        assert set(seconds) == {"build", "compile", "check", "run"}
        assert seconds["run"] > 0


def test_operations_are_those_of_the_matrix_products(job):
    assert bench.operations(job, seeds=4) == 6 * (2 * 3 + 3 * 1) * 6 * 1 * 4


def test_every_job_trains_for_the_seeds_that_are_compared():
    names = [job.name for job in bench.jobs()]
    assert len(names) == len(set(names)) == 5
    assert bench.COMPARED in bench.SEEDS


def test_writing_some_jobs_keeps_the_rows_of_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "TABLE", tmp_path / "table.csv")
    monkeypatch.setattr(bench, "MACHINE", tmp_path / "machine.csv")
    jobs = bench.jobs()
    for run in (2.0, 4.0):
        table = bench.Table()
        for job in jobs[1:] if run == 2.0 else jobs[:2]:
            table.add(job, "model.fit", 1, {"build": 1.0, "compile": 0.0, "run": run})
        bench.write(table, {"Machine": f"of run {run:g}", f"only {run:g}": "yes"})
    kept = bench.pd.read_csv(bench.TABLE)
    assert kept["Job"].tolist() == [job.name for job in jobs]
    assert kept["Run (s)"].tolist() == [4.0, 4.0, 2.0, 2.0, 2.0]
    assert bench.pd.read_csv(bench.MACHINE, header=None)[1].tolist() == ["of run 4", "yes", "yes"]
