// Curves over time with a mark at the current frame; a part of the frame player (player.js).

function buildCharts(place, data, on, scrubTo, rest) {
  place.replaceChildren();
  let log = chosen.log ?? data.logByDefault;
  const toggle = element("label", { class: "switch", title: "On log axes a power law is straight" });
  const box = element("input", { type: "checkbox" });
  box.checked = log;
  toggle.append(box, "Log axes for time and L");
  const charts = data.curves.map((curve) => {
    const figure = element("div", { class: "chart" });
    const head = element("div", { class: "head" });
    const readout = element("b", {});
    head.append(`${curve.label}:`, readout);
    const svg = shape("svg", { role: "img", "aria-label": curve.summary });
    figure.append(head, svg);
    place.append(figure);
    const chart = { curve, svg, readout };
    const pick = (event) => scrubTo(nearest(chart, event.clientX));
    on(svg, "pointerdown", (event) => { svg.setPointerCapture(event.pointerId); pick(event); });
    on(svg, "pointermove", (event) => { if (event.buttons & 1) pick(event); });
    on(svg, "pointerup", rest);
    return chart;
  });
  place.append(toggle);
  let index = data.start;
  on(box, "change", () => { log = chosen.log = box.checked; layOut(); });
  const sized = new ResizeObserver(layOut);
  sized.observe(place);
  layOut();
  return { mark, end: () => sized.disconnect() };

  function layOut() {
    for (const chart of charts) plot(chart, data.time, log);
    mark(index);
  }

  function mark(at) {
    index = at;
    for (const { curve, readout, now, dot, x, y } of charts) {
      if (readout.textContent !== curve.readouts[at]) readout.textContent = curve.readouts[at];
      const left = x(data.time.values[at]), top = y(curve.values[at]);
      now.style.display = left === null ? "none" : "";
      dot.style.display = left === null || top === null ? "none" : "";
      now.setAttribute("transform", `translate(${left ?? 0} 0)`);
      dot.setAttribute("transform", `translate(${left ?? 0} ${top ?? 0})`);
    }
  }

  function nearest(chart, clientX) {
    const at = clientX - chart.svg.getBoundingClientRect().left;
    let best = index, least = Infinity;
    data.time.values.forEach((time, place) => {
      const x = chart.x(time);
      if (x !== null && Math.abs(x - at) < least) { least = Math.abs(x - at); best = place; }
    });
    return best;
  }
}

// One curve in its axes; leaves on the chart the two scales and the marks to be moved.
function plot(chart, time, log) {
  const { svg, curve } = chart;
  const width = Math.max(220, svg.clientWidth), height = 190;
  const edge = { left: 46, right: 14, top: 8, bottom: 36 };
  const across = log ? time.log : time.linear, up = log ? curve.log : curve.linear;
  chart.x = scale(across, edge.left, width - edge.right);
  chart.y = scale(up, height - edge.bottom, edge.top);
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const add = (name, attributes, words) => {
    const made = shape(name, attributes);
    if (words !== undefined) made.textContent = words;
    svg.append(made);
    return made;
  };
  add("rect", { width, height, fill: "transparent" });
  for (const [value] of across.ticks) {
    const x = chart.x(value);
    add("line", { class: "grid", x1: x, x2: x, y1: edge.top, y2: height - edge.bottom });
  }
  for (const [value, words] of legible(across, chart.x))
    add("text", { x: chart.x(value), y: height - edge.bottom + 15, "text-anchor": "middle" }, words);
  for (const [value, words] of up.ticks) {
    const y = chart.y(value);
    add("line", { class: "grid", x1: edge.left, x2: width - edge.right, y1: y, y2: y });
    add("text", { x: edge.left - 6, y: y + 4, "text-anchor": "end" }, words);
  }
  const middle = (edge.left + width - edge.right) / 2;
  add("text", { x: middle, y: height - 4, "text-anchor": "middle" }, time.label);
  const path = line(time.values, curve.values, chart.x, chart.y);
  if (path) add("path", { class: "curve", d: path, "stroke-linecap": "round" });
  else add("text", { class: "empty", x: middle, y: height / 2 }, "not measured yet");
  chart.now = add("line", { class: "now", y1: edge.top, y2: height - edge.bottom });
  chart.dot = add("circle", { class: "dot", r: 5 });
}

function line(times, values, x, y) {
  let path = "", pen = false;
  times.forEach((time, at) => {
    const left = x(time), top = y(values[at]);
    if (left === null || top === null) { pen = false; return; }
    path += pen ? `L${left.toFixed(1)} ${top.toFixed(1)}` : `M${left.toFixed(1)} ${top.toFixed(1)}h0`;
    pen = true;
  });
  return path;
}

// The ticks whose labels do not run into each other; on a log axis powers of ten go first.
function legible(axis, x) {
  const whole = ([value]) => Math.abs(Math.log10(value) % 1) < 1e-9;
  const first = axis.log ? axis.ticks.filter(whole) : axis.ticks;
  const taken = [];
  return [...first, ...axis.ticks].filter(([value, words]) => {
    const half = 3.3 * words.length + 4, at = x(value);
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
