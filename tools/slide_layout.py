"""Puts the blocks of a lecture on slides of 1280 x 720: what belongs together stands together.

A slide is a band over its whole width and, below it, two columns: text and code to the left,
figures to the right. A band alone and columns alone are slides, too. Where a slide ends is found by
dynamic programming over the blocks of a section: the sum over its slides of their price and of
what is not good about them is smallest (small letters, small figures, code that is torn from its
figure). The price rises, and then more of the lecture is folded into the speaker notes
(`slide_blocks`), until the deck has at most `MOST` slides.
"""

from dataclasses import dataclass, field

import slide_blocks as b

MOST = 50  # slides for two hours
WIDTH, HEIGHT, BETWEEN = 1200, 590, 40  # px: of the body of a slide, and between its columns
LEFT = (440, 540, 605, 700)  # px: of a left column
SIZES = (1.12, 1.06, 1, 0.94, 0.88, 0.82)  # of the letters
LEAST_FIGURE = 0.6  # of the size that its letters were drawn for
FAR = 1e9
BROKEN = {"formula": 0.06, "code": 0.15}  # what a broken line costs
# What it costs to end a slide between two blocks, by their kinds; the rest is free.
TORN = {
    ("code", "printed"): 1.0,
    ("code", "figure"): 0.7,
    ("printed", "figure"): 0.4,
    ("printed", "printed"): 0.1,
    ("text", "code"): 0.4,
    ("text", "figure"): 0.5,
    ("text", "printed"): 0.5,
    ("text", "formula"): 0.8,
    ("text", "item"): 0.5,
    ("text", "table"): 0.6,
    ("item", "item"): 0.3,
    ("formula", "formula"): 0.3,
    ("formula", "code"): 0.2,
    ("formula", "text"): 0.1,
    ("formula", "figure"): 0.5,
    ("figure", "text"): 0.05,
    ("heading", "*"): FAR,
}


@dataclass
class Slide:
    """What stands where on a slide."""

    title: str
    above: str = ""  # the section, where the title is that of a part of it
    band: list = field(default_factory=list)
    left: list = field(default_factory=list)
    right: list = field(default_factory=list)
    left_width: int = WIDTH
    size: float = 1.0  # of the letters
    room: dict = field(default_factory=dict)  # height of each figure, by the id of its block
    cover: bool = False

    source: object = None  # where it is treated in full

    @property
    def blocks(self):
        """Returns all its blocks."""
        return [*self.band, *self.left, *self.right]

    @property
    def notes(self):
        """Returns what is told and not shown."""
        return [note for block in self.blocks for note in block.notes]


def height(some, width):
    """Returns the height of blocks below each other, figures left out."""
    return sum(block.height(width) for block in some)


def figures(some):
    """Returns the figures among blocks."""
    return [block for block in some if block.kind == "figure"]


def fits(some, width):
    """Returns whether the blocks can stand in a column of so many px."""
    return all(block.least_width() <= width for block in some)


def arrangements(some):
    """Yields ways to put blocks on a slide: band, left column, right column, width of the left."""
    last = some[-1].kind == "heading"
    if last:
        return
    drawn = figures(some)
    if len(drawn) <= 1 or len(drawn) == len(some):
        yield some, [], [], WIDTH
    for n in range(min(6, len(some))):
        if n and some[n - 1].kind == "heading" or figures(some[:n]):
            break
        band, rest = some[:n], some[n:]
        if drawn:
            at = rest.index(drawn[0])
            splits = [
                ([x for x in rest if x.kind != "figure"], drawn),
                (rest[:at], [x for x in rest[at:]]),
            ]
            if rest[at - 1].kind == "printed":
                before = [x for x in rest[:at] if x.kind != "printed"]
                splits.append((before, [x for x in rest if x not in before]))
        else:
            splits = [(rest[:k], rest[k:]) for k in range(1, len(rest))]
        for left, right in splits:
            if left and right and left[-1].kind != "heading":
                for width in LEFT:
                    yield band, left, right, width


def quality(band, left, right, left_width):
    """Returns how bad an arrangement is, its size of letters and the heights of its figures."""
    best = (FAR, 1.0, {})
    right_width = WIDTH - BETWEEN - left_width
    least = SIZES[-1]
    sides = max(height(left, left_width / least), height(right, right_width / least))
    if (height(band, WIDTH / least) + sides) * least > HEIGHT:
        return best
    for size in SIZES:
        if best[0] < FAR and size < 1:
            break
        zones = [(band, WIDTH / size), (left, left_width / size), (right, right_width / size)]
        if not all(fits(zone, width) for zone, width in zones if zone):
            continue
        top = height(band, WIDTH / size) * size
        room, bad = {}, 2.5 * (1 - size) if size < 1 else 0.5 * (1 - size)
        bad += sum(BROKEN.get(x.kind, 0) * x.broken(width) for zone, width in zones for x in zone)

        tallest = 0
        for zone, width in zones:
            used = height(zone, width) * size + (top if zone is not band else 0)
            drawn = figures(zone)
            if used > HEIGHT:
                bad = FAR
            for block in drawn:
                w, h = block.size()
                free = (HEIGHT - used) / len(drawn) - 8
                scale = min(width * size / w, free / h, 1.25)
                # The letters of a drawing are larger than those of a plot.
                if scale < LEAST_FIGURE * min(1, 1100 / w):
                    bad = FAR
                bad += 0.8 * max(0, 0.95 * min(1, 1100 / w) - scale)
                room[id(block)] = int(scale * h)
                used += scale * h
            tallest = max(tallest, used)
        bad += 0.1 * (1 - min(1, tallest / HEIGHT)) + (0.04 if left else 0)
        if figures(right) and any(block.kind == "code" for block in left):
            bad -= 0.15  # what a lecturer wants: code to the left, what it draws to the right
        if left and right and not figures(right):
            bad += 0.5 * torn(left[-1], right[0])
            sides = [height(zone, width) for zone, width in zones[1:]]
            bad += 0.1 * abs(sides[0] - sides[1]) / max(sides)
        if bad < best[0]:
            best = (bad, size, room)
    return best


def best_slide(some):
    """Returns how bad the best slide of these blocks is, and that slide, without its title."""
    best = (FAR, None)
    for band, left, right, width in arrangements(some):
        bad, size, room = quality(band, left, right, width)
        if bad < best[0]:
            best = (bad, Slide("", "", band, left, right, width, size, room))
    return best


def torn(before, after):
    """Returns what it costs to end a slide between two blocks."""
    if before.kind == "heading" or "subslide" in after.tags and before.cell != after.cell:
        return FAR if before.kind == "heading" else -0.5
    return TORN.get((before.kind, after.kind), 0.0)


def pack(some, price):
    """Returns the slides of one section, whose first block is its title."""
    title, *rest = some
    n = len(rest)
    best = [(0.0, 0, None)] + [(FAR, 0, None)] * n
    for end in range(1, n + 1):
        for start in range(end - 1, -1, -1):
            body = rest[start:end]
            shown = body[1:] if body[0].kind == "heading" else body
            if not shown or sum(x.height(WIDTH) for x in shown) > 2 * HEIGHT:
                if shown:
                    break
                continue
            bad, slide = _cached(tuple(shown))
            if slide is None:
                continue
            bad += 0.35 * sum(x.kind == "heading" for x in shown)
            bad += torn(rest[end - 1], rest[end]) if end < n else 0
            total = best[start][0] + price + bad
            if total < best[end][0]:
                best[end] = (total, start, slide)
        if best[end][0] >= FAR and rest[end - 1].kind != "heading":
            raise ValueError(f"a block does not fit on a slide: {rest[end - 1].source[:60]!r}")
    slides, end = [], n
    while end:
        _, start, slide = best[end]
        heads = [x.source for x in rest[: start + 1] if x.kind == "heading"]
        slide.title = heads[-1] if heads else title.source
        slide.above = title.source if heads else ""
        slides.append(slide)
        end = start
    return slides[::-1]


_known = {}


def _cached(some):
    key = tuple(map(id, some))
    if key not in _known:
        _known[key] = (*best_slide(list(some)), some)  # keeps the blocks alive, and so their ids
    return _known[key][:2]


def sections(found):
    """Returns the blocks of a lecture by section, each beginning with its title."""
    parts = []
    for block in found:
        if block.kind == "section":
            parts.append([])
        parts[-1].append(block)
    return parts


def deck(notebook, most=MOST):
    """Returns the slides of a lecture: a list of sections, each a list of slides, a cover first.

    Raises:
        ValueError: it needs more than `most` slides even with everything folded.
    """
    for fold in range(4):
        found = b.of_notebook(notebook, fold)
        parts = sections(found)
        for price in (0.25, 0.5, 1, 2):
            columns = [[cover(found)], *(pack(part, price) for part in parts)]
            columns = [column for column in columns if column]
            count = sum(map(len, columns))
            if count <= most:
                return columns
    raise ValueError(f"the deck of {parts[0][0].source!r} has {count} slides, expected {most}")


def cover(found):
    """Returns the first slide: title, what it is about, and the first picture of the lecture."""
    title, intro = found[0], next(block for block in found if block.kind == "text")
    picture = next((block for block in found if block.kind == "figure"), None)
    slide = Slide(title.source, left=[intro], cover=True, left_width=480)
    if picture:
        slide.right = [b.Block("figure", picture.source, picture.cell, [], picture.picture)]
        w, h = picture.size()
        slide.room[id(slide.right[0])] = int(min(660 / w, 500 / h) * h)
    return slide
