// leaving.ts: links that leave what stands in a page of others open a window of their own, since no other page of ours is to stand in the
// frame.
export function leaving() {
  document.addEventListener('click', (e) => {
    const a = (e.target as Element).closest<HTMLAnchorElement>('a[href]');
    if (!a || a.origin + a.pathname === location.origin + location.pathname) return;
    a.target = '_blank';
    a.rel = 'noopener';
  }, true);
}
