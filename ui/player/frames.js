// Frames in the browser: decoding of what component.py sends, drawing on a canvas; and constructors
// of the elements that all parts of the player share.

const WIDTH = 400, HEIGHT = 100, FRAME_BYTES = (WIDTH * HEIGHT) / 8;
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
const IMAGE = new ImageData(WIDTH, HEIGHT);
const PIXELS = new Uint32Array(IMAGE.data.buffer);

// base64 of deflated frames, each but the first as its difference from the one before.
async function unpack(text, count) {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  for (let at = FRAME_BYTES; at < count * FRAME_BYTES; at++) bytes[at] ^= bytes[at - FRAME_BYTES];
  return bytes;
}

// For every byte its eight pixels, the first in the highest bit, black or white, opaque.
function octets() {
  const table = new Uint32Array(256 * 8);
  for (let byte = 0; byte < 256; byte++)
    for (let bit = 0; bit < 8; bit++)
      table[byte * 8 + bit] = byte & (128 >> bit) ? 0xffffffff : 0xff000000;
  return table;
}

function draw(canvas, frames, at) {
  const from = at * FRAME_BYTES;
  for (let byte = 0; byte < FRAME_BYTES; byte++) {
    const octet = frames[from + byte] * 8;
    for (let bit = 0; bit < 8; bit++) PIXELS[byte * 8 + bit] = OCTETS[octet + bit];
  }
  canvas.getContext("2d").putImageData(IMAGE, 0, 0);
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
