// save.ts: a record as a file. The server writes it in any of its formats; what is only an example is written as it stands.
import { Problem, type Sandbox } from './api';
import { say } from './strings';
import type { Event } from './wire.gen';

// endings of the files, by the names of the formats.
const endings = { ndjson: 'ndjson', har: 'har', mermaid: 'mmd', curl: 'sh', md: 'md' } as const;
export type Format = keyof typeof endings;

export async function save(format: Format, events: Event[], sandbox?: Sandbox) {
  const a = document.createElement('a');
  a.href = URL.createObjectURL(sandbox ? await fetched(format, sandbox) : new Blob([events.map((e) => JSON.stringify(e) + '\n').join('')]));
  a.download = `run.${endings[format]}`;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 60_000); // the browser may ask where to put it first
}

// fetched is a trace from the server. The key goes in a header, never in an address.
async function fetched(format: Format, sandbox: Sandbox): Promise<Blob> {
  const res = await fetch(`/api/sandboxes/${sandbox.id}/trace?format=${format}`, { headers: { Authorization: 'Bearer ' + sandbox.key } }).catch(() => undefined);
  if (!res?.ok) throw new Problem(res?.status ?? 0, say('wire.notSaved', { why: (((await res?.json().catch(() => undefined)) as { detail?: string } | undefined)?.detail ?? say('page.fail')) }));
  return res.blob();
}
