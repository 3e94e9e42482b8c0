// save.ts: a record as a file. The server writes it in any of its formats; what is only shown is written as it stands.
import { Problem, type Sandbox } from './api';
import { say } from './strings';
import { written, type SavedRun } from './saved';
import type { Event } from './wire.gen';

// files are what a record can be saved as: the ending of the file, and where the server writes it.
const files = {
  run: ['json', 'run'],
  runValues: ['json', 'run?redact=values'],
  runSignatures: ['json', 'run?redact=signatures'],
  ndjson: ['ndjson', 'trace?format=ndjson'],
  har: ['har', 'trace?format=har'],
  mermaid: ['mmd', 'trace?format=mermaid'],
  curl: ['sh', 'trace?format=curl'],
  md: ['md', 'trace?format=md'],
} as const;
export type Format = keyof typeof files;

// Source is what is saved: a sandbox's record, or one that is only shown: a run that came as a file, or an example.
export interface Source {
  events: Event[];
  sandbox?: Sandbox;
  file?: SavedRun;
}

export async function save(format: Format, { events, sandbox, file }: Source) {
  const [ending, path] = files[format];
  const a = document.createElement('a');
  a.href = URL.createObjectURL(sandbox ? await fetched(path, sandbox) : new Blob([file && format === 'run' ? written({ ...file, events }) : events.map((e) => JSON.stringify(e) + '\n').join('')]));
  a.download = `run.${ending}`;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 60_000); // the browser may ask where to put it first
}

// fetched is a record from the server. The key goes in a header, never in an address.
async function fetched(path: string, sandbox: Sandbox): Promise<Blob> {
  const res = await fetch(`/api/sandboxes/${sandbox.id}/${path}`, { headers: { Authorization: 'Bearer ' + sandbox.key } }).catch(() => undefined);
  if (!res?.ok) throw new Problem(res?.status ?? 0, say('wire.notSaved', { why: (((await res?.json().catch(() => undefined)) as { detail?: string } | undefined)?.detail ?? say('page.fail')) }));
  return res.blob();
}
