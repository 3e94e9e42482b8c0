// trusted.ts: the one policy that lets HTML into the pages: the server's own, made from the lessons' Markdown.
const policy = window.trustedTypes?.createPolicy('playground', { createHTML: (s: string) => s });

export const trusted = (html: string): string => (policy?.createHTML(html) ?? html) as string;

declare global {
  interface Window {
    trustedTypes?: { createPolicy(name: string, rules: { createHTML(s: string): string }): { createHTML(s: string): unknown } };
  }
}
