"""The links that the book makes by itself lead to what they name; read from the built pages."""

import re
from functools import cache

import pytest
from bs4 import BeautifulSoup

import build_book
import course
import cross_links

PAGES = sorted(
    path.relative_to(build_book.BUILT).as_posix()
    for path in build_book.BUILT.rglob("notebooks/**/*.html")
)
KNOWN = cross_links.targets()
OUTSIDE = ("pre", "code", "a", "h1", "h2", "h3", "script", "style", "math")


@cache
def page(name):
    return BeautifulSoup((build_book.BUILT / name).read_text(encoding="utf-8"), "html.parser")


def article(name):
    return page(name).select_one("article.bd-article")


@pytest.mark.parametrize("name", PAGES)
def test_every_number_of_an_equation_in_the_text_is_a_link_to_it(name):
    mentioned = 0
    for text in article(name).find_all(string=re.compile(cross_links.NUMBER)):
        if text.find_parent(OUTSIDE) is None and text.find_parent(class_="math") is None:
            left = [n for n in cross_links.NUMBER.findall(text) if n in KNOWN]
            assert left == [], text
    for link in article(name).find_all("a", href=re.compile("#equation-")):
        number = cross_links.NUMBER.fullmatch(link.get_text())[1]
        target, _, anchor = link["href"].partition("#")
        there = (build_book.BUILT / name).parent / target if target else build_book.BUILT / name
        formula = page(there.resolve().relative_to(build_book.BUILT).as_posix()).find(id=anchor)
        assert rf"\tag{{{number}}}" in formula.get_text()
        mentioned += 1
    if "week02" in name and "solutions" not in name:
        assert mentioned > 5


@pytest.mark.parametrize("text", course.lectures() + course.solutions(), ids=course.relative)
def test_a_page_leads_to_every_form_of_the_lecture(text):
    stored = course.notebook_of(text)
    name = stored.relative_to(course.ROOT).with_suffix(".html").as_posix()
    links = {a.get_text(): a["href"] for a in article(name).select(".forms a")}
    built = (build_book.BUILT / name).parent / links["Notebook (.ipynb)"]
    assert built.read_bytes() == stored.read_bytes()
    if text in course.lectures():
        assert links["Slides"].endswith(f"/slides/{text.stem}.html")
        assert links["Handout (PDF)"].endswith(f"/handouts/{text.stem}.pdf")
    assert ("Run it in the browser" in links) == course.runs_in_browser(text)
    for kind in {"Solutions", "Lecture"} & set(links):
        assert ((build_book.BUILT / name).parent / links[kind]).is_file()


def test_weeks_and_words_are_links():
    found = {a.get_text(): a["href"] for a in article("notebooks/week05_lstm.html").find_all("a")}
    assert found["week 1"] == f"{course.lectures()[0].stem}.html"
    assert any(address.startswith("../glossary.html#term-") for address in found.values())


def test_links_to_the_glossary_lead_to_their_words():
    words = {tag["id"] for tag in article("glossary.html").select("dt[id]")}
    used = set()
    for name in PAGES:
        for link in article(name).find_all("a", href=re.compile(r"glossary\.html#")):
            used.add(link["href"].partition("#")[2])
    assert used <= words
    assert len(used) > len(words) / 2


def test_the_start_page_has_a_picture_and_an_icon():
    start = page("index.html")
    picture = start.select_one("article img")
    assert picture["alt"] and (build_book.BUILT / picture["src"]).is_file()
    assert (build_book.BUILT / start.select_one("link[rel=icon]")["href"]).is_file()
