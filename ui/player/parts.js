// Parts of the frame player (player.js): screens, controls, filmstrip, and the list of events.

const SPEEDS = [5, 10, 20, 30, 60]; // frames a second
const LOOKS = [["gray", "Gray"], ["binary", "Black and white"]];
const LOOK_HELP = "Gray as stored, in 32 steps; or black and white, which is what a model sees";

// One screen a trajectory. Of several, each has its name and its own line; freely played, a slider.
function buildScreens(place, data, on, toggle, moveOne, rest) {
  place.replaceChildren();
  place.classList.toggle("several", data.films.length > 1);
  place.classList.toggle("wide", data.films.length === 1 && data.films[0].width >= 3 * data.films[0].height);
  return data.films.map((film, number) => {
    const whole = element("div", { class: "film" });
    const screen = element("div", { class: "screen" });
    screen.style.setProperty("--ratio", film.width / film.height);
    const canvas = element("canvas", { width: film.width, height: film.height, role: "img" });
    const badge = element("span", { class: "badge", hidden: "" });
    screen.append(canvas, badge);
    whole.append(screen);
    on(canvas, "click", toggle);
    const made = { film, canvas, badge, at: null, frames: null };
    if (data.films.length > 1) {
      const label = element("div", { class: "label" });
      const name = element("b", {}, film.name);
      name.style.color = film.colour;
      made.own = element("span", { class: "own" });
      label.append(name, made.own);
      whole.prepend(label);
    }
    if (!data.places) {
      const last = film.counters.length - 1;
      made.slider = element("input", { class: "one", type: "range", min: 0, max: last, step: 1 });
      made.slider.setAttribute("aria-label", `Frame of ${film.name}`);
      on(made.slider, "input", () => moveOne(number, Number(made.slider.value)));
      on(made.slider, "change", rest);
      whole.append(made.slider);
    }
    place.append(whole);
    return made;
  });
}

function buildControls(place, on, does) {
  place.replaceChildren();
  const button = (name, label, action) => {
    const made = element("button", { type: "button", title: label, "aria-label": label });
    made.className = name;
    made.append(icon(name));
    on(made, "click", action);
    place.append(made);
    return made;
  };
  button("first", "First frame (Home)", does.first);
  button("back", "One frame back (←)", does.back);
  const play = button("play", "Play (Space)", does.toggle);
  button("forward", "One frame forward (→)", does.forward);
  button("last", "Last frame (End)", does.last);
  const loop = button("loop", "Begin again after the last frame", () => {
    chosen.loop = !chosen.loop;
    loop.setAttribute("aria-pressed", chosen.loop);
  });
  loop.setAttribute("aria-pressed", chosen.loop);
  const speed = element("select", { "aria-label": "Speed in frames per second" });
  for (const each of SPEEDS) {
    const option = element("option", { value: each }, `${each} frames/s`);
    option.selected = each === chosen.speed;
    speed.append(option);
  }
  on(speed, "change", () => does.speed(Number(speed.value)));
  const look = element("select", { "aria-label": "How frames are shown", title: LOOK_HELP });
  for (const [value, words] of LOOKS) {
    const option = element("option", { value }, words);
    option.selected = value === chosen.look;
    look.append(option);
  }
  on(look, "change", () => does.look(look.value));
  const counter = element("span", { class: "counter", role: "status" });
  const hint = element("span", { class: "hint" }, "Keys: Space, ← →, Shift + ← →, Home, End");
  place.append(speed, look, counter, hint);
  return { play, counter };
}

// Frames evenly spaced over the trajectory; a click on one goes to it.
function buildStrip(place, data, on, stepTo) {
  place.replaceChildren();
  place.hidden = !data.strip.length;
  return data.strip.map(({ index, label }) => {
    const early = data.films[0].unseparated[index] ? ", not yet separated" : "";
    const button = element("button", { type: "button", "aria-label": `Go to ${label}${early}` });
    const { width, height } = data.films[0];
    const canvas = element("canvas", { width, height });
    canvas.style.aspectRatio = `${width} / ${height}`;
    button.append(canvas, element("span", {}, label));
    if (early) button.append(element("span", { class: "early" }, "not yet separated"));
    on(button, "click", () => stepTo(index));
    place.append(button);
    return { index, canvas, button };
  });
}

function buildEvents(place, data, on, stepTo) {
  place.replaceChildren();
  if (!data.events) return;
  place.append(element("span", { title: data.events.help }, data.events.label));
  for (const { index, label } of data.events.places) {
    const button = element("button", { type: "button", "aria-label": `Go to ${label}` }, label);
    on(button, "click", () => stepTo(index));
    place.append(button);
  }
}
