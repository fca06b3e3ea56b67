LIMIT = 10


def fetch(url):
    """Fetch a page."""
    pages = []
    for number in range(LIMIT):
        pages.append((url, number))
    return pages


class Fetcher:
    """Fetches again and again."""

    def run(self, urls):
        return [fetch(url) for url in urls]
