"""Keyset paging: pages in both directions, and cursors that were made up."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from roster.instance.selection.paging import PageRequest, decode_cursor, encode_cursor, take_page

NUMBERS = st.integers(0, 2**63 - 1)


def read(numbers: list[int], request: PageRequest) -> Iterator[int]:
    """Yield the numbers that a request lets through, as a query does."""
    start, end = (request.after or (-1,))[0], (request.before or (len(numbers) + 1,))[0]
    selected = [number for number in numbers if start < number < end]
    yield from reversed(selected) if request.from_end else selected


@given(st.integers(0, 12), st.integers(1, 5))
def test_pages_in_either_direction_have_each_item_once(total: int, size: int):
    numbers = list(range(total))
    for from_end in (False, True):
        pages, request = [], PageRequest(size, from_end=from_end)
        while True:
            page = take_page(read(numbers, request), request)
            pages.append(page.items)
            if not (page.has_previous if from_end else page.has_next):
                break
            key = (page.items[0 if from_end else -1],)
            request = request._replace(before=key) if from_end else request._replace(after=key)
        in_order = pages[::-1] if from_end else pages
        assert [number for page_items in in_order for number in page_items] == numbers
        assert all(len(each) == size for each in pages[:-1])


def test_page_after_or_before_an_item_has_others_on_its_other_side():
    for from_end, expected in ((False, ([3, 4], True, True)), (True, ([5, 6], True, True))):
        request = PageRequest(2, after=(2,), before=(7,), from_end=from_end)
        assert take_page(read(list(range(9)), request), request) == expected


@given(st.tuples(NUMBERS, NUMBERS))
def test_cursor_contains_the_key(key: tuple[int, int]):
    assert decode_cursor(encode_cursor(key), 2) == key
    assert decode_cursor(encode_cursor(key), 1) is None


@given(st.text() | st.binary().map(lambda text: text.decode("latin-1")))
def test_text_that_is_no_cursor_is_rejected(text: str):
    key = decode_cursor(text, 2)
    assert key is None or all(0 <= number < 2**63 for number in key)


def test_cursor_beyond_the_numbers_of_databases_is_rejected():
    assert decode_cursor(encode_cursor((2**63,)), 1) is None
