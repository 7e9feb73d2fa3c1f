// Frames in the browser: decoding of what component.py sends, drawing on a canvas; and constructors
// of the elements that all parts of the player share.

const ICONS = {
  first: "M6 5h2.4v14H6zM19 5v14L9.5 12z",
  back: "M16.5 5v14L7 12z",
  play: "M7 4.5v15L20 12z",
  pause: "M6.5 5h4v14h-4zM13.5 5h4v14h-4z",
  forward: "M7.5 5v14L17 12z",
  last: "M15.6 5H18v14h-2.4zM5 5v14l9.5-7z",
  loop: "M7 7h9v3l4.5-4L16 2v3H5v7h2zm10 10H8v-3l-4.5 4L8 22v-3h11v-7h-2z",
};
const OCTETS = octets();

// The frames of a film from base64 of deflated ones, each but the first as its difference from the
// one before. Every frame fills whole bytes; what is left of its last one is not shown.
async function unpack(film) {
  const size = Math.ceil((film.width * film.height) / 8), count = film.counters.length;
  const packed = Uint8Array.from(atob(film.bits), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  for (let at = size; at < count * size; at++) bytes[at] ^= bytes[at - size];
  const image = new ImageData(film.width, film.height);
  return { bytes, size, image, pixels: new Uint32Array(image.data.buffer) };
}

// For every byte its eight pixels, the first in the highest bit, black or white, opaque.
function octets() {
  const table = new Uint32Array(256 * 8);
  for (let byte = 0; byte < 256; byte++)
    for (let bit = 0; bit < 8; bit++)
      table[byte * 8 + bit] = byte & (128 >> bit) ? 0xffffffff : 0xff000000;
  return table;
}

function draw(canvas, { bytes, size, image, pixels }, at) {
  const from = at * size;
  for (let byte = 0; byte < size; byte++) {
    const octet = bytes[from + byte] * 8;
    for (let bit = 0; bit < 8; bit++) pixels[byte * 8 + bit] = OCTETS[octet + bit];
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function element(name, attributes, words) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (words !== undefined) made.textContent = words;
  return made;
}

function shape(name, attributes, words) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (words !== undefined) made.textContent = words;
  return made;
}

function icon(name) {
  const svg = shape("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" });
  svg.append(shape("path", { d: ICONS[name] }));
  return svg;
}
