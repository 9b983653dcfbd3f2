// The browser's storage by name: "localStorage", which other tabs see and which stays, or
// "sessionStorage", which is this tab's. Either may be refused or full; then nothing is kept.
export function getItem(area, key) {
  try {
    return globalThis[area].getItem(key);
  } catch {
    return null;
  }
}

// Whether it is kept.
export function setItem(area, key, value) {
  try {
    globalThis[area].setItem(key, value);
    return true;
  } catch {
    return false;
  }
}

// What was kept as JSON; `otherwise` where there is nothing, or something else.
export function getJson(area, key, otherwise = {}) {
  try {
    return JSON.parse(getItem(area, key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export const setJson = (area, key, value) => setItem(area, key, JSON.stringify(value));
