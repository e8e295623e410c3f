#!/usr/bin/python3
"""Makes results.md and the plots of a directory of measurements: report.py DIRECTORY.

Reads what is there of runs.tsv (run.sh), scale.tsv (scale.sh), latency.tsv (latency.sh), idle.tsv
(idle.sh) and machine.txt (machine.sh). Needs Debian's python3-matplotlib for the plots (hence its
Python), and says so where it is missing. The same measurements make the same bytes.
"""
import os
import statistics
import sys

import report_aims
from report_data import CANDIDATES, WORKS, Latency, Runs, Scale, idle_of, machine_of


def number(value, digits=3):
    """At most so many significant digits, thousands separated; a dash for what is not known."""
    if value is None:
        return '–'
    if value == 0:
        return '0'
    magnitude = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    if magnitude >= digits:
        return f'{round(value, digits - magnitude):,.0f}'
    return f'{value:.{digits - magnitude}f}'


def table(heads, rows, left=1):
    """Markdown: the first columns flush left, the others flush right."""
    rule = ['---'] * left + ['---:'] * (len(heads) - left)
    return '\n'.join('| ' + ' | '.join(line) + ' |' for line in [heads, rule, *rows]) + '\n'


def measures(runs):
    for work in runs.works():
        yield f'### {WORKS.get(work, work)}\n'
        rows = []
        for group in runs.of(work):
            rows.append([group.title(), number(group.rate), group.spread(), number(group.cpu), number(group.cpu_server),
                         number(group.peak_mb), number(group.wal), number(group.commits), number(group.seconds)])
        yield table(['candidate', 'events/s', 'lowest–highest', 'CPU-s per million', 'of it the server', 'peak MB',
                     'WAL bytes/event', 'commits/s', 'seconds'], rows)
        if runs.differ(work):
            yield '**The final rows differ between candidates: ' + '; '.join(runs.differ(work)) + '**\n'


def ratios(runs):
    rows = []
    for work in runs.works():
        for group in runs.of(work):
            row = [work, group.title()]
            for measure, best in (('rate', max), ('cpu', min)):
                for other in ('jdbc', 'logical', 'copy'):
                    reference = runs.reference(work, group.kind, other, measure, best)
                    own = getattr(group, measure)
                    row.append(number(own / reference) if own is not None and reference and group.candidate != other else '–')
            if set(row[2:]) != {'–'}:
                rows.append(row)
    return table(['work', 'candidate', 'events/s ÷ JDBC', '÷ logical', '÷ COPY', 'CPU per event ÷ JDBC', '÷ logical', '÷ COPY'],
                 rows, left=2)


def scales(scale):
    for series, head in (('tables', 'tables'), ('rows', 'rows in the target')):
        rows = []
        for candidate in scale.candidates(series):
            first = None
            for size, point in scale.curve(series, candidate):
                first = first or point
                rows.append([CANDIDATES.get(candidate, candidate), f'{size:,}', number(point.rate), number(point.cpu),
                             number(point.wal), number(point.cpu / first.cpu) if first.cpu else '–'])
        if rows:
            yield table(['candidate', head, 'events/s', 'CPU-s per million', 'WAL bytes/event', 'CPU, of the first line'], rows)


def latencies(latency, idle):
    rows = [[group.title(), number(group.rate), number(group.p50), number(group.p99), number(group.highest),
             number(group.commits), number(group.cpu_minute)] for group in latency.groups]
    if rows:
        yield table(['candidate', 'events/s', 'p50 ms', 'p99 ms', 'max ms', 'commits/s', 'CPU seconds a minute'], rows)
    if idle.processes:
        yield table(['idle process', 'wake-ups of the main thread in 10 s', 'of them librdkafka\'s statistics',
                     'CPU seconds a minute'],
                    [[name, number(p.wakeups), number(p.statistics), number(p.cpu_minute)]
                     for name, p in sorted(idle.processes.items())])
    if idle.starts:
        yield (f'From asking for a server\'s start to the commit of the first waiting event: '
               f'{number(statistics.median(idle.starts))} ms (median of {len(idle.starts)}).\n')


def results(directory):
    """The text of results.md, and the plots that it shows (name, what it shows, figure)."""
    runs, scale = Runs(directory), Scale(directory)
    latency, idle = Latency(directory), idle_of(directory)
    try:
        import report_plots
        plots = report_plots.plots(runs, scale, latency)
    except ModuleNotFoundError as missing:
        print(f'report: no plots, {missing.name} is missing (apt-get install python3-matplotlib)', file=sys.stderr)
        plots = []
    shown = {name: f'![{title}]({name}.svg)\n' for name, title, _ in plots}
    parts = ['# Results of the benchmark\n', 'Made by `test/bench/report.py`: medians of the rounds.\n']
    if machine_of(directory):
        parts += ['## The machine\n', table(['what', 'value'], machine_of(directory), left=2)]
    aims = report_aims.aims(runs, scale, latency, idle)
    if aims:
        parts += ['## Aims\n', table(['work', 'against', 'aim', 'measured', 'reached'], aims, left=5),
                  'The JDBC sink is taken at its best: the batch size with most events/s, the one with least CPU, the one '
                  'with least memory.\n']
    if runs.works():
        parts += ['## Throughput, CPU, memory, WAL\n', shown.pop('throughput', ''), shown.pop('cpu', ''), *measures(runs),
                  '## Ratios\n', 'To the fastest variant of the other candidate (events/s), and to the one with least CPU; '
                  'of the same kind of records where there is one.\n', ratios(runs)]
    for head, series in (('## Scale\n', scales(scale)), ('## Latency\n', latencies(latency, idle))):
        pictures = [shown.pop(name) for name in list(shown) if name.startswith(head.split()[1].lower())]
        texts = list(series)
        if texts:
            parts += [head, *pictures, *texts]
    return '\n'.join(part for part in parts if part), plots


def main():
    if len(sys.argv) != 2 or not os.path.isdir(sys.argv[1]):
        sys.exit(__doc__)
    directory = sys.argv[1]
    text, plots = results(directory)
    for name, _, save in plots:
        save(os.path.join(directory, name + '.svg'))
    with open(os.path.join(directory, 'results.md'), 'w', encoding='utf-8') as file:
        file.write(text)
    print(f'{directory}: results.md' + ''.join(f', {name}.svg' for name, _, _ in plots))


if __name__ == '__main__':
    main()
