// config.ts: what an app needs to know of its issuer, in the forms that apps read. Pure: no DOM.
export interface Client {
  client_id: string;
  client_secret?: string;
  redirect_uris: string[];
}

export const forms = ['.env', 'Go', 'JSON'] as const;
export type Form = (typeof forms)[number];

const scopes = 'openid profile posts:write';

export function config(form: Form, issuer: string, c: Client): string {
  const redirect = c.redirect_uris[0] ?? '';
  const secret = c.client_secret ?? '';
  const q = JSON.stringify;
  switch (form) {
    case '.env':
      return [`OIDC_ISSUER=${issuer}`, `OIDC_CLIENT_ID=${c.client_id}`, `OIDC_CLIENT_SECRET=${secret}`, `OIDC_REDIRECT_URI=${redirect}`, `OIDC_SCOPES=${q(scopes)}`].join('\n');
    case 'Go':
      return `provider, err := oidc.NewProvider(ctx,\n\t${q(issuer)})\n// …\nconfig := oauth2.Config{\n\tClientID:     ${q(c.client_id)},\n\tClientSecret: ${q(secret)},\n\tEndpoint:     provider.Endpoint(),\n\tRedirectURL:  ${q(redirect)},\n\tScopes:       []string{${scopes.split(' ').map((s) => q(s)).join(', ')}},\n}`;
    case 'JSON':
      return JSON.stringify({ issuer, client_id: c.client_id, client_secret: secret, redirect_uri: redirect, scope: scopes }, null, 2);
  }
}
