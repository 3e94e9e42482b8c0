// site.ts: where the pages of this site are. A server has them at the root of its origin; a copy without a server lies in any folder, as
// files, and says in each page where its own root is.
const root = globalThis.document?.documentElement.dataset['root'];

// copy tells whether this is a copy without a server.
export const copy = root !== undefined;

// path is the address of a page of ours, from here.
export function path(of: string): string {
  if (root === undefined) return of;
  const [, page = '', rest = ''] = /^\/?([^?#]*)(.*)$/.exec(of)!;
  return root + (page || 'index') + '.html' + rest;
}
