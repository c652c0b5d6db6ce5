"""Measure what regularization does, over many seeds, for any compiled Keras model.

Import the module you need, for example ``from course_utils import data, models``. Nothing is imported
with the package itself: Keras takes seconds to load, and not every module needs it.

===========================  ===================================================
`course_utils.data`          the data sets, split, with checked contents
`course_utils.bayes`         what the best possible classifier reaches, exactly
`course_utils.losses`        a loss with the weight penalties inside
`course_utils.regularizers`  penalties that Keras does not have
`course_utils.models`        the course's networks, every penalty a keyword
`course_utils.replicates`    train one model with many seeds at once
`course_utils.compare`       paired differences between variants, with intervals
`course_utils.plots`         every figure, with its alternative text
`course_utils.sliders`       pictures under a slider that need no kernel
`course_utils.laboratory`    the network trained in the page, as a widget
`course_utils.exercises`     checks that say what is wrong with an answer
===========================  ===================================================
"""

__version__ = "0.1.0"
