// embed.ts: <oauth-lesson>, for pages of others, at /embed.js: a part of a lesson in a frame that is as high as what is in it and has the
// theme of the page. It depends on nothing. What is inside the element stands in its place where no script runs, and on paper, and below
// a frame that doesn't answer.
//
//   <oauth-lesson lesson="pkce" step="one-character"><a href="…">The step “One character”</a></oauth-lesson>
//   <script type="module" src="…/embed.js"></script>
//
// One of step, quiz, attack, run, token and diagram says which part; without any it is the lesson. Without a lesson, run is the address
// of a saved run's file, or a link that carries one. Further attributes are the options of
// an embed's address. Events: ready, step, answer, complete, error. Methods: goTo(step), reset().
const base = new URL(import.meta.url).origin;
const version = 1;
const grains = ['step', 'quiz', 'attack', 'run', 'token', 'diagram'];
const options: Record<string, string> = { start: 'step', part: 'step', accent: 'accent', lang: 'lang', heading: 'title', interactive: 'interactive', version: 'version' };
const events = ['ready', 'step', 'answer', 'complete', 'error'];
const lowest = 80;
const highest = 8000;
const patience = 10_000; // ms: what is loaded answers at once
const dark = matchMedia('(prefers-color-scheme: dark)');
const root = document.documentElement;

// pageTheme is the theme of the page around an element: as the page says it, as sites do, or else as it looks there.
function pageTheme(around: Element) {
  for (const el of [root, document.body]) {
    const said = el.dataset['theme'] ?? el.dataset['bsTheme'] ?? el.dataset['mdColorScheme'] ?? (el.classList.contains('dark') ? 'dark' : '');
    if (/dark|slate/.test(said)) return 'dark';
    if (/light|default/.test(said)) return 'light';
  }
  for (let el: Element | null = around; el; el = el.parentElement) {
    const ground = getComputedStyle(el).backgroundColor;
    const [first = 0, second = 0, third = 0, alpha = 1] = ground.match(/[\d.]+/g)!.map(Number);
    const lightness = ground.startsWith('ok') ? first : (first * 0.3 + second * 0.6 + third * 0.1) / 255; // of oklch, or of rgb
    if (/^(rgb|ok)/.test(ground) && alpha > 0.5) return lightness < 0.5 ? 'dark' : 'light';
  }
  const able = getComputedStyle(root).colorScheme; // a page that says nothing is light, whatever its reader likes
  return able.includes('dark') && (dark.matches || !able.includes('light')) ? 'dark' : 'light';
}

class OAuthLesson extends HTMLElement {
  static observedAttributes = ['lesson', 'theme', ...grains, ...Object.keys(options)];
  private frame?: HTMLIFrameElement;
  private port?: MessagePort;
  private waiting = false;
  private unanswered = 0; // a timer
  private wanted?: string; // a step that was asked for before there was somebody to ask
  private themes = new MutationObserver(() => this.look());

  connectedCallback() {
    for (const el of [root, document.body]) this.themes.observe(el, { attributes: true });
    dark.addEventListener('change', this.look);
    root.addEventListener('transitionend', this.look); // colours may be on their way when an attribute changes
    if (!this.shadowRoot) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(':host{display:block}iframe{display:block;inline-size:100%;border:0}iframe:not(.lost)+slot{display:none}@media print{iframe{display:none}iframe+slot{display:block!important}}');
      this.attachShadow({ mode: 'open' }).adoptedStyleSheets = [sheet];
    }
    this.draw();
  }

  disconnectedCallback() {
    this.themes.disconnect();
    dark.removeEventListener('change', this.look);
    root.removeEventListener('transitionend', this.look);
    clearTimeout(this.unanswered);
  }

  attributeChangedCallback(name: string) {
    if (!this.frame) return;
    if (name === 'theme') return this.look();
    if (this.waiting) return;
    this.waiting = true;
    queueMicrotask(() => {
      this.waiting = false;
      this.draw();
    });
  }

  goTo(step: string) {
    if (this.port) this.port.postMessage({ type: 'goTo', value: step });
    else this.wanted = step;
  }

  reset() {
    this.port?.postMessage({ type: 'reset' });
  }

  private get theme() {
    const own = this.getAttribute('theme');
    return own === 'light' || own === 'dark' ? own : pageTheme(this);
  }

  // look gives the frame its theme, and its colour scheme: where that is not the page's within, a frame has a ground of its own.
  private look = () => {
    this.frame!.style.colorScheme = this.theme;
    this.port?.postMessage({ type: 'theme', value: this.theme });
  };

  private get src() {
    const grain = grains.find((g) => this.hasAttribute(g)) ?? 'lesson';
    const part = this.getAttribute(grain)!;
    const lesson = this.getAttribute('lesson');
    const named = grain !== 'lesson' && part && part !== 'true'; // some frameworks write an attribute without a value so
    const file = named && grain === 'run' && lesson === null;
    const path = ['embed', 'v1', grain, ...(file ? [] : [lesson ?? '', ...(named ? [part] : [])])];
    const url = new URL('/' + path.map(encodeURIComponent).join('/'), base);
    if (file) { // where it lies, or a link that carries it
      const at = URL.canParse(part, document.baseURI) ? new URL(part, document.baseURI) : undefined;
      if (at?.hash) url.hash = at.hash;
      else url.searchParams.set('from', at?.href ?? part);
    }
    url.searchParams.set('theme', this.theme);
    for (const [name, option] of Object.entries(options)) {
      const value = this.getAttribute(name);
      if (value !== null) url.searchParams.set(option, value);
    }
    return url.href;
  }

  private draw() {
    const f = document.createElement('iframe');
    f.src = this.src;
    f.title = this.title || this.textContent!.trim() || 'OAuth Playground';
    f.loading = 'lazy';
    f.allow = 'clipboard-write';
    f.referrerPolicy = 'strict-origin';
    f.setAttribute('sandbox', 'allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads');
    f.style.height = '320px';
    f.addEventListener('load', () => this.hello());
    this.port?.close();
    this.frame = f;
    this.look();
    this.shadowRoot!.replaceChildren(f, document.createElement('slot'));
  }

  // hello sends a port to the frame, anew for each page that comes into it. Only a page of our own server gets it.
  private hello() {
    this.port?.close();
    const channel = new MessageChannel();
    this.port = channel.port1;
    this.port.onmessage = (m: MessageEvent<{ type: string; detail?: unknown }>) => {
      const { type, detail } = m.data;
      this.lost(false);
      if (type === 'size' && typeof detail === 'number') this.frame!.style.height = `${Math.min(highest, Math.max(lowest, detail))}px`;
      if (type === 'leaving') this.port = undefined; // another page comes: what is asked until then is asked of that
      if (events.includes(type)) this.tell(type, detail);
    };
    clearTimeout(this.unanswered);
    this.unanswered = window.setTimeout(() => this.lost(true), patience);
    this.frame!.contentWindow?.postMessage({ oauthLesson: version }, base, [channel.port2]);
    this.look();
    if (this.wanted) this.goTo(this.wanted);
    this.wanted = undefined;
  }

  // lost shows what is inside the element as well, where the frame hasn't answered: the server is away, or forbids this page.
  private lost(yes: boolean) {
    clearTimeout(this.unanswered);
    this.frame!.classList.toggle('lost', yes);
    if (yes) this.tell('error', { message: 'The frame has not answered: its server is away, or it may not be shown on this page.' });
  }

  // An error stays at the element, as those of pictures do: a page that collects what goes wrong in its scripts would take it for one.
  private tell = (type: string, detail: unknown) => this.dispatchEvent(new CustomEvent(type, { bubbles: type !== 'error', composed: true, detail }));
}
customElements.get('oauth-lesson') ?? customElements.define('oauth-lesson', OAuthLesson);
