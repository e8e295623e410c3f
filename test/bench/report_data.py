"""The measurements of a directory, read and reduced to medians of the rounds."""
import csv
import os
import re
import statistics

WORKS = {'a': 'a: snapshot', 'b': 'b: mixed', 'c': 'c: hot keys', 'd': 'd: wide', 'e': 'e: 200 tables', 'f': 'f: TOAST',
         'g': 'g: 8 partitions'}
CANDIDATES = {'sink': 'kafka_cdc_sink', 'jdbc': 'Debezium JDBC sink', 'logical': 'logical replication',
              'copy': 'binary COPY',
              'upsert': 'one INSERT ... ON CONFLICT'}
KINDS = {'embedded': 'with schemas', 'plain': 'without schemas'}


def lines_of(directory, name):
    """A tab-separated file with a header line, as dictionaries; none where there is no file."""
    path = os.path.join(directory, name)
    if not os.path.exists(path):
        return []
    with open(path, encoding='utf-8', newline='') as file:
        return list(csv.DictReader(file, delimiter='\t', quoting=csv.QUOTE_NONE))


def figure(line, column):
    """A number of a line, None where it is not known."""
    try:
        return float(line.get(column) or '')
    except ValueError:
        return None


def rate_of(line):
    """Events a second; not known where the last event was committed with the first (too small a run)."""
    return figure(line, 'rate') or None


def median(values):
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def machine_of(directory):
    """machine.txt as pairs."""
    path = os.path.join(directory, 'machine.txt')
    if not os.path.exists(path):
        return []
    with open(path, encoding='utf-8') as file:
        return [[part.strip() for part in line.split(':', 1)] for line in file if ':' in line]


def per(line, column, by, factor=1.0):
    """The median's part of one run: a figure in relation to another of the same line."""
    value, base = figure(line, column), figure(line, by)
    return value * factor / base if value is not None and base else None


class Group:
    """The rounds of one candidate at one work: events/s, CPU-s per million events, MB, bytes an event, 1/s."""

    def __init__(self, key, lines):
        self.work, self.kind, self.candidate, self.variant = key
        self.rates = sorted(value for value in (rate_of(line) for line in lines) if value is not None)
        self.rate = median(self.rates)
        self.cpu = median(per(line, 'cpu_s', 'events', 1e6) for line in lines)
        self.cpu_server = median(per(line, 'cpu_server_s', 'events', 1e6) for line in lines)
        self.wal = median(per(line, 'wal_bytes', 'events') for line in lines)
        self.commits = median(per(line, 'commits', 'seconds') for line in lines)
        self.seconds = median(figure(line, 'seconds') for line in lines)
        self.peak_mb = median(per(dict(line, kb=1024), 'peak_kb', 'kb') for line in lines)
        self.checksums = {line.get('checksum') for line in lines} - {None, '', '-'}

    def workers(self):
        """How many workers the variant tells of; 1 where it tells none."""
        match = re.match(r'(\d+) worker', self.variant)
        return int(match.group(1)) if match else 1

    def name(self):
        return CANDIDATES.get(self.candidate, self.candidate)

    def more(self):
        """What tells it from the candidate's other variants."""
        variant = self.variant if self.candidate in ('sink', 'jdbc') else ''
        return [text for text in (variant, KINDS.get(self.kind)) if text]

    def title(self):
        return ', '.join([self.name(), *self.more()])

    def spread(self):
        return f'{self.rates[0]:,.0f}–{self.rates[-1]:,.0f}' if self.rates else '–'


class Runs:
    """runs.tsv"""

    def __init__(self, directory):
        grouped = {}
        for line in lines_of(directory, 'runs.tsv'):
            key = tuple((line[name] or '').strip() for name in ('work', 'kind', 'candidate', 'variant'))
            grouped.setdefault(key, []).append(line)
        order = list(CANDIDATES)
        place = {key: (key[0], order.index(key[2]) if key[2] in order else len(order), key[1], key[3]) for key in grouped}
        self.groups = [Group(key, grouped[key]) for key in sorted(grouped, key=place.get)]

    def works(self):
        return sorted({group.work for group in self.groups})

    def of(self, work, candidate=None, kind=None, workers=None):
        return [group for group in self.groups
                if group.work == work and candidate in (None, group.candidate) and kind in (None, group.kind)
                and workers in (None, group.workers())]

    def one(self, work, kind, workers=1):
        """This extension at a work, or None."""
        found = self.of(work, 'sink', kind, workers)
        return found[0] if found else None

    def reference(self, work, kind, candidate, measure, best):
        """The best figure of another candidate's variants, with records of the same kind where it has them."""
        groups = self.of(work, candidate, kind) or self.of(work, candidate)
        known = [value for value in (getattr(group, measure) for group in groups) if value is not None]
        return best(known) if known else None

    def differ(self, work):
        """What holds other rows than the rest, empty where all final rows are equal."""
        by_kind = {}
        for group in self.of(work):
            for checksum in group.checksums:
                by_kind.setdefault(checksum, []).append(group.title())
        return [' and '.join(titles) for titles in by_kind.values()] if len(by_kind) > 1 else []


class Point:
    """The rounds at one size: events/s, CPU-s per million events, bytes an event."""

    def __init__(self, lines):
        self.rate = median(rate_of(line) for line in lines)
        self.cpu = median(per(line, 'cpu_s', 'events', 1e6) for line in lines)
        self.wal = median(per(line, 'wal_bytes', 'events') for line in lines)


class Scale:
    """scale.tsv"""

    def __init__(self, directory):
        self.points = {}
        grouped = {}
        for line in lines_of(directory, 'scale.tsv'):
            grouped.setdefault((line['series'], line['candidate'], int(line['size'])), []).append(line)
        for key, lines in grouped.items():
            self.points[key] = Point(lines)

    def candidates(self, series):
        """sink first"""
        found = {candidate for of, candidate, _ in self.points if of == series}
        return sorted(found, key=lambda name: (name != 'sink', name))

    def curve(self, series, candidate):
        return sorted((size, point) for (of, name, size), point in self.points.items() if (of, name) == (series, candidate))

    def growth(self, series, candidate):
        """Sizes at the ends of the curve and how CPU per event grows between them; None with fewer than two."""
        curve = self.curve(series, candidate)
        if len(curve) < 2 or not curve[0][1].cpu or curve[-1][1].cpu is None:
            return None
        return curve[0][0], curve[-1][0], curve[-1][1].cpu / curve[0][1].cpu


class LatencyGroup:
    def __init__(self, candidate, variant, lines):
        self.candidate, self.variant = candidate, variant
        self.rate = median(figure(line, 'rate') for line in lines)
        self.p50 = median(figure(line, 'p50_ms') for line in lines)
        self.p99 = median(figure(line, 'p99_ms') for line in lines)
        self.highest = max((value for value in (figure(line, 'max_ms') for line in lines) if value is not None), default=None)
        self.commits = median(figure(line, 'commits_per_s') for line in lines)
        self.cpu_minute = median(figure(line, 'cpu_s_per_minute') for line in lines)

    def title(self):
        return ', '.join(text for text in (CANDIDATES.get(self.candidate, self.candidate), self.variant.strip('-')) if text)


class Latency:
    """latency.tsv"""

    def __init__(self, directory):
        grouped = {}
        for line in lines_of(directory, 'latency.tsv'):
            grouped.setdefault((line['candidate'], line.get('variant') or ''), []).append(line)
        order = list(CANDIDATES)
        self.groups = [LatencyGroup(*key, grouped[key]) for key in
                       sorted(grouped, key=lambda key: (order.index(key[0]) if key[0] in order else len(order), key[1]))]

    def of(self, candidate):
        return [group for group in self.groups if group.candidate == candidate]


class IdleProcess:
    def __init__(self):
        self.wakeups = self.statistics = 0.0 # most of a window
        self.beyond = []                     # of each window: wake-ups, statistics excepted
        self.cpu_minute = None


class Idle:
    def __init__(self):
        self.processes = {}
        self.starts = []

    def worker_wakeups(self):
        """Wake-ups of idle workers' main threads in each window, statistics excepted; empty: not measured."""
        return [count for name, process in self.processes.items() if name.startswith('worker') for count in process.beyond]


def idle_of(directory):
    """idle.tsv: what idle.sh prints."""
    idle = Idle()
    path = os.path.join(directory, 'idle.tsv')
    if not os.path.exists(path):
        return idle
    with open(path, encoding='utf-8') as file:
        for line in file:
            field = line.rstrip('\n').split('\t')
            if not field[-1].replace('.', '', 1).isdigit():
                continue # a header line
            if field[0] == 'idle':
                process = idle.processes.setdefault(field[1], IdleProcess())
                wakeups, due = float(field[3]), float(field[4])
                process.wakeups, process.statistics = max(process.wakeups, wakeups), max(process.statistics, due)
                process.beyond.append(max(wakeups - due, 0))
            elif field[0] == 'minute':
                idle.processes.setdefault(field[1], IdleProcess()).cpu_minute = float(field[2])
            elif field[0] == 'start':
                idle.starts.append(float(field[3]))
    return idle
