"""What another chapter would cost the tests, counted: in pages that are opened, not in seconds."""

from companion import book

MOST = 5


def test_a_chapter_opens_few_pages(request):
    """Two that the tests of every page share (`visit`); each other test that is of one chapter opens its own."""
    name = book.chapters()[-1].stem
    own = [
        item.nodeid
        for item in request.session.items
        if name in item.nodeid.partition("[")[2] and "page" in item.fixturenames
    ]
    assert 2 + len(own) <= MOST, own
