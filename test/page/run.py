"""The status page in a real browser, in every state. Prints TAP; a picture of what failed goes to
LOG_DIR. run.py [NAME...] runs these scenes only."""
import os
import sys
import traceback

import states
from browser import Browser
from fixture import Fixture

HERE = os.path.dirname(os.path.abspath(__file__))
SQL = {
    'resume': 'SELECT kafka_cdc_sink.resume();',
    'letters': "SELECT id, at, target, sqlstate, message FROM kafka_cdc_sink.dead_letters WHERE status IN ('pending', 'fenced') ORDER BY id DESC LIMIT 20;",
    'replay': 'SELECT * FROM kafka_cdc_sink.replay_dead_letters();',
    'seek': states.SEEK + ';',
    'check': 'SELECT * FROM kafka_cdc_sink.check();',
}
scenes = []


def scene(f):
    scenes.append(f)
    return f


class Stage:
    """What a scene has: the fixture, the browser, and ok() and is_()."""

    def __init__(self):
        self.fixture = Fixture()
        self.browser = Browser()
        self.count = self.failed = 0
        self.tab = None
        with open(os.path.join(HERE, 'look.js'), encoding='utf-8') as script:
            self.look = script.read()

    def open(self, state, wait='document.getElementById("word") !== null'):
        """A new page, when it shows something."""
        self.close()
        self.fixture.code = 200
        self.fixture.status = state
        self.fixture.asked.clear()
        self.tab = self.browser.tab()
        self.tab.call('Page.addScriptToEvaluateOnNewDocument', source=self.look)
        self.tab.go(self.fixture.url)
        self.tab.wait(wait)
        return self.tab

    def close(self):
        if self.tab:
            self.tab.close()
        self.tab = None

    def refresh(self):
        """Makes the page ask at once, as when it comes to the front, and waits until it has shown the answer."""
        before = len(self.fixture.asked)
        self.tab.wait(f'''(() => {{ document.dispatchEvent(new Event('visibilitychange'));
            return true; }})()''')
        while len(self.fixture.asked) == before: # (it was just about to)
            self.tab.wait("(document.dispatchEvent(new Event('visibilitychange')), true)")
        self.tab.wait("document.getElementById('age').textContent === 'updated just now'")

    def ok(self, true, name, *said):
        self.count += 1
        print(('ok' if true else 'not ok'), self.count, '-', name)
        if not true:
            self.failed += 1
            for one in said:
                print('#', str(one).replace('\n', '\n# '))
            directory = os.environ.get('LOG_DIR')
            if directory and self.tab:
                os.makedirs(directory, exist_ok=True)
                self.tab.picture(os.path.join(directory, f'{self.count}.png'))
        sys.stdout.flush()

    def is_(self, got, expected, name):
        self.ok(got == expected, name, f'     got: {got!r}', f'expected: {expected!r}')

    def text(self, selector):
        return self.tab.value(f'look.text({selector!r})')

    def quiet(self, name, also=()):
        """Nothing was logged, thrown or refused, and nothing but the status was asked for."""
        self.is_([c for c in self.tab.complaints() if c not in also], [], f'{name}: no complaints')
        strange = {u for u in self.tab.requests() if u not in (self.fixture.url, self.fixture.url + 'status', 'about:blank')}
        self.is_(strange, set(), f'{name}: no other requests')


# state: word, what the tone is, what the banner says, its SQL
BANNERS = {
    'idle': ('Idle', 'calm', ['kafka_cdc_sink.topics is empty', 'Set kafka_cdc_sink.topics to the topics to consume.'], []),
    'starting': ('Starting', 'calm', ['no worker has started yet'], []),
    'running': ('Running', 'good', ['for 1 h 2 min', 'Changes are being applied.'], []),
    'caught_up': ('Running', 'good', ['Everything that Kafka has is applied.'], []),
    'snapshot': ('Running', 'good', ['Reading a snapshot: 5 partitions, about 5 min left.'], []),
    'degraded': ('Degraded', 'fair', ['In trouble: 1 table, 5 partitions. The rest goes on.', states.LOST], [SQL['seek']]),
    'one_trouble': ('Degraded', 'fair', ['is a view', 'table shop.order_totals; topic shop.public.orders, partition 0'], [SQL['resume']]),
    'paused': ('Paused', 'fair', ['Somebody paused it.', 'moving the disks', 'for 42 min'], [SQL['resume']]),
    'stopped': ('Paused', 'bad', ['It stopped before a record that cannot be applied.', 'offset 880112'], [SQL['resume']]),
    'too_many': ('Paused', 'bad', ['Too many records could not be applied.'], [SQL['letters'], SQL['resume']]),
    'failing': ('Error', 'bad', ['no broker can be reached', 'Check kafka_cdc_sink.bootstrap_servers'], [SQL['check']]),
    'standby': ('Standby', 'calm', ['the server is a standby', 'Consuming starts when it is promoted.'], []),
}


@scene
def banners(stage):
    for name, (word, tone, said, sql) in BANNERS.items():
        tab = stage.open(states.ALL[name])
        stage.is_(stage.text('#word'), [word], f'{name}: the state in words')
        stage.is_(tab.value('document.getElementById("state").className'), f'card {tone}', f'{name}: and in colour')
        banner = stage.text('#state')[0]
        stage.ok(all(s in banner for s in said), f'{name}: why, and what to do', banner)
        stage.is_(stage.text('#state .sql code'), sql, f'{name}: the SQL for it')
        stage.ok(tab.value('document.title').startswith(word + ' \u00b7 kafka_cdc_sink'), f'{name}: the title of the window tells')
        stage.quiet(name)


@scene
def readable(stage):
    """In light, dark and on paper, at 1280, 768 and 360 pixels."""
    for name in [*states.ALL]:
        tab = stage.open(states.ALL[name])
        backgrounds = set()
        for scheme in ('light', 'dark'):
            tab.media(scheme)
            backgrounds.add(tab.value('getComputedStyle(document.body).backgroundColor'))
            stage.is_(tab.value('look.faint()'), [], f'{name}, {scheme}: contrast')
        stage.is_(len(backgrounds), 2, f'{name}: dark is dark')
        tab.media('light')
        for width in (1280, 768, 360):
            tab.size(width, 740, phone=width == 360)
            stage.is_(tab.value('look.sideways()'), 0, f'{name}: no scrolling sideways at {width} pixels')
            if name != 'hostile': # (a state of hundreds of characters is cut)
                stage.is_(tab.value('look.cut()'), [], f'{name}: no text is cut at {width} pixels')
        tab.media('light', 'print')
        tab.size(720, 1000)
        stage.is_(tab.value('look.sideways()'), 0, f'{name}: a sheet of paper is wide enough')
        stage.is_(tab.value("[...document.querySelectorAll('button')].filter(b => b.checkVisibility()).length"), 0, f'{name}: no buttons on paper')


@scene
def numbers(stage):
    tab = stage.open(states.running)
    stage.ok(stage.text('#now-rate')[0].endswith(' records/s') and ',' in stage.text('#now-rate')[0], 'throughput, grouped', stage.text('#now-rate'))
    stage.is_(stage.text('#now-lag'), ['132 records'], 'lag')
    stage.is_(stage.text('#now-delay'), ['210 ms'], 'delay')
    stage.is_(stage.text('.facts dt'), ['Open dead letters', 'Workers', 'Partitions', 'Last error'], 'the other numbers')
    stage.is_(stage.text('.facts dd'), ['0', '2', '12in 3 topics', 'none'], 'and what they are')
    stage.is_(stage.text('.chart svg title'), ['Throughput over the last 15 minutes', 'Lag over the last 15 minutes',
                                               'Delay, source to commit over the last 15 minutes'], 'each chart has a title')
    stage.ok(all(d.startswith('Now ') and 'at most' in d for d in stage.text('.chart svg desc')), 'and a description', stage.text('.chart svg desc'))
    stage.is_(stage.text('.chart .top'), ['top of the chart: 10,000 records/s', 'top of the chart: 250 records', 'top of the chart: 250 ms'], 'and an axis')
    stage.ok(tab.value("[...document.querySelectorAll('.line')].every(line => line.getAttribute('d').split('L').length === 91)"), 'ninety points each')
    titles = tab.value("[...document.querySelectorAll('time')].map(t => t.title)")
    stage.ok(titles and all(t.endswith(' UTC') for t in titles), 'each relative time has the absolute one', titles[:5])

    tab = stage.open(states.snapshot)
    stage.is_(tab.value("document.querySelectorAll('.line')[2].getAttribute('d').split('M').length"), 2, 'no line where nothing is known')
    stage.is_(stage.text('#progress-sum'), ['29 % done: 4,000,000 of 13,500,000 records, 38,402 records/s, about 5 min left.'], 'progress as a whole')
    stage.is_(stage.text('#t-progress tbody tr:nth-child(2) > *'),
              ['shop.public.orders · 0snapshot', '11 %, 400,000 records', '3,100,000', '9,001/s', '5 min'], 'and of each partition')
    stage.is_(stage.text('#t-progress tbody tr:nth-child(1) > *')[2:], ['700,000', 'not known yet', 'not known yet'], 'an unknown rate is none')

    stage.open(states.idle)
    stage.is_(stage.text('#partitions p, #tables p, #errors p, #workers p'), [
        'No errors yet since the server started.',
        'No partitions yet: they appear once the topics of kafka_cdc_sink.topics are found at the brokers.',
        'No tables yet: one appears with the first change that is applied to it.',
        'No workers: nothing is to be done here.'], 'what is empty says why')

    stage.open(states.degraded)
    stage.is_(stage.text('#t-errors tbody tr td:nth-child(3)'), ['3', '4', '112'], 'errors with their counts')
    stage.is_(stage.text('#t-errors tbody tr td:nth-child(4)'), ['2 min ago', '6 min ago', '1 h 41 min ago'], 'the last first')
    stage.is_(stage.text('#t-errors tbody tr td:nth-child(5)'), ['2 h 1 min ago', '7 min ago', '2 h 1 min ago'], 'and when they were first')


@scene
def order(stage):
    stage.open(states.degraded)
    stage.is_(stage.text('#t-partitions tbody .tag')[:6], ['paused', 'parked', 'parked', 'parked', 'retrying', 'running'], 'partitions in trouble first')
    stage.is_(stage.text('#t-partitions tbody tr td:nth-child(3)')[5:9], ['44', '44', '33', '22'], 'then by lag')
    stage.is_(stage.text('#t-tables tbody th'), ['shop.order_totals' + states.VIEW + ' (SQLSTATE 42809, table shop.order_totals)',
                                                'shop.customers', 'shop.order_items', 'shop.orders'], 'parked tables, then those with dead letters')
    stage.is_([t.split(' \u2013 ')[0] for t in stage.text('#attention h3')], ['parked', 'retrying', 'rejected'], 'what needs attention besides')
    stage.is_(stage.text('#attention .sql code'), [SQL['resume'], SQL['letters'], SQL['replay']], 'with SQL')
    stage.open(states.paused)
    stage.is_(stage.tab.value("document.querySelectorAll('#t-partitions .good').length"), 0, 'nothing of a paused sink looks good')


@scene
def long_lists(stage):
    tab = stage.open(states.many)
    stage.is_(stage.text('#t-partitions tbody th > span')[:4], ['· 900', '· 512', '· 31', '· 30'], 'of 1024 those in trouble first')
    rows = "document.querySelectorAll('#t-partitions tbody tr').length"
    stage.is_(tab.value(rows), 50, 'fifty rows')
    stage.is_(stage.text('#partitions .more > *'), ['and 974 more', 'Show all 1,024'], 'and how many more')
    tab.value("document.querySelector('#partitions .more button').focus()")
    tab.key('Enter', text='\r')
    tab.wait(rows + ' === 1024')
    stage.is_(tab.value("document.activeElement.textContent"), 'Show the first 50', 'all of them by the keyboard, which stays there')
    stage.refresh()
    stage.is_(tab.value(rows), 1024, 'still after a refresh')
    tab.key(' ', 'Space', ' ')
    tab.wait(rows + ' === 50')
    stage.is_(stage.text('#tables .more > span') + stage.text('#errors .more > span'), ['and 250 more', 'and 90 more'], 'other lists likewise')
    stage.is_(stage.text('#now-lag'), ['123.5 billion records'], 'large numbers in short')
    stage.is_(tab.value("document.getElementById('now-lag').title"), '123,456,789,012 records', 'and whole')
    stage.quiet('long lists')


@scene
def hostile(stage):
    """Markup, scripts and characters that hide others, wherever a text comes from outside."""
    tab = stage.open(states.hostile)
    for _ in ('at first', 'and again'):
        stage.is_(tab.value('window.pwned ?? null'), None, 'nothing was executed')
        stage.is_(tab.value("[...new Set([...document.querySelectorAll('*')].map(n => n.localName))].filter(n => "
                            "['img', 'iframe', 'object', 'embed', 'form', 'input', 'base'].includes(n))"), [], 'nothing was made of it')
        stage.is_(tab.value("[document.scripts.length, document.styleSheets.length, document.links.length]"), [1, 1, 3], 'no other script, style or link')
        stage.is_(tab.value("[...document.querySelectorAll('*')].filter(n => [...n.attributes].some(a => /^on|^style$|^srcdoc$/.test(a.name))).length"), 0, 'no handlers')
        stage.ok('</script><script>window.pwned=2</script>' in stage.text('#t-tables')[0], 'it is shown as it is')
        stage.ok('\u27e8U+202E\u27e9gnp.exe' in stage.text('#t-partitions')[0], 'characters that turn others round are shown by number')
        stage.is_(tab.value("/[\\u202a-\\u202e\\u2066-\\u2069\\u0000-\\u0008]/.test(document.body.textContent)"), False, 'and are not there')
        tab.value("document.querySelectorAll('.more button').forEach(b => b.click())")
        stage.refresh()
    sql = stage.text('#attention .sql code')
    stage.ok("SELECT kafka_cdc_sink.seek('''); window.pwned=4; (''', 3, 7);" in sql, 'SQL keeps its quotes', sql)
    stage.ok(not any('gnp.exe' in s for s in sql), 'SQL that reads other than it runs is not offered')
    stage.is_(stage.text('#t-partitions tbody th')[-1:], ['\u05d0\u05d1\u05d2 \u0627\u0644\u0639 · 100'], 'other scripts are shown')
    stage.quiet('hostile')


@scene
def hints(stage):
    """SQL is offered where a hint holds a whole call that runs as it reads."""
    def said(hint):
        found = states.one_trouble()
        found['partitions'], found['tables'] = [], []
        found['status']['hint'] = hint
        return found
    for hint, sql in {
            "run SELECT kafka_cdc_sink.seek('a', 0, 12).": ["SELECT kafka_cdc_sink.seek('a', 0, 12);"],
            "run SELECT kafka_cdc_sink.seek('it''s (a) topic', 0, 12); more": ["SELECT kafka_cdc_sink.seek('it''s (a) topic', 0, 12);"],
            "run SELECT kafka_cdc_sink.seek(E'a\\\\b', 0, 12).": ["SELECT kafka_cdc_sink.seek(E'a\\\\b', 0, 12);"],
            "run SELECT kafka_cdc_sink.seek('cut off": [],
            "run SELECT kafka_cdc_sink.seek('a', 0, (SELECT 1)).": [],
            "run SELECT kafka_cdc_sink.seek('a'; DROP TABLE x; --', 0, 1).": [],
            'pass it with kafka_cdc_sink.seek(), or': [],
            'Run CREATE EXTENSION kafka_cdc_sink there.': ['CREATE EXTENSION kafka_cdc_sink;']}.items():
        stage.open(said(hint))
        stage.is_(stage.text('#state .sql code'), sql, 'hint: ' + hint)


@scene
def gone(stage):
    tab = stage.open(states.degraded)
    gray = "getComputedStyle(document.getElementById('partitions')).filter"
    word = "document.getElementById('word').textContent"
    stage.is_(tab.value(gray), 'none', 'fresh numbers have colour')
    stage.fixture.answering(False)
    tab.wait(word + " === 'No answer'")
    banner = stage.text('#state')[0]
    stage.ok('The exporter cannot be reached.' in banner and ' s old' in banner and '“degraded” then' in banner, 'it says so, and how old all is', banner)
    stage.ok(f'no connection to 127.0.0.1:{stage.fixture.port}' in banner, 'and why')
    stage.is_(tab.value(gray), 'grayscale(1)', 'what is old is gray')
    for scheme in ('light', 'dark'):
        tab.media(scheme)
        stage.is_(tab.value('look.faint()'), [], f'and can be read ({scheme})')
    stage.is_(tab.value("document.querySelectorAll('#t-partitions tbody tr').length"), 12, 'it is still there')
    stage.ok(tab.value("/as of .* ago/.test(document.getElementById('age').textContent)"), 'with its age at the top')
    stage.fixture.answering(True)
    tab.wait(word + " === 'Degraded'")
    stage.is_(tab.value(gray), 'none', 'when it answers again, all is as it was')
    for name, code, answer, why in (('an error', 503, {}, 'it answered with HTTP status 503'),
                                    ('half an answer', 200, b'{"status":{"state":"run', 'its answer is cut off or not JSON'),
                                    ('something else', 200, ['<b>'], 'its answer is not a status')):
        stage.fixture.code, stage.fixture.status = code, answer
        tab.wait("(document.dispatchEvent(new Event('visibilitychange')), " + word + " === 'No answer')")
        stage.is_(stage.text('#state dd')[0], why, name)
        stage.fixture.code, stage.fixture.status = 200, states.running
        tab.wait("(document.dispatchEvent(new Event('visibilitychange')), " + word + " === 'Running')")
    stage.fixture.gate.clear()
    tab.wait(word + " === 'No answer'")
    stage.fixture.gate.set()
    stage.is_(stage.text('#state dd')[0], 'it did not answer within 4.5 s', 'no answer at all')
    stage.open(b'nothing')
    stage.is_(stage.text('#word'), ['No answer'], 'nothing from the start')
    stage.is_(stage.text('#age'), ['nothing to show yet'], 'with nothing to show')


@scene
def refreshes(stage):
    tab = stage.open(states.degraded)
    tab.size(1280, 500)
    stage.is_(tab.value("document.getElementById('said').textContent.slice(0, 15)"), 'State: degraded', 'the state is said to those who listen')
    tab.value('''(() => {
        window.kept = document.querySelector('#t-partitions tbody tr:nth-child(6)');
        window.said = 0;
        new MutationObserver(() => ++said).observe(document.getElementById('said'), {childList: true, characterData: true, subtree: true});
        document.querySelector('#attention button').focus({preventScroll: true});
        getSelection().selectAllChildren(document.querySelector('#state .lead'));
        scrollTo(0, 700);
    })()''')
    tops = tab.value('look.tops()')
    later = states.degraded()
    for part in later['partitions']:
        part['lag'] = part['lag'] and part['lag'] * 10
    later['status'].update(total_lag=987_654, delay_seconds=7200.0)
    stage.fixture.status = later
    stage.refresh()
    tab.wait("document.getElementById('now-lag').textContent === '987,654 records'")
    stage.is_(tab.value('[scrollY, document.activeElement.textContent, getSelection().toString(), said]'),
              [700, 'Copy', 'In trouble: 1 table, 5 partitions. The rest goes on.', 0], 'scroll, focus, selection and silence are kept')
    stage.is_(tab.value('look.tops()'), tops, 'nothing jumps')
    stage.is_(tab.value("kept.isConnected && kept.querySelector('td:nth-child(3)').textContent"), '440', 'rows are the same, with other numbers')
    # It asks by itself.
    before = len(stage.fixture.asked)
    stage.fixture.status = states.running
    tab.wait("document.getElementById('word').textContent === 'Running'")
    stage.is_(set(stage.fixture.asked[before:]), {'/status'}, 'it refreshes by itself')
    stage.is_(tab.value("document.getElementById('said').textContent"), 'State: running', 'another state is said')
    tab.value("document.getElementById('hold').click()")
    stage.is_(tab.value("[document.getElementById('hold').textContent, document.getElementById('hold').getAttribute('aria-pressed')]"),
              ['Refresh again', 'true'], 'it can be held')
    age = "Number(/^held, as of (.*) s ago/.exec(document.getElementById('age').textContent)?.[1])"
    held = tab.wait(age + ' >= 2 && ' + age) # (nothing is under way any more, and its age goes on)
    before = len(stage.fixture.asked)
    stage.fixture.status = states.paused
    tab.value("document.dispatchEvent(new Event('visibilitychange'))")
    tab.wait(f'{age} > {held}')
    stage.is_((stage.text('#word'), stage.fixture.asked[before:]), (['Running'], []), 'then it does not')
    tab.value("document.getElementById('hold').click()")
    tab.wait("document.getElementById('word').textContent === 'Paused'")
    stage.ok(True, 'until it is let go')
    stage.quiet('refreshes')


@scene
def copying(stage):
    tab = stage.open(states.degraded)
    stage.browser.call('Browser.grantPermissions', origin=stage.fixture.url, permissions=['clipboardReadWrite', 'clipboardSanitizedWrite'])
    tab.value("navigator.clipboard.writeText = text => { window.clip = text; return Promise.resolve(); }")
    tab.value("document.querySelector('#state .sql button').click()")
    tab.wait("document.querySelector('#state .sql button').textContent === 'Copied'")
    stage.is_(tab.value('window.clip'), SQL['seek'], 'SQL is copied')
    stage.is_(tab.value("document.getElementById('done').textContent"), 'Copied', 'which is said')
    tab.wait("document.querySelector('#state .sql button').textContent === 'Copy'")
    tab.value("navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'))")
    tab.value("document.querySelector('#attention .sql button').click()")
    tab.wait("document.querySelector('#attention .sql button').textContent === 'Copied'")
    stage.is_(tab.value('getSelection().toString()'), SQL['resume'], 'without a clipboard it is selected')


@scene
def keyboard(stage):
    tab = stage.open(states.degraded)
    wanted = tab.value("[...document.querySelectorAll('button, a, .wide')].filter(n => n.checkVisibility()).length")
    tab.value("(window.seen = new Set(), window.bare = [], document.body.focus())")
    for _ in range(wanted):
        tab.key('Tab')
        tab.value('''(() => { const at = document.activeElement; seen.add(at);
            if (getComputedStyle(at).outlineStyle === 'none') bare.push(at.outerHTML.slice(0, 60)); })()''')
    stage.is_(tab.value("[...document.querySelectorAll('button, a, .wide')].filter(n => n.checkVisibility() && !seen.has(n)).length"), 0,
              'everything can be reached by Tab')
    stage.is_(tab.value('bare'), [], 'and shows that it has the focus')


@scene
def listening(stage):
    """What a screen reader is told."""
    for state in (states.degraded, states.snapshot):
        tab = stage.open(state)
        nodes = [n for n in tab.call('Accessibility.getFullAXTree')['nodes'] if not n.get('ignored')]
        role = lambda n: n.get('role', {}).get('value')
        named = lambda n: n.get('name', {}).get('value', '').strip()
        roles = {role(n) for n in nodes}
        stage.ok({'banner', 'main', 'contentinfo', 'status', 'heading', 'columnheader', 'rowheader', 'table', 'region'} <= roles, 'landmarks, headings, tables', roles)
        stage.is_([role(n) for n in nodes if role(n) in ('button', 'link', 'region', 'image', 'table', 'progressbar', 'heading', 'columnheader') and not named(n)],
                  [], 'all have names')
        stage.is_(sum(role(n) == 'image' for n in nodes), 3, 'the charts are pictures, the icons nothing')
    stage.is_(stage.tab.value("[...document.querySelectorAll('[id]')].map(n => n.id).filter((id, i, all) => all.indexOf(id) !== i)"), [], 'no id twice')
    stage.is_(stage.tab.value("[...document.querySelectorAll('[aria-labelledby], [aria-controls]')].flatMap(n => "
                              "((n.getAttribute('aria-labelledby') || '') + ' ' + (n.getAttribute('aria-controls') || '')).trim().split(/ +/))"
                              ".filter(id => !document.getElementById(id) && document.getElementById(id.slice(2))?.hidden === false)"), [], 'no name is missing')


@scene
def without_script(stage):
    stage.close()
    stage.tab = tab = stage.browser.tab()
    tab.call('Emulation.setScriptExecutionDisabled', value=True)
    tab.call('Page.navigate', url=stage.fixture.url)
    tab.wait("document.readyState === 'complete' && document.querySelector('noscript') !== null")
    text = tab.value('document.body.innerText')
    stage.ok('/status' in text and 'SELECT * FROM kafka_cdc_sink.status;' in text, 'it says where else to look', text)


def main():
    stage = Stage()
    try:
        for play in scenes:
            if len(sys.argv) > 1 and play.__name__ not in sys.argv[1:]:
                continue
            print('#', play.__name__)
            try:
                play(stage)
            except Exception: # pylint: disable=broad-except
                stage.ok(False, play.__name__ + ' runs to its end', traceback.format_exc())
                stage.fixture.gate.set()
                if stage.fixture.server is None:
                    stage.fixture.answering(True)
    finally:
        stage.browser.end()
    print(f'1..{stage.count}')
    return stage.failed == 0


sys.exit(0 if main() else 1)
