"""The four kinds of sequence task: one network, four masks."""

from rnncourse import plotting as p

STEPS = 5
# name: (steps with input, scored steps), counted from 1
KINDS = {
    "many to one": ((1, 2, 3, 4, 5), (5,)),
    "many to many": ((1, 2, 3, 4, 5), (1, 2, 3, 4, 5)),
    "delayed many to many": ((1, 2, 3), (4, 5)),
    "one to many": ((1,), (1, 2, 3, 4, 5)),
}


def _task(ax, left, bottom, name, given, scored):
    radius, rise, step = 0.26, 0.84, 0.98
    before = None
    for t in range(1, STEPS + 1):
        place = left + step * (t - 1)
        below = p.node(ax, (place, bottom), kind="input", radius=radius, faded=t not in given)
        state = p.node(ax, (place, bottom + rise), kind="hidden", radius=radius)
        output = p.node(
            ax, (place, bottom + 2 * rise), kind="output", radius=radius, faded=t not in scored
        )
        if t in given:
            p.arrow(ax, below, state, head=0.13)
        if t in scored:
            p.arrow(ax, state, output, head=0.13)
        if before:
            p.arrow(ax, before, state, kind="recurrent", head=0.13)
        before = state
        p.label(ax, (place, bottom + 2.62 * rise), str(int(t in scored)), size=17)
    p.label(ax, (left - 0.45, bottom + 2.62 * rise), "mask", size=15, ha="right")
    p.label(ax, (left - 0.45, bottom + 2 * rise), "output", size=15, ha="right")
    p.label(ax, (left - 0.45, bottom + rise), "state", size=15, ha="right")
    p.label(ax, (left - 0.45, bottom), "input", size=15, ha="right")
    p.label(ax, (left + 2 * step, bottom + 3.15 * rise), name, size=18)


def four_kinds_of_task():
    """Draw the four kinds of task on five steps; what is absent or not scored is dashed."""
    fig, ax = p.canvas(12, 7)
    corners = [(1.35, 4.05), (7.4, 4.05), (1.35, 0.6), (7.4, 0.6)]
    for (left, bottom), (name, (given, scored)) in zip(corners, KINDS.items(), strict=True):
        _task(ax, left, bottom, name, given, scored)
    return fig, (
        "Four copies of one recurrent net over five time steps, with a row of zeros and ones "
        "above that marks the scored steps. Many to one: input at every step, only the last "
        "scored, mask 00001. Many to many: input and score at every step, mask 11111. Delayed "
        "many to many: input at steps 1 to 3, scored at 4 and 5, mask 00011; one to many: input "
        "at step 1 only, mask 11111."
    )
