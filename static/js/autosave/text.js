// A text as the server keeps, hashes and measures it.
const LIMIT = 100_000; // bytes (W10)
const COUNT_FROM = 80_000;

// What becomes of the text there, so that both can be compared.
export function asStored(text) {
  const sound = text.toWellFormed ? text.toWellFormed() : text;
  return sound.replace(/\r\n?/g, "\n").replaceAll("\0", "\ufffd");
}

// Whether the server's SHA-256 is that of a text; where the browser can't tell (plain http on a home
// network) the server is believed.
export async function isSame(text, theirs) {
  if (!crypto.subtle) return true;
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return theirs === [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const sizeOf = (text) => new TextEncoder().encode(asStored(text)).length;

export const isTooLong = (text) => text.length * 3 > LIMIT && sizeOf(text) > LIMIT;

// How many thousands of characters such as these are left; null while there is no need to say.
export function thousandsLeft(text) {
  if (text.length * 3 < COUNT_FROM) return null;
  const size = sizeOf(text);
  if (size < COUNT_FROM || size > LIMIT) return null;
  const characters = [...text].length; // by code points, as the server counts
  return Math.floor(((LIMIT - size) * characters) / size / 1000);
}
