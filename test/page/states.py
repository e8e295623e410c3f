"""What /status may say: a function for each state, made anew for each answer so that `now` is now."""
import datetime
import json
import math
import time


def at(ago, start=None):
    """The time so many seconds ago, as /status writes it."""
    moment = datetime.datetime.fromtimestamp((start or time.time()) - ago, datetime.timezone.utc)
    return moment.strftime('%Y-%m-%dT%H:%M:%S.%f') + 'Z'


def worker(slot, **more):
    return {'slot': slot, 'pid': 4200 + slot, 'state': 'running', 'activity': 'applying 5000 changes', 'partitions': 6,
            'started_at': at(86000), 'messages': 18_340_112 + slot, 'message_bytes': 7_340_112_345, 'skipped': 12,
            'transactions': 41_220, 'dead_letters': 0, 'retries': 0, 'errors': 0, 'decode_seconds': 310.5,
            'fold_seconds': 40.25, 'apply_seconds': 1302.0, 'commit_seconds': 88.0, 'wait_seconds': 5400.0,
            'last_batch_records': 1240, 'last_batch_seconds': 0.061, 'last_commit_at': at(0.4), 'queue_messages': 310,
            'queue_bytes': 1_240_000, 'memory_bytes': 72 << 20, 'reason': None, 'hint': None, **more}


def partition(topic, number, **more):
    end = 1_203_441 + 7919 * number
    lag = more.pop('lag', 0)
    return {'topic': topic, 'partition': number, 'worker': number % 2, 'state': 'running', 'phase': 'following',
            'next_offset': end - (lag or 0), 'position': end - (lag or 0), 'low_watermark': 0, 'high_watermark': end, 'lag': lag,
            'done': None, 'rate': None, 'time_left_seconds': None, 'last_event_at': at(1.1), 'last_commit_at': at(0.7),
            'delay_seconds': 0.18 + 0.01 * number, 'reason': None, 'hint': None, **more}


def table(name, **more):
    return {'schema': 'shop', 'table': name, 'state': 'active', 'inserts': 820_113, 'updates': 2_300_912,
            'deletes': 12_004, 'truncates': 0, 'toast_kept': 301, 'folded': 41_000, 'dead_letters': 0,
            'last_change_at': at(0.7), 'reason': None, 'hint': None, **more}


def history(rate=lambda i: 4200 + 900 * math.sin(i / 7), lag=lambda i: 120 + 100 * math.sin(i / 5),
            delay=lambda i: 0.2 + 0.05 * math.sin(i / 4), points=90):
    def of(f, i):
        value = f(i)
        return None if value is None else max(0, value)
    return {'interval_seconds': 10, 'points': [
        {'at': at(10 * (points - 1 - i)), 'records_per_second': of(rate, i), 'lag': of(lag, i), 'delay_seconds': of(delay, i)}
        for i in range(points)]}


def base(state, **more):
    return {'state': state, 'reason': None, 'hint': None, 'since': at(3725), 'workers': 2, 'topics': 3, 'partitions': 12,
            'total_lag': 132, 'delay_seconds': 0.21, 'last_error': None, 'last_error_at': None, 'stats_reset': None,
            'pause_cause': None, 'database': 'replica', 'version': '1.0', 'server_version': '15.14',
            'librdkafka_version': '2.0.2', 'started': at(90061), 'now': at(0), 'pending_dead_letters': 0,
            'fenced_dead_letters': 0, 'coordinator_pid': 4100, **more}


TOPICS = ('shop.public.customers', 'shop.public.orders', 'shop.public.order_items')


def partitions():
    return [partition(topic, n, lag=11 * (n + 1)) for topic in TOPICS for n in range(4)]


def tables():
    return [table(name) for name in ('customers', 'orders', 'order_items')]


def answer(status, workers=(), parts=(), targets=(), errors=(), past=None):
    return {'status': status, 'workers': list(workers), 'partitions': list(parts), 'tables': list(targets),
            'errors': list(errors), 'history': past or {'interval_seconds': 10, 'points': []}}


def error(message, **more):
    return {'first_at': at(7300), 'last_at': at(130), 'count': 3, 'class': 'target', 'sqlstate': '42501', 'source': 'worker 0',
            'message': message, 'hint': None, 'topic': TOPICS[1], 'partition': 2, 'offset': 1_203_440, **more}


def empty(state, **more):
    return answer(base(state, workers=0, topics=0, partitions=0, total_lag=None, delay_seconds=None, coordinator_pid=None,
                       pending_dead_letters=None, fenced_dead_letters=None, **more))


def idle():
    return empty('idle', reason='kafka_cdc_sink.topics is empty', since=None,
                 hint='Set kafka_cdc_sink.topics to the topics to consume.')


def starting():
    return empty('starting', reason='no worker has started yet', since=at(2))


def standby():
    return empty('standby', reason='the server is a standby', hint='Consuming starts when it is promoted.')


def running():
    return answer(base('running'), [worker(0), worker(1)], partitions(), tables(), (), history())


def caught_up():
    return answer(base('running', total_lag=0), [worker(0, state='idle', activity='idle'), worker(1, state='idle', activity='idle')],
                  [partition(t, n) for t in TOPICS for n in range(4)], tables(), (),
                  history(lambda i: 30 if i % 9 == 0 else 0, lambda i: 0))


def snapshot():
    parts = partitions()
    for i, part in enumerate(parts[4:9]):
        part.update(phase='snapshot' if i < 3 else 'catching up', done=400_000 * (i + 1), lag=3_100_000 - 600_000 * i,
                    rate=9000.5 + 400 * i, time_left_seconds=344.0 - 60 * i, delay_seconds=None if i == 0 else 5321.0)
    parts[8].update(rate=None, time_left_seconds=None, done=0)
    return answer(base('running', total_lag=9_500_132, delay_seconds=5321.4), [worker(0), worker(1)], parts, tables(), (),
                  history(lambda i: None if i < 30 else 44_000 + 3000 * math.sin(i / 3),
                          lambda i: None if i < 30 else 17_000_000 - 130_000 * (i - 30),
                          lambda i: None if i < 35 else 5321))


VIEW = '"shop"."order_totals" is a view'
LOST = 'records from offset 1180000 on have expired: the topic begins at offset 1203300'
SEEK = "SELECT kafka_cdc_sink.seek('shop.public.customers', 3, 1203300)"


def degraded():
    parts = partitions()
    parts[2].update(state='retrying', lag=210,
                    reason='SQLSTATE 23503, table shop.orders, constraint orders_customer_id_fkey')
    parts[3].update(state='paused', lag=None, worker=None, reason=LOST,
                    hint=f'To go on with the oldest record, run {SEEK}; to go on with new ones only, give 1227198.')
    view = VIEW + ' (SQLSTATE 42809, table shop.order_totals)'
    for part in parts[4:7]:
        part.update(state='parked', lag=41_233, reason=view, hint='Only tables and partitioned tables can be targets.')
    targets = [*tables(), table('order_totals', state='parked', inserts=0, updates=0, deletes=0, folded=0, toast_kept=0,
                                last_change_at=None, reason=view, hint='Only tables and partitioned tables can be targets.')]
    targets[0]['dead_letters'] = 4
    return answer(base('degraded', total_lag=123_911, reason='partition 3 of topic "shop.public.customers": ' + LOST, since=at(742),
                       hint=parts[3]['hint'], pending_dead_letters=4, fenced_dead_letters=1, last_error=view, last_error_at=at(130)),
                  [worker(0, errors=3, retries=1, dead_letters=4), worker(1)], parts, targets,
                  [error(view, hint='Only tables and partitioned tables can be targets.'),
                   error('SQLSTATE 22001, table shop.customers, column name', **{'class': 'data'}, sqlstate='22001', count=4,
                         last_at=at(400), first_at=at(420), topic=TOPICS[0], partition=1, offset=880_112),
                   error('Local: Broker transport failure: kafka2:9092: Connect to ipv4#10.0.0.7:9092 failed: Connection refused',
                         **{'class': 'environment'}, sqlstate=None, source='coordinator', topic=None, partition=None, offset=None,
                         count=112, last_at=at(6100))],
                  history(lambda i: 4200 - (2100 if i > 55 else 0) + 300 * math.sin(i / 3), lambda i: 300 if i < 55 else 300 + 3500 * (i - 55)))


def one_trouble():
    parts = partitions()
    view = VIEW + ' (SQLSTATE 42809, table shop.order_totals)'
    hint = 'Only tables and partitioned tables can be targets.'
    parts[4].update(state='parked', lag=41_233, reason=view, hint=hint)
    return answer(base('degraded', reason='partition 0 of topic "shop.public.orders": ' + view, hint=hint), [worker(0), worker(1)],
                  parts, [*tables(), table('order_totals', state='parked', reason=view, hint=hint)], (), history())


def paused():
    return answer(base('paused', reason='moving the disks', hint='Call kafka_cdc_sink.resume() to go on.', since=at(2520),
                       pause_cause='pause()', total_lag=3_812_004, delay_seconds=0.2),
                  [worker(n, state='paused', activity='idle') for n in (0, 1)],
                  [{**p, 'lag': 317_667, 'last_commit_at': at(2521)} for p in partitions()], tables(), (),
                  history(lambda i: 0, lambda i: 40_000 * i, lambda i: 0.2))


def stopped():
    why = ('a record cannot be applied and kafka_cdc_sink.on_error is pause (SQLSTATE 22001, table shop.customers, column name), '
           'topic shop.public.customers, partition 1, offset 880112')
    hint = ('Put right what it needs and call kafka_cdc_sink.resume(), pass it with kafka_cdc_sink.seek(), or set '
            'kafka_cdc_sink.on_error to dead_letter.')
    return answer(base('paused', reason=why, hint=hint, since=at(95), pause_cause='on_error', total_lag=88_121, last_error=why,
                       last_error_at=at(95)),
                  [worker(n, state='paused', activity='idle') for n in (0, 1)],
                  [{**p, 'lag': 7343, 'last_commit_at': at(96)} for p in partitions()], tables(),
                  [error(why, **{'class': 'data'}, sqlstate='22001', count=1, first_at=at(95), last_at=at(95), hint=hint)],
                  history(lambda i: 4200 if i < 80 else 0, lambda i: 100 if i < 80 else 9000 * (i - 80)))


def too_many():
    found = stopped()
    found['status'].update(pause_cause='max_dead_letters', pending_dead_letters=1000,
                           reason='a record cannot be applied and kafka_cdc_sink.max_dead_letters (1000) is reached within an hour',
                           hint='Look at kafka_cdc_sink.dead_letters; kafka_cdc_sink.resume() gives a fresh allowance.')
    return found


def failing():
    why = 'no broker can be reached: kafka1:9092/bootstrap: Connect to ipv4#10.0.0.6:9092 failed: Connection refused (after 0ms in state CONNECT)'
    hint = "Check kafka_cdc_sink.bootstrap_servers and the brokers' advertised listeners."
    return answer(base('error', reason=why, hint=hint, since=at(610), total_lag=132, last_error=why, last_error_at=at(3)),
                  [worker(n, state='idle', activity='idle') for n in (0, 1)], [{**p, 'last_commit_at': at(612)} for p in partitions()],
                  tables(), [error(why, **{'class': 'environment'}, sqlstate=None, source='coordinator', topic=None, partition=None,
                                   offset=None, count=61, first_at=at(610), last_at=at(3), hint=hint)],
                  history(lambda i: 4200 if i < 30 else 0, lambda i: 132, lambda i: 0.2 if i < 30 else None))


def many():
    """1024 partitions, 300 tables; the troubled ones are neither first nor last."""
    parts = [partition('shop.public.events', n, lag=n % 700, worker=n % 8) for n in range(1024)]
    parts[512].update(state='parked', lag=3, reason=VIEW, hint='Only tables and partitioned tables can be targets.')
    parts[900].update(state='paused', lag=None, reason=LOST, hint="To go on at offset 7, run SELECT kafka_cdc_sink.seek('shop.public.events', 900, 7).")
    parts[30].update(state='retrying', lag=1)
    parts[31].update(state='locked', lag=1, reason='canceling statement due to lock timeout (SQLSTATE 55P03)', hint='Another session holds a lock.')
    targets = [table(f'events_{n:03}', last_change_at=at(n)) for n in range(300)]
    targets[200].update(state='parked', reason=VIEW, hint='Only tables and partitioned tables can be targets.')
    targets[250]['dead_letters'] = 9
    errors = [error(f'SQLSTATE 22001, table shop.events_{n:03}', last_at=at(60 + n)) for n in range(100)]
    return answer(base('degraded', reason='partition 512 of topic "shop.public.events": ' + VIEW,
                       hint='Only tables and partitioned tables can be targets.', workers=8, topics=1, partitions=1024,
                       total_lag=123_456_789_012, delay_seconds=400_000), [worker(n, partitions=128) for n in range(8)],
                  parts, targets, errors, history(lambda i: 1_234_567, lambda i: 123_456_789_012, lambda i: 400_000))


# Texts that would do something if anything read them as more than text.
EVIL = ('<img src=x onerror="window.pwned=1">', '</script><script>window.pwned=2</script>', '"><svg onload=window.pwned=3>',
        "'); window.pwned=4; ('", '<iframe srcdoc="<script>parent.pwned=5</script>">', '<style>*{display:none}</style>',
        '{{constructor.constructor("window.pwned=6")()}}', 'javascript:window.pwned=7', '\u202egnp.exe\u202c \u200f\u2066x', '&lt;b&gt;&#x3c;i&#62;',
        '\U0001f4a5\U0001f468\u200d\U0001f469\u200d\U0001f467', '\x00\x07\x1b[31m', '<a href="http://127.0.0.1:9/pwned">', '__proto__', 'constructor')


def hostile():
    everything = ' '.join(EVIL)
    long = 'x' * 249
    parts = [partition(text, n, reason=everything, state='paused', hint='To go on at offset 7, run SELECT kafka_cdc_sink.seek(\'' +
                       text.replace("'", "''") + f"', {n}, 7).") for n, text in enumerate(EVIL)]
    parts.append(partition(long, 99, state='parked', reason=long, hint=long))
    parts.append(partition('\u05d0\u05d1\u05d2 \u0627\u0644\u0639', 100, state='<b>state</b>', phase='<i>phase</i>', reason=None))
    targets = [table(text, schema=EVIL[(n + 1) % len(EVIL)], state='parked', reason=everything, hint=text) for n, text in enumerate(EVIL)]
    targets.append(table(long, schema=long, state='__proto__'))
    errors = [error(text, hint=everything, source=text, topic=text, sqlstate=text, **{'class': text}) for text in EVIL]
    return answer(base('degraded', reason=everything + ' ' + long, hint=everything, database=EVIL[1], version=EVIL[0],
                       server_version=EVIL[2], librdkafka_version=EVIL[4], last_error=everything, last_error_at=at(5), pause_cause=EVIL[0],
                       pending_dead_letters=2, fenced_dead_letters=0),
                  [worker(0, activity=everything, reason=everything, hint=EVIL[1]), worker(1, activity=long, state='constructor')],
                  parts, targets, errors, history())


ALL = {f.__name__: f for f in (idle, starting, running, caught_up, snapshot, degraded, one_trouble, paused, stopped, too_many,
                               failing, standby, many, hostile)}

if __name__ == '__main__':
    import sys
    print(json.dumps(ALL[sys.argv[1]](), indent=1))
