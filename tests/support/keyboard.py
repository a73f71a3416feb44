"""A reader without a mouse."""

from collections.abc import Callable

from playwright.sync_api import Page


def press_until(page: Page, found: Callable[[], bool], what: str) -> None:
    """Move on by the Tab key until the thing has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if found():
            return
    raise AssertionError(f"the keyboard does not reach {what}")


def reach(page: Page, selector: str) -> None:
    press_until(page, lambda: bool(page.locator(f"{selector}:focus").count()), selector)


def reach_link(page: Page, path: str) -> None:
    reach(page, f'a[href="{path}"]')


def type_day(page: Page, selector: str, day: str) -> None:
    """Type a day into a date field, in whatever order this browser has its parts."""
    year, month, date = day.split("-")
    for order in (month + date + year, date + month + year, year + month + date):
        reach(page, selector)
        page.keyboard.type(order)
        if page.locator(selector).input_value() == day:
            return
    raise AssertionError("the day cannot be typed")


def focus_is_seen(page: Page) -> bool:
    """The focused element has an outline of at least 2 px."""
    width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
    style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    return bool(width >= 2 and style != "none")
