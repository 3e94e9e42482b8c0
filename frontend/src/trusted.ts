// trusted.ts: the one policy that lets HTML into the pages: the server's own, made from the lessons' Markdown.
const policy = globalThis.window?.trustedTypes?.createPolicy('playground', { createHTML: (s: string) => s });

export const trusted = (html: string): string => (policy?.createHTML(html) ?? html) as string;

declare global {
  interface Window {
    trustedTypes?: { createPolicy(name: string, rules: { createHTML(s: string): string }): { createHTML(s: string): unknown } };
  }
}

const known = new Map<string, string>();

// markup is the HTML of a part of a lesson, as it can stand on another page: what it points at in a run is in the lesson. The same
// text is the same object, so that what is drawn again is not parsed again.
export function markup(html: string, slug: string): string {
  const own = html.replaceAll('href="#wire"', `href="/lessons/${slug}"`);
  let made = known.get(own);
  if (made === undefined) known.set(own, (made = trusted(own)));
  return made;
}
