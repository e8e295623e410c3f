"""The aims of the benchmark, and what was reached of them."""


def factor(value):
    return f'{value:.2f} ×'


class Table:
    """Lines of the table; one whose data is missing is left out."""

    def __init__(self):
        self.rows = []

    def add(self, work, against, aim, measured, reached):
        self.rows.append([work, against, aim, measured, 'yes' if reached else '**no**'])


def against(table, runs, work, kind, other, least_rate, most_cpu=None):
    """One worker of ours beside another candidate: events/s at least, CPU per event at most."""
    own = runs.one(work, kind)
    rate = runs.reference(work, kind, other, 'rate', max)
    cpu = runs.reference(work, kind, other, 'cpu', min)
    if own is None or not rate or own.rate is None:
        return
    aim, measured = f'≥ {least_rate:g} × events/s', f'{factor(own.rate / rate)} ({own.rate:,.0f} to {rate:,.0f})'
    reached = own.rate / rate >= least_rate
    if most_cpu and cpu and own.cpu is not None:
        aim += f', ≤ 1/{most_cpu} CPU per event'
        measured += f'; 1/{cpu / own.cpu:.1f} ({own.cpu:.1f} to {cpu:.1f} s per million)' if own.cpu else ''
        reached = reached and own.cpu * most_cpu <= cpu
    kinds = {'embedded': 'with schemas', 'plain': 'without schemas'}
    names = {'jdbc': 'JDBC sink', 'copy': 'binary COPY', 'logical': 'logical replication'}
    table.add(f'({work}) {kinds[kind]}, one worker', names[other], aim, measured, reached)


def itself(table, runs):
    for kind, text in (('embedded', 'with schemas'), ('plain', 'without schemas')):
        one, two = runs.one('g', kind, 1), runs.one('g', kind, 2)
        if one and two and one.rate:
            table.add(f'(g) {text}, 2 workers', 'one worker', '≥ 1.3 ×',
                      f'{factor(two.rate / one.rate)} ({two.rate:,.0f} to {one.rate:,.0f})', two.rate / one.rate >= 1.3)
    for kind, text in (('embedded', 'with schemas'), ('plain', 'without schemas')):
        many, single = runs.one('e', kind), runs.one('a', kind)
        if many and single and single.rate:
            table.add(f'(e) 200 tables, {text}', '(a) of itself', '≥ 0.5 ×',
                      f'{factor(many.rate / single.rate)} ({many.rate:,.0f} to {single.rate:,.0f})',
                      many.rate / single.rate >= 0.5)


def memory(table, runs):
    """All workers together beside the JVM at the same work, and the largest worker of all works."""
    worst = None
    for work in runs.works():
        jvm = runs.reference(work, 'embedded', 'jdbc', 'peak_mb', min)
        own = [group.peak_mb for group in runs.of(work, 'sink') if group.peak_mb is not None]
        if jvm and own and (worst is None or max(own) / jvm > worst[0]):
            worst = max(own) / jvm, work, max(own), jvm
    if worst:
        table.add('memory, all workers', 'JDBC sink', '≤ 1/15',
                  f'1/{1 / worst[0]:.1f} at most, in ({worst[1]}): {worst[2]:.0f} MB to {worst[3]:,.0f} MB', worst[0] <= 1 / 15)
    largest = max(((group.peak_mb / group.workers(), group) for work in runs.works() for group in runs.of(work, 'sink')
                   if group.peak_mb is not None), key=lambda pair: pair[0], default=None)
    if largest:
        table.add('memory of a worker', '', '≤ 100 MB', f'{largest[0]:.0f} MB at most, in ({largest[1].work})',
                  largest[0] <= 100)


def latency_of(table, latency, idle):
    peer = min((group for group in latency.of('jdbc') if group.p50 is not None), key=lambda group: group.p50, default=None)
    for group in latency.of('sink'):
        if None in (group.p50, group.p99, group.commits):
            continue
        beside = ''
        if peer:
            beside = f' (JDBC sink: {peer.p50:.1f}, {peer.p99 or 0:.1f} ms, {peer.commits or 0:.0f}/s)'
        table.add(f'latency at {group.rate:,.0f}/s' if group.rate else 'latency', 'JDBC sink',
                  'p50 < 4 ms, p99 < 10 ms, ≤ 250 transactions/s',
                  f'p50 {group.p50:.1f} ms, p99 {group.p99:.1f} ms, {group.commits:.0f}/s{beside}',
                  group.p50 < 4 and group.p99 < 10 and group.commits <= 250)
    wakeups = idle.worker_wakeups()
    if wakeups:
        none = sum(1 for count in wakeups if count == 0)
        table.add('an idle worker', '', 'no wake-ups of the main thread in 10 s, statistics excepted',
                  f'none in {none} of {len(wakeups)} windows, {max(wakeups):.0f} at most', none == len(wakeups))


def scale_of(table, scale):
    tables = scale.growth('tables', 'sink')
    if tables:
        table.add(f'CPU per event at {tables[1]:,} tables', f'at {tables[0]:,}', '≤ 1.5 ×', factor(tables[2]), tables[2] <= 1.5)
    rows, copied = scale.growth('rows', 'sink'), scale.growth('rows', 'copy')
    if rows:
        limit = max(1.5, copied[2]) if copied else 1.5
        measured = factor(rows[2]) + (f' (COPY: {factor(copied[2])})' if copied else '')
        table.add(f'CPU per event at {rows[1]:,} rows', f'at {rows[0]:,}', '≤ 1.5 ×, or no more than COPY\'s own growth', measured,
                  rows[2] <= limit)


def aims(runs, scale, latency, idle):
    """Rows: work, against what, the aim, what was measured, reached or not."""
    table = Table()
    against(table, runs, 'a', 'embedded', 'jdbc', 5, 6)
    against(table, runs, 'b', 'embedded', 'jdbc', 11, 9)
    against(table, runs, 'a', 'plain', 'copy', 0.45)
    for kind in ('embedded', 'plain'):
        against(table, runs, 'b', kind, 'logical', 1.3)
    for kind in ('embedded', 'plain'):
        against(table, runs, 'a', kind, 'logical', 1.0)
    itself(table, runs)
    memory(table, runs)
    latency_of(table, latency, idle)
    scale_of(table, scale)
    return table.rows
