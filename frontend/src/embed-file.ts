// embed-file.ts: a recorded run that is a file of who embeds it: fetched from where it lies, without cookies and without being led
// elsewhere, or taken out of the address; read as strictly as any other.
import './more';
import { unpacked, upTo, type SavedRun } from './saved';
import { maxSaved, read, told } from './saved-read';
import { say } from './strings';

// run is the run in the file at an address, or in the address of this page. What is wrong is thrown, in a sentence.
export async function run(from: string): Promise<SavedRun> {
  const bytes = from ? await fetched(from) : await carried();
  try {
    return read(bytes);
  } catch (e) {
    throw new Error(told(e));
  }
}

async function fetched(url: string): Promise<Uint8Array> {
  const away = () => new Error(say('embed.file.away', { url }));
  const res = await fetch(url, { credentials: 'omit', redirect: 'error' }).catch(() => undefined);
  if (!res?.ok || !res.body) throw away();
  return upTo(res.body, maxSaved).catch(() => Promise.reject(away()));
}

async function carried(): Promise<Uint8Array> {
  const text = new URLSearchParams(location.hash.slice(1)).get('run');
  if (!text) throw new Error(say('embed.file.none'));
  return unpacked(text, maxSaved).catch(() => Promise.reject(new Error(say('runs.linkBroken'))));
}
