#!/usr/bin/python3
"""Checks report.py on made-up measurements, in a directory of its own: report_check.py [DIRECTORY to keep]."""
import os
import re
import subprocess
import sys
import tempfile
import xml.dom.minidom

HERE = os.path.dirname(os.path.abspath(__file__))
RUNS = 'work kind candidate variant round events seconds rate cpu_s cpu_server_s peak_kb wal_bytes commits checksum'.split()
SCALE = 'series size candidate round events seconds rate cpu_s wal_bytes'.split()
LATENCY = '''candidate variant kind round rate events p50_ms p95_ms p99_ms max_ms commits_per_s cpu_s_per_minute
    cpu_server_s_per_minute'''.split()


def write(directory, name, head, lines):
    with open(os.path.join(directory, name), 'w', encoding='utf-8') as file:
        for line in [head, *lines]:
            file.write('\t'.join(str(field) for field in line) + '\n')


def run(work, kind, candidate, variant, rate, cpu, peak_mb, checksum='same', rounds=(0.9, 1.0, 1.2)):
    """Rounds whose median is the given figures; CPU-s are of a million events."""
    return [[work, kind, candidate, variant, at + 1, 1000000, 1000000 / (rate * by), rate * by, cpu / by, cpu / by / 2,
             peak_mb * 1024, 300000000, 5000, checksum] for at, by in enumerate(rounds)]


def make(directory):
    lines = []
    for work, rate in (('a', 100000), ('b', 60000)):
        for kind in ('embedded', 'plain'):
            lines += run(work, kind, 'sink', '1 worker', rate, 10, 90)
        lines += run(work, 'embedded', 'jdbc', 'batch 500', 10000, 80, 1900)
        lines += run(work, 'embedded', 'jdbc', 'batch 5000', 12500, 100, 2000)
        lines += run(work, 'none', 'logical', 'subscription', 50000, 15, 30)
        lines += run(work, 'none', 'copy', 'binary', 200000, 4, 20)
    for workers, rate in ((1, 80000), (2, 120000), (4, 90000)):
        lines += run('g', 'plain', 'sink', f'{workers} worker' + ('s' if workers > 1 else ''), rate, 11, 110 * workers)
    lines += [['c', 'plain', 'sink', '1 worker', 1, 10, 0, 0, 0.1, 0.1, 0, 3000, 2, 'same']]
    lines += run('e', 'plain', 'sink', '1 worker', 40000, 20, 99, checksum='one')
    lines += run('e', 'embedded', 'jdbc', 'batch 500', 4000, 200, 2100, checksum='other', rounds=(1.0,))
    write(directory, 'runs.tsv', RUNS, lines)
    lines = [['tables', size, 'sink', at, 200000, 3, 66000, cpu, 60000000] for size, cpu in ((1, 4), (10, 4.2), (100, 5), (1000, 7))
             for at in (1, 2, 3)]
    for candidate, cpus in (('sink', (4, 5, 7)), ('copy', (1, 1.3, 1.9))):
        lines += [['rows', size, candidate, 1, 200000, 3, 66000, cpu, 60000000]
                  for size, cpu in zip((1000000, 10000000, 100000000), cpus)]
    write(directory, 'scale.tsv', SCALE, lines)
    write(directory, 'latency.tsv', LATENCY, [['sink', '1 worker', 'embedded', 1, 1000, 60000, 2.1, 3, 4.9, 21, 180, 7.4, 7.4],
                                              ['jdbc', 'batch 500', 'embedded', 1, 1000, 60000, 6.7, 18.5, 30, 56, 326, 50, 20]])
    write(directory, 'idle.tsv', ['idle', 'worker 1', 1, 1, 1, 22, 0.01],
          [['minute', 'worker 1', 0.06], ['start', 300, 120, 420], ['start', 310, 130, 440]])
    write(directory, 'machine.txt', ['CPU: made up'], [['cores: 2']])


def report(directory):
    done = subprocess.run([sys.executable, os.path.join(HERE, 'report.py'), directory], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    files = {}
    for name in sorted(os.listdir(directory)):
        if name.endswith(('.svg', '.md')):
            with open(os.path.join(directory, name), encoding='utf-8') as file:
                files[name] = file.read()
    return files


def line_of(text, *parts):
    found = [line for line in text.splitlines() if line.startswith('|') and all(part in line for part in parts)]
    assert len(found) == 1, (parts, found)
    return [cell.strip() for cell in found[0].strip('|').split('|')]


def check(directory):
    make(directory)
    files = report(directory)
    text = files['results.md']
    plots = ['cpu', 'latency', 'scale_rows', 'scale_tables', 'throughput']
    assert sorted(files) == sorted(['results.md'] + [name + '.svg' for name in plots]), sorted(files)
    for name in plots:
        assert f']({name}.svg)' in text, name
        xml.dom.minidom.parseString(files[name + '.svg'])
        assert not re.search(r'20\d\d-\d\d-\d\d|' + re.escape(directory), files[name + '.svg']), name
    assert report(directory) == files, 'the same measurements made other bytes'

    def aim(*parts):
        cells = line_of(text.split('## Throughput')[0], *parts)
        return cells[3], cells[4].strip('*')

    assert aim('(a) with schemas, one worker', 'JDBC') == ('8.00 × (100,000 to 12,500); 1/8.0 (10.0 to 80.0 s per million)', 'yes')
    assert aim('(b) with schemas, one worker', 'JDBC')[1] == 'no'
    assert aim('(a) without schemas', 'COPY') == ('0.50 × (100,000 to 200,000)', 'yes')
    assert aim('(b) without schemas', 'logical') == ('1.20 × (60,000 to 50,000)', 'no')
    assert aim('(a) with schemas', 'logical')[1] == 'yes'
    assert aim('(g) without schemas')[0].startswith('1.50 ×') and aim('(g) without schemas')[1] == 'yes'
    assert aim('(e) 200 tables, without schemas') == ('0.40 × (40,000 to 100,000)', 'no')
    assert aim('memory, all workers') == ('1/21.1 at most, in (a): 90 MB to 1,900 MB', 'yes')
    assert aim('memory of a worker') == ('110 MB at most, in (g)', 'no')
    assert aim('latency at 1,000/s')[1] == 'yes' and aim('an idle worker') == ('none in 1 of 1 windows, 0 at most', 'yes')
    assert aim('1,000 tables') == ('1.75 ×', 'no')
    assert aim('100,000,000 rows') == ('1.75 × (COPY: 1.90 ×)', 'yes')
    assert 'The final rows differ between candidates' in text and text.count('The final rows differ') == 1
    cells = line_of(text.split('### a: snapshot')[1].split('###')[0], 'batch 5000')
    assert cells == ['Debezium JDBC sink, batch 5000, with schemas', '12,500', '11,250–15,000', '100', '50.0', '2,000', '300', '62.5',
                     '80.0']

    assert '| g |' not in text.split('## Ratios')[1]
    assert line_of(text.split('### c: hot keys')[1].split('###')[0], 'kafka_cdc_sink')[1:3] == ['–', '–']
    assert line_of(text.split('### a: snapshot')[1].split('###')[0], 'COPY')[0] == 'binary COPY'

    for name in os.listdir(directory):
        if name not in ('scale.tsv', 'machine.txt'):
            os.remove(os.path.join(directory, name))
    files = report(directory)
    assert sorted(files) == ['results.md', 'scale_rows.svg', 'scale_tables.svg'], sorted(files)
    assert '1,000 tables' in files['results.md'] and 'JDBC sink |' not in files['results.md']


def main():
    if len(sys.argv) > 1:
        os.makedirs(sys.argv[1], exist_ok=True)
        make(sys.argv[1])
        report(sys.argv[1])
    with tempfile.TemporaryDirectory() as directory:
        check(directory)
    print('report: as it should be')


if __name__ == '__main__':
    main()
