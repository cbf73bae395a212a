"""The long runs of the course, with recorded results: `python -m rnncourse.experiments NAME`.

    lstm1997   the memory cell of 1997 on the tasks of its paper

`table(NAME)` reads the results that come with the course, beside the printed ones.
"""
