"""The course's network, trained in the page: a widget for notebooks, and what the book's page is made of."""

from typing import Any

from course_utils._arguments import checked
from course_utils.laboratory.settings import complete_setting

__all__ = ["complete_setting", "laboratory"]


@checked
def laboratory(setting: dict[str, Any] | None = None, rival: dict[str, Any] | None = None) -> Any:
    """Show the laboratory in a notebook: Jupyter, Colab or VS Code.

    It trains in the browser, with several seeds at once. Python reads and sets its state; the button *Train
    with Keras*, or `train_with_keras`, trains the same setting with `fit_replicates` and shows the interval
    beside the page's.

    Parameters
    ----------
    setting : dict, optional
        What differs from the course's shared problem and network, such as ``{"penalty": "l2", "strength":
        0.01}``. `complete_setting` says what there is.
    rival : dict, optional
        A second setting, trained with the same seeds: the difference is judged.

    Returns
    -------
    course_utils.laboratory.widget.LaboratoryWidget
        With ``setting`` and ``rival``, dicts to read and to set; ``result``, a dict of what the page has
        measured, one entry per seed; ``keras``, a dict of what Keras has measured.

    Raises
    ------
    ImportError
        If the package anywidget is missing.
    ValueError
        If a setting holds an unknown name or a value that is not on offer.

    Examples
    --------
    >>> lab = laboratory({"penalty": "l2"}, rival={})  # doctest: +SKIP
    >>> lab.setting = {"penalty": "l2", "strength": 0.003}  # doctest: +SKIP
    """
    try:
        from course_utils.laboratory.widget import LaboratoryWidget
    except ImportError as reason:
        raise ImportError(
            "laboratory needs the package anywidget: pip install anywidget, or take the laboratory "
            "of the book, which needs nothing"
        ) from reason
    return LaboratoryWidget(
        setting=complete_setting(setting or {}), rival=None if rival is None else complete_setting(rival)
    )
