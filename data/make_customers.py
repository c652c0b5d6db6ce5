"""Make `customers.csv`: `python data/make_customers.py` in the root of the repository.

The process is `course_utils.data.draw_customers`; this file only fixes the number of rows and the seed.
"""

from pathlib import Path

from course_utils.data import draw_customers

if __name__ == "__main__":
    table = draw_customers(2000, seed=0)
    table.to_csv(Path(__file__).with_name("customers.csv"), index=False, lineterminator="\n")
