// switches.ts: the protections worth showing: those that have run, and those that are not as they were.
import type { Info, View } from './wire.gen';

export const switches = (view: View, used: Set<string>): Info[] => view.checks.filter((c) => c.modes.length > 1 && (used.has(c.id) || view.policy[c.id] !== c.default));
