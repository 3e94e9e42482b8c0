// embed-port.ts: the line between an embed and the page around it. That page sends a port, with the version of what is said over it; it
// is taken from the frame's parent alone, and from one origin. Who may frame us at all the server says in frame-ancestors. Pure, but for
// the window.
export const version = 1;

// Handlers are what a page around may ask for. None of it acts for the reader: a step is shown, not played.
export interface Handlers {
  goTo?(step: string): void;
  reset?(): void;
}

export type Send = (type: string, detail?: unknown) => void;

// connect waits for the page around, and gives what tells it something. What is told before it has come is kept until then.
export function connect(on: Handlers): Send {
  let port: MessagePort | undefined;
  const around = location.ancestorOrigins?.[0] ?? '';
  let origin = around.startsWith('http') ? around : ''; // a page that was opened as a file is called otherwise in a message
  const kept: unknown[] = [];
  const root = document.documentElement;
  const send: Send = (type, detail) => {
    if (port) port.postMessage({ type, detail });
    else if (kept.length < 50) kept.push({ type, detail });
  };
  const size = () => send('size', Math.ceil(document.body.getBoundingClientRect().height));
  const hear = (m: { type?: unknown; value?: unknown }) => {
    if (m.type === 'theme') {
      if (m.value === 'light' || m.value === 'dark') root.dataset['theme'] = m.value;
      else delete root.dataset['theme'];
    } else if (m.type === 'goTo') on.goTo?.(String(m.value));
    else if (m.type === 'reset') on.reset?.();
  };
  window.addEventListener('message', (e: MessageEvent<{ oauthLesson?: unknown }>) => {
    if (parent === window || e.source !== parent || e.data?.oauthLesson !== version || !e.ports[0] || (origin && e.origin !== origin)) return;
    origin = e.origin;
    port?.close();
    port = e.ports[0];
    port.onmessage = (m: MessageEvent<{ type?: unknown; value?: unknown } | null>) => hear(m.data ?? {});
    root.dataset['fit'] = ''; // as high as what is in it, from now on
    for (const m of kept.splice(0)) port.postMessage(m);
    size();
  });
  new ResizeObserver(size).observe(document.body);
  return send;
}
