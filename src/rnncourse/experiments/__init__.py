"""The long runs of the course, with recorded results: `python -m rnncourse.experiments NAME`.

    echo_state    reservoirs on Mackey-Glass and Lorenz, ten of each kind
    four_ways_forecast   six methods on forecasts in physics: Lorenz, Duffing, the Earth's pole
                  (folder `forecasts`, with their rivals in `forecasts/baselines.py`)
    hessian_free  which lags a plain net learns with curvature, with and without structural damping
    lags          how long a lag plain nets and LSTMs learn, over ten seeds
    long_race     linear recurrences at lengths up to 1000, beside LSTM, reservoir, no recurrence
    lru_choices   what each choice of the linear recurrent unit is worth at a lag of 1000
    lstm1997      the memory cell of 1997 on the tasks of its paper
    momentum2013  which of start and momentum lets a plain net learn, and the row of 2013
    race          which of seven methods solves which task at which length, against time
                  (race_tuning: their settings)

`table(NAME)` returns the results that come with the course beside the printed ones, and
`format_table` makes text of it. To run an experiment needs joblib, to read its results does not.
"""

from rnncourse.experiments.tables import format_table, table

__all__ = ["format_table", "table"]
