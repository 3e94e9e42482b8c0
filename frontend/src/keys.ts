// keys.ts: single keys, and the switch that turns them off for those who speak or tremble into the keyboard (WCAG 2.1.4).
const place = 'single keys';

export function keysOn(): boolean {
  try {
    return localStorage.getItem(place) !== 'off';
  } catch {
    return true;
  }
}

export function setKeys(on: boolean) {
  try {
    if (on) localStorage.removeItem(place);
    else localStorage.setItem(place, 'off');
  } catch {
    // storage may be forbidden: then they stay on
  }
}

// single tells whether a key is meant for the page: not typed into a field (a choice takes no letters), not part of a shortcut, not switched off.
export function single(e: KeyboardEvent): boolean {
  return keysOn() && !e.ctrlKey && !e.metaKey && !e.altKey && !(e.target as Element).closest('input:not([type=radio], [type=checkbox]), textarea, select, dialog');
}
