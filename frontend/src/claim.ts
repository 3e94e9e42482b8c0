// claim.ts: a room that the server was started with is led by who brings its one-time pass, in the fragment of an address: no server,
// log or page that comes after sees it. It is taken out of the address at once.
import { hold, plainCode, rooms, type Opened } from './roomapi';

// claimed claims a room if the address has a pass for it. The code is the page's, or beside the pass.
export async function claimed(code: string): Promise<Opened | undefined> {
  const given = new URLSearchParams(location.hash.slice(1));
  const pass = given.get('pass');
  window.addEventListener('hashchange', () => location.hash.includes('pass=') && location.reload()); // put into this page's own address
  if (!pass) return undefined;
  history.replaceState(null, '', location.pathname + location.search);
  const opened = await rooms.claim(plainCode(given.get('code') ?? code), pass);
  hold(opened);
  return opened;
}
