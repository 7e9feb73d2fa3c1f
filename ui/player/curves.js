// Curves with a mark at the shown frame; a part of the frame player (player.js). A line belongs to
// a trajectory (its values are those of its frames) or, with `of` null, to the common positions of
// several trajectories.

const SNAP = 9; // px within which a click selects an event

function buildCharts(place, bar, data, on, pick, rest) {
  place.replaceChildren();
  let log = chosen.log ?? data.logByDefault;
  let latest = null; // what was marked last, to be marked again after a change of size
  const toggle = element("label", { class: "switch", title: "On log axes a power law is straight" });
  const box = element("input", { type: "checkbox" });
  box.checked = log;
  toggle.append(box, "Log axes for time and L");
  const figures = element("div", { class: "figures" });
  place.append(figures);
  bar.append(toggle);
  const charts = data.charts.map((wanted) => {
    const figure = element("div", { class: "chart" });
    const head = element("div", { class: "head" });
    const readouts = wanted.lines.map((line) => {
      const readout = element("b", {});
      readout.style.color = colour(line);
      return readout;
    });
    head.append(`${wanted.label}:`, ...readouts);
    if (wanted.help) head.title = wanted.help;
    const svg = shape("svg", { role: "img", "aria-label": wanted.summary });
    figure.append(head, svg);
    figures.append(figure);
    const chart = { ...wanted, svg, readouts };
    let held = 0; // the line on which a drag began
    const move = (event) => pick(chart.lines[held].of, nearest(chart, held, event));
    on(svg, "pointerdown", (event) => {
      svg.setPointerCapture(event.pointerId);
      held = nearestLine(chart, event);
      move(event);
    });
    on(svg, "pointermove", (event) => { if (event.buttons & 1) move(event); });
    on(svg, "pointerup", rest);
    return chart;
  });
  on(box, "change", () => { log = chosen.log = box.checked; layOut(); });
  const sized = new ResizeObserver(layOut);
  sized.observe(place);
  layOut();
  return { mark, end: () => sized.disconnect() };

  function colour(line) {
    return (line.of !== null && data.films[line.of].colour) || "var(--st-primary-color)";
  }

  function layOut() {
    for (const chart of charts) plot(chart, log, colour);
    if (latest) mark(...latest);
  }

  function mark(indices, position) {
    latest = [indices, position];
    for (const chart of charts)
      chart.lines.forEach((line, number) => {
        const at = line.of === null ? position : indices[line.of];
        const { readout, now, dot } = { readout: chart.readouts[number], ...chart.marks[number] };
        if (readout.textContent !== line.readouts[at]) readout.textContent = line.readouts[at];
        const left = chart.x(line.xs[at]), top = chart.y(line.values[at]);
        now.style.display = left === null ? "none" : "";
        dot.style.display = left === null || top === null ? "none" : "";
        now.setAttribute("transform", `translate(${left ?? 0} 0)`);
        dot.setAttribute("transform", `translate(${left ?? 0} ${top ?? 0})`);
      });
  }
}

function pointer(chart, event) {
  const box = chart.svg.getBoundingClientRect();
  return { left: event.clientX - box.left, top: event.clientY - box.top };
}

// The line with the point nearest to the pointer.
function nearestLine(chart, event) {
  const { left, top } = pointer(chart, event);
  let best = 0, least = Infinity;
  chart.lines.forEach((line, number) => line.xs.forEach((value, at) => {
    const x = chart.x(value), y = chart.y(line.values[at]);
    if (x === null || y === null) return;
    const far = Math.hypot(x - left, y - top);
    if (far < least) { least = far; best = number; }
  }));
  return best;
}

// The point of a line at the pointer's horizontal position (of several there the one nearest in
// height); an event that is close by goes first.
function nearest(chart, number, event) {
  const { left, top } = pointer(chart, event);
  const line = chart.lines[number];
  let best = 0, least = Infinity;
  const far = (at) => {
    const x = chart.x(line.xs[at]), y = chart.y(line.values[at]);
    return x === null ? Infinity : Math.abs(x - left) + (y === null ? 0 : 1e-3 * Math.abs(y - top));
  };
  for (let at = 0; at < line.xs.length; at++) if (far(at) < least) { least = far(at); best = at; }
  const close = line.events.filter((at) => far(at) < SNAP).sort((a, b) => far(a) - far(b))[0];
  return close ?? best;
}

// A chart's lines in its axes; leaves on the chart the two scales and the marks to be moved.
function plot(chart, log, colour) {
  const { svg, across } = chart;
  const width = Math.max(200, svg.clientWidth), height = svg.clientHeight || 160;
  const edge = { left: 46, right: 14, top: 8, bottom: 36 };
  const horizontal = log ? across.log : across.linear, up = log ? chart.log : chart.linear;
  chart.x = scale(horizontal, edge.left, width - edge.right);
  chart.y = scale(up, height - edge.bottom, edge.top);
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const add = (name, attributes, words) => {
    const made = shape(name, attributes, words);
    svg.append(made);
    return made;
  };
  add("rect", { width, height, fill: "transparent" });
  for (const [from, to] of chart.bands) {
    const x = chart.x(from), end = chart.x(to), tall = height - edge.bottom - edge.top;
    add("rect", { class: "band", x, y: edge.top, width: Math.max(1, end - x), height: tall });
  }
  for (const [value] of horizontal.ticks) {
    const x = chart.x(value);
    add("line", { class: "grid", x1: x, x2: x, y1: edge.top, y2: height - edge.bottom });
  }
  for (const [value, words] of legible(horizontal, chart.x)) {
    const at = { x: chart.x(value), y: height - edge.bottom + 15, "text-anchor": "middle" };
    add("text", at, words);
  }
  for (const [value, words] of legible(up, chart.y, 7)) {
    const y = chart.y(value);
    add("line", { class: "grid", x1: edge.left, x2: width - edge.right, y1: y, y2: y });
    add("text", { x: edge.left - 6, y: y + 4, "text-anchor": "end" }, words);
  }
  const middle = (edge.left + width - edge.right) / 2;
  add("text", { x: middle, y: height - 4, "text-anchor": "middle" }, across.label);
  for (const guide of chart.guides)
    add("path", { class: "guide", d: line(guide.xs, guide.values, chart.x, chart.y) });
  let empty = true;
  for (const each of chart.lines) {
    const path = line(each.xs, each.values, chart.x, chart.y);
    if (!path) continue;
    empty = false;
    const drawn = add("path", { class: "curve", d: path, "stroke-linecap": "round" });
    drawn.style.stroke = colour(each);
  }
  if (empty) add("text", { class: "empty", x: middle, y: height / 2 }, "not measured yet");
  for (const each of chart.lines)
    for (const at of each.events) {
      const x = chart.x(each.xs[at]), y = chart.y(each.values[at]);
      if (x === null || y === null) continue;
      const event = add("path", { class: "event", d: "M0 -6L6 0L0 6L-6 0Z" });
      event.setAttribute("transform", `translate(${x} ${y})`);
      event.style.fill = colour(each);
    }
  chart.marks = chart.lines.map((each) => {
    const now = add("line", { class: "now", y1: edge.top, y2: height - edge.bottom });
    const dot = add("circle", { class: "dot", r: 5 });
    dot.style.fill = colour(each);
    if (chart.lines.length > 1) now.style.stroke = colour(each);
    return { now, dot };
  });
}

function line(xs, values, x, y) {
  let path = "", pen = false;
  xs.forEach((value, at) => {
    const left = x(value), top = y(values[at]);
    if (left === null || top === null) { pen = false; return; }
    path += pen ? `L${left.toFixed(1)} ${top.toFixed(1)}` : `M${left.toFixed(1)} ${top.toFixed(1)}h0`;
    pen = true;
  });
  return path;
}

// The ticks whose labels do not run into each other; on a log axis powers of ten go first. Labels
// are as wide as their words, or on a vertical axis as high as `tall`.
function legible(axis, place, tall = null) {
  const whole = ([value]) => Math.abs(Math.log10(value) % 1) < 1e-9;
  const first = axis.log ? axis.ticks.filter(whole) : axis.ticks;
  const taken = [];
  return [...first, ...axis.ticks].filter(([value, words]) => {
    const half = tall ?? 3.3 * words.length + 4, at = place(value);
    if (taken.some(([from, to]) => at + half > from && at - half < to)) return false;
    return taken.push([at - half, at + half]);
  });
}

function scale(axis, from, to) {
  const warp = axis.log ? Math.log : (value) => value;
  const low = warp(axis.low), high = warp(axis.high);
  return (value) => {
    if (value === null || (axis.log && value <= 0)) return null;
    return from + ((warp(value) - low) / (high - low)) * (to - from);
  };
}
