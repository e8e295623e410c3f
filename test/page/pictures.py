#!/usr/bin/env python3
"""Pictures of every state, for eyes: pictures.py DIRECTORY [STATE...]."""
import os
import sys

import states
from browser import Browser
from fixture import Fixture


def main():
    directory, *names = sys.argv[1:]
    os.makedirs(directory, exist_ok=True)
    fixture, browser = Fixture(), Browser()
    try:
        for name in names or [*states.ALL, 'gone']:
            fixture.status = states.ALL.get(name, states.running)
            tab = browser.tab()
            tab.go(fixture.url)
            tab.wait("document.getElementById('word') !== null")
            if name == 'gone':
                fixture.answering(False)
                tab.wait("document.getElementById('word').textContent === 'No answer'")
                fixture.answering(True)
            for scheme in ('light', 'dark'):
                tab.media(scheme)
                tab.picture(f'{directory}/{name}-{scheme}.png')
            tab.media('light')
            tab.size(360, 740, phone=True)
            tab.picture(f'{directory}/{name}-phone.png')
            tab.close()
    finally:
        browser.end()


main()
