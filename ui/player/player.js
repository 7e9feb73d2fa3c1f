// Frame player in the browser: one trajectory, or several synchronised. It draws what component.py
// sends and computes no science: values, axes, words, and the table of frames by trajectory and
// position come ready made. Streamlit calls the default export again at every rerun, with the same
// data while the visit is the same; one player is kept for each element on a page. Its parts are in
// parts.js, frames.js and curves.js, sent together with this file.

const REST_MS = 150; // stepping by a held key is reported once it rests
const PLAYING_MS = 700; // while it plays, the page around it follows by this beat
// Where the keys of the page belong to what has the focus, and not to the player.
const TAKES_KEYS = "input, textarea, select, button, summary, audio, video, [contenteditable], " +
  "[role=combobox], [role=dialog], [role=grid], [role=listbox], [role=menu], [role=option], " +
  "[role=radio], [role=radiogroup], [role=slider], [role=switch], [role=tab]";
const players = new WeakMap();
const chosen = { speed: 20, loop: true, log: null, look: "gray" }; // kept from one trajectory to the next

export default function ({ parentElement, data, setStateValue }) {
  let player = players.get(parentElement);
  if (player?.visit !== data.visit || player.version !== data.version) {
    // New curves for the same trajectories: these stay at their frames.
    const from = player?.visit === data.visit ? player.place() : { start: data.start, at: data.at };
    player?.end();
    player = open(parentElement.querySelector(".player"), { ...data, ...from });
    players.set(parentElement, player);
  }
  player.report = (rest) => setStateValue("rest", { visit: data.visit, ...rest });
  return () => {
    players.get(parentElement)?.end();
    players.delete(parentElement);
  };
}

function open(root, data) {
  const ended = new AbortController();
  const on = (target, name, action) =>
    target.addEventListener(name, action, { signal: ended.signal });
  const scrub = root.querySelector(".scrub");
  const player = { visit: data.visit, version: data.version, report: () => {}, end, place };
  // Freely played, every trajectory is offset from the common position by a number of frames.
  const leads = data.start.map((index) => index - data.start[0]);
  let position = data.places ? data.at : data.start[0], reported = where(), resting = 0;
  let ready = false, marked = null;
  let playing = false, origin = { time: 0, position: 0 }, latest = 0, said = 0, drawn = 0;

  root.setAttribute(
    "aria-label",
    `Frame player of ${data.name}. Space plays or pauses, arrow keys step, ` +
      "with Shift by ten, Home and End go to the first and last frame.",
  );
  const screens = buildScreens(
    root.querySelector(".screens"), data, on, () => { root.focus(); toggle(); }, moveOne, rest,
  );
  const controls = buildControls(root.querySelector(".controls"), on, {
    first: () => stepTo(first()),
    back: () => stepTo(position - 1),
    toggle,
    forward: () => stepTo(position + 1),
    last: () => stepTo(last()),
    speed: (framesPerSecond) => {
      chosen.speed = framesPerSecond;
      origin = { time: latest, position };
    },
    look: (look) => {
      chosen.look = look;
      redraw();
    },
  });
  const thumbs = buildStrip(root.querySelector(".strip"), data, on, stepTo);
  const bar = root.querySelector(".events");
  buildEvents(bar, data, on, stepTo);
  const charts = buildCharts(root.querySelector(".charts"), bar, data, on, pick, rest);

  on(scrub, "input", () => scrubTo(Number(scrub.value)));
  on(scrub, "change", rest);
  on(root, "keydown", key);
  on(document, "keydown", pageKey);
  Promise.all(data.films.map(unpack)).then((all) => {
    if (ended.signal.aborted) return;
    all.forEach((frames, number) => { screens[number].frames = frames; });
    ready = true;
    redraw();
    root.dataset.ready = "true";
  });
  return player;

  function redraw() {
    if (!ready) return;
    for (const { index, canvas } of thumbs) draw(canvas, screens[0].frames, index, chosen.look);
    for (const screen of screens) screen.at = null;
    show(position);
    root.dataset.look = chosen.look;
  }

  function indexOf(number) {
    if (data.places) return data.places[number][position];
    const end = data.films[number].counters.length - 1;
    return Math.min(end, Math.max(0, position + leads[number]));
  }

  function indices() { return data.films.map((_, number) => indexOf(number)); }

  // The position in the link's form: the indices, where trajectories are played freely.
  function where() { return data.places ? position : indices().join(","); }

  function place() { return { start: indices(), at: position }; }

  function first() { return data.places ? 0 : Math.min(...leads.map((lead) => -lead)); }

  function last() {
    if (data.places) return data.places[0].length - 1;
    return Math.max(...data.films.map((film, number) => film.counters.length - 1 - leads[number]));
  }

  function show(to) {
    position = to;
    if (!ready) return;
    const now = indices();
    screens.forEach((screen, number) => showFilm(screen, number, now[number]));
    scrub.min = first();
    scrub.max = last();
    scrub.value = position;
    const words = data.words ? data.words[position] : "moves all of them";
    controls.counter.textContent = words;
    charts.mark(now, position);
    markThumb(now[0]);
    if (!playing) describe(now);
    root.dataset.index = position;
    root.dataset.frames = now.join(",");
    root.dataset.drawn = ++drawn;
  }

  function showFilm(screen, number, at) {
    const { film, canvas, badge } = screen;
    if (screen.at !== at) draw(canvas, screen.frames, at, chosen.look);
    screen.at = at;
    const outside = film.span && (position < film.span[0] ? 0 : position > film.span[1] ? 1 : null);
    const note = typeof outside === "number" ? film.spanWords[outside]
      : film.unseparated[at];
    badge.hidden = !note;
    if (badge.textContent !== note) badge.textContent = note;
    if (screen.own) screen.own.textContent = film.counters[at];
    if (screen.slider) screen.slider.value = at;
  }

  function markThumb(at) {
    if (!thumbs.length) return;
    let near = thumbs[0];
    for (const each of thumbs) if (Math.abs(each.index - at) < Math.abs(near.index - at)) near = each;
    if (near === marked) return;
    marked?.button.removeAttribute("aria-current");
    near.button.setAttribute("aria-current", "true");
    marked = near;
  }

  // For those who do not see it; not 60 times a second.
  function describe(now) {
    screens.forEach(({ film, canvas, slider }, number) => {
      canvas.setAttribute("aria-label", `${film.name}, ${film.counters[now[number]]}`);
      slider?.setAttribute("aria-valuetext", film.counters[now[number]]);
    });
    scrub.setAttribute("aria-valuetext", data.words?.[position] ?? data.films[0].counters[now[0]]);
  }

  function scrubTo(to) {
    setPlaying(false);
    show(Math.min(last(), Math.max(first(), to)));
  }

  function stepTo(to) {
    scrubTo(to);
    clearTimeout(resting);
    resting = setTimeout(rest, REST_MS);
  }

  function moveOne(number, at) {
    setPlaying(false);
    const now = indices();
    now[number] = at;
    leads.forEach((_, each) => { leads[each] = now[each] - now[0]; });
    show(now[0]);
  }

  // A point picked on a curve: of one trajectory, or (number null) of the common positions.
  function pick(number, at) {
    if (number === null) scrubTo(at);
    else if (!data.places) moveOne(number, at);
    else {
      const own = data.places[number];
      let best = 0;
      own.forEach((index, to) => { if (Math.abs(index - at) < Math.abs(own[best] - at)) best = to; });
      scrubTo(own[position] === own[best] ? position : best);
    }
  }

  // The link follows without a new entry in the browser's history; then Python gets the position,
  // when it rests, and now and then while it plays.
  function rest() {
    clearTimeout(resting);
    if (where() === reported || ended.signal.aborted) return;
    reported = where();
    const url = new URL(window.location.href);
    url.searchParams.set(data.link.name, data.link.values?.[position] ?? reported);
    window.history.replaceState(window.history.state, "", url);
    player.report({ position, indices: indices() });
  }

  function toggle() {
    setPlaying(!playing);
    if (!playing) rest();
  }

  function setPlaying(wanted) {
    if (playing === wanted) return;
    playing = wanted;
    root.dataset.playing = playing;
    controls.counter.setAttribute("aria-live", playing ? "off" : "polite");
    const label = playing ? "Pause (Space)" : "Play (Space)";
    controls.play.replaceChildren(icon(playing ? "pause" : "play"));
    controls.play.setAttribute("aria-label", label);
    controls.play.title = label;
    if (!playing) return describe(indices());
    clearTimeout(resting);
    if (position === last()) show(first());
    latest = said = performance.now();
    origin = { time: latest, position };
    requestAnimationFrame(tick);
  }

  // Time decides which frame is due, so that a slow browser leaves frames out but keeps the speed.
  function tick(now) {
    if (!playing || ended.signal.aborted) return;
    if (now - latest > 500) origin = { time: now, position }; // the tab was hidden
    latest = now;
    let due = origin.position + Math.round(((now - origin.time) * chosen.speed) / 1000);
    if (due > last()) {
      if (!chosen.loop) {
        show(last());
        setPlaying(false);
        rest();
        return;
      }
      due = first() + ((due - first()) % (last() - first() + 1));
    }
    if (due !== position) show(due);
    if (now - said > PLAYING_MS) {
      said = now;
      rest();
    }
    requestAnimationFrame(tick);
  }

  // Space and the arrows to left and right, wherever on the page nothing else has the focus.
  function pageKey(event) {
    if (event.defaultPrevented || event.composedPath()[0]?.closest?.(TAKES_KEYS)) return;
    if ([" ", "ArrowLeft", "ArrowRight"].includes(event.key)) key(event);
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { tagName: tag, type } = event.target;
    if (tag === "SELECT" || type === "checkbox" || event.target.className === "one") return;
    const far = event.shiftKey ? 10 : 1;
    if (event.key === " " && tag !== "BUTTON") toggle();
    else if (event.key === "ArrowLeft" || event.key === "ArrowDown") stepTo(position - far);
    else if (event.key === "ArrowRight" || event.key === "ArrowUp") stepTo(position + far);
    else if (event.key === "Home") stepTo(first());
    else if (event.key === "End") stepTo(last());
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function end() {
    playing = false;
    clearTimeout(resting);
    charts.end();
    ended.abort();
  }
}
