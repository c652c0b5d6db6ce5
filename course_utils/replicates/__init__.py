"""Train many copies of one compiled Keras model side by side: `fit_replicates`, the engine of this course.

The variables of all copies are stacked on a leading axis. One training step of one copy is written with
Keras' own call, loss and optimizer; `tf.vectorized_map` runs that step for all copies at once, and the loops
over batches and epochs stay inside one compiled function. Every copy therefore sees the numbers that
`model.fit` would give it.

==================  ==================================================================
`fit`               what is asked, checked and handed on: `fit_replicates`, `fit_variants`
`runs`              what a training leaves behind: `Runs`, `evaluate_variants`
`training`          the loops over batches and epochs, in one compiled function
`copies`            the call, the loss and the evaluation of all copies
`starts`            what every seed starts from
`alike`             which models may train together
`fingerprints`      what an object computes, read from the object itself
`strengths`         the numbers inside regularizers
`stopping`          early stopping, copy by copy
`optimizers`        Keras' optimizers for all copies
`random_numbers`    TensorFlow's random numbers for all copies
`stacks`            the arrays: states, data, orders of rows
`surroundings`      what is global to the process, and left as it was
`checks`            what callers pass in, checked and converted
`keras_internals`   every private name of Keras and TensorFlow that all this leans on
==================  ==================================================================
"""

from course_utils.replicates.fit import batch_order, fit_replicates, fit_variants
from course_utils.replicates.runs import Runs, evaluate_variants

__all__ = ["Runs", "batch_order", "evaluate_variants", "fit_replicates", "fit_variants"]
