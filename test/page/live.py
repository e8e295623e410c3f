"""Opens the page at a URL and waits until an expression is true there; prints as JSON what it shows:
live.py URL EXPRESSION. For tests of a running exporter."""
import json
import sys

from browser import Browser


def main():
    url, expression = sys.argv[1:]
    browser = Browser()
    try:
        tab = browser.tab()
        tab.go(url)
        try:
            tab.wait(expression)
        except TimeoutError as late:
            print('#', late, file=sys.stderr)
        texts = lambda selector: tab.value(f'[...document.querySelectorAll({selector!r})].map(n => n.textContent)')
        print(json.dumps({
            'word': texts('#word'), 'banner': texts('#state dd, #state .lead'), 'sql': texts('.sql code'), 'attention': texts('#attention h3'),
            'partitions': texts('#t-partitions tbody th'), 'tables': texts('#t-tables tbody th'), 'errors': texts('#t-errors tbody th'),
            'facts': texts('.facts dd'), 'workers': texts('#t-workers tbody .tag'), 'rate': texts('#now-rate'), 'about': texts('#about'),
            'pwned': tab.value('window.pwned ?? null'),
            'elements': tab.value("['img', 'iframe', 'b', 'script'].map(name => document.getElementsByTagName(name).length)"),
            'complaints': tab.complaints(),
            'requests': sorted({u.removeprefix(url) for u in tab.requests() if u != 'about:blank'})}))
    finally:
        browser.end()


main()
