"""The laboratory in a notebook: an anywidget whose page is the book's."""

from typing import Any

import anywidget
import traitlets

from course_utils._arguments import check_integer
from course_utils.laboratory.program import style_sheet, widget_module
from course_utils.laboratory.settings import complete_setting


class LaboratoryWidget(anywidget.AnyWidget):
    """What `laboratory` returns.

    Attributes
    ----------
    setting : dict
        What is trained; assign a dict, complete or not, to train another.
    rival : dict or None
        What it is compared with.
    result : dict
        What the page has measured: ``fresh``, ``train`` and ``penalty``, one number per seed, and more.
    keras : dict
        What Keras has measured: ``fresh``, one number per seed, ``mean``, ``low``, ``high``.
    """

    _esm = widget_module()
    _css = style_sheet()
    setting = traitlets.Dict().tag(sync=True)
    rival = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    result = traitlets.Dict().tag(sync=True)
    keras = traitlets.Dict().tag(sync=True)

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.on_msg(self._hear)

    @traitlets.validate("setting", "rival")
    def _complete(self, proposal: Any) -> dict[str, Any] | None:
        return None if proposal.value is None else complete_setting(proposal.value)

    def train_with_keras(self, seeds: int = 32) -> dict[str, Any]:
        """Train the setting, and the rival, with `fit_replicates`, and show the interval beside the page's.

        Parameters
        ----------
        seeds : int
            How many, at least 2.

        Returns
        -------
        dict
            What ``keras`` holds then.
        """
        from course_utils.laboratory.training import measure  # Keras takes seconds to load

        check_integer(seeds, "seeds", minimum=2)
        self.keras = measure(self.setting, self.rival, seeds)
        return self.keras

    def _hear(self, _: Any, message: Any, buffers: Any) -> None:
        """Answer the page's button; what went wrong is shown there, not lost in a log."""
        if not (isinstance(message, dict) and message.get("train")):
            return
        self.keras = {"message": "Keras is training 32 seeds …"}
        try:
            self.train_with_keras()
        except Exception as reason:
            self.keras = {"message": f"Keras did not train this setting: {reason}"}
