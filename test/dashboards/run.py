"""The dashboard and the alert rules: valid, tested, and of metrics and labels that there are. Prints TAP."""
import glob
import json
import os
import re
import subprocess
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
RULES = 'docker/prometheus/alerts.yml'
TESTS = 'docker/prometheus/alerts_test.yml'
CONFIG = 'docker/prometheus/prometheus.yml'
DASHBOARD = 'docker/grafana/kafka_cdc_sink.json'
count = failed = 0


def is_(got, expected, name):
    global count, failed # pylint: disable=global-statement
    count += 1
    print('ok' if got == expected else 'not ok', count, '-', name)
    if got != expected:
        failed += 1
        print(f'#      got: {got}\n# expected: {expected}'.replace('\n', '\n# '))


def text(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as file:
        return file.read()


def promtool(*arguments):
    done = subprocess.run(['promtool', *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding='utf-8', check=False)
    return 'fine' if done.returncode == 0 else done.stdout


def definitions():
    """Of every metric the labels; those of a histogram under the names of its series."""
    found = {}
    for path in sorted(glob.glob(os.path.join(ROOT, 'src/core/metrics*.cpp'))):
        for name, kind, labels in re.findall(r'\{"(kafka_cdc_sink_\w+)",\s*k(\w+),\s*"([\w,]*)"', text(path)):
            labels = {label for label in labels.split(',') if label} | {'job', 'instance'}
            if kind == 'Histogram':
                for end, more in (('_bucket', {'le'}), ('_sum', set()), ('_count', set())):
                    found[name + end] = labels | more
            else:
                found[name] = labels
    return found


def strange(expression, known, legend=''):
    """What an expression asks for and no definition has."""
    found, present = [], set()
    for name, matchers in re.findall(r'\b(kafka_cdc_sink_\w+)(?:\{([^}]*)\})?', expression):
        if name not in known:
            found.append(name)
            continue
        present |= known[name]
        found += [f'{name}{{{m}}}' for m in re.findall(r'(\w+)\s*(?:=|!)', matchers) if m not in known[name]]
    if 'up{' in expression:
        present |= {'job', 'instance'}
    asked = [l.strip() for group in re.findall(r'\b(?:by|on) \(([\w, ]+)\)', expression) for l in group.split(',')]
    asked += re.findall(r'\{\{ ?(?:\$labels\.)?(\w+) ?\}\}', legend)
    return found + [f'{label} in {expression}' for label in asked if label not in present]


def alerts():
    for block in re.split(r'\n(?=      - alert: )', text(RULES))[1:]:
        name = re.match(r'      - alert: (\w+)', block)[1]
        expression = re.search(r'        expr: (?:>-\n)?((?:.|\n)*?)\n        (?:for|labels):', block)[1]
        yield name, expression, block


def panels(dashboard):
    return [panel for panel in dashboard['panels'] if panel['type'] != 'row']


def expressions(dashboard):
    for panel in panels(dashboard):
        for target in panel['targets']:
            yield panel['title'], target['expr'], target['legendFormat']


def parses(dashboard):
    """Every expression of the dashboard as a rule, for promtool to read."""
    with tempfile.NamedTemporaryFile('w', suffix='.yml', encoding='utf-8') as file:
        file.write('groups:\n- name: dashboard\n  rules:\n')
        for i, (_, expression, _) in enumerate(expressions(dashboard)):
            plain = expression.replace('$__rate_interval', '5m').replace('$instance', '.*').replace('$topic', '.*')
            file.write(f'  - record: e{i}\n    expr: {json.dumps(plain)}\n')
        file.flush()
        return promtool('check', 'rules', file.name)


def overlaps(dashboard):
    taken, twice = {}, []
    for panel in dashboard['panels']:
        at = panel['gridPos']
        for x in range(at['x'], at['x'] + at['w']):
            for y in range(at['y'], at['y'] + at['h']):
                if (x, y) in taken or x > 23:
                    twice.append((panel['title'], taken.get((x, y))))
                taken[x, y] = panel['title']
    return sorted(set(twice))


def main():
    known = definitions()
    is_(len(known) > 60 and 'kafka_cdc_sink_lag_records' in known, True, 'the definitions are found')

    is_(promtool('check', 'rules', RULES), 'fine', 'promtool accepts the rules')
    is_(promtool('check', 'config', CONFIG), 'fine', 'and the example of a configuration')
    is_(promtool('test', 'rules', TESTS), 'fine', 'the alerts fire when they should and only then')
    told = {}
    for name, answer in re.findall(r'alertname: (\w+)\n\s+exp_alerts:( \[\])?', text(TESTS)):
        told.setdefault(name, set()).add('silent' if answer else 'fires')
    rules = list(alerts())
    is_({name: told.get(name) for name, _, _ in rules}, {name: {'fires', 'silent'} for name, _, _ in rules}, 'each is tested to fire and to be silent')
    is_([name for name, _, block in rules if not all(re.search(word, block) for word in (
        r'severity: (critical|warning)\}', r'summary: .*\{\{ \$labels', r'description: >-', r'sql: >-\n +(SELECT|.*\n +SELECT)'))],
        [], 'each has a severity, a summary, a description and SQL')
    for name, expression, block in rules:
        is_(strange(expression, known, block.split('annotations:')[1]), [], f'{name}: its metrics and labels exist')

    is_([name for name, _, _ in rules if f'`{name[len("KafkaCdcSink"):]}`' not in text('README.md')], [], 'the README has each')

    dashboard = json.loads(text(DASHBOARD))
    is_(dashboard['schemaVersion'] >= 38, True, 'the dashboard is JSON, of Grafana 10 or later')
    is_([v['name'] for v in dashboard['templating']['list']], ['datasource', 'instance', 'topic'], 'it asks for data source, instance and topic')
    is_([p['title'] for p in dashboard['panels'] if p['type'] == 'row'], ['Overview', 'Partitions', 'Workers', 'Tables', 'Kafka client', 'Errors'], 'its rows')
    is_(overlaps(dashboard), [], 'no panel lies over another')
    is_(len({p['id'] for p in dashboard['panels']}), len(dashboard['panels']), 'each has its own id')
    is_({t['datasource']['uid'] for p in panels(dashboard) for t in p['targets']} | {p['datasource']['uid'] for p in panels(dashboard)},
        {'${datasource}'}, 'all go by the data source that was chosen')
    is_([title for title, expression, _ in expressions(dashboard) if 'instance=~"$instance"' not in expression], [], 'and by the instance')
    is_(parses(dashboard), 'fine', 'promtool accepts its expressions')
    for title, expression, legend in expressions(dashboard):
        is_(strange(expression, known, legend), [], f'{title}: its metrics and labels exist')
    queries = [v['definition'] for v in dashboard['templating']['list'] if 'definition' in v]
    queries += [a['expr'] for a in dashboard['annotations']['list']]
    is_([found for query in queries for found in strange(query, known)], [], 'so do those of its variables')
    print(f'1..{count}')
    return failed == 0


raise SystemExit(0 if main() else 1)
