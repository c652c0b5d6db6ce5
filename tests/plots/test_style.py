import matplotlib.pyplot as plt

from course_utils import plots


def test_style_is_set_and_palette_used():
    with plt.rc_context():
        plots.set_style()
        assert plt.rcParams["axes.prop_cycle"].by_key()["color"] == list(plots.PALETTE)
        assert plt.rcParams["figure.constrained_layout.use"]
        assert plt.rcParams["figure.facecolor"] == "white"
    assert len(set(plots.PALETTE)) == 8
