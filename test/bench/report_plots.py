"""The plots, as SVG: transparent, in colours that can be read on white and on dark; the same bytes each time."""
import matplotlib

matplotlib.use('svg')
import matplotlib.pyplot as pyplot  # noqa: E402

from report_data import CANDIDATES, WORKS  # noqa: E402

TEXT, FAINT = '#7b7b7b', '#9a9a9a66'
COLOURS = {'sink': '#e07b1a', 'jdbc': '#4c8fd0', 'logical': '#8a79c9', 'copy': '#5aa469', 'upsert': '#b07aa1'}
STYLE = {
    'svg.hashsalt': 'kafka_cdc_sink', 'svg.fonttype': 'none', 'font.family': 'sans-serif', 'font.sans-serif': ['DejaVu Sans'],
    'font.size': 9, 'text.color': TEXT, 'axes.labelcolor': TEXT, 'axes.edgecolor': TEXT, 'xtick.color': TEXT,
    'ytick.color': TEXT, 'axes.spines.top': False, 'axes.spines.right': False, 'axes.titlesize': 10,
    'axes.titlelocation': 'left', 'axes.titleweight': 'bold',
}


def saver(figure):
    def save(path):
        with matplotlib.rc_context(STYLE):
            figure.savefig(path, format='svg', transparent=True, bbox_inches='tight', metadata={'Date': None, 'Creator': None})
        pyplot.close(figure)
    return save


def shown(value):
    if value >= 1000:
        return f'{value:,.0f}'
    return f'{value:.0f}' if value >= 100 else f'{value:.1f}' if value >= 1 else f'{value:.2g}'


def label(group):
    return ': '.join(text for text in (group.name(), ', '.join(group.more())) if text)


def bars(runs, measure, title):
    """A panel a work, a bar a candidate, each work on its own scale: only lengths within a panel compare."""
    works = [(work, [group for group in runs.of(work) if getattr(group, measure) is not None]) for work in runs.works()]
    works = [(work, groups) for work, groups in works if groups]
    if not works:
        return None
    heights = [len(groups) for _, groups in works]
    figure, panels = pyplot.subplots(len(works), 1, figsize=(7.2, 0.22 * sum(heights) + 0.5 * len(works)), squeeze=False,
                                     gridspec_kw={'height_ratios': heights, 'hspace': 0.28 + 1.2 / max(heights)})
    for (work, groups), (panel,) in zip(works, panels):
        values = [getattr(group, measure) for group in groups]
        panel.barh(range(len(groups)), values, height=0.72, color=[COLOURS.get(group.candidate, TEXT) for group in groups])
        for at, value in enumerate(values):
            panel.text(value + max(values) * 0.01, at, shown(value), va='center')
        panel.set_yticks(range(len(groups)), [label(group) for group in groups])
        panel.invert_yaxis()
        panel.set_xlim(0, max(values) * 1.12)
        panel.tick_params(length=0)
        panel.set_xticks([])
        panel.spines['bottom'].set_visible(False)
        panel.set_title(WORKS.get(work, work))
    figure.suptitle(title, x=0.0, y=0.96, ha='left', va='bottom', fontsize=11)
    return figure


def apart(ends, least):
    """Where labels of lines go that end at these heights, at least so far from each other."""
    placed, last = {}, None
    for height, key in sorted(ends):
        last = height if last is None else max(height, last + least)
        placed[key] = last
    return placed


def curve(scale, series, axis, title, limit=None):
    """CPU per event over a size, each candidate's as a multiple of its first point; absolute figures at the points."""
    lines = [(name, [(size, point.cpu) for size, point in scale.curve(series, name) if point.cpu]) for name in
             scale.candidates(series)]
    lines = [(name, points) for name, points in lines if len(points) > 1]
    if not lines:
        return None
    figure, panel = pyplot.subplots(figsize=(6.4, 3.4))
    top = max([cpu / points[0][1] for _, points in lines for _, cpu in points] + [limit or 0]) * 1.18
    ends = apart([(points[-1][1] / points[0][1], name) for name, points in lines], top * 0.07)
    sizes = sorted({size for _, points in lines for size, _ in points})
    for name, points in lines:
        ratios = [cpu / points[0][1] for _, cpu in points]
        panel.plot([size for size, _ in points], ratios, color=COLOURS.get(name, TEXT), marker='o', markersize=4)
        panel.annotate(CANDIDATES.get(name, name), (points[-1][0], ends[name]), xytext=(8, 0), textcoords='offset points',
                       color=COLOURS.get(name, TEXT), va='center')
        above = name == max(ends, key=ends.get) # figures of one curve are not written over the other
        for (size, cpu), ratio in zip(points, ratios):
            panel.annotate(f'{cpu:.1f} s', (size, ratio), xytext=(0, 6 if above else -12), textcoords='offset points', ha='center',
                           fontsize=8, color=COLOURS.get(name, TEXT))
    if limit:
        panel.axhline(limit, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
        panel.annotate(f'aim: at most {limit} ×', (sizes[0], limit), xytext=(0, 3), textcoords='offset points', fontsize=8)
    panel.set_xscale('log')
    panel.set_xticks(sizes, [f'{size:,}' for size in sizes])
    panel.minorticks_off()
    panel.set_ylim(0, top)
    panel.set_ylabel('CPU per event, × that at the left')
    panel.set_xlabel(axis)
    figure.suptitle(title, x=0.02, y=0.93, ha='left', va='bottom', fontsize=11)
    return figure


def latencies(latency):
    """A line a candidate: p50, p99 and the longest, on a logarithmic axis."""
    groups = [group for group in latency.groups if None not in (group.p50, group.p99, group.highest)]
    if not groups:
        return None
    figure, panel = pyplot.subplots(figsize=(6.4, 0.62 * len(groups) + 0.8))
    for at, group in enumerate(groups):
        values, colour = (group.p50, group.p99, group.highest), COLOURS.get(group.candidate, TEXT)
        panel.plot(values, [at] * 3, color=colour, linewidth=2, marker='o', markersize=5)
        for value, name in zip(values, ('p50', 'p99', 'max')):
            panel.annotate(f'{name} {value:.1f}', (value, at), xytext=(0, 7), textcoords='offset points', ha='center', fontsize=8,
                           color=colour)
    panel.set_yticks(range(len(groups)), [group.title() for group in groups])
    panel.set_ylim(len(groups) - 0.5, -0.7)
    panel.set_xscale('log')
    low, high = panel.get_xlim()
    ticks = [tick for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000) if low * 0.7 <= tick <= high * 1.4]
    panel.set_xlim(min([low] + ticks), max([high] + ticks))
    panel.set_xticks(ticks, [f'{tick:g} ms' for tick in ticks])
    panel.minorticks_off()
    panel.spines['left'].set_visible(False)
    panel.tick_params(axis='y', length=0)
    figure.suptitle('From produce to visible, at a steady rate', x=0.02, y=0.95, ha='left', va='bottom', fontsize=11)
    return figure


def plots(runs, scale, latency):
    """Name, title and a function that saves it to a path; what has no data is left out."""
    with matplotlib.rc_context(STYLE):
        made = [
            ('throughput', 'Events a second', bars(runs, 'rate', 'Events a second: longer is better')),
            ('cpu', 'CPU seconds per million events',
             bars(runs, 'cpu', 'CPU seconds per million events, all processes of the candidate: shorter is better')),
            ('scale_tables', 'CPU per event and the number of tables',
             curve(scale, 'tables', 'tables', 'CPU seconds per million events by the number of tables', 1.5)),
            ('scale_rows', 'CPU per event and the size of the target',
             curve(scale, 'rows', 'rows in the target', 'CPU seconds per million events by rows already there')),
            ('latency', 'Latency', latencies(latency)),
        ]
    return [(name, title, saver(figure)) for name, title, figure in made if figure]
