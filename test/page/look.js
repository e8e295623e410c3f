// Given to pages under test: what tests ask of them.
window.look = {
    text: selector => [...document.querySelectorAll(selector)].map(node => node.textContent),
    // Text nodes that a person sees, with less contrast than 4.5:1.
    faint: () => {
        const parse = color => (color.match(/[\d.]+/g) || []).map(Number);
        const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
            .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
        const behind = node => {
            for (; node; node = node.parentElement) {
                const color = parse(getComputedStyle(node).backgroundColor);
                if (color.length === 3 || color[3] > 0) return color;
            }
            return [255, 255, 255];
        };
        const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walk.nextNode()) {
            const parent = walk.currentNode.parentElement;
            if (!walk.currentNode.data.trim() || !parent.checkVisibility() || parent.closest('.hidden, script')) continue;
            const [a, b] = [light(parse(getComputedStyle(parent).color)), light(behind(parent))];
            const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            if (ratio < 4.5) found.push(ratio.toFixed(2) + ' ' + walk.currentNode.data.slice(0, 40));
        }
        return found;
    },
    // Text that is cut off, or lies over its neighbour: wider than the box it is in.
    cut: () => [...document.querySelectorAll('main *, header *, footer *')].filter(node => node.children.length === 0 &&
        node.checkVisibility() && !node.closest('svg, .hidden, caption') && node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0)
        .map(node => node.textContent.slice(0, 40)),
    sideways: () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    tops: () => [...document.querySelectorAll('main > section, footer')].filter(node => node.checkVisibility())
        .map(node => [node.id, Math.round(node.getBoundingClientRect().top + scrollY)]),
};
