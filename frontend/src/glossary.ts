// glossary.ts: a term in a lesson tells what it means where it stands. Without script, or without what comes for the first term that
// is asked about, the same link leads to the glossary's page.
export function glossary() {
  document.addEventListener('click', (e) => {
    const term = (e.target as Element).closest<HTMLAnchorElement>('a.term');
    if (!term || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    import('./meaning').then((m) => m.explain(term)).catch(() => (location.href = term.href)); // the page itself says what is wrong
  });
}
